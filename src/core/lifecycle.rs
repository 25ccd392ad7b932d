//! The close machine that sockets and servers share: a descriptor, its poll handle and its place in the list of live handles.

use crate::core::environment::Environment;
use crate::core::events;
use crate::core::live_handles::LiveHandle;
use crate::core::socket_file::SocketFile;
use crate::js::env::{Reply, Value};
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{self, Kind, SysError, SysResult};
use crate::uv::PollHandle;
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::rc::Rc;

/// Token of the poll handle that watches the handle's own descriptor.
pub const OWN_TOKEN: usize = 0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not in the event loop, with or without a descriptor. Nothing keeps the JS object alive.
    Initialised,
    /// In the event loop.
    Open,
    /// The descriptor is closed; the close callback of the poll handle has not run yet.
    Closing,
    Closed,
}

pub struct Handle {
    pub environment: Rc<Environment>,
    key: Cell<usize>,
    state: Cell<State>,
    fd: RefCell<Option<OwnedFd>>,
    poll: RefCell<Option<PollHandle>>,
    /// The events to watch for, and whether `apply_watch` will be called.
    wanted: Cell<c_int>,
    watch_scheduled: Cell<bool>,
    referenced: Cell<bool>,
    /// The user knows the number of the descriptor.
    exposed: Cell<bool>,
    /// The socket file to remove on close.
    file: RefCell<Option<Box<SocketFile>>>,
}

impl Handle {
    pub fn new(environment: &Rc<Environment>) -> Self {
        Handle {
            environment: environment.clone(),
            key: Cell::new(0),
            state: Cell::new(State::Initialised),
            fd: RefCell::new(None),
            poll: RefCell::new(None),
            wanted: Cell::new(0),
            watch_scheduled: Cell::new(false),
            referenced: Cell::new(true),
            exposed: Cell::new(false),
            file: RefCell::new(None),
        }
    }

    /// Checks that `fd` is a socket of `kind` that no open handle of this environment owns. A listening socket is accepted only if
    /// `listening`; another seqpacket socket has to be connected.
    pub fn check_adoptable(&self, fd: RawFd, kind: Kind, listening: bool) -> SysResult<()> {
        let borrowed = sys::borrow(fd, "getsockname")?;
        if sys::check_kind(borrowed, kind)? && !listening {
            return Err(SysError::new(libc::EINVAL, "getsockopt"));
        }
        if self.environment.handles.owns(fd) {
            return Err(SysError::new(libc::EEXIST, "uv_poll_init"));
        }
        if kind == Kind::Seqpacket && !listening {
            sys::peer_address(borrowed)?;
        }
        Ok(())
    }

    /// Takes ownership of `fd`. `wrapper` refers to the JS object and its struct.
    pub fn own(&self, wrapper: Rc<dyn LiveHandle>, fd: OwnedFd) {
        self.environment.handles.set_owned(fd.as_raw_fd(), true);
        self.fd.replace(Some(fd));
        self.key.set(self.environment.handles.add(wrapper));
    }

    /// Private key for the calls made once per message: the place in the list of live handles. 0 without a descriptor.
    pub fn key(&self) -> usize {
        self.key.get()
    }

    /// Puts the handle into the event loop, which keeps the JS object alive, and the process unless unref() was called.
    pub fn start(&self) -> SysResult<()> {
        if self.state.get() != State::Initialised {
            return Ok(());
        }
        let environment = &self.environment;
        let Some(wrapper) = environment.handles.get(self.key.get()) else { return Ok(()) };
        let poll = self.with_fd(|fd| PollHandle::new(environment.uv_loop, fd, wrapper.clone(), OWN_TOKEN));
        self.poll.replace(poll.transpose()?);
        self.state.set(State::Open);
        wrapper.keep(&environment.js, true);
        if self.referenced.get() {
            environment.handles.add_active_ref(true);
        }
        Ok(())
    }

    /// Whether `close` was not called yet.
    pub fn is_open(&self) -> bool {
        matches!(self.state.get(), State::Initialised | State::Open)
    }

    /// Whether the handle is in the event loop.
    pub fn is_active(&self) -> bool {
        self.state.get() == State::Open
    }

    /// Number of the descriptor for the user, -1 without one.
    pub fn expose_fd(&self) -> RawFd {
        self.exposed.set(true);
        self.fd.borrow().as_ref().map_or(-1, |fd| fd.as_raw_fd())
    }

    /// Whether another process may have the socket, and change its flags and options. Descriptors are close-on-exec, so a
    /// program that shares one has to know its number.
    pub fn may_be_shared(&self) -> bool {
        self.exposed.get()
    }

    /// Calls `body` with the descriptor, if there is one. `body` must not run JavaScript.
    pub fn with_fd<R>(&self, body: impl FnOnce(BorrowedFd) -> R) -> Option<R> {
        self.fd.borrow().as_ref().map(|fd| body(fd.as_fd()))
    }

    /// Watches for the events in `mask`, from the next time that the loop polls (`core::watches`).
    pub fn watch(&self, mask: c_int) {
        self.wanted.set(mask);
        let changes = self.poll.borrow().as_ref().is_some_and(|poll| poll.mask() != mask);
        if changes && self.is_active() && !self.watch_scheduled.replace(true) {
            self.environment.watches.schedule(self.key.get());
        }
    }

    /// Carries `watch` out.
    pub fn apply_watch(&self) {
        self.watch_scheduled.set(false);
        if let Some(poll) = &*self.poll.borrow()
            && self.is_active()
        {
            poll.watch(self.wanted.get());
        }
    }

    /// Those of `events` that the handle still waits for.
    pub fn wanted(&self, events: c_int) -> c_int {
        events & self.wanted.get()
    }

    /// To be called when `Target::on_poll` got an error status, because libuv stopped the poll handle then.
    pub fn was_stopped(&self) {
        if let Some(poll) = &*self.poll.borrow() {
            poll.was_stopped();
        }
    }

    pub fn set_referenced(&self, referenced: bool) {
        if self.referenced.replace(referenced) != referenced && self.is_active() {
            self.environment.handles.add_active_ref(referenced);
        }
    }

    /// Removes `file` when the handle closes.
    pub fn remove_on_close(&self, file: SocketFile) {
        self.file.replace(Some(Box::new(file)));
    }

    /// Calls `on_scheduled` on the next iteration of the loop.
    pub fn schedule(&self) {
        self.environment.handles.schedule(self.key.get());
    }

    /// Emits an event. Returns true if the handle is still open afterwards.
    pub fn emit_event(&self, scope: &UpcallScope, kind: u32, args: &[Value]) -> bool {
        match self.environment.emit_event(scope, kind, args) {
            Reply::Gone => false,
            _ => self.is_open(),
        }
    }

    pub fn emit_error(&self, scope: &UpcallScope, error: &SysError) -> bool {
        self.emit_event(scope, events::ERROR, &[self.environment.js.system_error(error)])
    }

    fn take_fd(&self) -> Option<OwnedFd> {
        let fd = self.fd.take()?;
        self.environment.handles.set_owned(fd.as_raw_fd(), false);
        Some(fd)
    }

    /// Closes the descriptor at once. Returns true if `Target::on_closed` will be called.
    pub fn close(&self) -> bool {
        let before = self.state.get();
        if !self.is_open() {
            return false;
        }
        self.state.set(State::Closing);
        if let Some(file) = self.file.take() {
            // Removed while the socket still serves it, so that no other process takes the file for a stale one.
            file.remove();
        }
        if let Some(poll) = &*self.poll.borrow() {
            poll.close();
        }
        // libuv does not use the descriptor any more, because the poll handle was closed.
        drop(self.take_fd());
        if before == State::Open {
            if self.referenced.get() {
                self.environment.handles.add_active_ref(false);
            }
            return true;
        }
        self.closed();
        false
    }

    /// Ends what `close` began. Called by the close callback of the poll handle, or without waiting for it when the
    /// environment ends: the close callback finds no target then.
    pub fn closed(&self) {
        self.state.set(State::Closed);
        let poll = self.poll.take();
        drop(poll);
        self.leave_list();
    }

    fn leave_list(&self) {
        let key = self.key.replace(0);
        if let Some(wrapper) = self.environment.handles.get(key) {
            wrapper.keep(&self.environment.js, false);
            self.environment.handles.remove(key);
        }
    }

    /// Gives the descriptor up without closing it. The handle has none afterwards, as before `own`.
    pub fn disown(&self) -> Option<OwnedFd> {
        self.leave_list();
        self.take_fd()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
        self.closed();
    }
}
