//! `Environment` and `Handle`: what js/ holds. Thin: arguments in, one call, the result or the error out.

use crate::addr::{AddrError, UnixAddr};
use crate::emitter::args::{View, raw_functions};
use crate::emitter::{Emitter, Js, JsRef, Value};
use crate::endpoint::transmit::Outgoing;
use crate::endpoint::{Endpoint, Options};
use crate::env_state::{EnvState, Functions, Runs};
use crate::error::{SysError, SysResult};
use crate::sys::{self, Kind};
use crate::uv::Loop;
use napi::{Env, Result, Status};
use napi_derive::napi;
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;

/// One copy of the library in one environment.
#[napi]
pub struct Environment {
    pub(crate) state: Rc<EnvState>,
}

pub(crate) fn unavailable(what: &str) -> napi::Error {
    napi::Error::new(Status::GenericFailure, format!("node-unix-socket: {what}"))
}

#[napi]
impl Environment {
    /// `onData`, `onRun` and `onEvent` are called with a socket's object as `this`; `newSlab(size)` makes shared memory;
    /// `runs`, where given, is the Uint32Array that carries runs of messages.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: Env,
        on_data: Value,
        on_run: Value,
        on_event: Value,
        new_slab: Value,
        runs: Option<View>,
    ) -> Result<Self> {
        let js = Js::new(env.raw());
        let hold = |value| JsRef::new(&js, value, true).ok_or_else(|| unavailable("no reference"));
        let functions = Functions {
            on_data: hold(on_data)?,
            on_run: hold(on_run)?,
            on_event: hold(on_event)?,
            new_slab: hold(new_slab)?,
        };
        let runs = Runs::new(runs.map(|view| hold(view.value())).transpose()?);
        let state = EnvState::new(js.clone(), Loop(env.get_uv_event_loop()?.cast()), functions, runs)
            .map_err(|error| js.exception(&error))?;
        env.add_env_cleanup_hook(state.clone(), |state| state.teardown())?;
        Ok(Environment { state })
    }

    /// `[send, sendStaged]`: the two functions that are called once a message.
    #[napi(catch_unwind)]
    pub fn raw_functions(&self) -> Vec<Value> {
        raw_functions(&self.state.js, &self.state).to_vec()
    }

    /// Tells 'uncaughtException' of what a tick threw, from inside an upcall: Node then sets its own stack right.
    #[napi(catch_unwind)]
    pub fn uncaught(&self, exception: Value) {
        self.state.js.uncaught(exception);
    }

    /// Whether an open socket owns the descriptor.
    #[napi(catch_unwind)]
    pub fn owns(&self, fd: i32) -> bool {
        self.state.owns(fd)
    }

    #[napi(catch_unwind)]
    pub fn system_error(&self, errno: i32, syscall: String, path: Option<View>) -> Value {
        let syscall = ["send", "sendto", "sendmsg", "connect", "recvmsg"].into_iter().find(|name| *name == syscall);
        let mut error = SysError::new(errno, syscall.unwrap_or("sendmsg"));
        error.path = path.and_then(|path| path.with(|bytes| bytes.to_vec()));
        self.state.js.system_error(&error)
    }

    /// Two connected descriptors.
    #[napi(catch_unwind)]
    pub fn socket_pair(&self, dgram: bool) -> Result<Vec<i32>> {
        let kind = if dgram { Kind::Dgram } else { Kind::Seqpacket };
        let pair = sys::socketpair(kind).map_err(|error| self.state.js.exception(&error))?;
        Ok(vec![self.state.lend(pair.0), self.state.lend(pair.1)])
    }
}

/// A socket of either class.
#[napi]
pub struct Handle {
    pub(crate) endpoint: Rc<Endpoint>,
}

pub(crate) fn address(bytes: &View) -> SysResult<UnixAddr> {
    let addr = bytes.with(UnixAddr::new).unwrap_or(Err(AddrError::Empty));
    addr.map_err(|error| match error {
        AddrError::TooLong => SysError::new(libc::ENAMETOOLONG, "connect"),
        AddrError::Empty | AddrError::InnerNul => SysError::new(libc::EINVAL, "connect"),
    })
}

/// Takes a descriptor of the right kind over; any other is left untouched.
pub(crate) fn adopt(env: &EnvState, fd: RawFd, kind: Kind, listening: bool) -> SysResult<()> {
    if sys::check_kind(fd, kind)? && !listening {
        return Err(SysError::new(libc::EINVAL, "getsockopt"));
    }
    if env.owns(fd) {
        return Err(SysError::new(libc::EEXIST, "uv_poll_init"));
    }
    if kind == Kind::Seqpacket && !listening {
        sys::peer_address(fd)?;
    }
    Ok(())
}

impl Handle {
    pub(crate) fn check<T>(&self, result: SysResult<T>) -> Result<T> {
        result.map_err(|error| self.endpoint.env.js.exception(&error))
    }

    fn create(env: &Rc<EnvState>, owner: Value, kind: Kind, fd: i32, options: Options) -> SysResult<Rc<Endpoint>> {
        let emitter = Emitter::new(&env.js, owner).ok_or_else(|| SysError::new(libc::ENOMEM, "socket"))?;
        if fd < 0 {
            let socket = sys::socket(kind)?;
            Endpoint::prepare(socket.as_raw_fd(), kind, &options)?;
            let endpoint = Endpoint::new(env, emitter, kind, socket, options);
            if kind == Kind::Dgram {
                endpoint.activate()?;
            }
            return Ok(endpoint);
        }
        adopt(env, fd, kind, false)?;
        sys::set_cloexec(fd)?;
        Endpoint::prepare(fd, kind, &options)?;
        let endpoint = Endpoint::new(env, emitter, kind, env.reclaim(fd).unwrap_or_else(|| sys::take(fd)), options);
        endpoint.activate().inspect_err(|_| endpoint.give_back())?;
        Ok(endpoint)
    }
}

#[napi]
impl Handle {
    /// `fd` below 0 makes a new socket.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        environment: &Environment,
        owner: Value,
        dgram: bool,
        fd: i32,
        read_size: f64,
        max_queued: f64,
        receive_fds: bool,
        receive_credentials: bool,
    ) -> Result<Self> {
        let kind = if dgram { Kind::Dgram } else { Kind::Seqpacket };
        let options = Options { read_size: read_size as usize, max_queued, receive_fds, receive_credentials };
        let env = &environment.state;
        let endpoint = Handle::create(env, owner, kind, fd, options).map_err(|error| env.js.exception(&error))?;
        Ok(Handle { endpoint })
    }

    #[napi(getter, catch_unwind)]
    pub fn id(&self) -> u32 {
        self.endpoint.id() as u32
    }

    #[napi(getter, catch_unwind)]
    pub fn fd(&self) -> i32 {
        self.endpoint.fd().unwrap_or(-1)
    }

    /// True where the CLOSE event will come.
    #[napi(catch_unwind)]
    pub fn close(&self) -> bool {
        self.endpoint.close()
    }

    #[napi(catch_unwind)]
    pub fn set_reading(&self, reading: bool) {
        self.endpoint.set_reading(reading);
    }

    #[napi(catch_unwind)]
    pub fn discard(&self) {
        self.endpoint.discard();
    }

    #[napi(catch_unwind)]
    pub fn set_referenced(&self, referenced: bool) {
        self.endpoint.set_referenced(referenced);
    }

    #[napi(catch_unwind)]
    pub fn uncork(&self) {
        self.endpoint.uncork();
    }

    #[napi(catch_unwind)]
    pub fn retry(&self) {
        self.endpoint.retry();
    }

    /// The slow way to send: gathered parts, descriptors. Answers as `send` does.
    #[napi(catch_unwind)]
    pub fn send_parts(&self, parts: Vec<View>, fds: Vec<i32>, id: u32, slot: u32, hold: bool) -> Result<f64> {
        let fds = fds.into_iter().map(sys::duplicate).collect::<SysResult<Vec<_>>>();
        let fds = self.check(fds)?;
        let to = match slot {
            0 => None,
            slot => self.endpoint.destination(slot as usize),
        };
        let answer = View::with_all(&parts, |parts| self.endpoint.transmit(Outgoing { parts, fds, id, hold }, to));
        Ok(answer.unwrap_or(-f64::from(libc::EFAULT)))
    }

    #[napi(catch_unwind)]
    pub fn address(&self) -> Result<Option<Value>> {
        let addr = self.check(self.endpoint.with_fd(sys::local_address))?.0;
        Ok(self.endpoint.env.js.buffer(addr.bytes()))
    }

    /// Empty where there is no peer.
    #[napi(catch_unwind)]
    pub fn remote_address(&self) -> Result<Option<Value>> {
        let addr = match self.endpoint.with_fd(sys::peer_address) {
            Err(error) if error.errno == libc::ENOTCONN => UnixAddr::UNNAMED,
            result => self.check(result)?,
        };
        Ok(self.endpoint.env.js.buffer(addr.bytes()))
    }

    #[napi(catch_unwind)]
    pub fn get_buffer_size(&self, send: bool) -> Result<i32> {
        let option = if send { libc::SO_SNDBUF } else { libc::SO_RCVBUF };
        self.check(self.endpoint.with_fd(|fd| sys::get_option(fd, option)))
    }

    #[napi(catch_unwind)]
    pub fn set_buffer_size(&self, send: bool, size: i32) -> Result<()> {
        let option = if send { libc::SO_SNDBUF } else { libc::SO_RCVBUF };
        self.check(self.endpoint.with_fd(|fd| sys::set_option(fd, option, size)))
    }

    #[napi(getter, catch_unwind)]
    pub fn read_size(&self) -> u32 {
        self.endpoint.read_size() as u32
    }

    #[napi(setter, catch_unwind)]
    pub fn set_read_size(&self, size: u32) {
        self.endpoint.set_read_size(size as usize);
    }

    #[napi(getter, catch_unwind)]
    pub fn queued(&self) -> f64 {
        self.endpoint.queued() as f64
    }

    /// `[bytesRead, bytesWritten, droppedMessages]`
    #[napi(getter, catch_unwind)]
    pub fn counters(&self) -> Vec<f64> {
        let endpoint = &self.endpoint;
        vec![endpoint.bytes_read.get(), endpoint.bytes_written.get(), endpoint.dropped.get()]
    }
}
