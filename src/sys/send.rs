//! Sends messages: one, or many in one system call.

use super::address::UnixAddr;
use super::ancillary::rights;
use super::call::{check, retry};
use super::error::SysResult;
use super::header::{EMPTY, MAX_BATCH, NO_BUFFER};
use super::platform::{SEND_CALL, SEND_FLAGS, sendmmsg};
use socket2::{MsgHdr, SockRef};
use std::io::IoSlice;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Sends one message, to the connected peer if `to` is none.
pub fn send(fd: BorrowedFd<'_>, data: &[u8], to: Option<&UnixAddr>) -> SysResult<()> {
    let socket = SockRef::from(&fd);
    match to {
        None => retry("send", || socket.send_with_flags(data, SEND_FLAGS)).map(drop),
        Some(addr) => {
            let address = addr.to_sock_addr();
            retry("sendto", || socket.send_to_with_flags(data, &address, SEND_FLAGS)).map(drop)
        }
    }
}

/// Sends one message that consists of `parts`, and passes `fds` (at most `MAX_FDS`) with it.
pub fn send_parts(fd: BorrowedFd<'_>, parts: &[&[u8]], fds: &[impl AsRawFd], to: Option<&UnixAddr>) -> SysResult<()> {
    let buffers: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let address = to.map(|addr| addr.to_sock_addr());
    let control;
    let mut message = MsgHdr::new().with_buffers(&buffers);
    if let Some(address) = &address {
        message = message.with_addr(address);
    }
    if !fds.is_empty() {
        control = rights(fds);
        message = message.with_control(&control);
    }
    retry("sendmsg", || SockRef::from(&fd).sendmsg(&message, SEND_FLAGS)).map(drop)
}

/// Sends up to `MAX_BATCH` of `messages` to one destination, in one system call where the platform has it. Returns how
/// many were sent, or the error of the first.
pub fn send_batch<'a>(
    fd: BorrowedFd<'_>,
    messages: impl Iterator<Item = &'a [u8]>,
    to: Option<&UnixAddr>,
) -> SysResult<usize> {
    let mut address = to.map(|addr| addr.to_raw());
    let (name, name_len) = match &mut address {
        Some((raw, len)) => ((&raw mut *raw).cast(), *len),
        None => (std::ptr::null_mut(), 0),
    };
    let mut buffers = [NO_BUFFER; MAX_BATCH];
    let mut headers = [EMPTY; MAX_BATCH];
    let mut count = 0;
    for ((buffer, header), data) in buffers.iter_mut().zip(&mut headers).zip(messages) {
        *buffer = libc::iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() };
        header.msg_hdr.msg_iov = buffer;
        header.msg_hdr.msg_iovlen = 1;
        header.msg_hdr.msg_name = name;
        header.msg_hdr.msg_namelen = name_len;
        count += 1;
    }
    retry(SEND_CALL, || {
        // SAFETY: `count` headers are filled in; `address`, `buffers` and the messages live until the call returns.
        check(unsafe { sendmmsg(fd.as_raw_fd(), headers.as_mut_ptr(), count, SEND_FLAGS as _) } as isize)
    })
}

#[cfg(test)]
mod tests {
    use super::super::recv::{Control, ReceiveBuffers, RecvOptions};
    use super::super::socket::{Kind, socketpair};
    use super::*;
    use std::os::fd::AsFd;

    const OPTIONS: RecvOptions =
        RecvOptions { size: 100, count: MAX_BATCH, control: Control::WITH_DESCRIPTORS, names: true };

    #[test]
    fn a_batch_is_sent_until_there_is_no_room() {
        let (sender, receiver) = socketpair(Kind::Dgram).unwrap();
        let messages = [b"one".as_slice(), b"", b"three"];
        let sent = send_batch(sender.as_fd(), messages.into_iter().cycle(), None).unwrap();
        assert!((1..=MAX_BATCH).contains(&sent));
        let mut buffers = ReceiveBuffers::new();
        for expected in messages.iter().cycle().take(sent) {
            assert_eq!(buffers.receive(receiver.as_fd(), &RecvOptions { count: 1, ..OPTIONS }), Ok(1));
            assert_eq!(buffers.data(0), *expected);
        }
        drop(receiver);
        assert!(send_batch(sender.as_fd(), messages.into_iter(), None).is_err());
        assert_eq!(send_batch(sender.as_fd(), [].into_iter(), None), Ok(0));
    }

    #[test]
    fn parts_are_joined_and_descriptors_passed() {
        let (sender, receiver) = socketpair(Kind::Seqpacket).unwrap();
        let (passed, other) = socketpair(Kind::Dgram).unwrap();
        send_parts(sender.as_fd(), &[b"ab", b"", b"c"], &[passed], None).unwrap();
        let mut buffers = ReceiveBuffers::new();
        assert_eq!(buffers.receive(receiver.as_fd(), &RecvOptions { count: 1, ..OPTIONS }), Ok(1));
        assert_eq!(buffers.data(0), b"abc");
        let ancillary = buffers.ancillary(0);
        let [received] = &ancillary.fds[..] else { panic!("{} descriptors", ancillary.fds.len()) };
        send(received.as_fd(), b"x", None).unwrap();
        assert_eq!(buffers.receive(other.as_fd(), &RecvOptions { count: 1, ..OPTIONS }), Ok(1));
        assert!(!ancillary.fds_truncated && buffers.ancillary(0).fds.is_empty());
    }
}
