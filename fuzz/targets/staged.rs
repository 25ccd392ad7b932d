//! The arguments of sendStaged: a stage, lengths and ids, and a count, that need not fit each other.
#![no_main]

use libfuzzer_sys::fuzz_target;
use node_unix_socket_fuzz::core::send::staged::entries;

// A count, the length of the lengths and ids, those, the stage.
fuzz_target!(|input: &[u8]| {
    let [count, len, rest @ ..] = input else { return };
    let (meta, stage) = rest.split_at(rest.len().min((*len).into()));
    let found: Vec<_> = entries(stage, meta, (*count).into()).collect();
    assert_eq!(found.len(), usize::from(*count).min(meta.len() / 8));
    let mut rest = stage;
    for ((data, id), entry) in found.into_iter().zip(meta.chunks_exact(8)) {
        let word = |at: usize| u32::from_ne_bytes(entry[at..at + 4].try_into().unwrap());
        // What does not fit is empty and moves nothing.
        let expected = rest.split_at_checked(word(0) as usize);
        assert_eq!(data, expected.map_or(&[][..], |(data, _)| data));
        assert_eq!(id, word(4));
        rest = expected.map_or(rest, |(_, rest)| rest);
    }
});
