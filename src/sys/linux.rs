//! Linux and Android: what differs from `bsd`, under the same names.

use super::call::{check, retry};
use super::error::SysResult;
use libc::{c_int, c_short};
use nix::sys::socket::{GetSockOpt, getsockopt, setsockopt, sockopt};
use nix::{getsockopt_impl, setsockopt_impl, sockopt_impl};
use socket2::{SockAddr, SockRef, Socket, Type};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

pub use libc::{mmsghdr, recvmmsg, sendmmsg};

pub const LINUX: bool = true;

pub const SEND_FLAGS: c_int = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
/// MSG_TRUNC makes a receive return the length of the message even if the buffer is shorter.
pub const RECV_FLAGS: c_int = libc::MSG_DONTWAIT | libc::MSG_TRUNC | libc::MSG_CMSG_CLOEXEC;

/// The names of the system calls that send and receive many messages.
pub const SEND_CALL: &str = "sendmmsg";
pub const RECV_CALL: &str = "recvmmsg";

/// How long a control message is, as the kernel writes it. (libc divides it into two fields on musl.)
pub type CmsgLen = usize;
/// The type of a control message with credentials, and the size of its data.
pub const CREDENTIALS: Option<(c_int, usize)> = Some((libc::SCM_CREDENTIALS, size_of::<libc::ucred>()));
/// The type of a control message with a descriptor of the sender's process (pidfd).
pub const PIDFD: Option<c_int> = Some(4);

// Options that libc lacks, with their numbers in asm-generic/socket.h.
const SO_PASSPIDFD: c_int = 76;
const SO_PASSRIGHTS: c_int = 83;
const SO_TIMESTAMP_NEW: c_int = 63;
const SO_TIMESTAMPNS_NEW: c_int = 64;

// Options that nix lacks, or has only for one of the platforms.
sockopt_impl!(PassLabels, SetOnly, libc::SOL_SOCKET, libc::SO_PASSSEC, bool);
sockopt_impl!(PassPidfds, SetOnly, libc::SOL_SOCKET, SO_PASSPIDFD, bool);
sockopt_impl!(PassRights, SetOnly, libc::SOL_SOCKET, SO_PASSRIGHTS, bool);
sockopt_impl!(Timestamps, GetOnly, libc::SOL_SOCKET, libc::SO_TIMESTAMP, bool);
sockopt_impl!(NanosecondTimestamps, GetOnly, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, bool);
sockopt_impl!(Timestamps64, GetOnly, libc::SOL_SOCKET, SO_TIMESTAMP_NEW, bool);
sockopt_impl!(NanosecondTimestamps64, GetOnly, libc::SOL_SOCKET, SO_TIMESTAMPNS_NEW, bool);
sockopt_impl!(Timestamping, GetOnly, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, bool);

/// The event of poll(2) for a read side that is shut down.
pub const READ_SHUT: Option<c_short> = Some(libc::POLLRDHUP);

pub const UNNAMED: libc::sockaddr_un =
    libc::sockaddr_un { sun_family: libc::AF_UNIX as libc::sa_family_t, sun_path: [0; 108] };

/// `kind` with the flag that creates a socket non-blocking.
pub fn nonblocking(kind: Type) -> Type {
    kind.nonblocking()
}

/// Sets the flags that the platform cannot set at creation: none.
pub fn set_flags(_created: &Socket) -> io::Result<()> {
    Ok(())
}

/// Accepts a connection as a close-on-exec, non-blocking socket.
pub fn accept(listener: &SockRef<'_>) -> io::Result<(Socket, SockAddr)> {
    listener.accept4(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK)
}

/// Makes every received message carry the credentials of its sender (SO_PASSCRED).
pub fn pass_credentials(fd: BorrowedFd<'_>) -> SysResult<()> {
    retry("setsockopt", || setsockopt(&fd, sockopt::PassCred, &true))
}

/// Makes every received message carry the security label of its sender (SO_PASSSEC).
pub fn pass_labels(fd: BorrowedFd<'_>) -> SysResult<()> {
    retry("setsockopt", || setsockopt(&fd, PassLabels, &true))
}

/// Makes the kernel refuse messages with descriptors: the send fails with EPERM (SO_PASSRIGHTS, Linux 6.16). A connection
/// inherits it from the listener when the client connects. Older kernels drop the descriptors on receipt.
pub fn refuse_rights(fd: BorrowedFd<'_>) {
    let _ = retry("setsockopt", || setsockopt(&fd, PassRights, &false));
}

/// Stops the kernel from opening a pidfd for each message (SO_PASSPIDFD, Linux 6.5), which a connection inherits from the
/// listener.
pub fn refuse_pidfds(fd: BorrowedFd<'_>) {
    let _ = retry("setsockopt", || setsockopt(&fd, PassPidfds, &false));
}

/// Data lengths of the control messages with timestamps that each received message carries, 0 for none: of SO_TIMESTAMP or
/// SO_TIMESTAMPNS, and of SO_TIMESTAMPING, which has an effect on unix sockets only together with one of the others.
pub fn timestamp_lengths(fd: BorrowedFd<'_>) -> [usize; 2] {
    let length = match () {
        () if is_on(fd, Timestamps) || is_on(fd, NanosecondTimestamps) => size_of::<libc::timespec>(),
        () if is_on(fd, Timestamps64) || is_on(fd, NanosecondTimestamps64) => 2 * size_of::<i64>(),
        () => 0,
    };
    [length, if is_on(fd, Timestamping) { 3 * length } else { 0 }]
}

/// False if the kernel does not have the option.
fn is_on(fd: BorrowedFd<'_>, option: impl GetSockOpt<Val = bool>) -> bool {
    getsockopt(&fd, option).unwrap_or(false)
}

/// Process, user and group that the peer had when the connection was made.
pub fn peer_credentials(fd: BorrowedFd<'_>) -> SysResult<(i32, u32, u32)> {
    let found = retry("getsockopt", || getsockopt(&fd, sockopt::PeerCredentials))?;
    Ok((found.pid(), found.uid(), found.gid()))
}

/// Bytes that were sent and not yet received, wherever they wait (SIOCOUTQ).
pub fn unread_bytes(fd: BorrowedFd<'_>) -> SysResult<usize> {
    let mut unread: c_int = 0;
    retry("ioctl", || {
        // SAFETY: SIOCOUTQ (TIOCOUTQ) writes one int, to `unread`.
        check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCOUTQ, &raw mut unread) } as isize)
    })?;
    Ok(unread.max(0) as usize)
}
