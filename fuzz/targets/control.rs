//! Control messages, well-formed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use node_unix_socket_fuzz::sys::ancillary::{ControlMessage, ControlMessages, Credentials, descriptors};

/// The well-formed messages up to the first that does not fit, by the layout of 64-bit Linux.
fn by_layout(bytes: &[u8]) -> Vec<ControlMessage<'_>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((head, body)) = rest.split_at_checked(16) {
        let len = u64::from_ne_bytes(head[..8].try_into().unwrap());
        let word = |at: &[u8], index: usize| i32::from_ne_bytes(at[4 * index..4 * index + 4].try_into().unwrap());
        let fits = len.checked_sub(16).and_then(|len| usize::try_from(len).ok()).filter(|len| *len <= body.len());
        let Some(len) = fits else { break };
        let data = &body[..len];
        found.push(match (word(head, 2), word(head, 3)) {
            (libc::SOL_SOCKET, libc::SCM_RIGHTS) => ControlMessage::Rights(data),
            (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) if len >= 12 => ControlMessage::Credentials(Credentials {
                pid: word(data, 0),
                uid: word(data, 1) as u32,
                gid: word(data, 2) as u32,
            }),
            _ => ControlMessage::Other,
        });
        rest = body.get(len.next_multiple_of(8)..).unwrap_or(&[]);
    }
    found
}

fuzz_target!(|bytes: &[u8]| {
    let found: Vec<ControlMessage> = ControlMessages(bytes).collect();
    assert!(found.len() <= bytes.len() / size_of::<libc::cmsghdr>());
    let inside = bytes.as_ptr_range();
    for control in &found {
        if let ControlMessage::Rights(data) = control {
            assert!(data.is_empty() || inside.start <= data.as_ptr() && data.as_ptr_range().end <= inside.end);
            assert_eq!(descriptors(data).count(), data.len() / 4);
        }
    }
    assert!(found.starts_with(&by_layout(bytes)));
});
