//! Runs system calls.

use super::error::{SysError, SysResult};
use std::io;

/// Repeats `call` while it fails with EINTR. `syscall` is the name for the error.
pub fn retry<T, E: Into<io::Error>>(syscall: &'static str, mut call: impl FnMut() -> Result<T, E>) -> SysResult<T> {
    loop {
        match call().map_err(Into::into) {
            Ok(value) => return Ok(value),
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) => return Err(SysError::io(&error, syscall)),
        }
    }
}

/// Converts the result of a libc function. Reads errno if the function failed, so no other call may come in between.
pub fn check(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_repeats_interrupted_calls_and_returns_other_errors() {
        let mut results = vec![Err(libc::ENOENT), Ok(7), Err(libc::EINTR), Err(libc::EINTR)];
        let mut next = || retry("bind", || results.pop().unwrap_or(Ok(0)).map_err(io::Error::from_raw_os_error));
        assert_eq!(next(), Ok(7));
        assert_eq!(next(), Err(SysError::new(libc::ENOENT, "bind")));
    }
}
