//! File descriptors. JavaScript passes them by number, so the functions that take a number are all here.

use super::call::retry;
use super::error::{SysError, SysResult};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::stat::{Mode, fchmod, fstat};
use socket2::SockRef;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Borrows the descriptor with the number `fd`. The caller has to make sure that it is not closed meanwhile; if it is
/// not open, system calls on it fail with EBADF. A negative number fails here, as `syscall` would.
pub fn borrow(fd: RawFd, syscall: &'static str) -> SysResult<BorrowedFd<'static>> {
    if fd < 0 {
        return Err(SysError::new(libc::EBADF, syscall));
    }
    // SAFETY: `fd` is not -1. The caller passes a number that is not closed while the borrow is used.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

/// Takes ownership of the open descriptor with the number `fd`, which nothing else in this library may own.
pub fn take(fd: RawFd) -> OwnedFd {
    // SAFETY: the caller got `fd` from the kernel, or checked a number from JavaScript, and passes its ownership on.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Duplicates the descriptor with the number `fd`. The duplicate is close-on-exec from the start.
pub fn duplicate(fd: RawFd) -> SysResult<OwnedFd> {
    let fd = borrow(fd, "dup")?;
    retry("dup", || fd.try_clone_to_owned())
}

/// Checks that a descriptor with the number `fd` is open.
pub fn check_open(fd: RawFd) -> SysResult<()> {
    let fd = borrow(fd, "dup")?;
    retry("dup", || fcntl(fd, FcntlArg::F_GETFD)).map(drop)
}

/// How many descriptors the process may have (RLIMIT_NOFILE).
pub fn open_file_limit() -> usize {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(usize::MAX, |(soft, _)| usize::try_from(soft).unwrap_or(usize::MAX))
}

/// Closes the descriptor with the number `fd`, which nothing in this library may own.
pub fn close(fd: RawFd) -> SysResult<()> {
    match nix::unistd::close(fd) {
        // The descriptor is closed in this case, too.
        Ok(()) | Err(nix::Error::EINTR) => Ok(()),
        Err(error) => Err(SysError::io(&error.into(), "close")),
    }
}

pub fn set_cloexec(fd: BorrowedFd<'_>) -> SysResult<()> {
    retry("fcntl", || fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))).map(drop)
}

pub fn set_nonblocking(fd: BorrowedFd<'_>) -> SysResult<()> {
    retry("fcntl", || SockRef::from(&fd).set_nonblocking(true))
}

/// Sets the mode of the inode. On Linux, bind(2) creates the file of a socket with this mode, less the umask.
pub fn set_mode(fd: BorrowedFd<'_>, mode: u32) -> SysResult<()> {
    let mode = Mode::from_bits_truncate(mode as libc::mode_t);
    retry("fchmod", || fchmod(fd, mode))
}

/// The inode number, as a number of JavaScript. While it is the same, a descriptor refers to the same socket.
pub fn inode(fd: BorrowedFd<'_>) -> SysResult<f64> {
    retry("fstat", || fstat(fd)).map(|found| found.st_ino as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::IntoRawFd;

    #[test]
    fn numbers_without_a_descriptor_fail_with_ebadf() {
        assert_eq!(borrow(-1, "getsockname").unwrap_err(), SysError::new(libc::EBADF, "getsockname"));
        assert_eq!(duplicate(-1).unwrap_err(), SysError::new(libc::EBADF, "dup"));
        assert_eq!(close(-1).unwrap_err(), SysError::new(libc::EBADF, "close"));
    }

    #[test]
    fn a_duplicate_is_close_on_exec() {
        let (ours, _theirs) = std::io::pipe().unwrap();
        let fd = OwnedFd::from(ours).into_raw_fd();
        let copy = duplicate(fd).unwrap();
        assert_eq!(close(fd), Ok(()));
        assert_eq!(fcntl(&copy, FcntlArg::F_GETFD), Ok(FdFlag::FD_CLOEXEC.bits()));
    }
}
