//! Unix sockets: creation, names, connections, options.

use super::address::UnixAddr;
use super::ancillary::Credentials;
use super::call::retry;
use super::error::{SysError, SysResult};
use super::platform;
use libc::c_short;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt};
use socket2::{Domain, SockRef, Socket, Type};
use std::net::Shutdown;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

pub use platform::{pass_credentials, refuse_pidfds, refuse_rights};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Seqpacket,
    Dgram,
}

impl Kind {
    fn socket_type(self) -> Type {
        match self {
            Kind::Seqpacket => Type::SEQPACKET,
            Kind::Dgram => Type::DGRAM,
        }
    }
}

pub fn socket(kind: Kind) -> SysResult<OwnedFd> {
    let kind = platform::nonblocking(kind.socket_type());
    with_flags(retry("socket", || Socket::new(Domain::UNIX, kind, None))?)
}

/// Two connected sockets.
pub fn socketpair(kind: Kind) -> SysResult<(OwnedFd, OwnedFd)> {
    let kind = platform::nonblocking(kind.socket_type());
    let (a, b) = retry("socketpair", || Socket::pair(Domain::UNIX, kind, None))?;
    Ok((with_flags(a)?, with_flags(b)?))
}

fn with_flags(created: Socket) -> SysResult<OwnedFd> {
    retry("fcntl", || platform::set_flags(&created))?;
    Ok(created.into())
}

pub fn bind(fd: BorrowedFd<'_>, addr: &UnixAddr) -> SysResult<()> {
    let address = addr.to_sock_addr();
    retry("bind", || SockRef::from(&fd).bind(&address)).map_err(|error| error.with_path(addr.bytes()))
}

/// Linux: binds to an abstract name that the kernel picks.
pub fn autobind(fd: BorrowedFd<'_>) -> SysResult<()> {
    let address = UnixAddr::UNNAMED.to_sock_addr();
    retry("bind", || SockRef::from(&fd).bind(&address))
}

pub fn connect(fd: BorrowedFd<'_>, addr: &UnixAddr) -> SysResult<()> {
    let address = addr.to_sock_addr();
    retry("connect", || SockRef::from(&fd).connect(&address)).map_err(|error| error.with_path(addr.bytes()))
}

/// The kernel makes two ticks of its clock of this, at most 20 ms.
const SHORTEST_WAIT: Duration = Duration::from_micros(1);

/// Connects a seqpacket socket. Fails with EAGAIN if the backlog of the server is full. O_NONBLOCK is not relied on if the socket
/// is `shared`, because another process may have cleared it; SO_SNDTIMEO limits the wait then.
pub fn connect_seqpacket(fd: BorrowedFd<'_>, addr: &UnixAddr, shared: bool) -> SysResult<()> {
    if !shared {
        return connect(fd, addr);
    }
    let limit = |wait| retry("setsockopt", || SockRef::from(&fd).set_write_timeout(wait));
    limit(Some(SHORTEST_WAIT))?;
    let connected = connect(fd, addr);
    // Sends in another process would be limited, too.
    limit(None).and(connected)
}

/// Removes the peer of a datagram socket.
pub fn disconnect(fd: BorrowedFd<'_>) -> SysResult<()> {
    let address = UnixAddr::unspecified();
    match retry("connect", || SockRef::from(&fd).connect(&address)) {
        // macOS removes the peer and fails with EAFNOSUPPORT.
        Err(error) if error.errno != libc::EAFNOSUPPORT || platform::LINUX => Err(error),
        _ => Ok(()),
    }
}

/// Listens. Also limits the wait of accept(2), see `accept`.
pub fn listen(fd: BorrowedFd<'_>, backlog: i32) -> SysResult<()> {
    retry("setsockopt", || SockRef::from(&fd).set_read_timeout(Some(SHORTEST_WAIT)))?;
    retry("listen", || SockRef::from(&fd).listen(backlog))
}

/// The next connection, and the name of its peer. Fails with EAGAIN if there is none, and with ESHUTDOWN if a process has
/// shut the listening socket down, so that there will be none.
///
/// O_NONBLOCK is not relied on if the socket is `shared`, because another process may have cleared it, and accept4(2) has no
/// flag like MSG_DONTWAIT. So poll(2) looks for a connection first. If another process accepts it in between, SO_RCVTIMEO
/// limits the wait.
pub fn accept(fd: BorrowedFd<'_>, shared: bool) -> SysResult<(OwnedFd, UnixAddr)> {
    if shared && poll_now(fd, libc::POLLIN) == Ok(0) {
        return Err(SysError::new(libc::EAGAIN, "accept"));
    }
    match retry("accept", || platform::accept(&SockRef::from(&fd))) {
        Ok((socket, address)) => Ok((with_flags(socket)?, address.into())),
        // EINVAL if accept(2) waited.
        Err(error) if shared && (error.would_block() || error.errno == libc::EINVAL) && is_read_shut(fd) => {
            Err(SysError::new(libc::ESHUTDOWN, "accept"))
        }
        Err(error) => Err(error),
    }
}

pub fn shutdown_write(fd: BorrowedFd<'_>) -> SysResult<()> {
    retry("shutdown", || SockRef::from(&fd).shutdown(Shutdown::Write))
}

pub fn local_address(fd: BorrowedFd<'_>) -> SysResult<UnixAddr> {
    retry("getsockname", || SockRef::from(&fd).local_addr()).map(UnixAddr::from)
}

pub fn peer_address(fd: BorrowedFd<'_>) -> SysResult<UnixAddr> {
    retry("getpeername", || SockRef::from(&fd).peer_addr()).map(UnixAddr::from)
}

/// Fails with EPROTOTYPE unless `fd` is a unix socket of `kind`. Returns true if it listens.
pub fn check_kind(fd: BorrowedFd<'_>, kind: Kind) -> SysResult<bool> {
    let socket = SockRef::from(&fd);
    let domain = retry("getsockname", || socket.local_addr())?.domain();
    if domain != Domain::UNIX || retry("getsockopt", || socket.r#type())? != kind.socket_type() {
        return Err(SysError::new(libc::EPROTOTYPE, "getsockopt"));
    }
    Ok(retry("getsockopt", || getsockopt(&fd, sockopt::AcceptConn)).unwrap_or(false))
}

/// Takes the pending error of the socket (SO_ERROR). Returns 0 if there is none.
pub fn take_error(fd: BorrowedFd<'_>) -> i32 {
    let pending = retry("getsockopt", || SockRef::from(&fd).take_error());
    pending.ok().flatten().and_then(|error| error.raw_os_error()).unwrap_or(0)
}

/// SO_SNDBUF
pub fn send_buffer_size(fd: BorrowedFd<'_>) -> SysResult<usize> {
    retry("getsockopt", || SockRef::from(&fd).send_buffer_size())
}

/// SO_SNDBUF. Linux doubles `size` (socket(7)).
pub fn set_send_buffer_size(fd: BorrowedFd<'_>, size: usize) -> SysResult<()> {
    retry("setsockopt", || SockRef::from(&fd).set_send_buffer_size(size))
}

/// SO_RCVBUF
pub fn recv_buffer_size(fd: BorrowedFd<'_>) -> SysResult<usize> {
    retry("getsockopt", || SockRef::from(&fd).recv_buffer_size())
}

/// SO_RCVBUF. Linux doubles `size` (socket(7)).
pub fn set_recv_buffer_size(fd: BorrowedFd<'_>, size: usize) -> SysResult<()> {
    retry("setsockopt", || SockRef::from(&fd).set_recv_buffer_size(size))
}

/// True if the messages that were sent and not yet received use SO_SNDBUF up, wherever they wait. (The socket polls
/// writable only while they use less than a quarter.) False if the platform does not count them.
pub fn is_send_buffer_full(fd: BorrowedFd<'_>) -> bool {
    platform::unread_bytes(fd).is_ok_and(|unread| send_buffer_size(fd).is_ok_and(|size| unread >= size))
}

/// The events of poll(2) that have occurred.
fn poll_now(fd: BorrowedFd<'_>, events: c_short) -> SysResult<c_short> {
    let mut entry = PollFd::new(fd, PollFlags::from_bits_retain(events));
    retry("poll", || poll(std::slice::from_mut(&mut entry), PollTimeout::ZERO))?;
    // nix returns None if an event has occurred that it has no name for. poll(2) reports only POLLERR, POLLHUP and POLLNVAL
    // without being asked, so it is one of `events` (POLLRDHUP).
    Ok(entry.revents().map_or(events, |occurred| occurred.bits()))
}

/// True if both directions of the connection are shut down (POLLHUP).
pub fn is_hung_up(fd: BorrowedFd<'_>) -> bool {
    poll_now(fd, 0).is_ok_and(|events| events & libc::POLLHUP != 0)
}

/// True if a process has shut the read side down (shutdown(2)). A datagram or listening socket polls readable then, and a
/// receive or accept fails with EAGAIN. Always false if the platform does not report it.
pub fn is_read_shut(fd: BorrowedFd<'_>) -> bool {
    platform::READ_SHUT.is_some_and(|event| poll_now(fd, event).is_ok_and(|events| events & event != 0))
}

/// The credentials that the peer had when the connection was made.
pub fn peer_credentials(fd: BorrowedFd<'_>) -> SysResult<Credentials> {
    platform::peer_credentials(fd).map(|(pid, uid, gid)| Credentials { pid, uid, gid })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
    use std::os::fd::AsFd;

    #[test]
    fn new_sockets_are_close_on_exec_and_non_blocking() {
        let name = UnixAddr::new(format!("/tmp/sys-accept-{}", std::process::id()).as_bytes()).unwrap();
        let (listener, client) = (socket(Kind::Seqpacket).unwrap(), socket(Kind::Seqpacket).unwrap());
        bind(listener.as_fd(), &name).unwrap();
        listen(listener.as_fd(), 1).unwrap();
        connect(client.as_fd(), &name).unwrap();
        std::fs::remove_file(std::str::from_utf8(name.bytes()).unwrap()).unwrap();
        let (accepted, peer) = accept(listener.as_fd(), false).unwrap();
        assert_eq!(peer, UnixAddr::UNNAMED);
        let (a, b) = socketpair(Kind::Dgram).unwrap();
        for fd in [listener, client, accepted, a, b] {
            let descriptor = FdFlag::from_bits_retain(fcntl(&fd, FcntlArg::F_GETFD).unwrap());
            let status = OFlag::from_bits_retain(fcntl(&fd, FcntlArg::F_GETFL).unwrap());
            assert!(descriptor.contains(FdFlag::FD_CLOEXEC));
            assert!(status.contains(OFlag::O_NONBLOCK));
        }
    }

    #[test]
    fn check_kind_accepts_only_unix_sockets_of_that_kind() {
        let dgram = socket(Kind::Dgram).unwrap();
        assert_eq!(check_kind(dgram.as_fd(), Kind::Dgram), Ok(false));
        assert_eq!(check_kind(dgram.as_fd(), Kind::Seqpacket), Err(SysError::new(libc::EPROTOTYPE, "getsockopt")));
        let udp = OwnedFd::from(std::net::UdpSocket::bind("127.0.0.1:0").unwrap());
        assert_eq!(check_kind(udp.as_fd(), Kind::Dgram), Err(SysError::new(libc::EPROTOTYPE, "getsockopt")));
        let (pipe, _writer) = std::io::pipe().unwrap();
        assert_eq!(check_kind(pipe.as_fd(), Kind::Dgram), Err(SysError::new(libc::ENOTSOCK, "getsockname")));
    }

    #[test]
    fn is_hung_up_is_true_once_the_peer_has_closed() {
        let (ours, theirs) = socketpair(Kind::Seqpacket).unwrap();
        assert!(!is_hung_up(ours.as_fd()));
        shutdown_write(theirs.as_fd()).unwrap();
        assert!(!is_hung_up(ours.as_fd()));
        drop(theirs);
        assert!(is_hung_up(ours.as_fd()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn is_read_shut_is_true_once_the_read_side_is_shut_down() {
        let (ours, _theirs) = socketpair(Kind::Dgram).unwrap();
        assert!(!is_read_shut(ours.as_fd()));
        SockRef::from(&ours).shutdown(Shutdown::Read).unwrap();
        assert!(is_read_shut(ours.as_fd()));
    }

    #[test]
    fn disconnect_removes_the_peer() {
        let (ours, _theirs) = socketpair(Kind::Dgram).unwrap();
        peer_address(ours.as_fd()).unwrap();
        disconnect(ours.as_fd()).unwrap();
        assert_eq!(peer_address(ours.as_fd()).unwrap_err(), SysError::new(libc::ENOTCONN, "getpeername"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn autobind_binds_to_an_abstract_name() {
        let socket = socket(Kind::Dgram).unwrap();
        autobind(socket.as_fd()).unwrap();
        assert_eq!(local_address(socket.as_fd()).unwrap().bytes().first(), Some(&0));
    }

    #[test]
    fn a_name_of_full_length_is_bound_and_read_back() {
        let folder = format!("/tmp/sys-{}/", std::process::id());
        std::fs::create_dir(&folder).unwrap();
        let path = format!("{folder:x<width$}", width = super::super::address::MAX_PATH);
        let name = UnixAddr::new(path.as_bytes()).unwrap();
        let socket = socket(Kind::Dgram).unwrap();
        bind(socket.as_fd(), &name).unwrap();
        assert_eq!(local_address(socket.as_fd()), Ok(name));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
