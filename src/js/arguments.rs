//! Values and views as arguments of #[napi] functions, and the memory behind views.

use super::env::{Js, Value};
use super::memory::Memory;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{Status, ValueType, sys};
use std::ptr;

/// An ArrayBufferView. Each method asks for its memory anew, because the memory can move or be detached whenever
/// JavaScript runs.
#[derive(Clone, Copy)]
pub struct View {
    pub(super) env: sys::napi_env,
    pub(super) raw: sys::napi_value,
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
        // SAFETY: the out-pointers are writable. The call fails if the value is not a view.
        let status = unsafe { sys::napi_get_buffer_info(self.env, self.raw, &mut data, &mut len) };
        (status == sys::Status::napi_ok).then_some((data.cast(), len))
    }

    /// The bytes. No JavaScript may run while the caller has them.
    fn bytes(&self) -> Option<&[u8]> {
        let (data, len) = self.locate()?;
        if len == 0 || data.is_null() {
            return Some(&[]);
        }
        // SAFETY: `len` bytes at `data` are readable until JavaScript runs again. The only callers are `with` and `with_all`,
        // whose `body` does not run any.
        Some(unsafe { std::slice::from_raw_parts(data, len) })
    }

    /// Calls `body` with the bytes. `body` must not run JavaScript.
    pub fn with<R>(&self, body: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.bytes().map(body)
    }

    /// Calls `body` with the bytes of all views. `body` must not run JavaScript.
    pub fn with_all<R>(views: &[View], body: impl FnOnce(&[&[u8]]) -> R) -> Option<R> {
        let parts = views.iter().map(View::bytes).collect::<Option<Vec<_>>>()?;
        Some(body(&parts))
    }

    /// The memory behind the view. Drop it before JavaScript runs again.
    pub fn memory(&self) -> Option<Memory> {
        self.locate().filter(|(data, _)| !data.is_null()).map(|(data, len)| Memory::new(data.cast(), len))
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
