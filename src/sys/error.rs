//! `SysError`: a failed system call, with what Node's system errors contain.

use nix::errno::Errno;

/// The name of the system call, its errno, and the path or name that was passed to it.
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

    pub fn io(error: &std::io::Error, syscall: &'static str) -> Self {
        // nix converts an errno that it does not know to 0.
        Self::new(error.raw_os_error().filter(|errno| *errno != 0).unwrap_or(libc::EIO), syscall)
    }

    pub fn with_path(mut self, path: &[u8]) -> Self {
        self.path = Some(path.to_vec());
        self
    }

    /// True if the call may succeed once the socket is readable or writable.
    pub fn would_block(&self) -> bool {
        would_block(self.errno)
    }
}

/// True if `errno` means that the socket, or its peer, has no room or no message. macOS reports a full peer as ENOBUFS,
/// Linux as EAGAIN.
pub fn would_block(errno: i32) -> bool {
    errno == libc::EAGAIN || errno == libc::EWOULDBLOCK || (cfg!(target_os = "macos") && errno == libc::ENOBUFS)
}

/// The symbolic name of an errno (`ECONNREFUSED`) and its description (`Connection refused`).
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
    fn an_errno_has_a_name_and_a_description() {
        assert_eq!(describe(libc::ENOENT), ("ENOENT".into(), "No such file or directory"));
        assert_eq!(describe(libc::ECONNREFUSED).0, "ECONNREFUSED");
        assert_eq!(describe(54321), ("E54321".into(), "Unknown error"));
    }

    #[test]
    fn would_block_is_false_for_other_errors() {
        assert!(SysError::new(libc::EAGAIN, "sendmsg").would_block());
        assert!(!SysError::new(libc::EMSGSIZE, "sendmsg").would_block());
    }

    #[test]
    fn a_path_may_hold_any_bytes() {
        let error = SysError::new(libc::ENOENT, "bind").with_path(b"\xff");
        assert_eq!(error.path.as_deref(), Some(&b"\xff"[..]));
    }
}
