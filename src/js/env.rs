//! Node-API of one environment: values, errors, exceptions.

use super::memory::Memory;
use crate::sys::{SysError, describe};
use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, JsValue, Object, ToNapiValue, Unknown};
use napi::{Env, sys};
use std::cell::Cell;
use std::ptr;
use std::rc::Rc;

/// Node-API of one environment. Its cleanup hook calls `end`; no JavaScript runs after that.
#[derive(Clone)]
pub struct Js {
    env: sys::napi_env,
    alive: Rc<Cell<bool>>,
}

/// A JS value, valid inside the current handle scope.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Value(sys::napi_value);

/// Result of a call into JavaScript.
pub enum Reply {
    Value(Value),
    /// The function threw. `Emitter::call` has emitted 'uncaughtException' then.
    Threw,
    /// As `Threw`, but what waits in the nextTick and microtask queues throws again and again. Node.js runs the rest of it on
    /// the next turns of the event loop, so the caller should return to the loop.
    StillThrows,
    /// The environment runs no JavaScript any more.
    Gone,
}

impl Value {
    pub fn from_raw(raw: sys::napi_value) -> Self {
        Value(raw)
    }

    pub fn raw(self) -> sys::napi_value {
        self.0
    }
}

impl Js {
    pub fn new(env: sys::napi_env) -> Self {
        Js { env, alive: Rc::new(Cell::new(true)) }
    }

    pub fn raw(&self) -> sys::napi_env {
        self.env
    }

    pub fn alive(&self) -> bool {
        self.alive.get()
    }

    /// Called by the cleanup hook. The environment is not used any more after it.
    pub fn end(&self) {
        self.alive.set(false);
    }

    /// The JS value of `value`, or undefined if it cannot be made.
    fn make(&self, value: impl ToNapiValue) -> Value {
        // SAFETY: values are made only while the environment is alive.
        let made = unsafe { ToNapiValue::to_napi_value(self.env, value) };
        made.map_or_else(|_| self.undefined(), Value)
    }

    pub fn undefined(&self) -> Value {
        let mut raw = ptr::null_mut();
        // SAFETY: values are made only while the environment is alive; the out-pointer is writable.
        unsafe { sys::napi_get_undefined(self.env, &mut raw) };
        Value(raw)
    }

    /// The value that a Node-API call made, or undefined when the call failed.
    pub(super) fn made(&self, status: sys::napi_status, raw: sys::napi_value) -> Value {
        if status == sys::Status::napi_ok { Value(raw) } else { self.undefined() }
    }

    pub fn number(&self, number: f64) -> Value {
        self.make(number)
    }

    /// A small integer, which V8 stores without a heap number.
    pub fn uint(&self, number: u32) -> Value {
        self.make(number)
    }

    pub fn boolean(&self, value: bool) -> Value {
        self.make(value)
    }

    pub fn text(&self, text: &str) -> Value {
        self.make(text)
    }

    pub fn array(&self, values: &[Value]) -> Value {
        self.make(values.to_vec())
    }

    pub fn is_true(&self, value: Value) -> bool {
        // SAFETY: `value` is a value of this environment. The call fails if it is not a boolean.
        unsafe { bool::from_napi_value(self.env, value.0) }.unwrap_or(false)
    }

    /// Adds `change` bytes to the memory that V8 counts as held outside its heap. May collect garbage.
    pub fn adjust_memory(&self, change: i64) {
        // Only advice for the garbage collector.
        let _ = Env::from_raw(self.env).adjust_external_memory(change);
    }

    pub fn object(&self) -> Value {
        let object = Object::new(&Env::from_raw(self.env));
        object.map_or_else(|_| self.undefined(), |object| Value(object.raw()))
    }

    /// A new Buffer whose memory is not initialised. None when there is not enough memory.
    pub fn new_buffer(&self, len: usize) -> Option<(Value, Memory)> {
        let (mut raw, mut memory) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: both out-pointers are writable.
        let status = unsafe { sys::napi_create_buffer(self.env, len, &mut memory, &mut raw) };
        if status != sys::Status::napi_ok || (memory.is_null() && len > 0) {
            self.take_exception();
            return None;
        }
        Some((Value(raw), Memory::new(memory, len)))
    }

    /// A new Buffer that holds a copy of `data`.
    pub fn buffer(&self, data: &[u8]) -> Option<Value> {
        let (value, mut memory) = self.new_buffer(data.len())?;
        (data.is_empty() || memory.copy(0, data)).then_some(value)
    }

    fn error(&self, code: &str, message: &str) -> Value {
        let (code, message) = (self.text(code), self.text(message));
        let mut raw = ptr::null_mut();
        // SAFETY: `code` and `message` are strings; the out-pointer is writable.
        let status = unsafe { sys::napi_create_error(self.env, code.0, message.0, &mut raw) };
        self.made(status, raw)
    }

    /// An Error like Node's own system errors: message `${syscall} ${code}: ${text}[, path]`, code, negative errno, syscall, path.
    pub fn system_error(&self, error: &SysError) -> Value {
        let (code, text) = describe(error.errno);
        let path = error.path.as_deref().map(|path| String::from_utf8_lossy(path).replace('\0', "@"));
        let tail = path.as_ref().map(|path| format!(", {path}")).unwrap_or_default();
        let error_value = self.error(&code, &format!("{} {code}: {text}{tail}", error.syscall));
        let mut object = Object::from_raw(self.env, error_value.0);
        // A property that cannot be set is missing; there is no better error to report.
        let _ = object.set_named_property("errno", -error.errno);
        let _ = object.set_named_property("syscall", error.syscall);
        if let Some(path) = error.path.as_deref() {
            let _ = object.set_named_property("path", String::from_utf8_lossy(path).into_owned());
        }
        error_value
    }

    /// The exception that a #[napi] function throws for a failed system call.
    pub fn exception(&self, error: &SysError) -> napi::Error {
        self.thrown(self.system_error(error))
    }

    /// The exception with code ERR_SOCKET_CLOSED that a #[napi] function throws.
    pub fn closed_exception(&self, message: &str) -> napi::Error {
        self.thrown(self.error("ERR_SOCKET_CLOSED", message))
    }

    fn thrown(&self, value: Value) -> napi::Error {
        // SAFETY: `value` is a value of this environment, made just now.
        let unknown = unsafe { Unknown::from_raw_unchecked(self.env, value.0) };
        napi::Error::from(unknown)
    }

    /// Emits 'uncaughtException'. False when the environment runs no JavaScript any more.
    pub fn report_exception(&self, exception: Value) -> bool {
        // SAFETY: `exception` is a value of this environment, in the current handle scope.
        self.alive() && unsafe { sys::napi_fatal_exception(self.env, exception.0) } == sys::Status::napi_ok
    }

    pub(super) fn take_exception(&self) -> Option<Value> {
        if !self.exception_pending() {
            return None;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the out-pointer is writable.
        let status = unsafe { sys::napi_get_and_clear_last_exception(self.env, &mut raw) };
        (status == sys::Status::napi_ok).then_some(Value(raw))
    }

    /// Calls `function` in a callback scope: ticks and microtasks run before this returns. An exception stays pending.
    pub(super) fn make_callback(&self, receiver: Value, function: Value, args: &[Value]) -> Reply {
        if !self.alive() {
            return Reply::Gone;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the environment is alive; a null context is allowed; Value is a transparent napi_value.
        let status = unsafe {
            let (context, argc, argv) = (ptr::null_mut(), args.len(), args.as_ptr().cast());
            sys::napi_make_callback(self.env, context, receiver.0, function.0, argc, argv, &mut raw)
        };
        match status {
            sys::Status::napi_ok => Reply::Value(Value(raw)),
            _ if self.alive() && self.exception_pending() => Reply::Threw,
            _ => Reply::Gone,
        }
    }

    fn exception_pending(&self) -> bool {
        let mut pending = false;
        // SAFETY: the out-pointer is writable.
        let status = unsafe { sys::napi_is_exception_pending(self.env, &mut pending) };
        status == sys::Status::napi_ok && pending
    }

    /// Calls a function of the library itself without a callback scope, so that no ticks run in it.
    pub fn call_plain(&self, function: Value, args: &[Value]) -> Option<Value> {
        let receiver = self.undefined();
        let mut raw = ptr::null_mut();
        // SAFETY: Value is a transparent napi_value; the count is the slice's.
        let status = unsafe {
            sys::napi_call_function(self.env, receiver.0, function.0, args.len(), args.as_ptr().cast(), &mut raw)
        };
        if status == sys::Status::napi_ok {
            return Some(Value(raw));
        }
        self.take_exception();
        None
    }

    pub(super) fn open_handle_scope(&self) -> Option<sys::napi_handle_scope> {
        if !self.alive() {
            return None;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the environment is alive; the out-pointer is writable.
        let status = unsafe { sys::napi_open_handle_scope(self.env, &mut raw) };
        (status == sys::Status::napi_ok).then_some(raw)
    }

    pub(super) fn close_handle_scope(&self, raw: sys::napi_handle_scope) {
        if self.alive() {
            // SAFETY: `HandleScope` opened this scope and closes it once, in the reverse order of opening.
            unsafe { sys::napi_close_handle_scope(self.env, raw) };
        }
    }
}
