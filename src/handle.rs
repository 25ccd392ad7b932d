//! `Environment`: what js/ holds; a socket is a number in it. Thin: arguments in, one call, the result or the error out.

use crate::addr::{AddrError, UnixAddr};
use crate::emitter::args::{View, raw_functions};
use crate::emitter::reference::{JsRef, Kept};
use crate::emitter::{Emitter, Js, Value};
use crate::endpoint::transmit::Outgoing;
use crate::endpoint::{Endpoint, Options};
use crate::env_state::{EnvState, Functions};
use crate::error::{SysError, SysResult};
use crate::runs::Runs;
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
    /// `runs` is the Uint32Array that carries runs of messages, where `possible`.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: Env,
        on_data: Value,
        on_run: Value,
        on_event: Value,
        new_slab: Value,
        runs: View,
        possible: bool,
    ) -> Result<Self> {
        let js = Js::new(env.raw());
        let hold = |value| JsRef::new(&js, value, true).ok_or_else(|| unavailable("no reference"));
        let functions = Functions {
            on_data: hold(on_data)?,
            on_run: hold(on_run)?,
            on_event: hold(on_event)?,
            new_slab: hold(new_slab)?,
        };
        let runs = Runs::new(hold(runs.value())?, possible);
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

/// A new socket, or the descriptor given: that is not taken over where it fails.
fn create(env: &Rc<EnvState>, owner: Value, kind: Kind, fd: i32, options: Options) -> SysResult<Rc<Endpoint>> {
    let kept = Kept::new(&env.js);
    let emitter = || Emitter::keeping(owner, &kept).ok_or_else(|| SysError::new(libc::ENOMEM, "socket"));
    // Nothing may fail between the emitter and what keeps it.
    let keep = |emitter, socket| {
        let endpoint = Endpoint::new(env, emitter, kind, socket, options);
        kept.set(endpoint.clone());
        endpoint
    };
    if fd < 0 {
        let socket = sys::socket(kind)?;
        Endpoint::prepare(socket.as_raw_fd(), kind, &options)?;
        let endpoint = keep(emitter()?, socket);
        if kind == Kind::Dgram {
            endpoint.activate().inspect_err(|_| {
                endpoint.close();
            })?;
        }
        return Ok(endpoint);
    }
    adopt(env, fd, kind, false)?;
    sys::set_cloexec(fd)?;
    Endpoint::prepare(fd, kind, &options)?;
    let lent = env.reclaim(fd);
    let chosen = lent.is_none();
    let endpoint = keep(emitter()?, lent.unwrap_or_else(|| sys::take(fd)));
    if chosen {
        endpoint.leave_send_buffer();
    }
    endpoint.activate().inspect_err(|_| endpoint.give_back())?;
    Ok(endpoint)
}

impl Environment {
    /// The socket JS means, whether it is still open or not.
    pub(crate) fn socket(&self, id: u32) -> Result<Rc<Endpoint>> {
        self.state.endpoint(id).ok_or_else(|| self.state.js.exception(&SysError::new(libc::EBADF, "fd")))
    }

    pub(crate) fn check<T>(&self, result: SysResult<T>) -> Result<T> {
        result.map_err(|error| self.state.js.exception(&error))
    }
}

#[napi]
impl Environment {
    /// Makes a socket, or adopts `fd` where it is not below 0; answers its number here. It lives as long as `owner`.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments)]
    pub fn create_socket(
        &self,
        owner: Value,
        dgram: bool,
        fd: i32,
        read_size: f64,
        max_queued: f64,
        receive_fds: bool,
        receive_credentials: bool,
    ) -> Result<u32> {
        let kind = if dgram { Kind::Dgram } else { Kind::Seqpacket };
        let options = Options { read_size: read_size as usize, max_queued, receive_fds, receive_credentials };
        Ok(self.check(create(&self.state, owner, kind, fd, options))?.id() as u32)
    }

    #[napi(catch_unwind)]
    pub fn fd(&self, id: u32) -> Result<i32> {
        Ok(self.socket(id)?.fd().unwrap_or(-1))
    }

    /// True where the CLOSE event will come.
    #[napi(catch_unwind)]
    pub fn close(&self, id: u32) -> Result<bool> {
        Ok(self.socket(id)?.close())
    }

    #[napi(catch_unwind)]
    pub fn set_reading(&self, id: u32, reading: bool) -> Result<()> {
        self.socket(id)?.set_reading(reading);
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn discard(&self, id: u32) -> Result<()> {
        self.socket(id)?.discard();
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn set_referenced(&self, id: u32, referenced: bool) -> Result<()> {
        self.socket(id)?.set_referenced(referenced);
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn uncork(&self, id: u32) -> Result<()> {
        self.socket(id)?.uncork();
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn retry(&self, id: u32) -> Result<()> {
        self.socket(id)?.retry();
        Ok(())
    }

    /// The slow way to send: gathered parts, descriptors. Answers as `send` does.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments)]
    pub fn send_parts(
        &self,
        socket: u32,
        parts: Vec<View>,
        fds: Vec<i32>,
        id: u32,
        slot: u32,
        hold: bool,
    ) -> Result<f64> {
        let endpoint = self.socket(socket)?;
        let fds = fds.into_iter().map(sys::duplicate).collect::<SysResult<Vec<_>>>();
        let fds = self.check(fds)?;
        let to = match slot {
            0 => None,
            slot => endpoint.destination(slot as usize),
        };
        let answer = View::with_all(&parts, |parts| endpoint.transmit(Outgoing { parts, fds, id, hold }, to));
        Ok(answer.unwrap_or(-f64::from(libc::EFAULT)))
    }

    #[napi(catch_unwind)]
    pub fn address(&self, id: u32) -> Result<Option<Value>> {
        let addr = self.check(self.socket(id)?.with_fd(sys::local_address))?.0;
        Ok(self.state.js.buffer(addr.bytes()))
    }

    /// Empty where there is no peer.
    #[napi(catch_unwind)]
    pub fn remote_address(&self, id: u32) -> Result<Option<Value>> {
        let addr = match self.socket(id)?.with_fd(sys::peer_address) {
            Err(error) if error.errno == libc::ENOTCONN => UnixAddr::UNNAMED,
            result => self.check(result)?,
        };
        Ok(self.state.js.buffer(addr.bytes()))
    }

    #[napi(catch_unwind)]
    pub fn get_buffer_size(&self, id: u32, send: bool) -> Result<i32> {
        let option = if send { libc::SO_SNDBUF } else { libc::SO_RCVBUF };
        self.check(self.socket(id)?.with_fd(|fd| sys::get_option(fd, option)))
    }

    #[napi(catch_unwind)]
    pub fn set_buffer_size(&self, id: u32, send: bool, size: i32) -> Result<()> {
        let option = if send { libc::SO_SNDBUF } else { libc::SO_RCVBUF };
        let endpoint = self.socket(id)?;
        self.check(endpoint.with_fd(|fd| sys::set_option(fd, option, size)))?;
        if send {
            endpoint.leave_send_buffer();
        }
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn read_size(&self, id: u32) -> Result<u32> {
        Ok(self.socket(id)?.read_size() as u32)
    }

    #[napi(catch_unwind)]
    pub fn set_read_size(&self, id: u32, size: u32) -> Result<()> {
        self.socket(id)?.set_read_size(size as usize);
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn queued(&self, id: u32) -> Result<f64> {
        Ok(self.socket(id)?.queued() as f64)
    }

    /// `[bytesRead, bytesWritten, droppedMessages]`
    #[napi(catch_unwind)]
    pub fn counters(&self, id: u32) -> Result<Vec<f64>> {
        let endpoint = self.socket(id)?;
        Ok(vec![endpoint.bytes_read.get(), endpoint.bytes_written.get(), endpoint.dropped.get()])
    }
}
