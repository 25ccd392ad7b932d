//! SOCK_SEQPACKET listener: accepts until EAGAIN, capped; out of descriptors it tells once and backs off.

use crate::emitter::args::{Args, View};
use crate::emitter::{Emitter, HandleScope, Value};
use crate::endpoint::Endpoint;
use crate::env_state::Resident;
use crate::error::{SysError, SysResult};
use crate::handle::{Environment, address, adopt};
use crate::socket_file::{BindOptions, SocketFile, bind};
use crate::sys::{self, Kind};
use crate::uv::{self, Target};
use crate::watched::{Watched, event};
use napi::Result;
use napi_derive::napi;
use std::cell::Cell;
use std::ffi::c_int;
use std::ops::Deref;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::Rc;

/// Connections a wake-up accepts before the loop has its turn.
const ACCEPTS: usize = 64;
/// Pause after accept(2) found no descriptor or memory, in milliseconds.
const BACK_OFF: u32 = 100;

struct Listener {
    core: Watched,
    /// The errno of accept(2) that was told last; told once.
    told: Cell<i32>,
    resting: Cell<bool>,
}

impl Deref for Listener {
    type Target = Watched;

    fn deref(&self) -> &Watched {
        &self.core
    }
}

impl Listener {
    fn watch_connections(&self) {
        self.watch(if self.resting.get() { 0 } else { uv::READABLE });
    }

    fn accept(&self) {
        for _ in 0..ACCEPTS {
            if !self.is_active() {
                return;
            }
            let Ok(fd) = self.fd() else { return };
            match sys::accept(fd) {
                Ok((fd, addr)) => {
                    self.told.set(0);
                    let js = &self.env.js;
                    let name = js.buffer(addr.bytes()).unwrap_or_else(|| js.undefined());
                    // JS adopts the number at once, or closes it.
                    self.tell(event::CONNECTION, &[js.uint(self.env.lend(fd) as u32), name]);
                }
                Err(error) if error.would_block() => return,
                Err(error) if error.errno == libc::ECONNABORTED => {}
                Err(error) => return self.rest(&error),
            }
        }
    }

    /// accept(2) fails for want of what others must free first (EMFILE, ENOMEM), or is not allowed: asking on at once
    /// would spin.
    fn rest(&self, error: &SysError) {
        self.resting.set(true);
        self.watch_connections();
        if self.told.replace(error.errno) != error.errno && !self.tell_error(error) {
            return;
        }
        self.tell(event::RETRY, &[self.env.js.uint(BACK_OFF)]);
    }
}

impl Target for Listener {
    fn on_poll(self: Rc<Self>, status: c_int, _events: c_int) {
        let Some(_scope) = HandleScope::open(&self.env.js) else { return };
        if status < 0 {
            self.was_stopped();
        }
        self.accept();
        if self.is_active() {
            self.watch_connections();
        }
    }

    fn on_closed(self: Rc<Self>) {
        if let Some(_scope) = HandleScope::open(&self.env.js) {
            self.tell(event::CLOSE, &[]);
        }
        self.closed();
    }
}

impl Resident for Listener {
    fn teardown(&self) {
        self.close();
    }

    fn on_bell(self: Rc<Self>) {}

    fn send(&self, _args: &Args) -> f64 {
        -f64::from(libc::ENOTCONN)
    }

    fn send_staged(&self, _args: &Args) -> f64 {
        0.0
    }

    fn endpoint(self: Rc<Self>) -> Option<Rc<Endpoint>> {
        None
    }
}

/// A listening socket from its first moment.
#[napi]
pub struct ServerHandle {
    listener: Rc<Listener>,
}

#[napi]
impl ServerHandle {
    /// Binds `name`, or adopts `fd`, and listens. On failure nothing is left behind.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        environment: &Environment,
        owner: Value,
        name: Option<View>,
        fd: i32,
        backlog: i32,
        mode: Option<u32>,
        unlink_stale: bool,
        unlink_on_close: bool,
        receive_credentials: bool,
    ) -> Result<Self> {
        let env = &environment.state;
        let options = BindOptions { mode, unlink_stale };
        let create = || -> SysResult<Rc<Listener>> {
            let emitter = Emitter::new(&env.js, owner).ok_or_else(|| SysError::new(libc::ENOMEM, "socket"))?;
            let prepare = |fd: RawFd| -> SysResult<()> {
                sys::listen(fd, backlog)?;
                sys::set_cloexec(fd)?;
                sys::set_nonblocking(fd)?;
                if receive_credentials { sys::pass_credentials(fd) } else { Ok(()) }
            };
            let adopted = name.is_none();
            let (socket, file) = match name {
                Some(name) => bound(&name, options, prepare)?,
                None => {
                    adopt(env, fd, Kind::Seqpacket, true)?;
                    prepare(fd)?;
                    (sys::take(fd), None)
                }
            };
            let core = Watched::new(env, emitter, socket);
            let listener = Rc::new(Listener { core, told: Cell::new(0), resting: Cell::new(false) });
            let weak = Rc::downgrade(&listener);
            listener.register(weak);
            if let Err(error) = listener.activate(listener.clone()) {
                file.inspect(SocketFile::remove);
                if adopted {
                    listener.give_back();
                } else {
                    listener.close();
                }
                return Err(error);
            }
            *listener.file.borrow_mut() = file.filter(|_| unlink_on_close).map(Box::new);
            listener.watch_connections();
            Ok(listener)
        };
        create().map(|listener| ServerHandle { listener }).map_err(|error| env.js.exception(&error))
    }

    #[napi(getter, catch_unwind)]
    pub fn fd(&self) -> i32 {
        self.listener.fd().unwrap_or(-1)
    }

    #[napi(catch_unwind)]
    pub fn address(&self) -> Result<Option<Value>> {
        let js = &self.listener.env.js;
        let addr = self.listener.with_fd(sys::local_address).map_err(|error| js.exception(&error))?.0;
        Ok(js.buffer(addr.bytes()))
    }

    #[napi(catch_unwind)]
    pub fn set_referenced(&self, referenced: bool) {
        self.listener.set_referenced(referenced);
    }

    /// After a back-off.
    #[napi(catch_unwind)]
    pub fn retry(&self) {
        self.listener.resting.set(false);
        self.listener.watch_connections();
    }

    /// True where the CLOSE event will come.
    #[napi(catch_unwind)]
    pub fn close(&self) -> bool {
        self.listener.close()
    }
}

/// Binds and listens; the file goes again where listening fails.
fn bound(
    name: &View,
    options: BindOptions,
    prepare: impl FnOnce(RawFd) -> SysResult<()>,
) -> SysResult<(OwnedFd, Option<SocketFile>)> {
    let addr = address(name)?;
    let socket = sys::socket(Kind::Seqpacket)?;
    bind(socket.as_raw_fd(), &addr, options)?;
    let file = SocketFile::made(&addr, options.mode)?;
    match prepare(socket.as_raw_fd()) {
        Ok(()) => Ok((socket, file)),
        Err(error) => {
            file.inspect(SocketFile::remove);
            Err(error)
        }
    }
}
