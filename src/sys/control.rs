//! What the kernel writes beside a message: cmsg(3), read from bytes. Pure: descriptors are numbers here.

use std::os::fd::RawFd;

#[derive(Debug, PartialEq, Eq)]
pub enum Control<'a> {
    /// The numbers of descriptors, in `descriptors`.
    Rights(&'a [u8]),
    /// Process, user and group.
    Credentials(i32, u32, u32),
    Other,
}

/// Bytes one control message of `len` bytes takes, padding and header included.
pub const fn space(len: usize) -> usize {
    // SAFETY: CMSG_SPACE is arithmetic.
    unsafe { libc::CMSG_SPACE(len as libc::c_uint) as usize }
}

/// The control messages in `bytes`. What claims to be longer than the bytes there are is cut to them.
pub struct Controls<'a>(pub &'a [u8]);

impl<'a> Iterator for Controls<'a> {
    type Item = Control<'a>;

    #[allow(clippy::unnecessary_cast, reason = "musl and macOS have another type")]
    fn next(&mut self) -> Option<Control<'a>> {
        if self.0.len() < size_of::<libc::cmsghdr>() {
            return None;
        }
        // SAFETY: there are bytes enough for a header, which is plain data.
        let header = unsafe { self.0.as_ptr().cast::<libc::cmsghdr>().read_unaligned() };
        // SAFETY: CMSG_LEN is arithmetic.
        let start = unsafe { libc::CMSG_LEN(0) } as usize;
        let end = (header.cmsg_len as usize).min(self.0.len());
        let data = self.0.get(start..end)?;
        self.0 = self.0.get(space(data.len())..).unwrap_or_default();
        Some(read(&header, data))
    }
}

fn read<'a>(header: &libc::cmsghdr, data: &'a [u8]) -> Control<'a> {
    if header.cmsg_level != libc::SOL_SOCKET {
        return Control::Other;
    }
    match header.cmsg_type {
        libc::SCM_RIGHTS => Control::Rights(data),
        #[cfg(any(target_os = "linux", target_os = "android"))]
        libc::SCM_CREDENTIALS => {
            let mut words = words(data);
            match (words.next(), words.next(), words.next()) {
                (Some(pid), Some(uid), Some(gid)) => Control::Credentials(pid, uid as u32, gid as u32),
                _ => Control::Other,
            }
        }
        _ => Control::Other,
    }
}

fn words(data: &[u8]) -> impl Iterator<Item = i32> {
    data.chunks_exact(size_of::<i32>()).filter_map(|word| word.try_into().ok()).map(i32::from_ne_bytes)
}

pub fn descriptors(rights: &[u8]) -> impl Iterator<Item = RawFd> {
    words(rights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: i32, data: &[u8], claimed: usize) -> Vec<u8> {
        // SAFETY: an all-zero cmsghdr is valid plain data.
        let mut header: libc::cmsghdr = unsafe { std::mem::zeroed() };
        // SAFETY: CMSG_LEN is arithmetic.
        let start = unsafe { libc::CMSG_LEN(0) } as usize;
        header.cmsg_level = libc::SOL_SOCKET;
        header.cmsg_type = kind;
        header.cmsg_len = (start + claimed) as _;
        let mut bytes = vec![0; space(data.len())];
        // SAFETY: `space` is at least a header.
        unsafe { bytes.as_mut_ptr().cast::<libc::cmsghdr>().write_unaligned(header) };
        bytes[start..start + data.len()].copy_from_slice(data);
        bytes
    }

    fn ints(numbers: &[i32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    #[test]
    fn several_are_read_in_turn() {
        let mut bytes = message(libc::SCM_RIGHTS, &ints(&[7, 8, 9]), 12);
        bytes.extend(message(-1, b"x", 1));
        bytes.extend(message(libc::SCM_RIGHTS, &ints(&[10]), 4));
        let found: Vec<_> = Controls(&bytes).collect();
        assert_eq!(found.len(), 3);
        assert!(matches!(found[0], Control::Rights(data) if descriptors(data).eq([7, 8, 9])));
        assert_eq!(found[1], Control::Other);
        assert!(matches!(found[2], Control::Rights(data) if descriptors(data).eq([10])));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn credentials_are_three_numbers() {
        let bytes = message(libc::SCM_CREDENTIALS, &ints(&[1, -1, 3]), 12);
        assert_eq!(Controls(&bytes).next(), Some(Control::Credentials(1, u32::MAX, 3)));
        assert_eq!(Controls(&message(libc::SCM_CREDENTIALS, &[], 0)).next(), Some(Control::Other));
    }

    #[test]
    fn a_length_that_is_wrong_reads_nothing_beyond() {
        let bytes = message(libc::SCM_RIGHTS, &ints(&[7]), 4000);
        let found: Vec<_> = Controls(&bytes).collect();
        assert!(matches!(found[..], [Control::Rights(data)] if descriptors(data).next() == Some(7)));
        let mut short = message(libc::SCM_RIGHTS, &[], 0);
        short[0] = 1;
        assert_eq!(Controls(&short).count(), 0);
        assert_eq!(Controls(&bytes[..9]).count(), 0);
        assert_eq!(Controls(&[]).count(), 0);
    }
}
