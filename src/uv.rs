//! Every libuv call. libuv's functions are declared here, over storage sized by `uv_handle_size`.
//!
//! `PollHandle` and `AsyncHandle` own a handle. Closing is idempotent; the memory is freed in the close callback,
//! which also lets go of the target.

use crate::error::{SysError, SysResult};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::os::fd::RawFd;
use std::ptr::NonNull;
use std::rc::Rc;

pub const READABLE: c_int = 1;
pub const WRITABLE: c_int = 2;
/// The peer will write no more (POLLRDHUP).
pub const DISCONNECT: c_int = 4;
/// POLLPRI never comes on an AF_UNIX socket; POLLHUP and POLLERR come with any mask: this one waits for just those.
pub const HANGUP: c_int = 8;

const UV_ASYNC: c_int = 1;
const UV_POLL: c_int = 8;

type RawPollCallback = extern "C" fn(*mut c_void, c_int, c_int);
type RawCallback = extern "C" fn(*mut c_void);

unsafe extern "C" {
    fn uv_handle_size(kind: c_int) -> usize;
    fn uv_handle_set_data(handle: *mut c_void, data: *mut c_void);
    fn uv_handle_get_data(handle: *const c_void) -> *mut c_void;
    fn uv_poll_init(uv_loop: *mut c_void, handle: *mut c_void, fd: c_int) -> c_int;
    fn uv_poll_start(handle: *mut c_void, events: c_int, callback: RawPollCallback) -> c_int;
    fn uv_poll_stop(handle: *mut c_void) -> c_int;
    fn uv_async_init(uv_loop: *mut c_void, handle: *mut c_void, callback: RawCallback) -> c_int;
    fn uv_async_send(handle: *mut c_void) -> c_int;
    fn uv_ref(handle: *mut c_void);
    fn uv_unref(handle: *mut c_void);
    fn uv_close(handle: *mut c_void, callback: RawCallback);
}

/// The event loop of an environment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Loop(pub *mut c_void);

/// What a handle calls.
pub trait Target {
    /// `status` below 0 is libuv's word for POLLERR; libuv has stopped the handle then.
    fn on_poll(self: Rc<Self>, status: c_int, events: c_int);
    fn on_closed(self: Rc<Self>);
}

/// Whom an async handle wakes.
pub trait Wake {
    fn on_wake(self: Rc<Self>);
}

/// Memory of one libuv handle and the box its data pointer leads to.
struct Handle<T> {
    raw: NonNull<c_void>,
    open: Cell<bool>,
    target: std::marker::PhantomData<T>,
}

fn layout(kind: c_int) -> Layout {
    // SAFETY: uv_handle_size only reads its argument.
    let size = unsafe { uv_handle_size(kind) };
    Layout::from_size_align(size.max(8), 16).unwrap_or(Layout::new::<[u128; 64]>())
}

fn allocate(kind: c_int) -> NonNull<c_void> {
    let layout = layout(kind);
    // SAFETY: the layout has a size of at least 8.
    let memory = unsafe { alloc_zeroed(layout) };
    NonNull::new(memory.cast()).unwrap_or_else(|| handle_alloc_error(layout))
}

fn release(raw: *mut c_void, kind: c_int) {
    // SAFETY: `raw` came from `allocate(kind)`, and libuv is done with it.
    unsafe { dealloc(raw.cast(), layout(kind)) }
}

/// Runs `body`, so that no panic crosses into libuv or Node-API.
pub fn guarded(body: impl FnOnce()) {
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).is_err() {
        eprintln!("node-unix-socket: an internal error was caught; please report it");
    }
}

impl<T> Handle<T> {
    fn new(raw: NonNull<c_void>, target: T) -> Self {
        let data = Box::into_raw(Box::new(target));
        // SAFETY: `raw` is an initialised handle; the box lives until the close callback takes it back.
        unsafe { uv_handle_set_data(raw.as_ptr(), data.cast()) };
        Handle { raw, open: Cell::new(true), target: std::marker::PhantomData }
    }

    /// The raw handle while it is open.
    fn live(&self) -> Option<*mut c_void> {
        self.open.get().then_some(self.raw.as_ptr())
    }

    fn close(&self, callback: RawCallback) {
        if self.open.replace(false) {
            // SAFETY: the handle was initialised and is closed once, here.
            unsafe { uv_close(self.raw.as_ptr(), callback) }
        }
    }
}

/// # Safety
/// `raw` is a handle made by `Handle::<T>::new` that has not finished closing.
unsafe fn data_of<'a, T>(raw: *mut c_void) -> &'a T {
    // SAFETY: its data pointer is the box put there, taken back only by the close callback.
    unsafe { &*uv_handle_get_data(raw).cast::<T>() }
}

type PollTarget = Rc<dyn Target>;

/// Watches a descriptor. The descriptor may be closed as soon as `close` has returned.
pub struct PollHandle {
    handle: Handle<PollTarget>,
    mask: Cell<c_int>,
}

impl PollHandle {
    pub fn new(uv_loop: Loop, fd: RawFd, target: PollTarget) -> SysResult<Self> {
        let raw = allocate(UV_POLL);
        // SAFETY: the loop is the environment's and alive; `raw` has the size of a uv_poll_t.
        let status = unsafe { uv_poll_init(uv_loop.0, raw.as_ptr(), fd) };
        if status != 0 {
            release(raw.as_ptr(), UV_POLL);
            return Err(SysError::new(-status, "uv_poll_init"));
        }
        // SAFETY: initialised just now. Liveness is counted by the environment, not by poll handles.
        unsafe { uv_unref(raw.as_ptr()) };
        Ok(PollHandle { handle: Handle::new(raw, target), mask: Cell::new(0) })
    }

    /// Watches for `mask`, and nothing for 0. A mask that is already watched costs nothing.
    pub fn watch(&self, mask: c_int) {
        let Some(raw) = self.handle.live() else { return };
        if self.mask.replace(mask) == mask {
            return;
        }
        // SAFETY: `raw` is an open poll handle.
        unsafe {
            if mask == 0 {
                uv_poll_stop(raw)
            } else {
                uv_poll_start(raw, mask, on_poll)
            };
        }
    }

    pub fn close(&self) {
        self.handle.close(on_poll_closed);
    }

    /// libuv stops a handle by itself when it reports an error.
    pub fn was_stopped(&self) {
        self.mask.set(0);
    }
}

impl Drop for PollHandle {
    fn drop(&mut self) {
        self.close();
    }
}

extern "C" fn on_poll(raw: *mut c_void, status: c_int, events: c_int) {
    // SAFETY: libuv calls this for open handles only.
    let target = unsafe { data_of::<PollTarget>(raw) }.clone();
    guarded(|| target.on_poll(status, events));
}

extern "C" fn on_poll_closed(raw: *mut c_void) {
    // SAFETY: the last call for this handle: the box is taken back once.
    let target = unsafe { Box::from_raw(uv_handle_get_data(raw).cast::<PollTarget>()) };
    release(raw, UV_POLL);
    guarded(|| (*target).on_closed());
}

type WakeTarget = Rc<dyn Wake>;

/// Asks the loop for a call on its next turn, and keeps the loop alive while `hold(true)`.
pub struct AsyncHandle {
    handle: Handle<WakeTarget>,
}

impl AsyncHandle {
    pub fn new(uv_loop: Loop, target: WakeTarget) -> SysResult<Self> {
        let raw = allocate(UV_ASYNC);
        // SAFETY: the loop is the environment's and alive; `raw` has the size of a uv_async_t.
        let status = unsafe { uv_async_init(uv_loop.0, raw.as_ptr(), on_async) };
        if status != 0 {
            release(raw.as_ptr(), UV_ASYNC);
            return Err(SysError::new(-status, "uv_async_init"));
        }
        let handle = AsyncHandle { handle: Handle::new(raw, target) };
        handle.hold(false);
        Ok(handle)
    }

    pub fn send(&self) {
        if let Some(raw) = self.handle.live() {
            // SAFETY: `raw` is an open async handle.
            unsafe { uv_async_send(raw) };
        }
    }

    pub fn hold(&self, alive: bool) {
        if let Some(raw) = self.handle.live() {
            // SAFETY: `raw` is an open handle.
            unsafe { if alive { uv_ref(raw) } else { uv_unref(raw) } }
        }
    }

    pub fn close(&self) {
        self.handle.close(on_async_closed);
    }
}

impl Drop for AsyncHandle {
    fn drop(&mut self) {
        self.close();
    }
}

extern "C" fn on_async(raw: *mut c_void) {
    // SAFETY: libuv calls this for open handles only.
    let target = unsafe { data_of::<WakeTarget>(raw) }.clone();
    guarded(|| target.on_wake());
}

extern "C" fn on_async_closed(raw: *mut c_void) {
    // SAFETY: the last call for this handle: the box is taken back once.
    drop(unsafe { Box::from_raw(uv_handle_get_data(raw).cast::<WakeTarget>()) });
    release(raw, UV_ASYNC);
}
