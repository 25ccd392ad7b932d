//! A name in the file system: made with its mode, stale files removed first, and removed only if it is still the file that this
//! socket made.

use crate::sys::{self, Kind, SysError, SysResult, UnixAddr};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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

/// A process that replaces a stale file locks a file whose name is that of the socket file and this.
const LOCK_SUFFIX: &[u8] = b".node-unix-socket-lock";

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
            // Looked at twice, so that bind on a path that is served leaves the directory untouched.
            let lock = if is_stale(path, addr) { Lock::take(path)? } else { None };
            let Some(_lock) = lock else { return Err(error) };
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

/// While a process has it, no other process removes the stale file. The kernel releases it if the process ends (flock(2)).
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Never waits. None if another process replaces the stale file now.
    fn take(socket: &Path) -> SysResult<Option<Self>> {
        let path = PathBuf::from(OsStr::from_bytes(&[socket.as_os_str().as_bytes(), LOCK_SUFFIX].concat()));
        let failed = |error: &io::Error, syscall| SysError::io(error, syscall).with_path(path.as_os_str().as_bytes());
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(libc::O_NOFOLLOW);
        let file = options.open(&path).map_err(|error| failed(&error, "open"))?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(TryLockError::Error(error)) => return Err(failed(&error, "flock")),
            }
        }
        // The process that had the lock may have removed this file after it was opened here.
        let (Ok(found), Ok(locked)) = (fs::symlink_metadata(&path), file.metadata()) else { return Ok(None) };
        let current = (found.dev(), found.ino()) == (locked.dev(), locked.ino());
        Ok(current.then(|| Lock { path, _file: file }))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
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
            let flags = libc::O_PATH | libc::O_NOFOLLOW;
            let file = OpenOptions::new().read(true).custom_flags(flags).open(&self.path)?;
            if identity(&file.metadata()?) != self.identity {
                return Err(io::Error::from_raw_os_error(libc::ENOENT));
            }
            fs::set_permissions(format!("/proc/self/fd/{}", file.as_raw_fd()), Permissions::from_mode(mode))
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        fs::set_permissions(&self.path, Permissions::from_mode(mode))
    }

    /// Removes the file if it is still the one that was made. No lock is needed: while the socket is open its file is not
    /// stale, so no other process removes it.
    pub fn remove(&self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| identity(&metadata) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
