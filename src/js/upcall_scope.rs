//! Calls up into JavaScript: handle scopes, one callback scope per call, and what happens to exceptions.

use super::env::{Js, Reply, Value};

/// Exceptions in a row that one call reports. A listener of 'uncaughtException' may queue a tick that throws again.
const MAX_EXCEPTIONS: usize = 8;

/// A Node-API handle scope. Values made outside a call from JavaScript live until it is dropped.
pub struct HandleScope {
    js: Js,
    raw: napi::sys::napi_handle_scope,
}

impl HandleScope {
    pub fn open(js: &Js) -> Option<Self> {
        js.open_handle_scope().map(|raw| HandleScope { js: js.clone(), raw })
    }
}

impl Drop for HandleScope {
    fn drop(&mut self) {
        self.js.close_handle_scope(self.raw);
    }
}

/// A handle scope in which JS functions are called with the state object of a socket or server as `this`. It keeps that object, and
/// so the native struct that it wraps, alive until the callback from libuv has returned.
pub struct UpcallScope {
    handle_scope: HandleScope,
    receiver: Value,
}

impl UpcallScope {
    /// `receiver` must be a value of `handle_scope`.
    pub fn new(handle_scope: HandleScope, receiver: Value) -> Self {
        UpcallScope { handle_scope, receiver }
    }

    /// Calls `function` in a callback scope of its own, so that ticks and microtasks run before this returns.
    /// The caller must look at its state again afterwards: JavaScript may have done anything meanwhile.
    pub fn call(&self, function: Value, args: &[Value]) -> Reply {
        match self.handle_scope.js.make_callback(self.receiver, function, args) {
            Reply::Threw => self.report_exceptions(function),
            reply => reply,
        }
    }

    /// Emits 'uncaughtException' for the pending exception. Then calls `function` without arguments, which does nothing,
    /// to drain the nextTick and microtask queues that the failed scope left; these may throw, too.
    fn report_exceptions(&self, function: Value) -> Reply {
        let js = &self.handle_scope.js;
        for _ in 0..MAX_EXCEPTIONS {
            let Some(exception) = js.take_exception() else { return Reply::Gone };
            if !js.report_exception(exception) {
                return Reply::Gone;
            }
            match js.make_callback(self.receiver, function, &[]) {
                Reply::Value(_) => return Reply::Threw,
                Reply::Gone => return Reply::Gone,
                Reply::Threw | Reply::StillThrows => {}
            }
        }
        match js.take_exception() {
            Some(exception) if js.report_exception(exception) => Reply::StillThrows,
            _ => Reply::Gone,
        }
    }
}
