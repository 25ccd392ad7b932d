//! Advice for the C library's allocator about the memory of large messages.

use std::hint::black_box;
use std::sync::Once;

/// When a few blocks of this size are freed, they reach glibc's M_TRIM_THRESHOLD of 128 KiB. glibc then returns the memory to the
/// kernel, and the next blocks cause page faults again.
const LARGE_BYTES: usize = 32 * 1024;
/// glibc keeps freed blocks up to this size for reuse, once a block of this size was freed.
const MMAP_THRESHOLD_BYTES: usize = 16 * 1024 * 1024;
/// An allocation of this size and more is tried first, because Rust aborts the process when one fails.
const CHECKED_BYTES: usize = 1024 * 1024;

fn try_allocate(len: usize) -> bool {
    let mut block = Vec::<u8>::new();
    let made = black_box(block.try_reserve_exact(len)).is_ok();
    drop(black_box(block));
    made
}

/// Whether the C library can allocate a block of `len` bytes now.
pub fn has_room(len: usize) -> bool {
    len < CHECKED_BYTES || try_allocate(len)
}

/// To be called before a block of `len` bytes is allocated. glibc maps blocks of 128 KiB and more anew each time, and the page
/// faults cost more than the message does. It raises that threshold (mallopt(3), M_MMAP_THRESHOLD) to the largest block
/// freed, and M_TRIM_THRESHOLD to twice that, unless the program set them; freeing one untouched 16 MiB block raises it at no cost.
pub fn expect_block(len: usize) {
    static RAISED: Once = Once::new();
    if len >= LARGE_BYTES {
        RAISED.call_once(|| {
            try_allocate(MMAP_THRESHOLD_BYTES);
        });
    }
}
