//! References to JS values, and what lives as long as a JS object does.

use super::{Js, Value};
use crate::uv::guarded;
use napi::sys;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

unsafe extern "C" {
    // Node-API 5 by its number, but in every Node.js since 8; the `napi` crate hides it from modules of version 3.
    fn napi_add_finalizer(
        env: sys::napi_env,
        object: sys::napi_value,
        data: *mut c_void,
        callback: sys::napi_finalize,
        hint: *mut c_void,
        result: *mut sys::napi_ref,
    ) -> sys::napi_status;
}

/// What a JS object keeps alive, filled once; its finalizer gets it.
pub struct Kept {
    js: Js,
    raw: Cell<sys::napi_ref>,
    what: RefCell<Option<Rc<dyn Any>>>,
}

impl Kept {
    pub fn new(js: &Js) -> Rc<Self> {
        Rc::new(Kept { js: js.clone(), raw: Cell::new(ptr::null_mut()), what: RefCell::new(None) })
    }

    pub fn set(&self, what: Rc<dyn Any>) {
        *self.what.borrow_mut() = Some(what);
    }
}

extern "C" fn finalize(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: the count that `keeping` gave away, taken back by the one call there is.
    let kept = unsafe { Rc::from_raw(data.cast::<Kept>()) };
    guarded(|| {
        // The last owner, unless the environment ends: with what it keeps the reference is dropped, and deleted.
        drop(kept.what.take());
        if !kept.js.alive() && !kept.raw.get().is_null() {
            // SAFETY: Node-API calls this, so it is there; no `JsRef` touches its reference after the end.
            unsafe { sys::napi_delete_reference(kept.js.raw(), kept.raw.get()) };
        }
    });
}

/// A reference to a JS value.
pub struct JsRef {
    pub(super) js: Js,
    raw: sys::napi_ref,
    strong: Cell<bool>,
    /// It came with a finalizer, and is deleted in there.
    keeps: bool,
}

impl JsRef {
    /// A weak reference to an object that keeps `kept` alive. What `kept` is filled with must own the reference:
    /// Node-API calls the finalizer of a deleted one or not, as it likes.
    pub fn keeping(object: Value, kept: &Rc<Kept>) -> Option<Self> {
        let mut raw = ptr::null_mut();
        let js = &kept.js;
        let data = Rc::into_raw(kept.clone()).cast_mut().cast();
        // SAFETY: `object` is an object of this environment; the count in `data` is taken back by the finalizer, or here.
        let status =
            unsafe { napi_add_finalizer(js.raw(), object.raw(), data, Some(finalize), ptr::null_mut(), &mut raw) };
        if status != sys::Status::napi_ok {
            finalize(js.raw(), data, ptr::null_mut());
            return None;
        }
        kept.raw.set(raw);
        Some(JsRef { js: js.clone(), raw, strong: Cell::new(false), keeps: true })
    }

    pub fn new(js: &Js, value: Value, strong: bool) -> Option<Self> {
        let mut raw = ptr::null_mut();
        // SAFETY: `value` is an object or function of this environment.
        let status = unsafe { sys::napi_create_reference(js.raw(), value.raw(), u32::from(strong), &mut raw) };
        (status == sys::Status::napi_ok).then(|| {
            js.life.references.borrow_mut().insert(raw);
            JsRef { js: js.clone(), raw, strong: Cell::new(strong), keeps: false }
        })
    }

    pub fn get(&self) -> Option<Value> {
        if !self.js.alive() {
            return None;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the reference lives until drop, or the end of the environment.
        let status = unsafe { sys::napi_get_reference_value(self.js.raw(), self.raw, &mut raw) };
        (status == sys::Status::napi_ok && !raw.is_null()).then_some(Value::from_raw(raw))
    }

    /// Whether the value is kept alive by this reference.
    pub fn set_strong(&self, strong: bool) {
        if !self.js.alive() || self.strong.replace(strong) == strong {
            return;
        }
        let mut count = 0;
        // SAFETY: as in `get`; the count goes between 0 and 1 only.
        unsafe {
            if strong {
                sys::napi_reference_ref(self.js.raw(), self.raw, &mut count);
            } else {
                sys::napi_reference_unref(self.js.raw(), self.raw, &mut count);
            }
        }
    }
}

impl Drop for JsRef {
    fn drop(&mut self) {
        let ours = if self.keeps { self.js.alive() } else { self.js.life.references.borrow_mut().remove(&self.raw) };
        if ours {
            // SAFETY: deleted once: here, or by `Js::end`, or by the finalizer of an environment that ends.
            unsafe { sys::napi_delete_reference(self.js.raw(), self.raw) };
        }
    }
}
