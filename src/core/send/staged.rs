//! Messages that JavaScript collected between cork() and uncork(): their bytes one after another in one view, a length and an id
//! for each in a second view, as native 32-bit words. A message whose bytes do not fit is empty, and moves nothing.

pub fn entries<'a>(stage: &'a [u8], meta: &'a [u8], count: usize) -> impl Iterator<Item = (&'a [u8], u32)> {
    let mut rest = stage;
    meta.chunks_exact(8).take(count).map(move |entry| {
        let word = |at: usize| entry.get(at..at + 4).and_then(|raw| raw.try_into().ok()).map_or(0, u32::from_ne_bytes);
        let (data, after) = rest.split_at_checked(word(0) as usize).unwrap_or((&[], rest));
        rest = after;
        (data, word(4))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(entries: &[(u32, u32)]) -> Vec<u8> {
        entries.iter().flat_map(|(len, id)| [len.to_ne_bytes(), id.to_ne_bytes()].concat()).collect()
    }

    #[test]
    fn messages_follow_each_other() {
        let meta = meta(&[(1, 7), (0, 0), (2, 9)]);
        let all: Vec<_> = entries(b"abcd", &meta, 3).collect();
        assert_eq!(all, [(&b"a"[..], 7), (&b""[..], 0), (&b"bc"[..], 9)]);
        assert_eq!(entries(b"abcd", &meta, 2).count(), 2);
    }

    #[test]
    fn what_does_not_fit_is_empty() {
        let meta = meta(&[(u32::MAX, 1), (2, 2)]);
        assert_eq!(entries(b"ab", &meta, 9).collect::<Vec<_>>(), [(&b""[..], 1), (&b"ab"[..], 2)]);
        assert_eq!(entries(b"ab", meta.get(..7).unwrap(), 9).count(), 0);
    }
}
