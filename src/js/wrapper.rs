//! The JS object that wraps a native struct (napi_wrap), as the native side refers to it.

use super::env::Js;
use super::upcall_scope::{HandleScope, UpcallScope};
use napi::bindgen_prelude::{FromNapiValue, Reference, TypeName, ValidateNapiValue, WeakReference};
use napi::{Env, ValueType, sys};
use std::cell::RefCell;

/// Refers to a `T` through its JS object: weakly, so that an unused object can be collected, or strongly while the event
/// loop may call back.
pub struct Wrapper<T: 'static> {
    weak: WeakReference<T>,
    strong: RefCell<Option<Reference<T>>>,
}

impl<T> Wrapper<T> {
    pub fn new(reference: &Reference<T>) -> Self {
        Wrapper { weak: reference.downgrade(), strong: RefCell::new(None) }
    }

    /// The struct, unless its JS object was collected.
    pub fn get(&self) -> Option<&T> {
        self.weak.get()
    }

    /// Makes the reference to the JS object strong or weak.
    pub fn keep(&self, js: &Js, strong: bool) {
        let reference = if strong { self.weak.upgrade(Env::from_raw(js.raw())).ok().flatten() } else { None };
        // Dropped after the borrow: dropping a reference calls Node-API.
        let previous = self.strong.replace(reference);
        drop(previous);
    }

    /// Opens a handle scope in which functions are called with the JS object as `this`. None when the object was collected
    /// or the environment runs no JavaScript any more.
    pub fn open_scope(&self, js: &Js) -> Option<UpcallScope> {
        let scope = HandleScope::open(js)?;
        let reference = self.weak.upgrade(Env::from_raw(js.raw())).ok().flatten()?;
        Some(UpcallScope::new(scope, js.convert(reference)?))
    }
}

impl<T> TypeName for Wrapper<T> {
    fn type_name() -> &'static str {
        "native handle"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl<T> ValidateNapiValue for Wrapper<T> {}

impl<T> FromNapiValue for Wrapper<T> {
    unsafe fn from_napi_value(env: sys::napi_env, raw: sys::napi_value) -> napi::Result<Self> {
        // SAFETY: Node-API calls this with an environment and a value of the current call; the class of the wrapped
        // struct is checked by `Reference`.
        unsafe { Reference::<T>::from_napi_value(env, raw) }.map(|reference| Wrapper::new(&reference))
    }
}
