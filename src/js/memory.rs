//! Memory of JS objects, for native code that fills it.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

/// Memory of a Buffer that the library made itself. Valid until JavaScript runs.
pub struct Memory {
    data: *mut u8,
    len: usize,
}

impl Memory {
    pub(super) fn new(data: *mut c_void, len: usize) -> Self {
        Memory { data: data.cast(), len }
    }

    /// Offset of the first byte whose address is a multiple of `alignment`.
    pub fn offset_to(&self, alignment: usize) -> usize {
        self.data.addr().wrapping_neg() % alignment
    }

    pub fn bytes(&mut self) -> &mut [MaybeUninit<u8>] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: `len` bytes at `data` are writable until JavaScript runs, and nothing else refers to them until then.
        unsafe { std::slice::from_raw_parts_mut(self.data.cast(), self.len) }
    }

    /// Copies `bytes` to `offset`. False if they do not fit.
    pub fn copy(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let fits = offset.checked_add(bytes.len()).is_some_and(|end| end <= self.len);
        if fits {
            // SAFETY: the range was checked. No JavaScript has run since the memory was looked up, so it did not move, and
            // `bytes` is native memory, so the two do not overlap.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.data.add(offset), bytes.len()) };
        }
        fits
    }
}
