//! Arguments as JS gave them, and functions exported without the wrapper of napi-rs for the calls made once a message.

use super::{Js, Value};
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{Status, ValueType, sys};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::rc::Rc;

const MAX_ARGS: usize = 8;

/// The bytes behind an ArrayBufferView. `get` looks at the view each time: its memory can move or go whenever JS runs.
#[derive(Clone, Copy)]
pub struct View {
    env: sys::napi_env,
    raw: sys::napi_value,
}

impl View {
    pub fn of(js: &Js, value: Value) -> Self {
        View { env: js.raw(), raw: value.raw() }
    }

    pub fn value(&self) -> Value {
        Value::from_raw(self.raw)
    }

    fn locate(&self) -> Option<(*mut u8, usize)> {
        let (mut data, mut len) = (ptr::null_mut(), 0);
        // SAFETY: the out-pointers are writable; a value that is no view makes the call fail.
        let status = unsafe { sys::napi_get_buffer_info(self.env, self.raw, &mut data, &mut len) };
        (status == sys::Status::napi_ok).then_some((data.cast(), len))
    }

    /// Runs `body` over the bytes; no JS runs inside it.
    pub fn with<R>(&self, body: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let (data, len) = self.locate()?;
        if len == 0 || data.is_null() {
            return Some(body(&[]));
        }
        // SAFETY: the view is `len` bytes at `data` until JS runs again, which `body` cannot make happen.
        Some(body(unsafe { std::slice::from_raw_parts(data, len) }))
    }

    /// Runs `body` over the bytes of all views.
    pub fn with_all<R>(views: &[View], body: impl FnOnce(&[&[u8]]) -> R) -> Option<R> {
        let mut parts: Vec<&[u8]> = Vec::with_capacity(views.len());
        for view in views {
            let (data, len) = view.locate()?;
            // SAFETY: as in `with`: no JS runs until `body` has returned.
            parts.push(if len == 0 || data.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } });
        }
        Some(body(&parts))
    }

    /// The memory behind the view, to be let go before JS runs again.
    pub fn memory(&self) -> Option<Memory> {
        self.locate().filter(|(data, _)| !data.is_null()).map(|(data, len)| Memory::new(data.cast(), len))
    }
}

/// Memory that the library made itself, looked up once for a run of copies.
pub struct Memory {
    data: *mut u8,
    len: usize,
}

impl Memory {
    pub(super) fn new(data: *mut c_void, len: usize) -> Self {
        Memory { data: data.cast(), len }
    }

    /// The first place on a multiple of `alignment`.
    pub fn offset_to(&self, alignment: usize) -> usize {
        self.data.addr().wrapping_neg() % alignment
    }

    /// The bytes themselves.
    pub fn bytes(&mut self) -> &mut [MaybeUninit<u8>] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: `len` bytes at `data` until JS runs; nobody else looks at them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.data.cast(), self.len) }
    }

    /// Copies `bytes` to `offset`; false where they do not fit.
    pub fn copy(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let fits = offset.checked_add(bytes.len()).is_some_and(|end| end <= self.len);
        if fits {
            // SAFETY: the range was checked; no JS has run since `memory`, so that the view is where it was, and
            // `bytes` is the library's own scratch memory.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.data.add(offset), bytes.len()) };
        }
        fits
    }
}

impl TypeName for Value {
    fn type_name() -> &'static str {
        "any"
    }
    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ValidateNapiValue for Value {}

impl FromNapiValue for Value {
    unsafe fn from_napi_value(_env: sys::napi_env, raw: sys::napi_value) -> napi::Result<Self> {
        Ok(Value::from_raw(raw))
    }
}

impl ToNapiValue for Value {
    unsafe fn to_napi_value(_env: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
        Ok(value.raw())
    }
}

impl TypeName for View {
    fn type_name() -> &'static str {
        "ArrayBufferView"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ValidateNapiValue for View {}

impl FromNapiValue for View {
    unsafe fn from_napi_value(env: sys::napi_env, raw: sys::napi_value) -> napi::Result<Self> {
        let view = View { env, raw };
        match view.locate() {
            Some(_) => Ok(view),
            None => Err(napi::Error::new(Status::InvalidArg, "expected an ArrayBufferView")),
        }
    }
}

/// The arguments of a raw function.
pub struct Args {
    env: sys::napi_env,
    values: [sys::napi_value; MAX_ARGS],
    count: usize,
}

impl Args {
    fn get(&self, index: usize) -> Option<sys::napi_value> {
        if index < self.count { self.values.get(index).copied() } else { None }
    }

    /// An integer argument; 0 where it is missing or none.
    pub fn uint(&self, index: usize) -> usize {
        let mut number = 0i64;
        if let Some(raw) = self.get(index) {
            // SAFETY: the out-pointer is writable; a value that is no number makes the call fail.
            unsafe { sys::napi_get_value_int64(self.env, raw, &mut number) };
        }
        usize::try_from(number).unwrap_or(0)
    }

    pub fn view(&self, index: usize) -> Option<View> {
        self.get(index).map(|raw| View { env: self.env, raw })
    }
}

/// What a raw function calls: numbers out, no exceptions, no JS inside.
pub trait RawFunctions {
    fn send(&self, args: &Args) -> f64;
    fn send_staged(&self, args: &Args) -> f64;
}

type Entry<T> = fn(&T, &Args) -> f64;

/// The raw functions of `state`: `[send, sendStaged]`. The caller sees to it that `state` outlives every call.
pub fn raw_functions<T: RawFunctions>(js: &Js, state: &Rc<T>) -> [Value; 2] {
    let make = |name: &str, callback: sys::napi_callback| {
        let mut raw = ptr::null_mut();
        // SAFETY: the name is readable for its length; the data pointer is the Rc's, kept by the cleanup hook of
        // the environment until no JS runs any more.
        let status = unsafe {
            let (text, len, data) = (name.as_ptr().cast(), name.len(), Rc::as_ptr(state) as *mut c_void);
            sys::napi_create_function(js.raw(), text, len as _, callback, data, &mut raw)
        };
        js.made(status, raw)
    };
    [make("send", Some(raw_send::<T>)), make("sendStaged", Some(raw_send_staged::<T>))]
}

unsafe extern "C" fn raw_send<T: RawFunctions>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    enter(env, info, T::send)
}

unsafe extern "C" fn raw_send_staged<T: RawFunctions>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    enter(env, info, T::send_staged)
}

fn enter<T>(env: sys::napi_env, info: sys::napi_callback_info, entry: Entry<T>) -> sys::napi_value {
    let mut args = Args { env, values: [ptr::null_mut(); MAX_ARGS], count: MAX_ARGS };
    let mut data = ptr::null_mut();
    // SAFETY: `info` is the current call's; there is room for MAX_ARGS values.
    unsafe {
        sys::napi_get_cb_info(env, info, &mut args.count, args.values.as_mut_ptr(), ptr::null_mut(), &mut data);
    }
    let body = || {
        // SAFETY: `data` is the Rc that the environment keeps for as long as JS runs.
        let state = unsafe { &*data.cast::<T>() };
        entry(state, &args)
    };
    let number = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(-f64::from(libc::EIO));
    let mut raw = ptr::null_mut();
    // SAFETY: the out-pointer is writable.
    unsafe { sys::napi_create_double(env, number, &mut raw) };
    raw
}
