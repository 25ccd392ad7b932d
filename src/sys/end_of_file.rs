//! How an empty message differs from end-of-file on a seqpacket socket: recvmsg(2) returns 0 for both. On a socket that
//! `mark_messages` was called for, a message has a control message, or MSG_CTRUNC if there is no room for it, and
//! end-of-file has neither.

use super::call::retry;
use super::error::SysResult;
use super::platform::{LINUX, RECV_FLAGS, pass_labels};
use super::send::send;
use super::socket::{Kind, socketpair};
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recvmsg, setsockopt, sockopt};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::OnceLock;

/// What a receive would return next.
#[derive(Debug, PartialEq, Eq)]
pub enum Peeked {
    Nothing,
    Message,
    EndOfFile,
}

/// Makes every message that `fd` receives carry a control message. `uses_control` says if messages are received with a
/// control buffer.
///
/// SO_PASSSEC is the cheaper option. It needs a kernel with security modules, and a label would take room in a control
/// buffer. SO_TIMESTAMP makes the sender read a clock.
pub fn mark_messages(fd: BorrowedFd<'_>, uses_control: bool) -> SysResult<()> {
    if LINUX && !uses_control && labels_mark_messages() {
        return pass_labels(fd);
    }
    retry("setsockopt", || setsockopt(&fd, sockopt::ReceiveTimestamp, &true))
}

/// True if SO_PASSSEC marks messages. A kernel without security modules accepts the option and ignores it.
fn labels_mark_messages() -> bool {
    static MARKS: OnceLock<bool> = OnceLock::new();
    let probe = || -> SysResult<bool> {
        let (receiver, sender) = socketpair(Kind::Seqpacket)?;
        pass_labels(receiver.as_fd())?;
        send(sender.as_fd(), &[], None)?;
        Ok(peek(receiver.as_fd())? == Peeked::Message)
    };
    // A failure, for example with EMFILE, is not kept, because the next probe may succeed.
    MARKS.get().copied().unwrap_or_else(|| probe().map(|found| *MARKS.get_or_init(|| found)).unwrap_or(false))
}

/// True if the receive that filled `header` in got a control message, or would have if there had been room.
pub fn is_marked(header: &libc::msghdr) -> bool {
    header.msg_controllen > 0 || header.msg_flags & libc::MSG_CTRUNC != 0
}

/// Looks at what `fd`, a socket with marked messages, would receive next, and leaves it there.
pub fn peek(fd: BorrowedFd<'_>) -> SysResult<Peeked> {
    let flags = MsgFlags::from_bits_retain(RECV_FLAGS | libc::MSG_PEEK);
    // Without a control buffer, MSG_CTRUNC marks a message.
    let peeked = retry("recvmsg", || {
        let received = recvmsg::<()>(fd.as_raw_fd(), &mut [], None, flags)?;
        Ok::<_, Errno>(received.bytes > 0 || received.flags.contains(MsgFlags::MSG_CTRUNC))
    });
    match peeked {
        Ok(true) => Ok(Peeked::Message),
        Ok(false) => Ok(Peeked::EndOfFile),
        Err(error) if error.would_block() => Ok(Peeked::Nothing),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_message_differs_from_end_of_file() {
        for uses_control in [false, true] {
            let (receiver, sender) = socketpair(Kind::Seqpacket).unwrap();
            mark_messages(receiver.as_fd(), uses_control).unwrap();
            assert_eq!(peek(receiver.as_fd()), Ok(Peeked::Nothing));
            send(sender.as_fd(), &[], None).unwrap();
            assert_eq!(peek(receiver.as_fd()), Ok(Peeked::Message));
            nix::sys::socket::recv(receiver.as_raw_fd(), &mut [], nix::sys::socket::MsgFlags::empty()).unwrap();
            drop(sender);
            assert_eq!(peek(receiver.as_fd()), Ok(Peeked::EndOfFile));
        }
    }
}
