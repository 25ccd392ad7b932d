//! libuv's functions, declared over memory sized by `uv_handle_size`, and the ownership of a libuv handle. Closing is idempotent.
//! The memory of a libuv handle is freed once its close callback has run and its owner has dropped it.

use crate::sys::{SysError, SysResult};
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::os::fd::RawFd;
use std::rc::Rc;

const UV_ASYNC: c_int = 1;
const UV_IDLE: c_int = 6;
const UV_POLL: c_int = 8;
const UV_TIMER: c_int = 13;

pub type RawPollCallback = extern "C" fn(*mut c_void, c_int, c_int);
pub type RawCallback = extern "C" fn(*mut c_void);

unsafe extern "C" {
    /// Safe, because it only compares its argument.
    safe fn uv_handle_size(kind: c_int) -> usize;
    fn uv_handle_set_data(handle: *mut c_void, data: *mut c_void);
    fn uv_handle_get_data(handle: *const c_void) -> *mut c_void;
    fn uv_poll_init(uv_loop: *mut c_void, handle: *mut c_void, fd: c_int) -> c_int;
    fn uv_poll_start(handle: *mut c_void, events: c_int, callback: RawPollCallback) -> c_int;
    fn uv_poll_stop(handle: *mut c_void) -> c_int;
    fn uv_timer_init(uv_loop: *mut c_void, handle: *mut c_void) -> c_int;
    fn uv_timer_start(handle: *mut c_void, callback: RawCallback, timeout: u64, repeat: u64) -> c_int;
    fn uv_idle_init(uv_loop: *mut c_void, handle: *mut c_void) -> c_int;
    fn uv_idle_start(handle: *mut c_void, callback: RawCallback) -> c_int;
    fn uv_idle_stop(handle: *mut c_void) -> c_int;
    fn uv_async_init(uv_loop: *mut c_void, handle: *mut c_void, callback: RawCallback) -> c_int;
    fn uv_async_send(handle: *mut c_void) -> c_int;
    fn uv_ref(handle: *mut c_void);
    fn uv_unref(handle: *mut c_void);
    fn uv_close(handle: *mut c_void, callback: RawCallback);
}

/// The event loop of an environment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Loop(pub *mut c_void);

/// What a callback of a libuv handle uses.
pub trait CallbackTarget {
    /// The handle has finished closing, and its owner has not taken the target back.
    fn on_closed(self);
}

/// What the data pointer of a libuv handle leads to.
struct Shared<T> {
    /// The libuv handle. libuv writes to it through a raw pointer, so it consists of cells. 128-bit integers have the largest
    /// alignment of C types.
    memory: Box<[Cell<u128>]>,
    /// None once the owner of the handle has taken it back.
    target: RefCell<Option<T>>,
}

impl<T> Shared<T> {
    fn raw(&self) -> *mut c_void {
        self.memory.as_ptr().cast_mut().cast()
    }
}

/// The type of a libuv handle, with what its uv_*_init function takes.
#[derive(Clone, Copy)]
pub enum Init {
    Poll(RawFd),
    Timer,
    Idle,
    Async(RawCallback),
}

impl Init {
    fn kind(self) -> c_int {
        match self {
            Init::Poll(_) => UV_POLL,
            Init::Timer => UV_TIMER,
            Init::Idle => UV_IDLE,
            Init::Async(_) => UV_ASYNC,
        }
    }

    fn syscall(self) -> &'static str {
        match self {
            Init::Poll(_) => "uv_poll_init",
            Init::Timer => "uv_timer_init",
            Init::Idle => "uv_idle_init",
            Init::Async(_) => "uv_async_init",
        }
    }
}

/// A call on an open handle of the right type.
#[derive(Clone, Copy)]
pub enum Call {
    StartPoll(c_int, RawPollCallback),
    StopPoll,
    StartTimer(u64, RawCallback),
    StartIdle(RawCallback),
    StopIdle,
    Send,
    SetReferenced(bool),
}

/// One libuv handle, whose callbacks use a `T`.
pub struct Handle<T: CallbackTarget> {
    shared: Rc<Shared<T>>,
    open: Cell<bool>,
}

/// Calls `body` and catches panics, because a panic must not cross into libuv or Node-API.
pub fn guarded(body: impl FnOnce()) {
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).is_err() {
        eprintln!("node-unix-socket: an internal error was caught; please report it");
    }
}

impl<T: CallbackTarget> Handle<T> {
    /// A handle that does not keep the loop alive.
    pub fn new(uv_loop: Loop, init: Init, target: T) -> SysResult<Self> {
        let memory = vec![Cell::new(0); uv_handle_size(init.kind()).div_ceil(size_of::<u128>())].into_boxed_slice();
        let shared = Rc::new(Shared { memory, target: RefCell::new(Some(target)) });
        let (uv_loop, handle) = (uv_loop.0, shared.raw());
        // SAFETY: the loop belongs to a living environment, and `handle` has the size of a handle of this type.
        let status = unsafe {
            match init {
                Init::Poll(fd) => uv_poll_init(uv_loop, handle, fd),
                Init::Timer => uv_timer_init(uv_loop, handle),
                Init::Idle => uv_idle_init(uv_loop, handle),
                Init::Async(callback) => uv_async_init(uv_loop, handle, callback),
            }
        };
        if status != 0 {
            return Err(SysError::new(-status, init.syscall()));
        }
        // SAFETY: `handle` is initialised. Its close callback takes this count of the Rc back, so its memory is valid until then.
        unsafe {
            uv_handle_set_data(handle, Rc::into_raw(shared.clone()).cast_mut().cast());
            uv_unref(handle);
        }
        Ok(Handle { shared, open: Cell::new(true) })
    }

    /// Does nothing if the handle was closed.
    pub fn call(&self, call: Call) {
        if !self.open.get() {
            return;
        }
        let raw = self.shared.raw();
        // SAFETY: `raw` is an open handle, and each type of handle uses only the calls for its type.
        unsafe {
            match call {
                Call::StartPoll(mask, callback) => drop(uv_poll_start(raw, mask, callback)),
                Call::StopPoll => drop(uv_poll_stop(raw)),
                Call::StartTimer(delay, callback) => drop(uv_timer_start(raw, callback, delay, 0)),
                Call::StartIdle(callback) => drop(uv_idle_start(raw, callback)),
                Call::StopIdle => drop(uv_idle_stop(raw)),
                Call::Send => drop(uv_async_send(raw)),
                Call::SetReferenced(true) => uv_ref(raw),
                Call::SetReferenced(false) => uv_unref(raw),
            }
        }
    }

    pub fn close(&self) {
        if self.open.replace(false) {
            // SAFETY: the handle is initialised, and closed once, because `open` was true.
            unsafe { uv_close(self.shared.raw(), on_closed::<T>) }
        }
    }
}

impl<T: CallbackTarget> Drop for Handle<T> {
    /// Closes the handle, and takes the target back: no callback uses it after this, not even the close callback.
    fn drop(&mut self) {
        self.close();
        let target = self.shared.target.take();
        drop(target);
    }
}

/// The target of a handle whose callback libuv is calling.
pub fn target_of<T: Clone>(raw: *mut c_void) -> Option<T> {
    // SAFETY: libuv calls back only for handles that are not closed, and their data pointer is an Rc that only the close
    // callback takes back.
    let shared = unsafe { &*uv_handle_get_data(raw).cast::<Shared<T>>() };
    shared.target.borrow().clone()
}

/// The close callback.
extern "C" fn on_closed<T: CallbackTarget>(raw: *mut c_void) {
    // SAFETY: the close callback is the last call for a handle, so the count of the Rc is taken back once.
    let shared = unsafe { Rc::from_raw(uv_handle_get_data(raw).cast::<Shared<T>>()) };
    if let Some(target) = shared.target.take() {
        guarded(|| target.on_closed());
    }
}
