//! Control messages: what the kernel passes in addition to the bytes of a message (cmsg(3)). They are read from bytes and written
//! to bytes here, without a system call.

use super::platform::{self, CmsgLen};
use std::mem::offset_of;
use std::os::fd::{AsRawFd, RawFd};

/// Descriptors that one message can pass (SCM_MAX_FD).
pub const MAX_FDS: usize = 253;

/// Process, user and group of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    pub pid: i32,
    pub uid: u32,
    pub gid: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub enum ControlMessage<'a> {
    /// The numbers of descriptors, to be read with `descriptors`.
    Rights(&'a [u8]),
    Credentials(Credentials),
    /// The number of a pidfd, to be read with `descriptors`; a negative errno if the kernel could not open one.
    Pidfd(&'a [u8]),
    /// A control message without descriptors: the sockets of this library ask for no other kind that has some.
    Other,
}

/// Bytes before the data of a control message: its header (cmsghdr), which has a length, a level and a type.
const HEADER: usize = space(0);
const LEVEL: usize = offset_of!(libc::cmsghdr, cmsg_level);
const TYPE: usize = offset_of!(libc::cmsghdr, cmsg_type);
const _: () = assert!(LEVEL == size_of::<CmsgLen>() && TYPE == LEVEL + size_of::<i32>());

/// Bytes of a control message with `len` bytes of data: header, data and padding.
pub const fn space(len: usize) -> usize {
    // SAFETY: CMSG_SPACE is arithmetic.
    unsafe { libc::CMSG_SPACE(len as libc::c_uint) as usize }
}

/// Iterates over the control messages in `bytes`. If the length of one exceeds the bytes that are left, it is shortened.
pub struct ControlMessages<'a>(pub &'a [u8]);

impl<'a> Iterator for ControlMessages<'a> {
    type Item = ControlMessage<'a>;

    #[allow(clippy::unnecessary_cast, reason = "CmsgLen is u32 on macOS")]
    fn next(&mut self) -> Option<ControlMessage<'a>> {
        let len = CmsgLen::from_ne_bytes(*self.0.first_chunk()?) as usize;
        let mut header = words(self.0.get(LEVEL..HEADER)?);
        let (level, kind) = (header.next()?, header.next()?);
        let data = self.0.get(HEADER..len.min(self.0.len()))?;
        self.0 = self.0.get(space(data.len())..).unwrap_or_default();
        Some(read(level, kind, data))
    }
}

fn read(level: i32, kind: i32, data: &[u8]) -> ControlMessage<'_> {
    match (level, kind) {
        (libc::SOL_SOCKET, libc::SCM_RIGHTS) => ControlMessage::Rights(data),
        (libc::SOL_SOCKET, kind) if platform::PIDFD == Some(kind) => ControlMessage::Pidfd(data),
        (libc::SOL_SOCKET, kind) if platform::CREDENTIALS.is_some_and(|(credentials, _)| kind == credentials) => {
            let mut words = words(data);
            match (words.next(), words.next(), words.next()) {
                (Some(pid), Some(uid), Some(gid)) => {
                    ControlMessage::Credentials(Credentials { pid, uid: uid as u32, gid: gid as u32 })
                }
                _ => ControlMessage::Other,
            }
        }
        _ => ControlMessage::Other,
    }
}

fn words(data: &[u8]) -> impl Iterator<Item = i32> {
    data.chunks_exact(size_of::<i32>()).filter_map(|word| word.try_into().ok()).map(i32::from_ne_bytes)
}

/// The numbers of the descriptors in the data of `ControlMessage::Rights` or `ControlMessage::Pidfd`.
pub fn descriptors(data: &[u8]) -> impl Iterator<Item = RawFd> {
    words(data).filter(|number| *number >= 0)
}

/// The control message that passes `fds`.
pub fn rights(fds: &[impl AsRawFd]) -> Vec<u8> {
    let data: Vec<u8> = fds.iter().flat_map(|fd| fd.as_raw_fd().to_ne_bytes()).collect();
    control_message(libc::SCM_RIGHTS, &data)
}

fn control_message(kind: libc::c_int, data: &[u8]) -> Vec<u8> {
    let len = (HEADER + data.len()) as CmsgLen;
    let mut bytes = [&len.to_ne_bytes()[..], &libc::SOL_SOCKET.to_ne_bytes(), &kind.to_ne_bytes()].concat();
    bytes.resize(HEADER, 0);
    bytes.extend(data);
    bytes.resize(space(data.len()), 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A control message that claims to have `claimed` bytes of data.
    fn message(kind: i32, data: &[u8], claimed: usize) -> Vec<u8> {
        let mut bytes = control_message(kind, data);
        bytes[..LEVEL].copy_from_slice(&((HEADER + claimed) as CmsgLen).to_ne_bytes());
        bytes
    }

    fn ints(numbers: &[i32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    #[test]
    fn several_control_messages_are_read_in_order() {
        let mut bytes = message(libc::SCM_RIGHTS, &ints(&[7, 8, 9]), 12);
        bytes.extend(message(-1, b"x", 1));
        bytes.extend(message(libc::SCM_RIGHTS, &ints(&[10]), 4));
        let found: Vec<_> = ControlMessages(&bytes).collect();
        assert_eq!(found.len(), 3);
        assert!(matches!(found[0], ControlMessage::Rights(data) if descriptors(data).eq([7, 8, 9])));
        assert_eq!(found[1], ControlMessage::Other);
        assert!(matches!(found[2], ControlMessage::Rights(data) if descriptors(data).eq([10])));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn credentials_are_three_numbers() {
        let bytes = message(libc::SCM_CREDENTIALS, &ints(&[1, -1, 3]), 12);
        assert_eq!(
            ControlMessages(&bytes).next(),
            Some(ControlMessage::Credentials(Credentials { pid: 1, uid: u32::MAX, gid: 3 }))
        );
        assert_eq!(ControlMessages(&message(libc::SCM_CREDENTIALS, &[], 0)).next(), Some(ControlMessage::Other));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pidfd_is_one_number_unless_the_kernel_could_not_open_it() {
        let bytes = [message(4, &ints(&[7]), 4), message(4, &ints(&[-libc::ESRCH]), 4)].concat();
        let numbers = ControlMessages(&bytes).map(|message| match message {
            ControlMessage::Pidfd(data) => descriptors(data).next(),
            _ => panic!("{message:?}"),
        });
        assert!(numbers.eq([Some(7), None]));
    }

    #[test]
    fn a_wrong_length_reads_nothing_after_the_end() {
        let bytes = message(libc::SCM_RIGHTS, &ints(&[7]), 4000);
        let found: Vec<_> = ControlMessages(&bytes).collect();
        assert!(matches!(found[..], [ControlMessage::Rights(data)] if descriptors(data).next() == Some(7)));
        let mut short = message(libc::SCM_RIGHTS, &[], 0);
        short[0] = 1;
        assert_eq!(ControlMessages(&short).count(), 0);
        assert_eq!(ControlMessages(&bytes[..9]).count(), 0);
        assert_eq!(ControlMessages(&[]).count(), 0);
    }
}
