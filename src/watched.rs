//! A descriptor in the event loop with a JS object: what sockets and servers share. The close machine is here.

use crate::emitter::{Emitter, Reply, Value};
use crate::env_state::{EnvState, Resident};
use crate::error::{SysError, SysResult};
use crate::socket_file::SocketFile;
use crate::uv::{PollHandle, Target};
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::{Rc, Weak};

/// Kinds of events, as js/events.js lists them.
pub mod event {
    pub const END: u32 = 1;
    pub const ERROR: u32 = 2;
    pub const CLOSE: u32 = 3;
    pub const SENT: u32 = 4;
    pub const DRAINED: u32 = 5;
    pub const SHUTDOWN: u32 = 6;
    pub const PEER_ENDED: u32 = 7;
    pub const RETRY: u32 = 8;
    pub const CONNECTION: u32 = 9;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Has a descriptor, is not in the loop: nothing keeps the JS object alive.
    Idle,
    Open,
    /// No descriptor any more; the poll handle's close callback is to come.
    Closing,
    Closed,
}

pub struct Watched {
    pub env: Rc<EnvState>,
    id: Cell<usize>,
    pub emitter: Emitter,
    state: Cell<State>,
    fd: RefCell<Option<OwnedFd>>,
    poll: RefCell<Option<PollHandle>>,
    referenced: Cell<bool>,
    /// The socket file to remove on close.
    pub file: RefCell<Option<Box<SocketFile>>>,
}

impl Watched {
    pub fn new(env: &Rc<EnvState>, emitter: Emitter, fd: OwnedFd) -> Self {
        env.set_owned(fd.as_raw_fd(), true);
        Watched {
            env: env.clone(),
            id: Cell::new(usize::MAX),
            emitter,
            state: Cell::new(State::Idle),
            fd: RefCell::new(Some(fd)),
            poll: RefCell::new(None),
            referenced: Cell::new(true),
            file: RefCell::new(None),
        }
    }

    /// Makes the socket known to its environment, which closes it when it ends.
    pub fn register(&self, this: Weak<dyn Resident>) {
        self.id.set(self.env.register(this));
    }

    pub fn id(&self) -> usize {
        self.id.get()
    }

    /// Starts to live in the event loop: keeps the JS object, and the process unless `unref`ed.
    pub fn activate(&self, target: Rc<dyn Target>) -> SysResult<()> {
        if self.state.get() == State::Idle {
            let poll = PollHandle::new(self.env.uv_loop, self.fd()?, target)?;
            *self.poll.borrow_mut() = Some(poll);
            self.state.set(State::Open);
            self.emitter.keep(true);
            if self.referenced.get() {
                self.env.hold(true);
            }
        }
        Ok(())
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state.get(), State::Idle | State::Open)
    }

    pub fn is_active(&self) -> bool {
        self.state.get() == State::Open
    }

    pub fn descriptor(&self) -> Option<RawFd> {
        self.fd.borrow().as_ref().map(|fd| fd.as_raw_fd())
    }

    /// The descriptor while it is ours. Asked for anew before each use.
    pub fn fd(&self) -> SysResult<RawFd> {
        self.descriptor().ok_or_else(|| SysError::new(libc::EBADF, "fd"))
    }

    pub fn with_fd<R>(&self, body: impl FnOnce(RawFd) -> SysResult<R>) -> SysResult<R> {
        self.fd().and_then(body)
    }

    pub fn watch(&self, mask: c_int) {
        if let Some(poll) = &*self.poll.borrow() {
            poll.watch(if self.is_active() { mask } else { 0 });
        }
    }

    /// libuv stops a poll handle by itself when it reports an error.
    pub fn was_stopped(&self) {
        if let Some(poll) = &*self.poll.borrow() {
            poll.was_stopped();
        }
    }

    pub fn set_referenced(&self, referenced: bool) {
        if self.referenced.replace(referenced) != referenced && self.is_active() {
            self.env.hold(referenced);
        }
    }

    /// One event to JS; true where the socket is still open after it.
    pub fn tell(&self, kind: u32, args: &[Value]) -> bool {
        match self.env.event(&self.emitter, kind, args) {
            Reply::Gone => false,
            _ => self.is_open(),
        }
    }

    pub fn tell_error(&self, error: &SysError) -> bool {
        self.tell(event::ERROR, &[self.env.js.system_error(error)])
    }

    fn take_fd(&self) -> Option<OwnedFd> {
        let fd = self.fd.borrow_mut().take()?;
        self.env.set_owned(fd.as_raw_fd(), false);
        Some(fd)
    }

    /// Closes now: no descriptor after it. Answers whether the CLOSE event will come.
    pub fn close(&self) -> bool {
        let before = self.state.get();
        if !self.is_open() {
            return false;
        }
        self.state.set(State::Closing);
        if let Some(file) = self.file.borrow_mut().take() {
            // While the socket still serves it: nobody takes the file for a stale one meanwhile.
            file.remove();
        }
        if let Some(poll) = &*self.poll.borrow() {
            poll.close();
        }
        // After the poll handle let go of it, and before anything else can run.
        drop(self.take_fd());
        if before == State::Open {
            if self.referenced.get() {
                self.env.hold(false);
            }
            return true;
        }
        self.closed();
        false
    }

    /// The close callback has run.
    pub fn closed(&self) {
        self.state.set(State::Closed);
        self.emitter.end();
    }

    /// Closes, but leaves the descriptor open: it was not ours to take.
    pub fn give_back(&self) {
        if let Some(fd) = self.take_fd() {
            let _ = fd.into_raw_fd();
        }
        self.close();
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Not before: JS may still ask by this id until it knows that the socket is closed.
        self.env.unregister(self.id.get());
    }
}
