//! The only way up into JS: handle and callback scopes, exception policy.
//!
//! Every upcall goes through `Emitter::call`: one callback scope, so that ticks and microtasks run before it returns.
//! An exception reaches 'uncaughtException' and costs nothing else. After each
//! call the caller looks at its state again: anything may have happened.

use crate::error::{SysError, describe};

use args::Memory;
use napi::bindgen_prelude::Unknown;
use napi::sys;
use reference::{JsRef, Kept};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ptr;
use std::rc::Rc;

#[path = "emitter/args.rs"]
pub mod args;
#[path = "emitter/reference.rs"]
pub mod reference;

/// Node-API of one environment, while it lives: the flag is cleared by its cleanup hook.
#[derive(Clone)]
pub struct Js {
    env: sys::napi_env,
    life: Rc<Life>,
}

struct Life {
    alive: Cell<bool>,
    /// Not yet deleted: an environment that ends forgets its references without freeing them.
    references: RefCell<HashSet<sys::napi_ref>>,
}

/// A JS value, valid inside the current handle scope.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Value(sys::napi_value);

impl Value {
    pub fn from_raw(raw: sys::napi_value) -> Self {
        Value(raw)
    }

    pub fn raw(self) -> sys::napi_value {
        self.0
    }
}

/// What came of a call into JS.
pub enum Reply {
    Value(Value),
    /// It threw; 'uncaughtException' was told.
    Threw,
    /// The environment runs no more JS.
    Gone,
}

impl Js {
    pub fn new(env: sys::napi_env) -> Self {
        Js { env, life: Rc::new(Life { alive: Cell::new(true), references: RefCell::default() }) }
    }

    pub fn raw(&self) -> sys::napi_env {
        self.env
    }

    pub fn alive(&self) -> bool {
        self.life.alive.get()
    }

    /// The cleanup hook: the last call that may use the environment.
    pub fn end(&self) {
        self.life.alive.set(false);
        for raw in self.life.references.take() {
            // SAFETY: Node-API lives until its own, later hook; a `JsRef` does not use its reference any more.
            unsafe { sys::napi_delete_reference(self.env, raw) };
        }
    }

    pub fn undefined(&self) -> Value {
        let mut raw = ptr::null_mut();
        // SAFETY: env is alive wherever a value is made; the out-pointer is writable.
        unsafe { sys::napi_get_undefined(self.env, &mut raw) };
        Value(raw)
    }

    fn made(&self, status: sys::napi_status, raw: sys::napi_value) -> Value {
        if status == sys::Status::napi_ok { Value(raw) } else { self.undefined() }
    }

    pub fn number(&self, number: f64) -> Value {
        let mut raw = ptr::null_mut();
        // SAFETY: as in `undefined`.
        let status = unsafe { sys::napi_create_double(self.env, number, &mut raw) };
        self.made(status, raw)
    }

    /// A small integer: no heap number.
    pub fn uint(&self, number: u32) -> Value {
        let mut raw = ptr::null_mut();
        // SAFETY: as in `undefined`.
        let status = unsafe { sys::napi_create_uint32(self.env, number, &mut raw) };
        self.made(status, raw)
    }

    pub fn boolean(&self, value: bool) -> Value {
        let mut raw = ptr::null_mut();
        // SAFETY: as in `undefined`.
        let status = unsafe { sys::napi_get_boolean(self.env, value, &mut raw) };
        self.made(status, raw)
    }

    pub fn is_true(&self, value: Value) -> bool {
        let mut result = false;
        // SAFETY: the out-pointer is writable; a value that is no boolean makes the call fail.
        let status = unsafe { sys::napi_get_value_bool(self.env, value.0, &mut result) };
        status == sys::Status::napi_ok && result
    }

    /// Memory that JS objects keep alive outside of V8's heap is so much more, or less.
    pub fn adjust_memory(&self, change: i64) {
        let mut total = 0;
        // SAFETY: env is alive; the out-pointer is writable.
        unsafe { sys::napi_adjust_external_memory(self.env, change, &mut total) };
    }

    pub fn text(&self, text: &str) -> Value {
        let mut raw = ptr::null_mut();
        // SAFETY: `text` is readable for its length.
        let status = unsafe { sys::napi_create_string_utf8(self.env, text.as_ptr().cast(), text.len() as _, &mut raw) };
        self.made(status, raw)
    }

    pub fn array(&self, values: &[Value]) -> Value {
        let mut raw = ptr::null_mut();
        // SAFETY: as in `undefined`.
        let status = unsafe { sys::napi_create_array_with_length(self.env, values.len(), &mut raw) };
        for (index, value) in values.iter().enumerate() {
            // SAFETY: `raw` is the array made above where status is ok; otherwise the call fails without effect.
            unsafe { sys::napi_set_element(self.env, raw, index as u32, value.0) };
        }
        self.made(status, raw)
    }

    /// A Buffer of its own memory, which is not initialised; `None` where there is no memory for it.
    pub fn new_buffer(&self, len: usize) -> Option<(Value, Memory)> {
        let (mut raw, mut memory) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: both out-pointers are writable.
        let status = unsafe { sys::napi_create_buffer(self.env, len, &mut memory, &mut raw) };
        if status != sys::Status::napi_ok || (memory.is_null() && len > 0) {
            self.clear_exception();
            return None;
        }
        Some((Value(raw), Memory::new(memory, len)))
    }

    /// The same, filled by a copy.
    pub fn buffer(&self, data: &[u8]) -> Option<Value> {
        let (value, mut memory) = self.new_buffer(data.len())?;
        (data.is_empty() || memory.copy(0, data)).then_some(value)
    }

    fn set(&self, object: Value, name: &std::ffi::CStr, value: Value) {
        // SAFETY: `name` is NUL-terminated.
        unsafe { sys::napi_set_named_property(self.env, object.0, name.as_ptr(), value.0) };
    }

    /// `${syscall} ${code}: ${text}[, path]` with code, negative errno, syscall and path, as Node's own system errors.
    pub fn system_error(&self, error: &SysError) -> Value {
        let (code, text) = describe(error.errno);
        let path = error.path.as_deref().map(|path| String::from_utf8_lossy(path).replace('\0', "@"));
        let tail = path.as_ref().map(|path| format!(", {path}")).unwrap_or_default();
        let message = self.text(&format!("{} {code}: {text}{tail}", error.syscall));
        let code = self.text(&code);
        let mut raw = ptr::null_mut();
        // SAFETY: `code` and `message` are strings.
        let status = unsafe { sys::napi_create_error(self.env, code.0, message.0, &mut raw) };
        let object = self.made(status, raw);
        self.set(object, c"errno", self.number(-f64::from(error.errno)));
        self.set(object, c"syscall", self.text(error.syscall));
        if let Some(path) = error.path.as_deref() {
            self.set(object, c"path", self.text(&String::from_utf8_lossy(path)));
        }
        object
    }

    /// The same as an exception for the caller of a #[napi] function.
    pub fn exception(&self, error: &SysError) -> napi::Error {
        let value = self.system_error(error);
        // SAFETY: `value` is a value of this environment, made just now.
        let unknown = unsafe { Unknown::from_raw_unchecked(self.env, value.0) };
        napi::Error::from(unknown)
    }

    /// Tells 'uncaughtException'; false where the environment is at its end.
    pub fn uncaught(&self, exception: Value) -> bool {
        // SAFETY: `exception` is a value of this environment, in the current handle scope.
        self.alive() && unsafe { sys::napi_fatal_exception(self.env, exception.0) } == sys::Status::napi_ok
    }

    fn clear_exception(&self) -> Option<Value> {
        if !self.exception_pending() {
            return None;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the out-pointer is writable.
        let status = unsafe { sys::napi_get_and_clear_last_exception(self.env, &mut raw) };
        (status == sys::Status::napi_ok).then_some(Value(raw))
    }

    /// Calls `function` in a callback scope: ticks and microtasks run before it returns. An exception is left pending.
    fn make_callback(&self, receiver: Value, function: Value, args: &[Value]) -> Reply {
        if !self.alive() {
            return Reply::Gone;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: env is alive; without a context the call has none; Value is a transparent napi_value.
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

    /// Calls `function` without a callback scope: for our own code, in the middle of other work.
    pub fn call_plain(&self, function: &JsRef, args: &[Value]) -> Option<Value> {
        let (function, receiver) = (function.get()?, self.undefined());
        let mut raw = ptr::null_mut();
        // SAFETY: Value is a transparent napi_value; the count is the slice's.
        let status = unsafe {
            sys::napi_call_function(self.env, receiver.0, function.0, args.len(), args.as_ptr().cast(), &mut raw)
        };
        if status == sys::Status::napi_ok {
            return Some(Value(raw));
        }
        self.clear_exception();
        None
    }
}

/// Opened around everything that makes values outside a call from JS.
pub struct HandleScope {
    js: Js,
    raw: sys::napi_handle_scope,
}

impl HandleScope {
    pub fn open(js: &Js) -> Option<Self> {
        if !js.alive() {
            return None;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the environment is alive; the out-pointer is writable.
        let status = unsafe { sys::napi_open_handle_scope(js.env, &mut raw) };
        (status == sys::Status::napi_ok).then(|| HandleScope { js: js.clone(), raw })
    }
}

impl Drop for HandleScope {
    fn drop(&mut self) {
        if self.js.alive() {
            // SAFETY: opened by `open`, closed once, in reverse order of opening.
            unsafe { sys::napi_close_handle_scope(self.js.env, self.raw) };
        }
    }
}

/// The JS side of one socket: the object called as `this`. Its async context is an AsyncResource there (js/core.js).
pub struct Emitter {
    owner: JsRef,
    ended: Cell<bool>,
}

impl Emitter {
    pub fn new(js: &Js, owner: Value) -> Option<Self> {
        Some(Emitter { owner: JsRef::new(js, owner, false)?, ended: Cell::new(false) })
    }

    /// The owner keeps what is put into `kept`, which must be what the emitter ends up in.
    pub fn keeping(owner: Value, kept: &Rc<Kept>) -> Option<Self> {
        Some(Emitter { owner: JsRef::keeping(owner, kept)?, ended: Cell::new(false) })
    }

    /// An active socket keeps its JS object alive.
    pub fn keep(&self, strong: bool) {
        self.owner.set_strong(strong);
    }

    /// The receiver of upcalls, for a run of calls inside one handle scope.
    pub fn receiver(&self) -> Option<Value> {
        self.owner.get()
    }

    /// One upcall: `function.call(receiver, ...args)` in a callback scope of its own.
    pub fn call(&self, receiver: Value, function: Value, args: &[Value]) -> Reply {
        let js = &self.owner.js;
        if self.ended.get() {
            return Reply::Gone;
        }
        match js.make_callback(receiver, function, args) {
            Reply::Threw => self.report(receiver, function),
            reply => reply,
        }
    }

    /// Tells 'uncaughtException', then runs the ticks and microtasks that the failed scope left: a call with nothing
    /// to do drains them, and what they throw is told, too.
    fn report(&self, receiver: Value, function: Value) -> Reply {
        let js = &self.owner.js;
        loop {
            let Some(exception) = js.clear_exception() else { return Reply::Gone };
            if !js.uncaught(exception) {
                return Reply::Gone;
            }
            match js.make_callback(receiver, function, &[]) {
                Reply::Value(_) => return Reply::Threw,
                Reply::Gone => return Reply::Gone,
                Reply::Threw => {}
            }
        }
    }

    /// No upcall is made after it.
    pub fn end(&self) {
        self.ended.set(true);
        self.owner.set_strong(false);
    }
}

impl Drop for Emitter {
    fn drop(&mut self) {
        self.end();
    }
}
