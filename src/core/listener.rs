//! A SOCK_SEQPACKET listener. It accepts until EAGAIN, up to a limit, and backs off while accept(2) fails.

use crate::core::environment::Environment;
use crate::core::events;
use crate::core::lifecycle::Handle;
use crate::core::live_handles::LiveHandle;
use crate::core::loop_callbacks::LoopCallbacks;
use crate::core::socket_file::{BindOptions, SocketFile, bind};
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{self, Kind, SysError, SysResult, UnixAddr};
use crate::uv::{self, TimerHandle};
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::Rc;

/// Connections that one callback accepts before the loop continues.
const MAX_ACCEPTS: usize = 64;
/// Pause after accept(2) failed, in milliseconds.
const BACKOFF_MS: u32 = 100;

pub struct ListenOptions {
    pub backlog: i32,
    pub bind: BindOptions,
    pub unlink_on_close: bool,
    // Options of the connections, which are in force before a connection is accepted.
    pub receive_fds: bool,
    pub receive_credentials: bool,
}

pub struct Listener {
    handle: Handle,
    /// The connection that the CONNECTION event announces, until it is taken.
    accepted: RefCell<Option<OwnedFd>>,
    /// errno of the last accept(2), 0 after a success. The same error is not emitted twice in a row.
    last_accept_errno: Cell<i32>,
    /// Connections are accepted. Otherwise they wait in the backlog.
    accepting: Cell<bool>,
    backing_off: Cell<bool>,
    timer: RefCell<Option<TimerHandle>>,
}

impl Deref for Listener {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Listener {
    pub fn new(environment: &Rc<Environment>) -> Self {
        Listener {
            handle: Handle::new(environment),
            accepted: RefCell::new(None),
            last_accept_errno: Cell::new(0),
            accepting: Cell::new(false),
            backing_off: Cell::new(false),
            timer: RefCell::new(None),
        }
    }

    /// Binds a new socket to `addr` and listens. On failure nothing is left behind.
    pub fn listen(&self, wrapper: Rc<dyn LiveHandle>, addr: &UnixAddr, options: &ListenOptions) -> SysResult<()> {
        let fd = sys::socket(Kind::Seqpacket)?;
        if !options.receive_fds {
            sys::refuse_rights(fd.as_fd());
        }
        bind(fd.as_fd(), addr, options.bind)?;
        let file = SocketFile::made(addr, options.bind.mode)?;
        let remove_file = |file: &Option<SocketFile>| {
            if let Some(file) = file {
                file.remove();
            }
        };
        prepare(fd.as_fd(), options).inspect_err(|_| remove_file(&file))?;
        self.own(wrapper, fd);
        self.enter_loop().inspect_err(|_| {
            remove_file(&file);
            drop(self.disown());
        })?;
        if let Some(file) = file.filter(|_| options.unlink_on_close) {
            self.remove_on_close(file);
        }
        Ok(())
    }

    /// Takes ownership of a bound descriptor of the user, and listens. On failure the descriptor stays the user's.
    pub fn adopt(&self, wrapper: Rc<dyn LiveHandle>, fd: RawFd, options: &ListenOptions) -> SysResult<()> {
        self.check_adoptable(fd, Kind::Seqpacket, true)?;
        prepare(sys::borrow(fd, "listen")?, options)?;
        self.own(wrapper, sys::take(fd));
        self.expose_fd();
        self.enter_loop().inspect_err(|_| {
            let _ = self.disown().map(IntoRawFd::into_raw_fd);
        })
    }

    fn enter_loop(&self) -> SysResult<()> {
        self.start()?;
        self.watch_connections();
        Ok(())
    }

    fn watch_connections(&self) {
        let accepts = self.accepting.get() && !self.backing_off.get();
        self.watch(if accepts { uv::READABLE } else { 0 });
    }

    /// Starts or stops accepting.
    pub fn set_accepting(&self, accepting: bool) {
        self.accepting.set(accepting);
        self.watch_connections();
    }

    /// The connection that the CONNECTION event announced.
    pub fn take_accepted(&self) -> Option<OwnedFd> {
        self.accepted.take()
    }

    fn accept(&self, scope: &UpcallScope) {
        for _ in 0..MAX_ACCEPTS {
            if !self.is_active() || !self.accepting.get() {
                return;
            }
            let Some(accepted) = self.with_fd(|fd| sys::accept(fd, self.may_be_shared())) else { return };
            match accepted {
                Ok((fd, addr)) => {
                    self.last_accept_errno.set(0);
                    let js = &self.environment.js;
                    let name = js.buffer(addr.bytes()).unwrap_or_else(|| js.undefined());
                    self.accepted.replace(Some(fd));
                    self.emit_event(scope, events::CONNECTION, &[name]);
                    // A connection that JavaScript did not take is closed.
                    drop(self.take_accepted());
                }
                Err(error) if error.would_block() => return,
                Err(error) if error.errno == libc::ECONNABORTED => {}
                Err(error) => return self.back_off(scope, &error),
            }
        }
    }

    /// accept(2) fails until other descriptors or memory are freed (EMFILE, ENOMEM), or for good. Calling it again at once would
    /// busy-loop.
    fn back_off(&self, scope: &UpcallScope, error: &SysError) {
        self.backing_off.set(true);
        self.watch_connections();
        if self.last_accept_errno.replace(error.errno) != error.errno && !self.emit_error(scope, error) {
            return;
        }
        if error.errno == libc::ESHUTDOWN {
            // There will be no more connections.
            return;
        }
        let mut timer = self.timer.borrow_mut();
        if timer.is_none() {
            let wrapper = self.environment.handles.get(self.key());
            *timer = wrapper.and_then(|wrapper| TimerHandle::new(self.environment.uv_loop, wrapper).ok());
        }
        if let Some(timer) = &*timer {
            timer.start(BACKOFF_MS);
        }
    }

    /// Closes at once. Returns true if a CLOSE event will follow.
    pub fn close(&self) -> bool {
        self.timer.take();
        self.handle.close()
    }
}

impl LoopCallbacks for Listener {
    fn close(&self) -> bool {
        Listener::close(self)
    }

    fn on_poll(&self, scope: &UpcallScope, _token: usize, status: c_int, _events: c_int) {
        if status < 0 {
            self.was_stopped();
        }
        self.accept(scope);
        if self.is_active() {
            self.watch_connections();
        }
    }

    fn on_timer(&self, _scope: &UpcallScope) {
        self.backing_off.set(false);
        self.watch_connections();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.close();
    }
}

fn prepare(fd: BorrowedFd, options: &ListenOptions) -> SysResult<()> {
    sys::listen(fd, options.backlog)?;
    sys::set_cloexec(fd)?;
    sys::set_nonblocking(fd)?;
    if options.receive_credentials { sys::pass_credentials(fd) } else { Ok(()) }
}
