//! Raw Node-API functions for the two calls that are made once per message. The wrapper of napi-rs would cost each call
//! 350 ns more.

use super::arguments::View;
use super::env::{Js, Value};
use crate::uv::guarded;
use napi::sys;
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

const MAX_ARGS: usize = 8;

/// Arguments of a raw function.
pub struct Args {
    env: sys::napi_env,
    values: [sys::napi_value; MAX_ARGS],
    count: usize,
}

impl Args {
    fn get(&self, index: usize) -> Option<sys::napi_value> {
        if index < self.count { self.values.get(index).copied() } else { None }
    }

    /// An integer argument. 0 if it is missing, negative or not a number.
    pub fn uint(&self, index: usize) -> usize {
        let mut number = 0i64;
        if let Some(raw) = self.get(index) {
            // SAFETY: the out-pointer is writable. The call fails if the value is not a number.
            unsafe { sys::napi_get_value_int64(self.env, raw, &mut number) };
        }
        usize::try_from(number).unwrap_or(0)
    }

    pub fn view(&self, index: usize) -> Option<View> {
        self.get(index).map(|raw| View { env: self.env, raw })
    }
}

/// The functions behind the raw calls. They return numbers, throw nothing and run no JavaScript.
pub trait HotCalls {
    fn send(&self, args: &Args) -> f64;
    fn send_staged(&self, args: &Args) -> f64;
}

type Entry<T> = fn(&T, &Args) -> f64;

/// Makes the functions `[send, sendStaged]`. Each owns a clone of `state` until it is collected. None on failure.
pub fn hot_calls<T: HotCalls>(js: &Js, state: &Rc<T>) -> Option<[Value; 2]> {
    Some([make(js, "send", Some(raw_send::<T>), state)?, make(js, "sendStaged", Some(raw_send_staged::<T>), state)?])
}

fn make<T>(js: &Js, name: &str, callback: sys::napi_callback, state: &Rc<T>) -> Option<Value> {
    let (text, len) = (name.as_ptr().cast(), name.len() as _);
    let data = Rc::into_raw(state.clone()) as *mut c_void;
    let mut raw = ptr::null_mut();
    // SAFETY: the name is readable for its length. napi_wrap gives the function a finalizer, which owns the clone of `state`
    // that `data` points to, so `data` is valid for every call of the function.
    let owned = unsafe {
        sys::napi_create_function(js.raw(), text, len, callback, data, &mut raw) == sys::Status::napi_ok
            && sys::napi_wrap(js.raw(), raw, data, Some(release::<T>), ptr::null_mut(), ptr::null_mut())
                == sys::Status::napi_ok
    };
    if !owned {
        // SAFETY: no finalizer owns the clone, and the function is not called, because it is not returned.
        unsafe { drop(Rc::from_raw(data.cast_const().cast::<T>())) };
    }
    owned.then_some(Value::from_raw(raw))
}

/// The finalizer of a raw function.
unsafe extern "C" fn release<T>(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `data` is the clone that `make` gave to this finalizer, which runs once.
    guarded(|| unsafe { drop(Rc::from_raw(data.cast_const().cast::<T>())) });
}

unsafe extern "C" fn raw_send<T: HotCalls>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    enter(env, info, T::send)
}

unsafe extern "C" fn raw_send_staged<T: HotCalls>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    enter(env, info, T::send_staged)
}

fn enter<T>(env: sys::napi_env, info: sys::napi_callback_info, entry: Entry<T>) -> sys::napi_value {
    let mut args = Args { env, values: [ptr::null_mut(); MAX_ARGS], count: MAX_ARGS };
    let mut data = ptr::null_mut();
    // SAFETY: `info` belongs to the current call; there is room for MAX_ARGS values.
    unsafe {
        sys::napi_get_cb_info(env, info, &mut args.count, args.values.as_mut_ptr(), ptr::null_mut(), &mut data);
    }
    let body = || {
        // SAFETY: `data` points to the clone of an Rc that the finalizer of the called function owns.
        let state = unsafe { &*data.cast::<T>() };
        entry(state, &args)
    };
    let number = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(-f64::from(libc::EIO));
    let mut raw = ptr::null_mut();
    // SAFETY: the out-pointer is writable.
    unsafe { sys::napi_create_double(env, number, &mut raw) };
    raw
}
