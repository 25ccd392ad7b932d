//! Every libuv call. libuv's functions are declared here, over storage sized by `uv_handle_size`.
//!
//! `PollHandle`, `TimerHandle` and `AsyncHandle` each own one libuv handle. Closing is idempotent. The memory of a libuv
//! handle is freed in its close callback.

use crate::sys::{SysError, SysResult};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::NonNull;
use std::rc::Rc;

pub const READABLE: c_int = 1;
pub const WRITABLE: c_int = 2;
/// The peer will write no more (POLLRDHUP).
pub const DISCONNECT: c_int = 4;
/// UV_PRIORITIZED (POLLPRI), which an AF_UNIX socket never reports. POLLHUP and POLLERR are reported with any mask, so this
/// mask waits for these two alone.
pub const HANGUP: c_int = 8;

const UV_ASYNC: c_int = 1;
const UV_IDLE: c_int = 6;
const UV_POLL: c_int = 8;
const UV_TIMER: c_int = 13;

type RawPollCallback = extern "C" fn(*mut c_void, c_int, c_int);
type RawCallback = extern "C" fn(*mut c_void);

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
    fn uv_async_init(uv_loop: *mut c_void, handle: *mut c_void, callback: RawCallback) -> c_int;
    fn uv_async_send(handle: *mut c_void) -> c_int;
    fn uv_ref(handle: *mut c_void);
    fn uv_unref(handle: *mut c_void);
    fn uv_close(handle: *mut c_void, callback: RawCallback);
}

/// The event loop of an environment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Loop(pub *mut c_void);

/// Receives the callbacks of poll and timer handles. A target may have several poll handles; `token` says which one calls.
pub trait Target {
    /// `status` below 0 is libuv's report of POLLERR. libuv has stopped the handle then.
    fn on_poll(self: Rc<Self>, token: usize, status: c_int, events: c_int);
    fn on_timer(self: Rc<Self>);
    /// The poll handle has finished closing.
    fn on_closed(self: Rc<Self>, token: usize);
}

/// Receives the callback of an async or idle handle.
pub trait WakeupTarget {
    fn on_wakeup(self: Rc<Self>);
}

/// What the data pointer of a libuv handle leads to: `T`, until the owner of the handle takes it back.
type Shared<T> = Rc<RefCell<Option<T>>>;

/// One libuv handle of type `KIND`, whose callbacks use a `T`.
struct Handle<T, const KIND: c_int> {
    raw: NonNull<c_void>,
    open: Cell<bool>,
    shared: Shared<T>,
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

impl<T: Clone, const KIND: c_int> Handle<T, KIND> {
    /// `init` calls the uv_*_init function on zeroed memory of the right size.
    fn new(target: T, syscall: &'static str, init: impl FnOnce(*mut c_void) -> c_int) -> SysResult<Self> {
        let layout = layout(KIND);
        // SAFETY: the layout has a size of at least 8.
        let memory = unsafe { alloc_zeroed(layout) };
        let raw: NonNull<c_void> = NonNull::new(memory.cast()).unwrap_or_else(|| handle_alloc_error(layout));
        let status = init(raw.as_ptr());
        if status != 0 {
            release(raw.as_ptr(), KIND);
            return Err(SysError::new(-status, syscall));
        }
        let shared = Rc::new(RefCell::new(Some(target)));
        // SAFETY: `raw` is an initialised handle. Its close callback takes this count of the Rc back.
        unsafe { uv_handle_set_data(raw.as_ptr(), Rc::into_raw(shared.clone()).cast_mut().cast()) };
        Ok(Handle { raw, open: Cell::new(true), shared })
    }

    /// The raw handle, unless it was closed.
    fn open(&self) -> Option<*mut c_void> {
        self.open.get().then_some(self.raw.as_ptr())
    }

    fn close(&self, callback: RawCallback) {
        if self.open.replace(false) {
            // SAFETY: the handle is initialised, and closed once, because `open` was true.
            unsafe { uv_close(self.raw.as_ptr(), callback) }
        }
    }

    /// Takes the target back: no callback uses it after this, not even the close callback.
    fn take_target(&self) {
        let target = self.shared.borrow_mut().take();
        drop(target);
    }
}

/// The target of a handle whose callback libuv is calling.
fn target_of<T: Clone>(raw: *mut c_void) -> Option<T> {
    // SAFETY: libuv calls back only for handles that are not freed, and their data pointer is an Rc that only the close
    // callback takes back.
    let shared = unsafe { &*uv_handle_get_data(raw).cast::<RefCell<Option<T>>>() };
    shared.borrow().clone()
}

/// Frees a handle in its close callback. Returns its target, if the owner did not take it back.
fn free<T>(raw: *mut c_void, kind: c_int) -> Option<T> {
    // SAFETY: the close callback is the last call for a handle, so the count of the Rc is taken back once.
    let shared = unsafe { Rc::from_raw(uv_handle_get_data(raw).cast::<RefCell<Option<T>>>()) };
    release(raw, kind);
    shared.borrow_mut().take()
}

type PollTarget = (Rc<dyn Target>, usize);

/// Watches a descriptor. The descriptor may be closed as soon as `close` has returned.
pub struct PollHandle {
    handle: Handle<PollTarget, UV_POLL>,
    mask: Cell<c_int>,
}

impl PollHandle {
    pub fn new(uv_loop: Loop, fd: BorrowedFd, target: Rc<dyn Target>, token: usize) -> SysResult<Self> {
        let handle = Handle::new((target, token), "uv_poll_init", |raw| {
            // SAFETY: the loop belongs to a living environment; `raw` has the size of a uv_poll_t.
            unsafe { uv_poll_init(uv_loop.0, raw, fd.as_raw_fd()) }
        })?;
        // SAFETY: the handle is initialised. The environment counts what keeps the loop alive, not the poll handles.
        unsafe { uv_unref(handle.raw.as_ptr()) };
        Ok(PollHandle { handle, mask: Cell::new(0) })
    }

    /// Watches for the events in `mask`; 0 stops. Does nothing if `mask` is watched already.
    pub fn watch(&self, mask: c_int) {
        let Some(raw) = self.handle.open() else { return };
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

    /// `Target::on_closed` follows, unless the `PollHandle` is dropped before.
    pub fn close(&self) {
        self.handle.close(on_poll_closed);
    }

    /// To be called when `on_poll` got an error status, because libuv stopped the handle then.
    pub fn was_stopped(&self) {
        self.mask.set(0);
    }
}

impl Drop for PollHandle {
    fn drop(&mut self) {
        self.close();
        self.handle.take_target();
    }
}

extern "C" fn on_poll(raw: *mut c_void, status: c_int, events: c_int) {
    if let Some((target, token)) = target_of::<PollTarget>(raw) {
        guarded(|| target.on_poll(token, status, events));
    }
}

extern "C" fn on_poll_closed(raw: *mut c_void) {
    if let Some((target, token)) = free::<PollTarget>(raw, UV_POLL) {
        guarded(|| target.on_closed(token));
    }
}

/// A one-shot timer that does not keep the loop alive.
pub struct TimerHandle {
    handle: Handle<Rc<dyn Target>, UV_TIMER>,
}

impl TimerHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn Target>) -> SysResult<Self> {
        let handle = Handle::new(target, "uv_timer_init", |raw| {
            // SAFETY: the loop belongs to a living environment; `raw` has the size of a uv_timer_t.
            unsafe { uv_timer_init(uv_loop.0, raw) }
        })?;
        // SAFETY: the handle is initialised.
        unsafe { uv_unref(handle.raw.as_ptr()) };
        Ok(TimerHandle { handle })
    }

    /// Calls `Target::on_timer` once, after `delay` milliseconds. A timer that runs already is set anew.
    pub fn start(&self, delay: u32) {
        if let Some(raw) = self.handle.open() {
            // SAFETY: `raw` is an open timer handle.
            unsafe { uv_timer_start(raw, on_timer, delay.into(), 0) };
        }
    }
}

impl Drop for TimerHandle {
    fn drop(&mut self) {
        self.handle.close(on_timer_closed);
        self.handle.take_target();
    }
}

extern "C" fn on_timer(raw: *mut c_void) {
    if let Some(target) = target_of::<Rc<dyn Target>>(raw) {
        guarded(|| target.on_timer());
    }
}

extern "C" fn on_timer_closed(raw: *mut c_void) {
    free::<Rc<dyn Target>>(raw, UV_TIMER);
}

/// Calls back on each iteration of the loop, which does not sleep meanwhile (uv_idle_t). Does not keep the loop alive.
pub struct IdleHandle {
    handle: Handle<Rc<dyn WakeupTarget>, UV_IDLE>,
}

impl IdleHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn WakeupTarget>) -> SysResult<Self> {
        let handle = Handle::new(target, "uv_idle_init", |raw| {
            // SAFETY: the loop belongs to a living environment; `raw` has the size of a uv_idle_t.
            unsafe { uv_idle_init(uv_loop.0, raw) }
        })?;
        // SAFETY: the handle is initialised.
        unsafe { uv_unref(handle.raw.as_ptr()) };
        Ok(IdleHandle { handle })
    }

    /// Does nothing if it runs already.
    pub fn start(&self) {
        if let Some(raw) = self.handle.open() {
            // SAFETY: `raw` is an open idle handle.
            unsafe { uv_idle_start(raw, on_wakeup) };
        }
    }

    pub fn stop(&self) {
        if let Some(raw) = self.handle.open() {
            // SAFETY: `raw` is an open idle handle.
            unsafe { uv_idle_stop(raw) };
        }
    }
}

impl Drop for IdleHandle {
    fn drop(&mut self) {
        self.handle.close(on_idle_closed);
        self.handle.take_target();
    }
}

extern "C" fn on_idle_closed(raw: *mut c_void) {
    free::<Rc<dyn WakeupTarget>>(raw, UV_IDLE);
}

/// Wakes the loop (uv_async_t), and keeps it alive after `set_referenced(true)`.
pub struct AsyncHandle {
    handle: Handle<Rc<dyn WakeupTarget>, UV_ASYNC>,
}

impl AsyncHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn WakeupTarget>) -> SysResult<Self> {
        let handle = Handle::new(target, "uv_async_init", |raw| {
            // SAFETY: the loop belongs to a living environment; `raw` has the size of a uv_async_t.
            unsafe { uv_async_init(uv_loop.0, raw, on_wakeup) }
        })?;
        let handle = AsyncHandle { handle };
        handle.set_referenced(false);
        Ok(handle)
    }

    /// `WakeupTarget::on_wakeup` is called on the next iteration of the loop.
    pub fn send(&self) {
        if let Some(raw) = self.handle.open() {
            // SAFETY: `raw` is an open async handle.
            unsafe { uv_async_send(raw) };
        }
    }

    pub fn set_referenced(&self, referenced: bool) {
        if let Some(raw) = self.handle.open() {
            // SAFETY: `raw` is an open handle.
            unsafe { if referenced { uv_ref(raw) } else { uv_unref(raw) } }
        }
    }
}

impl Drop for AsyncHandle {
    fn drop(&mut self) {
        self.handle.close(on_async_closed);
        self.handle.take_target();
    }
}

extern "C" fn on_wakeup(raw: *mut c_void) {
    if let Some(target) = target_of::<Rc<dyn WakeupTarget>>(raw) {
        guarded(|| target.on_wakeup());
    }
}

extern "C" fn on_async_closed(raw: *mut c_void) {
    free::<Rc<dyn WakeupTarget>>(raw, UV_ASYNC);
}
