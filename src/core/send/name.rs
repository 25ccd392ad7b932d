//! What the name of a destination means at the time of a call.
//!
//! Messages that wait are sent by name later. A relative name may mean another socket then, because the program changed its
//! directory, and a name below /proc may, because a descriptor number was reused. Such names are resolved when the call is made.

use crate::sys::UnixAddr;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Device and inode.
pub type FileId = (u64, u64);

/// Tells destinations apart: the name as given, and for a name that can change its meaning what it depends on now.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameKey {
    addr: UnixAddr,
    depends_on: Option<FileId>,
}

impl NameKey {
    /// The name as it was given.
    pub fn bytes(&self) -> &[u8] {
        self.addr.bytes()
    }
}

/// A name that goes on meaning what it meant when it was resolved.
pub struct ResolvedName {
    pub addr: UnixAddr,
    /// Keeps the directory or file open that `addr` leads through.
    _anchor: Option<File>,
}

enum Kind {
    /// An abstract name or an absolute pathname.
    Fixed,
    /// A relative pathname. It depends on the current directory.
    Relative,
    /// A pathname below /proc or /dev/fd. It depends on what a descriptor number means.
    Descriptor,
}

fn kind_of(addr: &UnixAddr) -> Kind {
    let name = addr.bytes();
    match name.first() {
        Some(b'/') if name.starts_with(b"/proc/") || name.starts_with(b"/dev/fd/") => Kind::Descriptor,
        Some(0 | b'/') | None => Kind::Fixed,
        Some(_) => Kind::Relative,
    }
}

fn path_of(addr: &UnixAddr) -> &Path {
    Path::new(OsStr::from_bytes(addr.bytes()))
}

fn directory_of(addr: &UnixAddr) -> &Path {
    path_of(addr).parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn id_of(path: &Path) -> Option<FileId> {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Device and inode of the file that a pathname leads to now.
pub fn file_id(addr: &UnixAddr) -> Option<FileId> {
    if addr.is_pathname() { id_of(path_of(addr)) } else { None }
}

/// The key under which messages to `addr` wait.
pub fn key_of(addr: &UnixAddr) -> NameKey {
    let depends_on = match kind_of(addr) {
        Kind::Fixed => None,
        Kind::Relative => id_of(directory_of(addr)),
        Kind::Descriptor => id_of(path_of(addr)),
    };
    NameKey { addr: *addr, depends_on }
}

/// Opens a file or directory only to refer to it (O_PATH on Linux).
fn anchor(path: &Path) -> Option<File> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const FLAGS: i32 = libc::O_PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const FLAGS: i32 = 0;
    OpenOptions::new().read(true).custom_flags(FLAGS).open(path).ok()
}

fn absolute(addr: &UnixAddr) -> ResolvedName {
    let path = std::path::absolute(path_of(addr)).ok();
    let fitting = path.and_then(|path| UnixAddr::new(path.as_os_str().as_bytes()).ok());
    ResolvedName { addr: fitting.unwrap_or(*addr), _anchor: None }
}

/// Resolves a name. Without a descriptor to spare, or without /proc, a relative name becomes absolute if it is short enough.
pub fn resolve(addr: &UnixAddr) -> ResolvedName {
    let (target, file_name) = match kind_of(addr) {
        Kind::Fixed => return ResolvedName { addr: *addr, _anchor: None },
        Kind::Relative => (directory_of(addr), path_of(addr).file_name()),
        Kind::Descriptor => (path_of(addr), None),
    };
    if cfg!(any(target_os = "linux", target_os = "android"))
        && let Some(file) = anchor(target)
    {
        let mut path = format!("/proc/self/fd/{}", file.as_raw_fd()).into_bytes();
        if let Some(name) = file_name {
            path.push(b'/');
            path.extend_from_slice(name.as_bytes());
        }
        if let Ok(addr) = UnixAddr::new(&path) {
            return ResolvedName { addr, _anchor: Some(file) };
        }
    }
    absolute(addr)
}
