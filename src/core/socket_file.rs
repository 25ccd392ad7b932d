//! A name in the file system: made with its mode, stale files removed first, and removed only while it is still ours.

use crate::sys::{self, Kind, SysError, SysResult, UnixAddr};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, Permissions, TryLockError};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[derive(Default, Clone, Copy)]
pub struct BindOptions {
    pub mode: Option<u32>,
    pub unlink_stale: bool,
}

/// The file one bind made. Inode numbers are used again, so its birth time counts, too, where there is one.
pub struct SocketFile {
    path: PathBuf,
    identity: Identity,
}

/// Milliseconds to wait for another process that replaces a stale file in the same directory.
const LOCK_TRIES: u32 = 100;

/// The mode that socket(2) gives.
const NEW_SOCKET: u32 = 0o777;

type Identity = (u64, u64, Option<SystemTime>);

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino(), metadata.created().ok())
}

/// Gives the socket its name. Where that fails it has none, and the next file is not made with this one's mode.
pub fn bind(fd: BorrowedFd<'_>, addr: &UnixAddr, options: BindOptions) -> SysResult<()> {
    let Some(mode) = options.mode.filter(|_| sys::LINUX && addr.is_pathname()) else {
        return claim(fd, addr, options.unlink_stale);
    };
    // The file is made with these bits less the umask: never wider than asked for.
    sys::set_mode(fd, mode)?;
    claim(fd, addr, options.unlink_stale).inspect_err(|_| {
        let _ = sys::set_mode(fd, NEW_SOCKET);
    })
}

fn claim(fd: BorrowedFd<'_>, addr: &UnixAddr, unlink_stale: bool) -> SysResult<()> {
    match sys::bind(fd, addr) {
        Err(error) if error.errno == libc::EADDRINUSE && unlink_stale && addr.is_pathname() => {
            let path = path_of(addr);
            let _lock = lock_parent(path)?;
            if is_stale(path, addr) {
                fs::remove_file(path).map_err(|error| failed(&error, "unlink", addr))?;
            }
            sys::bind(fd, addr)
        }
        result => result,
    }
}

fn path_of(addr: &UnixAddr) -> &Path {
    Path::new(OsStr::from_bytes(addr.bytes()))
}

fn failed(error: &io::Error, syscall: &'static str, addr: &UnixAddr) -> SysError {
    SysError::io(error, syscall).with_path(addr.bytes())
}

/// One process at a time looks for stale files in a directory and replaces them (flock(2), released with the File).
fn lock_parent(path: &Path) -> SysResult<File> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = File::open(parent).map_err(|error| SysError::io(&error, "open"))?;
    for _ in 0..LOCK_TRIES {
        match directory.try_lock() {
            Ok(()) => return Ok(directory),
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(SysError::io(&error, "flock"));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    Err(SysError::new(libc::EADDRINUSE, "flock"))
}

/// A socket file that no socket is bound to. A datagram probe tells without disturbing a server of either kind.
fn is_stale(path: &Path, addr: &UnixAddr) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    is_socket
        && sys::socket(Kind::Dgram)
            .and_then(|probe| sys::connect(probe.as_fd(), addr))
            .is_err_and(|error| error.errno == libc::ECONNREFUSED)
}

impl SocketFile {
    /// The file that `bind` has just made, with the mode asked for. On failure there is none any more, and the socket
    /// is of no use: a name is for life.
    pub fn made(addr: &UnixAddr, mode: Option<u32>) -> SysResult<Option<Self>> {
        if !addr.is_pathname() {
            return Ok(None);
        }
        let path = path_of(addr);
        let found = std::path::absolute(path).and_then(|path| Ok((fs::symlink_metadata(&path)?, path)));
        let (metadata, path) = found.map_err(|error| {
            // Not looked at: it was made a moment ago, and is served.
            let _ = fs::remove_file(path);
            failed(&error, "lstat", addr)
        })?;
        let file = SocketFile { path, identity: identity(&metadata) };
        if let Some(mode) = mode.filter(|mode| metadata.mode() & 0o7777 != mode & 0o7777)
            && let Err(error) = file.set_mode(mode)
        {
            file.remove();
            return Err(failed(&error, "chmod", addr));
        }
        Ok(Some(file))
    }

    /// Adds the bits that the umask took. Never follows a link that took the file's place.
    fn set_mode(&self, mode: u32) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            use std::os::fd::AsRawFd;
            use std::os::unix::fs::OpenOptionsExt;
            let flags = libc::O_PATH | libc::O_NOFOLLOW;
            let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(&self.path)?;
            if identity(&file.metadata()?) != self.identity {
                return Err(io::Error::from_raw_os_error(libc::ENOENT));
            }
            fs::set_permissions(format!("/proc/self/fd/{}", file.as_raw_fd()), Permissions::from_mode(mode))
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        fs::set_permissions(&self.path, Permissions::from_mode(mode))
    }

    /// Removes the file if it is still the one that was made.
    pub fn remove(&self) {
        // Where others hold the lock, or the directory may not be read, the check below has to do.
        let _lock = lock_parent(&self.path);
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| identity(&metadata) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
