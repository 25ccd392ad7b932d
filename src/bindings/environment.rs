//! `Environment`: one copy of the library in one environment of Node.js.

use crate::core::environment::{Environment as State, Functions};
use crate::core::runs::Runs;
use crate::core::slab::ReceiveMemory;
use crate::js::arguments::View;
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

#[napi]
impl Environment {
    /// `onData`, `onRun` and `onEvent` are called with the handle's JS object as `this`. `newSlab(size)` makes a Buffer. `runs` is
    /// the Uint32Array that describes runs of messages, which are used if `runsPossible`.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: Env,
        on_data: Value,
        on_run: Value,
        on_event: Value,
        new_slab: Value,
        runs: View,
        runs_possible: bool,
    ) -> Result<Self> {
        let js = Js::new(env.raw());
        let reference = |value| {
            let message = "node-unix-socket: napi_create_reference failed";
            JsRef::new(&js, value).ok_or_else(|| napi::Error::new(Status::GenericFailure, message))
        };
        let functions =
            Functions { on_data: reference(on_data)?, on_run: reference(on_run)?, on_event: reference(on_event)? };
        let runs = Runs::new(reference(runs.value())?, runs_possible);
        let memory = ReceiveMemory::new(&js, reference(new_slab)?);
        let state = State::new(js.clone(), Loop(env.get_uv_event_loop()?.cast()), functions, runs, memory)
            .map_err(|error| js.exception(&error))?;
        env.add_env_cleanup_hook(state.clone(), |state| state.teardown())?;
        Ok(Environment { state })
    }

    /// `[send, sendStaged]`: the two functions that are called once a message.
    #[napi(catch_unwind)]
    pub fn hot_calls(&self) -> Vec<Value> {
        hot_calls(&self.state.js, &self.state).to_vec()
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
