//! How a socket gets its descriptor and connects. If it gets none, a new descriptor is closed; an adopted one stays open, and its
//! options may have changed.

use crate::core::listener::Listener;
use crate::core::live_handles::LiveHandle;
use crate::core::socket::{Options, Socket};
use crate::sys::{self, Control, Kind, SysError, SysResult, UnixAddr};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::Rc;

/// Sets the options of the user on a socket that this library made. An adopted socket keeps those of its maker.
fn limit(fd: BorrowedFd, options: &Options) {
    if !options.receive_fds {
        sys::refuse_rights(fd);
    }
}

impl Socket {
    /// Sets the options that receiving needs. Fails if the socket was closed before it was opened, as the first socket of a pair
    /// is if a signal is aborted while the second one is made.
    fn prepare(&self, fd: BorrowedFd) -> SysResult<()> {
        if !self.is_open() {
            return Err(SysError::new(libc::EBADF, "socket"));
        }
        let Options { kind, receive_fds, receive_credentials, .. } = self.options;
        if kind == Kind::Seqpacket {
            sys::mark_messages(fd, receive_fds || receive_credentials)?;
        }
        self.set_control(fd)
    }

    /// Asks for credentials and descriptors. The size of control buffers depends on options of `fd` that its maker set.
    pub fn set_control(&self, fd: BorrowedFd) -> SysResult<()> {
        let Options { receive_fds, receive_credentials, .. } = self.options;
        if receive_credentials {
            sys::pass_credentials(fd)?;
        }
        self.control.set(match (receive_fds, receive_credentials) {
            (true, _) => Control::WITH_DESCRIPTORS,
            (false, true) => Control::with_credentials(fd),
            (false, false) => Control::NONE,
        });
        Ok(())
    }

    /// Makes a new socket. A datagram socket enters the event loop, a seqpacket socket does so when it connects.
    pub fn create(&self, wrapper: Rc<dyn LiveHandle>) -> SysResult<()> {
        let fd = sys::socket(self.kind)?;
        limit(fd.as_fd(), &self.options);
        self.prepare(fd.as_fd())?;
        self.own(wrapper, fd);
        if self.kind == Kind::Dgram { self.start_or_close() } else { Ok(()) }
    }

    /// Takes ownership of a descriptor of the user.
    pub fn adopt(&self, wrapper: Rc<dyn LiveHandle>, fd: RawFd) -> SysResult<()> {
        self.check_adoptable(fd, self.kind, false)?;
        let borrowed = sys::borrow(fd, "fcntl")?;
        sys::set_cloexec(borrowed)?;
        self.prepare(borrowed)?;
        self.own(wrapper, sys::take(fd));
        self.expose_fd();
        self.keep_send_buffer();
        self.enter_loop().inspect_err(|_| {
            let _ = self.disown().map(IntoRawFd::into_raw_fd);
        })
    }

    /// Takes a new, connected descriptor.
    pub fn take_new(&self, wrapper: Rc<dyn LiveHandle>, fd: OwnedFd) -> SysResult<()> {
        limit(fd.as_fd(), &self.options);
        self.take(wrapper, fd)
    }

    /// Takes the connection that `listener` has accepted. It inherited the options of the listening socket, which `listen` set.
    pub fn take_accepted(&self, wrapper: Rc<dyn LiveHandle>, listener: &Listener) -> SysResult<()> {
        let fd = listener.take_accepted().ok_or_else(|| SysError::new(libc::ECONNABORTED, "accept"))?;
        if listener.may_be_shared() {
            limit(fd.as_fd(), &self.options);
            sys::refuse_pidfds(fd.as_fd());
        }
        self.take(wrapper, fd)
    }

    fn take(&self, wrapper: Rc<dyn LiveHandle>, fd: OwnedFd) -> SysResult<()> {
        self.prepare(fd.as_fd())?;
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

    /// Connects a seqpacket socket. EAGAIN means that the server's backlog is full.
    pub fn connect(&self, addr: &UnixAddr) -> SysResult<()> {
        self.connecting.set(true);
        self.start()?;
        self.with_fd(|fd| sys::connect_seqpacket(fd, addr, self.may_be_shared())).transpose()?;
        self.connecting.set(false);
        if self.shutdown_requested.get() || self.peer_queue_waits() {
            self.schedule_flush();
        }
        self.watch_events();
        Ok(())
    }
}
