//! Names as users give them, and addresses as the kernel writes them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use node_unix_socket_fuzz::sys::address::{AddrError, MAX_PATH, UnixAddr};

/// A name is accepted by the rules of unix(7) and no others, and comes back as it was.
fn given(name: &[u8]) {
    let expected = match name {
        [] => Err(AddrError::Empty),
        [first, ..] if *first != 0 && name.contains(&0) => Err(AddrError::InnerNul),
        _ if name.len() > MAX_PATH => Err(AddrError::TooLong),
        _ => Ok(()),
    };
    let addr = UnixAddr::new(name);
    assert_eq!(addr.as_ref().map(drop).map_err(|error| format!("{error:?}")), expected.map_err(|e| format!("{e:?}")));
    if let Ok(addr) = addr {
        let (raw, len) = addr.to_raw();
        assert!(len as usize <= size_of::<libc::sockaddr_un>());
        let back = UnixAddr::from_raw(&raw, len);
        assert_eq!((addr.bytes(), back.bytes()), (name, name));
        assert_eq!(back.is_pathname(), name[0] != 0);
    }
}

/// Whatever stands in the address, and whatever its length claims, a name comes out that is none or valid.
fn received(len: u16, path: &[u8]) {
    let (mut raw, _) = UnixAddr::UNNAMED.to_raw();
    for (to, from) in raw.sun_path.iter_mut().zip(path) {
        *to = *from as libc::c_char;
    }
    let addr = UnixAddr::from_raw(&raw, libc::socklen_t::from(len));
    assert!(addr.bytes().len() <= MAX_PATH.min(len.into()));
    assert!(addr.bytes().is_empty() || UnixAddr::new(addr.bytes()).is_ok_and(|again| again == addr));
}

fuzz_target!(|input: (u16, &[u8])| {
    given(input.1);
    received(input.0, input.1);
});
