//! Every socket system call. Descriptors are owned before any fallible step, flags are set at creation, EINTR is
//! retried, and errno is read at once. Messages are sent in `message` and received in `receive`; what comes beside them is
//! in `control`.

use crate::addr::UnixAddr;
use crate::error::{SysError, SysResult};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

#[path = "sys/control.rs"]
pub mod control;
#[path = "sys/message.rs"]
pub mod message;
#[path = "sys/receive.rs"]
pub mod receive;

pub const LINUX: bool = cfg!(any(target_os = "linux", target_os = "android"));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Seqpacket,
    Dgram,
}

impl Kind {
    fn raw(self) -> libc::c_int {
        match self {
            Kind::Seqpacket => libc::SOCK_SEQPACKET,
            Kind::Dgram => libc::SOCK_DGRAM,
        }
    }
}

/// Runs a call that answers -1 on failure until it is not interrupted.
fn retry(syscall: &'static str, mut call: impl FnMut() -> isize) -> SysResult<usize> {
    loop {
        let result = call();
        if result >= 0 {
            return Ok(result as usize);
        }
        let error = SysError::last(syscall);
        if error.errno != libc::EINTR {
            return Err(error);
        }
    }
}

fn own(fd: usize) -> OwnedFd {
    // SAFETY: `fd` was returned by a system call just now, or its ownership handed over: it has no other owner.
    unsafe { OwnedFd::from_raw_fd(fd as RawFd) }
}

/// Takes over a descriptor whose number came from JS, once it was found to be of the right kind.
pub fn take(fd: RawFd) -> OwnedFd {
    own(fd as usize)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const CREATE_FLAGS: libc::c_int = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CREATE_FLAGS: libc::c_int = 0;

/// Platforms without SOCK_CLOEXEC set the flags after creation.
fn finish(fd: OwnedFd) -> SysResult<OwnedFd> {
    if CREATE_FLAGS == 0 {
        set_cloexec(fd.as_raw_fd())?;
        set_nonblocking(fd.as_raw_fd())?;
        #[cfg(target_os = "macos")]
        set_option(fd.as_raw_fd(), libc::SO_NOSIGPIPE, 1)?;
    }
    Ok(fd)
}

pub fn set_cloexec(fd: RawFd) -> SysResult<()> {
    // SAFETY: F_SETFD takes an int and touches no memory.
    retry("fcntl", || unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } as isize).map(drop)
}

pub fn set_nonblocking(fd: RawFd) -> SysResult<()> {
    // SAFETY: F_GETFL and F_SETFL take ints and touch no memory.
    let flags = retry("fcntl", || unsafe { libc::fcntl(fd, libc::F_GETFL) } as isize)? as libc::c_int;
    // SAFETY: as above; the flags that were set stay set.
    retry("fcntl", || unsafe { libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK) } as isize).map(drop)
}

pub fn socket(kind: Kind) -> SysResult<OwnedFd> {
    // SAFETY: socket(2) touches no memory.
    let fd = retry("socket", || unsafe { libc::socket(libc::AF_UNIX, kind.raw() | CREATE_FLAGS, 0) } as isize)?;
    finish(own(fd))
}

pub fn socketpair(kind: Kind) -> SysResult<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: `fds` has room for the two descriptors socketpair(2) writes.
    retry("socketpair", || unsafe {
        libc::socketpair(libc::AF_UNIX, kind.raw() | CREATE_FLAGS, 0, fds.as_mut_ptr()) as isize
    })?;
    let (a, b) = (own(fds[0] as usize), own(fds[1] as usize));
    Ok((finish(a)?, finish(b)?))
}

/// A duplicate, close-on-exec from its first moment.
pub fn duplicate(fd: RawFd) -> SysResult<OwnedFd> {
    // SAFETY: F_DUPFD_CLOEXEC takes an int and touches no memory.
    retry("dup", || unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as isize).map(own)
}

/// Whether `fd` is an AF_UNIX socket of `kind` that listens, or does not.
pub fn check_kind(fd: RawFd, kind: Kind) -> SysResult<bool> {
    let domain = local_address(fd).map(|(_, family)| family)?;
    if domain != libc::AF_UNIX || get_option(fd, libc::SO_TYPE)? != kind.raw() {
        return Err(SysError::new(libc::EPROTOTYPE, "getsockopt"));
    }
    Ok(get_option(fd, libc::SO_ACCEPTCONN).unwrap_or(0) != 0)
}

pub fn get_option(fd: RawFd, option: libc::c_int) -> SysResult<libc::c_int> {
    let mut value: libc::c_int = 0;
    let mut len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` and `len` describe a writable int.
    retry("getsockopt", || unsafe {
        libc::getsockopt(fd, libc::SOL_SOCKET, option, (&raw mut value).cast(), &raw mut len) as isize
    })?;
    Ok(value)
}

pub fn set_option(fd: RawFd, option: libc::c_int, value: libc::c_int) -> SysResult<()> {
    let len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` and `len` describe a readable int.
    retry("setsockopt", || unsafe {
        libc::setsockopt(fd, libc::SOL_SOCKET, option, (&raw const value).cast(), len) as isize
    })
    .map(drop)
}

/// Takes the pending error of the socket: 0 when there is none.
pub fn take_error(fd: RawFd) -> i32 {
    get_option(fd, libc::SO_ERROR).unwrap_or(0)
}

/// Makes an empty message differ from end-of-file: it has something for the control buffer, and says MSG_CTRUNC where
/// there is none. SO_PASSSEC costs nothing a message but needs a kernel with security modules, and a receive without
/// control buffer (`plain`): a label would take room there. SO_TIMESTAMP has the sender read a clock.
pub fn mark_messages(fd: RawFd, plain: bool) -> SysResult<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if plain && receive::labels_mark() {
        return set_option(fd, libc::SO_PASSSEC, 1);
    }
    let _ = plain;
    set_option(fd, libc::SO_TIMESTAMP, 1)
}

pub fn pass_credentials(fd: RawFd) -> SysResult<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return set_option(fd, libc::SO_PASSCRED, 1);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    return Err(SysError::new(libc::ENOPROTOOPT + fd * 0, "setsockopt"));
}

/// Who was at the other end when the connection was made: pid, uid, gid.
pub fn peer_credentials(fd: RawFd) -> SysResult<(i32, u32, u32)> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let mut value = libc::ucred { pid: 0, uid: 0, gid: 0 };
        let mut len = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: `value` and `len` describe a writable ucred.
        retry("getsockopt", || unsafe {
            libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, (&raw mut value).cast(), &raw mut len) as isize
        })?;
        Ok((value.pid, value.uid, value.gid))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let (mut uid, mut gid) = (0, 0);
        // SAFETY: both out-pointers are writable.
        retry("getpeereid", || unsafe { libc::getpeereid(fd, &raw mut uid, &raw mut gid) as isize })?;
        Ok((0, uid, gid))
    }
}

pub fn bind(fd: RawFd, addr: &UnixAddr) -> SysResult<()> {
    let (raw, len) = addr.to_raw();
    // SAFETY: `raw` is a sockaddr_un of which `len` bytes are meant.
    retry("bind", || unsafe { libc::bind(fd, (&raw const raw).cast(), len) as isize })
        .map(drop)
        .map_err(|error| error.with_path(addr.bytes()))
}

/// Linux: the kernel picks an abstract name.
pub fn autobind(fd: RawFd) -> SysResult<()> {
    let (raw, _) = UnixAddr::UNNAMED.to_raw();
    let len = size_of::<libc::sa_family_t>() as libc::socklen_t;
    // SAFETY: only the family of `raw` is read.
    retry("bind", || unsafe { libc::bind(fd, (&raw const raw).cast(), len) as isize }).map(drop)
}

pub fn connect(fd: RawFd, addr: &UnixAddr) -> SysResult<()> {
    let (raw, len) = addr.to_raw();
    // SAFETY: `raw` is a sockaddr_un of which `len` bytes are meant.
    retry("connect", || unsafe { libc::connect(fd, (&raw const raw).cast(), len) as isize })
        .map(drop)
        .map_err(|error| error.with_path(addr.bytes()))
}

/// Dissolves the association of a datagram socket.
pub fn disconnect(fd: RawFd) -> SysResult<()> {
    // SAFETY: an all-zero sockaddr is valid plain data.
    let mut raw: libc::sockaddr = unsafe { std::mem::zeroed() };
    raw.sa_family = libc::AF_UNSPEC as libc::sa_family_t;
    let len = size_of::<libc::sockaddr>() as libc::socklen_t;
    // SAFETY: `raw` is a sockaddr of `len` bytes.
    match retry("connect", || unsafe { libc::connect(fd, &raw const raw, len) as isize }) {
        // macOS dissolves the association and says so with this error.
        Err(error) if error.errno != libc::EAFNOSUPPORT || LINUX => Err(error),
        _ => Ok(()),
    }
}

pub fn listen(fd: RawFd, backlog: i32) -> SysResult<()> {
    // SAFETY: listen(2) touches no memory.
    retry("listen", || unsafe { libc::listen(fd, backlog) } as isize).map(drop)
}

pub fn accept(fd: RawFd) -> SysResult<(OwnedFd, UnixAddr)> {
    with_address("accept", |raw, len| {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        // SAFETY: `raw` and `len` describe a writable sockaddr_un.
        return unsafe { libc::accept4(fd, raw.cast(), len, CREATE_FLAGS) } as isize;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        // SAFETY: `raw` and `len` describe a writable sockaddr_un.
        return unsafe { libc::accept(fd, raw.cast(), len) } as isize;
    })
    .and_then(|(fd, addr, _)| Ok((finish(own(fd))?, addr)))
}

/// The bound name and the family.
pub fn local_address(fd: RawFd) -> SysResult<(UnixAddr, i32)> {
    // SAFETY: `raw` and `len` describe a writable sockaddr_un.
    with_address("getsockname", |raw, len| unsafe { libc::getsockname(fd, raw.cast(), len) } as isize)
        .map(|(_, addr, family)| (addr, family))
}

pub fn peer_address(fd: RawFd) -> SysResult<UnixAddr> {
    // SAFETY: `raw` and `len` describe a writable sockaddr_un.
    with_address("getpeername", |raw, len| unsafe { libc::getpeername(fd, raw.cast(), len) } as isize)
        .map(|(_, addr, _)| addr)
}

fn with_address(
    syscall: &'static str,
    mut call: impl FnMut(*mut libc::sockaddr_un, *mut libc::socklen_t) -> isize,
) -> SysResult<(usize, UnixAddr, i32)> {
    let (mut raw, _) = UnixAddr::UNNAMED.to_raw();
    let mut len = size_of::<libc::sockaddr_un>() as libc::socklen_t;
    let result = retry(syscall, || call(&raw mut raw, &raw mut len))?;
    Ok((result, UnixAddr::from_raw(&raw, len), raw.sun_family as i32))
}

pub fn shutdown_write(fd: RawFd) -> SysResult<()> {
    // SAFETY: shutdown(2) touches no memory.
    retry("shutdown", || unsafe { libc::shutdown(fd, libc::SHUT_WR) } as isize).map(drop)
}

/// The mode the socket's file will be made with (Linux takes it from the socket's inode), before umask.
pub fn set_mode(fd: RawFd, mode: u32) -> SysResult<()> {
    // SAFETY: fchmod(2) touches no memory.
    retry("fchmod", || unsafe { libc::fchmod(fd, mode as libc::mode_t) } as isize).map(drop)
}

/// Whether SO_SNDBUF is used up: unread messages of ours, wherever they wait. (POLLOUT goes at a quarter of it.)
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn send_buffer_full(fd: RawFd) -> bool {
    let mut unread: libc::c_int = 0;
    // SAFETY: `unread` is the writable int that SIOCOUTQ fills.
    let asked = retry("ioctl", || unsafe { libc::ioctl(fd, libc::TIOCOUTQ, &raw mut unread) } as isize);
    asked.is_ok() && get_option(fd, libc::SO_SNDBUF).is_ok_and(|size| unread >= size)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn send_buffer_full(_fd: RawFd) -> bool {
    false
}

/// What of `events` holds now, with POLLHUP and POLLERR.
pub fn poll_now(fd: RawFd, events: libc::c_short) -> libc::c_short {
    let mut entry = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: `entry` is one pollfd; a timeout of 0 does not block.
    match retry("poll", || unsafe { libc::poll(&raw mut entry, 1, 0) } as isize) {
        Ok(1) => entry.revents,
        _ => 0,
    }
}

pub fn close(fd: RawFd) -> SysResult<()> {
    // SAFETY: the caller hands over a descriptor that no part of this library owns. Linux releases it also on EINTR.
    if unsafe { libc::close(fd) } == 0 || SysError::last("close").errno == libc::EINTR {
        return Ok(());
    }
    Err(SysError::last("close"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_close_on_exec_and_non_blocking() {
        for fd in [socket(Kind::Seqpacket).unwrap(), socketpair(Kind::Dgram).unwrap().0] {
            // SAFETY: plain flag queries.
            let flags =
                unsafe { (libc::fcntl(fd.as_raw_fd(), libc::F_GETFD), libc::fcntl(fd.as_raw_fd(), libc::F_GETFL)) };
            assert_ne!(flags.0 & libc::FD_CLOEXEC, 0);
            assert_ne!(flags.1 & libc::O_NONBLOCK, 0);
        }
    }

    #[test]
    fn only_sockets_of_the_kind_are_adopted() {
        let dgram = socket(Kind::Dgram).unwrap();
        assert_eq!(check_kind(dgram.as_raw_fd(), Kind::Dgram), Ok(false));
        assert_eq!(check_kind(dgram.as_raw_fd(), Kind::Seqpacket).unwrap_err().errno, libc::EPROTOTYPE);
        assert_eq!(check_kind(-1, Kind::Dgram).unwrap_err().errno, libc::EBADF);
    }
}
