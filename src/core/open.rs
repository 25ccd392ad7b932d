//! How a socket gets its descriptor. Whatever fails leaves the socket as it was before, and an adopted descriptor untouched.

use crate::core::environment::Environment;
use crate::core::live_handles::LiveHandle;
use crate::core::socket::{Options, Socket};
use crate::sys::{self, Kind, SysError, SysResult};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::Rc;

/// Checks that `fd` is a socket of `kind`, listening or not, and not already owned here. Does not take ownership.
pub fn check_adoptable(environment: &Environment, fd: RawFd, kind: Kind, listening: bool) -> SysResult<()> {
    let borrowed = sys::borrow(fd, "getsockname")?;
    if sys::check_kind(borrowed, kind)? && !listening {
        return Err(SysError::new(libc::EINVAL, "getsockopt"));
    }
    if environment.handles.owns(fd) {
        return Err(SysError::new(libc::EEXIST, "uv_poll_init"));
    }
    if kind == Kind::Seqpacket && !listening {
        sys::peer_address(borrowed)?;
    }
    Ok(())
}

/// Sets the options that receiving needs.
fn prepare(fd: BorrowedFd, options: &Options) -> SysResult<()> {
    if options.kind == Kind::Seqpacket {
        sys::mark_messages(fd, options.receive_fds || options.receive_credentials)?;
    }
    if options.receive_credentials {
        sys::pass_credentials(fd)?;
    }
    Ok(())
}

impl Socket {
    /// Makes a new socket. A datagram socket enters the event loop, a seqpacket socket does so when it connects.
    pub fn create(&self, wrapper: Rc<dyn LiveHandle>) -> SysResult<()> {
        let fd = sys::socket(self.kind)?;
        prepare(fd.as_fd(), &self.options)?;
        self.own(wrapper, fd);
        if self.kind == Kind::Dgram { self.start_or_close() } else { Ok(()) }
    }

    /// Takes ownership of a descriptor of the user.
    pub fn adopt(&self, wrapper: Rc<dyn LiveHandle>, fd: RawFd) -> SysResult<()> {
        check_adoptable(&self.environment, fd, self.kind, false)?;
        let borrowed = sys::borrow(fd, "fcntl")?;
        sys::set_cloexec(borrowed)?;
        prepare(borrowed, &self.options)?;
        self.own(wrapper, sys::take(fd));
        self.keep_send_buffer();
        self.enter_loop().inspect_err(|_| {
            let _ = self.disown().map(IntoRawFd::into_raw_fd);
        })
    }

    /// Takes a connected descriptor that this library made.
    pub fn take(&self, wrapper: Rc<dyn LiveHandle>, fd: OwnedFd) -> SysResult<()> {
        prepare(fd.as_fd(), &self.options)?;
        self.own(wrapper, fd);
        self.start_or_close()
    }

    fn enter_loop(&self) -> SysResult<()> {
        self.start()?;
        self.watch_events();
        Ok(())
    }

    fn start_or_close(&self) -> SysResult<()> {
        self.enter_loop().inspect_err(|_| {
            self.close();
        })
    }
}
