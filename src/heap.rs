//! What the C library's allocator does with the memory of large messages.

use std::hint::black_box;
use std::sync::Once;

/// glibc maps blocks of 128 KiB and more (M_MMAP_THRESHOLD), and gives back what is free at the end of its heap from 128 KiB on
/// (M_TRIM_THRESHOLD, which follows the first): a few messages of this size are that much.
const LARGE: usize = 32 * 1024;
const KEPT: usize = 16 * 1024 * 1024;
/// Rust ends the process where there is no memory; a copy of a message so large is asked for first.
const ASKED: usize = 1024 * 1024;

fn reserve(len: usize) -> bool {
    let mut block = Vec::<u8>::new();
    let made = black_box(block.try_reserve_exact(len)).is_ok();
    drop(black_box(block));
    made
}

/// Whether the C library has a block of `len` bytes now.
pub fn has_room(len: usize) -> bool {
    len < ASKED || reserve(len)
}

/// Call before a block of `len` bytes is made. Blocks that are mapped anew for each large message cost more page faults
/// than the message costs otherwise. glibc's threshold follows the largest block freed so far (mallopt(3)), unless the
/// program has set it: one that nobody touches raises it, and that costs no memory.
pub fn expect_block(len: usize) {
    static RAISED: Once = Once::new();
    if len >= LARGE {
        RAISED.call_once(|| {
            reserve(KEPT);
        });
    }
}
