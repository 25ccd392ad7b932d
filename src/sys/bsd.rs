//! macOS: what differs from `linux`, under the same names.

use super::call::retry;
use super::error::{SysError, SysResult};
use libc::{c_int, c_short, c_uint};
use nix::unistd::getpeereid;
use socket2::{SockAddr, SockRef, Socket, Type};
use std::io;
use std::os::fd::BorrowedFd;

pub const LINUX: bool = false;

/// SO_NOSIGPIPE, which socket2 sets at creation, takes the place of MSG_NOSIGNAL.
pub const SEND_FLAGS: c_int = libc::MSG_DONTWAIT;
pub const RECV_FLAGS: c_int = libc::MSG_DONTWAIT;

/// The names of the system calls that send and receive many messages.
pub const SEND_CALL: &str = "sendmsg";
pub const RECV_CALL: &str = "recvmsg";

/// How long a control message is, as the kernel writes it.
pub type CmsgLen = u32;
/// There are no control messages with credentials.
pub const CREDENTIALS: Option<(c_int, usize)> = None;
/// There are no control messages with a pidfd.
pub const PIDFD: Option<c_int> = None;

/// There is no event of poll(2) for a read side that is shut down.
pub const READ_SHUT: Option<c_short> = None;

pub const UNNAMED: libc::sockaddr_un =
    libc::sockaddr_un { sun_len: 0, sun_family: libc::AF_UNIX as libc::sa_family_t, sun_path: [0; 104] };

/// `kind`: there is no flag that creates a socket non-blocking.
pub fn nonblocking(kind: Type) -> Type {
    kind
}

/// Sets the flags that the platform cannot set at creation. (socket2 sets FD_CLOEXEC and SO_NOSIGPIPE.)
pub fn set_flags(created: &Socket) -> io::Result<()> {
    created.set_nonblocking(true)
}

/// Accepts a connection as a close-on-exec socket.
pub fn accept(listener: &SockRef<'_>) -> io::Result<(Socket, SockAddr)> {
    let (socket, address) = listener.accept()?;
    // A socket inherits SO_NOSIGPIPE, except from a listener that another program made. It cannot be set once the peer
    // has closed: then this socket only receives what the peer sent before.
    let _ = socket.set_nosigpipe(true);
    Ok((socket, address))
}

/// Fails: received messages do not carry credentials.
pub fn pass_credentials(_fd: BorrowedFd<'_>) -> SysResult<()> {
    Err(SysError::new(libc::ENOPROTOOPT, "setsockopt"))
}

/// Fails: received messages do not carry security labels.
pub fn pass_labels(_fd: BorrowedFd<'_>) -> SysResult<()> {
    Err(SysError::new(libc::ENOPROTOOPT, "setsockopt"))
}

/// Does nothing: the kernel drops the descriptors on receipt.
pub fn refuse_rights(_fd: BorrowedFd<'_>) {}

/// Does nothing: there are no pidfds.
pub fn refuse_pidfds(_fd: BorrowedFd<'_>) {}

/// Data lengths of the control messages with timestamps. Only sockets with credentials ask for them.
pub fn timestamp_lengths(_fd: BorrowedFd<'_>) -> [usize; 2] {
    [0, 0]
}

/// User and group that the peer had when the connection was made. The process is 0, because it is unknown.
pub fn peer_credentials(fd: BorrowedFd<'_>) -> SysResult<(i32, u32, u32)> {
    let (uid, gid) = retry("getpeereid", || getpeereid(fd))?;
    Ok((0, uid.as_raw(), gid.as_raw()))
}

/// Fails: the number of bytes that were sent and not yet received is unknown.
pub fn unread_bytes(_fd: BorrowedFd<'_>) -> SysResult<usize> {
    Err(SysError::new(libc::ENOTSUP, "ioctl"))
}

/// The header of one message, as Linux has it.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mmsghdr {
    pub msg_hdr: libc::msghdr,
    pub msg_len: c_uint,
}

/// Sends messages as sendmmsg(2) does on Linux, with one system call for each. Returns how many were sent; if the first
/// failed, returns -1 and sets errno.
///
/// # Safety
///
/// `headers` must point to `count` headers whose pointers sendmsg(2) may read.
pub unsafe fn sendmmsg(fd: c_int, headers: *mut mmsghdr, count: c_uint, flags: c_int) -> c_int {
    for index in 0..count {
        // SAFETY: the caller guarantees that there are `count` headers to read.
        let sent = unsafe { libc::sendmsg(fd, &raw const (*headers.add(index as usize)).msg_hdr, flags) };
        if sent < 0 {
            return if index > 0 { index as c_int } else { -1 };
        }
    }
    count as c_int
}

/// Receives one message as recvmmsg(2) does on Linux. Returns 1; if the receive failed, returns -1 and sets errno.
///
/// # Safety
///
/// `headers` must point to at least one header whose pointers recvmsg(2) may write to.
pub unsafe fn recvmmsg(
    fd: c_int,
    headers: *mut mmsghdr,
    _count: c_uint,
    flags: c_int,
    _timeout: *mut libc::timespec,
) -> c_int {
    // SAFETY: the caller guarantees that there is a header to write to.
    let header = unsafe { &mut *headers };
    // SAFETY: the caller guarantees that the pointers of the header may be written to.
    let len = unsafe { libc::recvmsg(fd, &raw mut header.msg_hdr, flags) };
    if len < 0 {
        return -1;
    }
    header.msg_len = len as c_uint;
    1
}
