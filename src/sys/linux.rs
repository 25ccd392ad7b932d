//! Linux and Android: what differs from `bsd`, under the same names.

use super::call::{check, retry};
use super::error::SysResult;
use libc::c_int;
use nix::sys::socket::{getsockopt, setsockopt, sockopt};
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

/// The type of a control message with credentials, and the size of its data.
pub const CREDENTIALS: Option<(c_int, usize)> = Some((libc::SCM_CREDENTIALS, size_of::<libc::ucred>()));

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
    let on: c_int = 1;
    let len = size_of_val(&on) as libc::socklen_t;
    retry("setsockopt", || {
        // SAFETY: the pointer and `len` describe `on`, which setsockopt(2) only reads.
        check(unsafe {
            libc::setsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_PASSSEC, (&raw const on).cast(), len)
        } as isize)
    })
    .map(drop)
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
