//! A fault on purpose, which has to be found: control messages read without a look at how many bytes there are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::hint::black_box;

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() < size_of::<libc::cmsghdr>() {
        return;
    }
    // SAFETY: there are bytes enough for a header, which is plain data.
    let header = unsafe { bytes.as_ptr().cast::<libc::cmsghdr>().read_unaligned() };
    if header.cmsg_level == libc::SOL_SOCKET && header.cmsg_type == libc::SCM_RIGHTS {
        // SAFETY: none: it is the fault.
        let last = unsafe { bytes.as_ptr().add((header.cmsg_len as usize).clamp(1, 4096) - 1).read_volatile() };
        black_box(last);
    }
});
