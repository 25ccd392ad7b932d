//! `SysError`: a failed system call, as Node tells one. Its conversion to a JS error is `emitter::system_error`.

use nix::errno::Errno;

/// The call, its errno and the path it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SysError {
    pub errno: i32,
    pub syscall: &'static str,
    pub path: Option<Vec<u8>>,
}

pub type SysResult<T> = Result<T, SysError>;

impl SysError {
    pub fn new(errno: i32, syscall: &'static str) -> Self {
        SysError { errno, syscall, path: None }
    }

    /// The error of the system call that just failed: errno is read first, before anything can change it.
    pub fn last(syscall: &'static str) -> Self {
        Self::new(Errno::last_raw(), syscall)
    }

    pub fn io(error: &std::io::Error, syscall: &'static str) -> Self {
        Self::new(error.raw_os_error().unwrap_or(libc::EIO), syscall)
    }

    pub fn with_path(mut self, path: &[u8]) -> Self {
        self.path = Some(path.to_vec());
        self
    }

    /// The socket is congested: try again when it is writable. macOS says ENOBUFS where Linux says EAGAIN.
    pub fn would_block(&self) -> bool {
        would_block(self.errno)
    }
}

pub fn would_block(errno: i32) -> bool {
    errno == libc::EAGAIN || errno == libc::EWOULDBLOCK || (cfg!(target_os = "macos") && errno == libc::ENOBUFS)
}

/// The symbolic name (`ECONNREFUSED`) and the system's text (`Connection refused`).
pub fn describe(errno: i32) -> (String, &'static str) {
    match Errno::from_raw(errno) {
        Errno::UnknownErrno => (format!("E{errno}"), "Unknown error"),
        known => (format!("{known:?}"), known.desc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_the_systems() {
        assert_eq!(describe(libc::ENOENT), ("ENOENT".into(), "No such file or directory"));
        assert_eq!(describe(libc::ECONNREFUSED).0, "ECONNREFUSED");
        assert_eq!(describe(54321), ("E54321".into(), "Unknown error"));
    }

    #[test]
    fn congestion_is_told_from_failure() {
        assert!(SysError::new(libc::EAGAIN, "sendmsg").would_block());
        assert!(!SysError::new(libc::EMSGSIZE, "sendmsg").would_block());
    }

    #[test]
    fn path_is_kept_as_bytes() {
        let error = SysError::new(libc::ENOENT, "bind").with_path(b"\xff");
        assert_eq!(error.path.as_deref(), Some(&b"\xff"[..]));
    }
}
