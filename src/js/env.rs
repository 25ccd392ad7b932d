//! Node-API of one environment: values, errors, exceptions.

use super::memory::Memory;
use crate::sys::{SysError, describe};
use napi::bindgen_prelude::{FromNapiValue, Function, JsObjectValue, JsValue, Object, ToNapiValue};
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
    /// The function threw. `UpcallScope::call` has emitted 'uncaughtException' then.
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

    /// The JS value of `value`. None if it cannot be made, and for a reference to an object that was collected.
    pub(super) fn convert(&self, value: impl ToNapiValue) -> Option<Value> {
        // SAFETY: values are made only while the environment is alive.
        let made = unsafe { ToNapiValue::to_napi_value(self.env, value) };
        made.ok().filter(|raw| !raw.is_null()).map(Value)
    }

    /// The native value of `value`, None if it has another type.
    fn read<T: FromNapiValue>(&self, value: Value) -> Option<T> {
        // SAFETY: `value` is a value of this environment, in the current handle scope.
        unsafe { T::from_napi_value(self.env, value.0) }.ok()
    }

    /// The JS value of `value`, or undefined if it cannot be made.
    fn make(&self, value: impl ToNapiValue) -> Value {
        self.convert(value).unwrap_or_else(|| self.undefined())
    }

    pub fn undefined(&self) -> Value {
        self.convert(()).unwrap_or(Value(ptr::null_mut()))
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
        self.read(value).unwrap_or(false)
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
        self.make(napi::Error::new(code, message))
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
        napi::Error::from(Object::from_raw(self.env, value.0).to_unknown())
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
    pub fn call_plain(&self, function: Value, argument: Value) -> Option<Value> {
        let function: Function<'_, Value, Value> = self.read(function)?;
        // Not `call`, which would run JavaScript to convert an exception.
        let result = function.apply((), argument).ok();
        if result.is_none() {
            self.take_exception();
        }
        result
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
