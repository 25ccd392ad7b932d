//! libuv's functions, declared over storage sized by `uv_handle_size`, and the ownership of a libuv handle. Closing is idempotent.
//! The memory of a libuv handle is freed in its close callback.

use crate::sys::{SysError, SysResult};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::os::fd::RawFd;
use std::ptr::NonNull;
use std::rc::Rc;

pub const UV_ASYNC: c_int = 1;
pub const UV_IDLE: c_int = 6;
pub const UV_POLL: c_int = 8;
pub const UV_PREPARE: c_int = 9;
pub const UV_TIMER: c_int = 13;

pub type RawPollCallback = extern "C" fn(*mut c_void, c_int, c_int);
pub type RawCallback = extern "C" fn(*mut c_void);

unsafe extern "C" {
    fn uv_handle_size(kind: c_int) -> usize;
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
    fn uv_prepare_init(uv_loop: *mut c_void, handle: *mut c_void) -> c_int;
    fn uv_prepare_start(handle: *mut c_void, callback: RawCallback) -> c_int;
    fn uv_prepare_stop(handle: *mut c_void) -> c_int;
    fn uv_async_init(uv_loop: *mut c_void, handle: *mut c_void, callback: RawCallback) -> c_int;
    fn uv_async_send(handle: *mut c_void) -> c_int;
    fn uv_ref(handle: *mut c_void);
    fn uv_unref(handle: *mut c_void);
    fn uv_close(handle: *mut c_void, callback: RawCallback);
}

/// The event loop of an environment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Loop(pub *mut c_void);

/// What the data pointer of a libuv handle leads to: `T`, until the owner of the handle takes it back.
type Shared<T> = Rc<RefCell<Option<T>>>;

/// The type of a libuv handle, with what its uv_*_init function takes.
#[derive(Clone, Copy)]
pub enum Init {
    Poll(RawFd),
    Timer,
    Idle,
    Prepare,
    Async(RawCallback),
}

impl Init {
    fn kind(self) -> c_int {
        match self {
            Init::Poll(_) => UV_POLL,
            Init::Timer => UV_TIMER,
            Init::Idle => UV_IDLE,
            Init::Prepare => UV_PREPARE,
            Init::Async(_) => UV_ASYNC,
        }
    }

    fn syscall(self) -> &'static str {
        match self {
            Init::Poll(_) => "uv_poll_init",
            Init::Timer => "uv_timer_init",
            Init::Idle => "uv_idle_init",
            Init::Prepare => "uv_prepare_init",
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
    StartPrepare(RawCallback),
    StopPrepare,
    Send,
    SetReferenced(bool),
}

/// One libuv handle, whose callbacks use a `T`.
pub struct Handle<T> {
    raw: NonNull<c_void>,
    open: Cell<bool>,
    shared: Shared<T>,
    on_closed: RawCallback,
}

fn layout(kind: c_int) -> Layout {
    // SAFETY: uv_handle_size only reads its argument.
    let size = unsafe { uv_handle_size(kind) };
    Layout::from_size_align(size.max(8), 16).unwrap_or(Layout::new::<[u128; 64]>())
}

fn release(raw: *mut c_void, kind: c_int) {
    // SAFETY: `raw` was allocated with this layout, and libuv does not use it any more.
    unsafe { dealloc(raw.cast(), layout(kind)) }
}

/// Calls `body` and catches panics, because a panic must not cross into libuv or Node-API.
pub fn guarded(body: impl FnOnce()) {
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).is_err() {
        eprintln!("node-unix-socket: an internal error was caught; please report it");
    }
}

impl<T> Handle<T> {
    /// A handle that does not keep the loop alive.
    pub fn new(uv_loop: Loop, init: Init, target: T, on_closed: RawCallback) -> SysResult<Self> {
        let kind = init.kind();
        let layout = layout(kind);
        // SAFETY: the layout has a size of at least 8.
        let memory = unsafe { alloc_zeroed(layout) };
        let raw: NonNull<c_void> = NonNull::new(memory.cast()).unwrap_or_else(|| handle_alloc_error(layout));
        let (uv_loop, handle) = (uv_loop.0, raw.as_ptr());
        // SAFETY: the loop belongs to a living environment, and `handle` has the size of a handle of this type.
        let status = unsafe {
            match init {
                Init::Poll(fd) => uv_poll_init(uv_loop, handle, fd),
                Init::Timer => uv_timer_init(uv_loop, handle),
                Init::Idle => uv_idle_init(uv_loop, handle),
                Init::Prepare => uv_prepare_init(uv_loop, handle),
                Init::Async(callback) => uv_async_init(uv_loop, handle, callback),
            }
        };
        if status != 0 {
            release(handle, kind);
            return Err(SysError::new(-status, init.syscall()));
        }
        let shared = Rc::new(RefCell::new(Some(target)));
        // SAFETY: `handle` is initialised. Its close callback takes this count of the Rc back.
        unsafe {
            uv_handle_set_data(handle, Rc::into_raw(shared.clone()).cast_mut().cast());
            uv_unref(handle);
        }
        Ok(Handle { raw, open: Cell::new(true), shared, on_closed })
    }

    /// Does nothing if the handle was closed.
    pub fn call(&self, call: Call) {
        if !self.open.get() {
            return;
        }
        let raw = self.raw.as_ptr();
        // SAFETY: `raw` is an open handle, and each type of handle uses only the calls for its type.
        unsafe {
            match call {
                Call::StartPoll(mask, callback) => drop(uv_poll_start(raw, mask, callback)),
                Call::StopPoll => drop(uv_poll_stop(raw)),
                Call::StartTimer(delay, callback) => drop(uv_timer_start(raw, callback, delay, 0)),
                Call::StartIdle(callback) => drop(uv_idle_start(raw, callback)),
                Call::StopIdle => drop(uv_idle_stop(raw)),
                Call::StartPrepare(callback) => drop(uv_prepare_start(raw, callback)),
                Call::StopPrepare => drop(uv_prepare_stop(raw)),
                Call::Send => drop(uv_async_send(raw)),
                Call::SetReferenced(true) => uv_ref(raw),
                Call::SetReferenced(false) => uv_unref(raw),
            }
        }
    }

    pub fn close(&self) {
        if self.open.replace(false) {
            // SAFETY: the handle is initialised, and closed once, because `open` was true.
            unsafe { uv_close(self.raw.as_ptr(), self.on_closed) }
        }
    }
}

impl<T> Drop for Handle<T> {
    /// Closes the handle, and takes the target back: no callback uses it after this, not even the close callback.
    fn drop(&mut self) {
        self.close();
        let target = self.shared.borrow_mut().take();
        drop(target);
    }
}

/// The target of a handle whose callback libuv is calling.
pub fn target_of<T: Clone>(raw: *mut c_void) -> Option<T> {
    // SAFETY: libuv calls back only for handles that are not freed, and their data pointer is an Rc that only the close
    // callback takes back.
    let shared = unsafe { &*uv_handle_get_data(raw).cast::<RefCell<Option<T>>>() };
    shared.borrow().clone()
}

/// Frees a handle in its close callback. Returns its target, if the owner did not take it back.
pub fn free<T>(raw: *mut c_void, kind: c_int) -> Option<T> {
    // SAFETY: the close callback is the last call for a handle, so the count of the Rc is taken back once.
    let shared = unsafe { Rc::from_raw(uv_handle_get_data(raw).cast::<RefCell<Option<T>>>()) };
    release(raw, kind);
    shared.borrow_mut().take()
}

/// The close callback of handles whose owners need not know when they are closed.
pub extern "C" fn on_closed<T, const KIND: c_int>(raw: *mut c_void) {
    free::<T>(raw, KIND);
}
