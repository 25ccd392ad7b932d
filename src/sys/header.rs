//! The headers of `sendmmsg(2)` and `recvmmsg(2)`.

use super::platform::mmsghdr;

/// Messages that one system call sends or receives at most.
pub const MAX_BATCH: usize = 64;

/// A header without buffers, name and control messages.
pub const EMPTY: mmsghdr = {
    // SAFETY: mmsghdr holds only integers and raw pointers, for which zero is a valid value.
    unsafe { std::mem::zeroed() }
};

/// An iovec without memory.
pub const NO_BUFFER: libc::iovec = libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 };
