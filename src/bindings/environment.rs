//! `Environment`: one copy of the library in one environment of Node.js.

use crate::core::environment::{Environment as State, Functions};
use crate::core::runs::Runs;
use crate::core::slab::ReceiveMemory;
use crate::js::arguments::View;
use crate::js::at_exit::at_exit;
use crate::js::env::{Js, Value};
use crate::js::hot_calls::hot_calls;
use crate::js::reference::JsRef;
use crate::sys::{AddrError, SysError, SysResult, UnixAddr};
use crate::uv::Loop;
use napi::{Env, Result, Status};
use napi_derive::napi;
use std::rc::Rc;

#[napi]
pub struct Environment {
    state: Rc<State>,
}

/// System calls whose errors JavaScript makes, for failures that the native side returned as a number.
const SYSCALLS: [&str; 4] = ["send", "sendto", "connect", "shutdown"];

/// The name in a view, which js/validate.js has checked.
pub fn address(name: &View) -> SysResult<UnixAddr> {
    let addr = name.with(UnixAddr::new).unwrap_or(Err(AddrError::Empty));
    addr.map_err(|error| match error {
        AddrError::TooLong => SysError::new(libc::ENAMETOOLONG, "connect"),
        AddrError::Empty | AddrError::InnerNul => SysError::new(libc::EINVAL, "connect"),
    })
}

impl Environment {
    pub fn state(&self) -> &Rc<State> {
        &self.state
    }
}

/// What the binary calls and shares. It refers to all of them weakly; every handle's JS object must keep them.
#[napi(object, object_to_js = false)]
pub struct Upcalls {
    /// `onData`, `onRun` and `onEvent` are called with the handle's JS object as `this`.
    pub on_data: Value,
    pub on_run: Value,
    pub on_event: Value,
    /// `newSlab(size)` makes a Buffer.
    pub new_slab: Value,
    /// The Uint32Array that describes runs of messages, which are used if `runs_possible`.
    pub runs: View,
    pub runs_possible: bool,
}

fn failed(call: &str) -> napi::Error {
    napi::Error::new(Status::GenericFailure, format!("node-unix-socket: {call} failed"))
}

/// A new object of the main context.
#[napi(catch_unwind)]
pub fn new_object(env: Env) -> Value {
    Js::new(env.raw()).object()
}

#[napi]
impl Environment {
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, upcalls: Upcalls) -> Result<Self> {
        let js = Js::new(env.raw());
        let weak = |value| JsRef::weak(&js, value).ok_or_else(|| failed("napi_create_reference"));
        let functions = Functions {
            on_data: weak(upcalls.on_data)?,
            on_run: weak(upcalls.on_run)?,
            on_event: weak(upcalls.on_event)?,
        };
        let runs = Runs::new(weak(upcalls.runs.value())?, upcalls.runs_possible);
        let memory = ReceiveMemory::new(&js, weak(upcalls.new_slab)?);
        let state = State::new(js.clone(), Loop(env.get_uv_event_loop()?.cast()), functions, runs, memory)
            .map_err(|error| js.exception(&error))?;
        let weak_state = Rc::downgrade(&state);
        if !at_exit(&js, weak_state) {
            return Err(failed("napi_add_env_cleanup_hook"));
        }
        Ok(Environment { state })
    }

    /// `[send, sendStaged]`: the two functions that are called once per message.
    #[napi(catch_unwind)]
    pub fn hot_calls(&self) -> Result<Vec<Value>> {
        let calls = hot_calls(&self.state.js, &self.state).ok_or_else(|| failed("napi_create_function"))?;
        Ok(calls.to_vec())
    }

    /// Emits 'uncaughtException' for what a tick threw inside an upcall. Node repairs its stack of async contexts then.
    #[napi(catch_unwind)]
    pub fn report_exception(&self, exception: Value) {
        self.state.js.report_exception(exception);
    }

    /// Whether an open socket or server owns the descriptor.
    #[napi(catch_unwind)]
    pub fn owns(&self, fd: i32) -> bool {
        self.state.handles.owns(fd)
    }

    #[napi(catch_unwind)]
    pub fn system_error(&self, errno: i32, syscall: String, path: Option<View>) -> Value {
        let syscall = SYSCALLS.into_iter().find(|name| *name == syscall).unwrap_or("send");
        let mut error = SysError::new(errno, syscall);
        error.path = path.and_then(|path| path.with(|bytes| bytes.to_vec()));
        self.state.js.system_error(&error)
    }
}
