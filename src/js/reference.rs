//! References to JS values.

use super::env::{Js, Value};
use napi::sys;
use std::cell::Cell;
use std::ptr;

/// A Node-API reference.
pub struct JsRef {
    js: Js,
    raw: Cell<sys::napi_ref>,
}

impl JsRef {
    /// A reference that keeps `value`.
    pub fn strong(js: &Js, value: Value) -> Option<Self> {
        JsRef::new(js, value, 1)
    }

    /// A reference that does not keep `value`: `get` returns None once it was collected.
    pub fn weak(js: &Js, value: Value) -> Option<Self> {
        JsRef::new(js, value, 0)
    }

    fn new(js: &Js, value: Value, count: u32) -> Option<Self> {
        let mut raw = ptr::null_mut();
        // SAFETY: `value` is an object or function of this environment; the out-pointer is writable.
        let status = unsafe { sys::napi_create_reference(js.raw(), value.raw(), count, &mut raw) };
        (status == sys::Status::napi_ok).then(|| JsRef { js: js.clone(), raw: Cell::new(raw) })
    }

    pub fn get(&self) -> Option<Value> {
        if !self.js.alive() || self.raw.get().is_null() {
            return None;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the environment is alive and the reference was not deleted, because both were checked.
        let status = unsafe { sys::napi_get_reference_value(self.js.raw(), self.raw.get(), &mut raw) };
        (status == sys::Status::napi_ok && !raw.is_null()).then_some(Value::from_raw(raw))
    }

    /// Deletes the reference. The cleanup hook calls it, because a reference cannot be deleted later.
    pub fn clear(&self) {
        let raw = self.raw.replace(ptr::null_mut());
        if self.js.alive() && !raw.is_null() {
            // SAFETY: the environment is alive; `raw` is deleted once, because the cell was emptied.
            unsafe { sys::napi_delete_reference(self.js.raw(), raw) };
        }
    }
}

impl Drop for JsRef {
    fn drop(&mut self) {
        self.clear();
    }
}
