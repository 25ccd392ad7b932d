//! `UnixAddr`: the name of a unix socket, and its conversion to and from `sockaddr_un` (unix(7)).

use super::platform::{self, LINUX};
use socket2::{SockAddr, SockAddrStorage};
use std::hash::{Hash, Hasher};
use std::mem::offset_of;

/// Bytes of the longest name: 108 on Linux, 104 on macOS.
pub const MAX_PATH: usize = size_of::<libc::sockaddr_un>() - PATH_OFFSET;
const PATH_OFFSET: usize = offset_of!(libc::sockaddr_un, sun_path);
/// Linux has abstract names.
const ABSTRACT: bool = LINUX;

#[derive(Debug, PartialEq, Eq)]
pub enum AddrError {
    Empty,
    TooLong,
    /// A pathname cannot contain a NUL byte. The part before it would name another file.
    InnerNul,
}

/// A name. Without bytes the socket is unnamed; a first byte of NUL makes the name abstract, any other a pathname.
#[derive(Clone, Copy)]
pub struct UnixAddr {
    name: [u8; MAX_PATH],
    len: u8,
}

impl UnixAddr {
    pub const UNNAMED: UnixAddr = UnixAddr { name: [0; MAX_PATH], len: 0 };

    pub fn new(name: &[u8]) -> Result<Self, AddrError> {
        match name.first() {
            None => return Err(AddrError::Empty),
            Some(0) if ABSTRACT => {}
            Some(_) if name.contains(&0) => return Err(AddrError::InnerNul),
            Some(_) => {}
        }
        if name.len() > MAX_PATH {
            return Err(AddrError::TooLong);
        }
        Ok(Self::from_bytes(name))
    }

    fn from_bytes(name: &[u8]) -> Self {
        let mut addr = Self::UNNAMED;
        let len = name.len().min(MAX_PATH);
        for (to, from) in addr.name.iter_mut().zip(name) {
            *to = *from;
        }
        addr.len = len as u8;
        addr
    }

    /// Reads an address that the kernel wrote. `len` is the length that the kernel returned, which may exceed the size of
    /// `raw`.
    #[allow(clippy::unnecessary_cast, reason = "c_char is i8 or u8")]
    pub fn from_raw(raw: &libc::sockaddr_un, len: libc::socklen_t) -> Self {
        let len = (len as usize).saturating_sub(PATH_OFFSET).min(MAX_PATH);
        let mut name = [0u8; MAX_PATH];
        for (to, from) in name.iter_mut().zip(raw.sun_path.iter()) {
            *to = *from as u8;
        }
        let filled = name.get(..len).unwrap_or(&[]);
        let used = match filled.first() {
            Some(0) if ABSTRACT => len,
            _ => filled.iter().position(|byte| *byte == 0).unwrap_or(len),
        };
        Self::from_bytes(name.get(..used).unwrap_or(&[]))
    }

    /// The `sockaddr_un` and its length. A pathname ends with a NUL byte if there is room for it.
    pub fn to_raw(self) -> (libc::sockaddr_un, libc::socklen_t) {
        let mut raw = platform::UNNAMED;
        for (to, from) in raw.sun_path.iter_mut().zip(self.bytes()) {
            *to = *from as libc::c_char;
        }
        let terminator = usize::from(self.is_pathname() && (self.len as usize) < MAX_PATH);
        (raw, (PATH_OFFSET + self.len as usize + terminator) as libc::socklen_t)
    }

    pub fn to_sock_addr(self) -> SockAddr {
        let (raw, len) = self.to_raw();
        sock_addr(raw, len)
    }

    /// The address of family AF_UNSPEC, which removes the peer of a datagram socket when it connects to it.
    pub fn unspecified() -> SockAddr {
        let mut raw = platform::UNNAMED;
        raw.sun_family = libc::AF_UNSPEC as libc::sa_family_t;
        sock_addr(raw, size_of::<libc::sockaddr>() as libc::socklen_t)
    }

    pub fn bytes(&self) -> &[u8] {
        self.name.get(..self.len as usize).unwrap_or(&[])
    }

    pub fn is_pathname(&self) -> bool {
        self.len > 0 && self.name[0] != 0
    }
}

/// The first `len` bytes of `raw`.
fn sock_addr(raw: libc::sockaddr_un, len: libc::socklen_t) -> SockAddr {
    let mut storage = SockAddrStorage::zeroed();
    // SAFETY: sockaddr_un is an address type of the platform, and `storage` is at least `len` bytes long.
    unsafe {
        *storage.view_as() = raw;
        SockAddr::new(storage, len)
    }
}

impl From<SockAddr> for UnixAddr {
    fn from(address: SockAddr) -> Self {
        let len = address.len();
        // SAFETY: sockaddr_un is an address type of the platform. Any bytes are a valid value of it.
        let raw: libc::sockaddr_un = unsafe { *address.as_storage().view_as() };
        UnixAddr::from_raw(&raw, len)
    }
}

impl PartialEq for UnixAddr {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}
impl Eq for UnixAddr {}

impl Hash for UnixAddr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl std::fmt::Debug for UnixAddr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnixAddr({:?})", String::from_utf8_lossy(self.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(name: &[u8]) -> (Vec<u8>, usize) {
        let (raw, len) = UnixAddr::new(name).unwrap().to_raw();
        let back = UnixAddr::from_raw(&raw, len);
        assert_eq!(UnixAddr::from(back.to_sock_addr()), back);
        (back.bytes().to_vec(), len as usize)
    }

    #[test]
    fn a_pathname_is_nul_terminated() {
        assert_eq!(round_trip(b"/tmp/a"), (b"/tmp/a".to_vec(), PATH_OFFSET + 7));
    }

    #[test]
    fn a_full_pathname_has_no_terminator() {
        let name = [b'x'; MAX_PATH];
        assert_eq!(round_trip(&name), (name.to_vec(), PATH_OFFSET + MAX_PATH));
        assert_eq!(UnixAddr::new(&[b'x'; MAX_PATH + 1]), Err(AddrError::TooLong));
    }

    #[test]
    fn a_name_that_is_not_utf8_is_kept() {
        assert_eq!(round_trip(b"\xff\xfe").0, b"\xff\xfe");
    }

    #[test]
    fn nul_inside_a_pathname_is_refused() {
        assert_eq!(UnixAddr::new(b"a\0b"), Err(AddrError::InnerNul));
        assert_eq!(UnixAddr::new(b""), Err(AddrError::Empty));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_abstract_name_has_its_exact_length() {
        assert_eq!(round_trip(b"\0name"), (b"\0name".to_vec(), PATH_OFFSET + 5));
        assert_eq!(round_trip(b"\0a\0b\0").0, b"\0a\0b\0");
        assert!(!UnixAddr::new(b"\0a").unwrap().is_pathname());
    }

    #[test]
    fn unnamed_is_empty() {
        let raw = UnixAddr::UNNAMED.to_raw().0;
        assert_eq!(UnixAddr::from_raw(&raw, PATH_OFFSET as libc::socklen_t).bytes(), b"");
        assert_eq!(UnixAddr::from_raw(&raw, 0).bytes(), b"");
        assert_eq!(UnixAddr::from_raw(&raw, 4096).bytes().len(), if ABSTRACT { MAX_PATH } else { 0 });
    }
}
