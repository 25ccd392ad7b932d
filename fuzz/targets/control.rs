//! Control messages, well-formed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use node_unix_socket_fuzz::control::{Control, Controls, descriptors};

/// What the macros of cmsg(3) find: they leave off at the first that does not fit.
fn by_macros(bytes: &[u8]) -> Vec<Control<'static>> {
    let mut aligned = vec![0u64; bytes.len().div_ceil(8)];
    // SAFETY: `aligned` has room for all of `bytes`.
    unsafe { aligned.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    // SAFETY: an all-zero msghdr is valid plain data.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_control = aligned.as_mut_ptr().cast();
    header.msg_controllen = bytes.len() as _;
    let mut found = Vec::new();
    // SAFETY: `msg_control` is `msg_controllen` bytes; the macros stay inside them.
    let mut at = unsafe { libc::CMSG_FIRSTHDR(&header) };
    // SAFETY: where the macros answer a header, there is one.
    while let Some(message) = unsafe { at.as_ref() } {
        let offset = at.addr() - aligned.as_ptr().addr();
        let len = message.cmsg_len as usize;
        // SAFETY: arithmetic.
        let head = unsafe { libc::CMSG_LEN(0) } as usize;
        // The first is not looked at by CMSG_FIRSTHDR.
        if len < head || offset + len > bytes.len() {
            break;
        }
        let data = bytes[offset + head..offset + len].to_vec().leak();
        let word = |index: usize| data.get(4 * index..4 * index + 4).map(|raw| i32::from_ne_bytes(raw.try_into().unwrap()));
        found.push(match (message.cmsg_level, message.cmsg_type) {
            (libc::SOL_SOCKET, libc::SCM_RIGHTS) => Control::Rights(data),
            (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) if data.len() >= 12 => {
                Control::Credentials(word(0).unwrap(), word(1).unwrap() as u32, word(2).unwrap() as u32)
            }
            _ => Control::Other,
        });
        // SAFETY: `at` came from the macros.
        at = unsafe { libc::CMSG_NXTHDR(&header, at) };
    }
    found
}

fuzz_target!(|bytes: &[u8]| {
    let found: Vec<Control> = Controls(bytes).collect();
    assert!(found.len() <= bytes.len() / size_of::<libc::cmsghdr>());
    let inside = bytes.as_ptr_range();
    for control in &found {
        if let Control::Rights(data) = control {
            assert!(data.is_empty() || inside.start <= data.as_ptr() && data.as_ptr_range().end <= inside.end);
            assert_eq!(descriptors(data).count(), data.len() / 4);
        }
    }
    assert!(found.starts_with(&by_macros(bytes)));
});
