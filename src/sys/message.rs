//! Sending messages: one system call for one, or for many where the platform has it.

use super::control::space;
use super::{LINUX, retry};
use crate::addr::UnixAddr;
use crate::error::SysResult;
#[cfg(any(target_os = "linux", target_os = "android"))]
use crate::send_queue::BATCH;
use crate::send_queue::Message;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Descriptors one message can carry (SCM_MAX_FD).
pub const MAX_FDS: usize = 253;
pub(super) const FDS_SPACE: usize = space(MAX_FDS * size_of::<RawFd>());

#[cfg(target_os = "macos")]
const SEND_FLAGS: libc::c_int = libc::MSG_DONTWAIT;
#[cfg(not(target_os = "macos"))]
const SEND_FLAGS: libc::c_int = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

pub(super) fn zeroed_header() -> libc::msghdr {
    // SAFETY: an all-zero msghdr is valid plain data.
    unsafe { std::mem::zeroed() }
}

/// One message from one buffer: no header, no copy.
pub fn send(fd: RawFd, data: &[u8], to: Option<&UnixAddr>) -> SysResult<()> {
    let (raw, len) = match to {
        Some(addr) => addr.to_raw(),
        None => {
            // SAFETY: `data` is readable for its length.
            return retry("send", || unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), SEND_FLAGS) }).map(drop);
        }
    };
    // SAFETY: `data` and the first `len` bytes of `raw` are readable.
    retry("sendto", || unsafe {
        libc::sendto(fd, data.as_ptr().cast(), data.len(), SEND_FLAGS, (&raw const raw).cast(), len)
    })
    .map(drop)
}

/// One message gathered from `parts`, with descriptors.
pub fn send_parts(fd: RawFd, parts: &[&[u8]], fds: &[OwnedFd], to: Option<&UnixAddr>) -> SysResult<()> {
    let mut iovecs: Vec<libc::iovec> =
        parts.iter().map(|part| libc::iovec { iov_base: part.as_ptr() as *mut _, iov_len: part.len() }).collect();
    let mut address = to.map(|addr| addr.to_raw());
    let mut control = [0u64; FDS_SPACE.div_ceil(8)];
    let mut header = zeroed_header();
    header.msg_iov = iovecs.as_mut_ptr();
    header.msg_iovlen = iovecs.len() as _;
    if let Some((raw, len)) = address.as_mut() {
        header.msg_name = (raw as *mut libc::sockaddr_un).cast();
        header.msg_namelen = *len;
    }
    let fds = fds.get(..MAX_FDS).unwrap_or(fds);
    if !fds.is_empty() {
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = space(size_of_val(fds)) as _;
        // SAFETY: `control` has room for MAX_FDS descriptors and is aligned for a cmsghdr; `fds` holds at most that many.
        unsafe {
            let cmsg = libc::CMSG_FIRSTHDR(&raw const header);
            (*cmsg).cmsg_level = libc::SOL_SOCKET;
            (*cmsg).cmsg_type = libc::SCM_RIGHTS;
            (*cmsg).cmsg_len = libc::CMSG_LEN(size_of_val(fds) as libc::c_uint) as _;
            let data: *mut RawFd = libc::CMSG_DATA(cmsg).cast();
            for (index, fd) in fds.iter().enumerate() {
                data.add(index).write_unaligned(fd.as_raw_fd());
            }
        }
    }
    // SAFETY: every pointer of `header` points to memory that lives until the call returns.
    retry("sendmsg", || unsafe { libc::sendmsg(fd, &raw const header, SEND_FLAGS) }).map(drop)
}

/// Sends queued messages: as many as one call takes. Answers how many went, or the errno of the first.
pub fn send_queued(fd: RawFd, messages: &[Message], to: Option<&UnixAddr>) -> Result<usize, i32> {
    let plain = messages.iter().take_while(|message| message.fds.is_empty()).count();
    match messages.first() {
        None => Ok(0),
        Some(first) if plain == 0 => {
            send_parts(fd, &[&first.data], &first.fds, to).map(|()| 1).map_err(|error| error.errno)
        }
        Some(first) if plain == 1 || !LINUX => send(fd, &first.data, to).map(|()| 1).map_err(|error| error.errno),
        Some(_) => send_many(fd, messages.iter().take(plain).map(|message| &*message.data), to),
    }
}

/// sendmmsg(2): many plain messages to one destination.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn send_many<'a>(fd: RawFd, messages: impl Iterator<Item = &'a [u8]>, to: Option<&UnixAddr>) -> Result<usize, i32> {
    let mut address = to.map(|addr| addr.to_raw());
    let (name, name_len) = match address.as_mut() {
        Some((raw, len)) => ((raw as *mut libc::sockaddr_un).cast(), *len),
        None => (std::ptr::null_mut(), 0),
    };
    let mut iovecs = [libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 }; BATCH];
    let mut headers = [libc::mmsghdr { msg_hdr: zeroed_header(), msg_len: 0 }; BATCH];
    let mut count = 0;
    for ((iovec, header), data) in iovecs.iter_mut().zip(&mut headers).zip(messages) {
        *iovec = libc::iovec { iov_base: data.as_ptr() as *mut _, iov_len: data.len() };
        header.msg_hdr.msg_iov = iovec;
        header.msg_hdr.msg_iovlen = 1;
        header.msg_hdr.msg_name = name;
        header.msg_hdr.msg_namelen = name_len;
        count += 1;
    }
    // SAFETY: `count` headers are filled; their iovecs, data and name outlive the call.
    retry("sendmmsg", || unsafe { libc::sendmmsg(fd, headers.as_mut_ptr(), count, SEND_FLAGS as _) as isize })
        .map_err(|error| error.errno)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn send_many<'a>(
    fd: RawFd,
    mut messages: impl Iterator<Item = &'a [u8]>,
    to: Option<&UnixAddr>,
) -> Result<usize, i32> {
    match messages.next() {
        Some(data) => send(fd, data, to).map(|()| 1).map_err(|error| error.errno),
        None => Ok(0),
    }
}
