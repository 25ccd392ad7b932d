//! Every libuv call. libuv's functions are declared here, over storage sized by `uv_handle_size`.
//!
//! `PollHandle`, `TimerHandle`, `IdleHandle` and `AsyncHandle` each own one libuv handle. Closing is idempotent. The memory of a libuv
//! handle is freed in its close callback.

use crate::sys::{SysError, SysResult};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
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

/// The type of a libuv handle, with what its uv_*_init function takes.
#[derive(Clone, Copy)]
enum Init {
    Poll(RawFd),
    Timer,
    Idle,
    Async,
}

impl Init {
    fn kind(self) -> c_int {
        match self {
            Init::Poll(_) => UV_POLL,
            Init::Timer => UV_TIMER,
            Init::Idle => UV_IDLE,
            Init::Async => UV_ASYNC,
        }
    }

    fn syscall(self) -> &'static str {
        match self {
            Init::Poll(_) => "uv_poll_init",
            Init::Timer => "uv_timer_init",
            Init::Idle => "uv_idle_init",
            Init::Async => "uv_async_init",
        }
    }
}

/// A call on an open handle of the right type.
enum Call {
    StartPoll(c_int),
    StopPoll,
    StartTimer(u64),
    StartIdle,
    StopIdle,
    Send,
    SetReferenced(bool),
}

/// One libuv handle, whose callbacks use a `T`.
struct Handle<T> {
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
    fn new(uv_loop: Loop, init: Init, target: T, on_closed: RawCallback) -> SysResult<Self> {
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
                Init::Async => uv_async_init(uv_loop, handle, on_wakeup),
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
    fn call(&self, call: Call) {
        if !self.open.get() {
            return;
        }
        let raw = self.raw.as_ptr();
        // SAFETY: `raw` is an open handle, and each type of handle uses only the calls for its type.
        unsafe {
            match call {
                Call::StartPoll(mask) => drop(uv_poll_start(raw, mask, on_poll)),
                Call::StopPoll => drop(uv_poll_stop(raw)),
                Call::StartTimer(delay) => drop(uv_timer_start(raw, on_timer, delay, 0)),
                Call::StartIdle => drop(uv_idle_start(raw, on_wakeup)),
                Call::StopIdle => drop(uv_idle_stop(raw)),
                Call::Send => drop(uv_async_send(raw)),
                Call::SetReferenced(true) => uv_ref(raw),
                Call::SetReferenced(false) => uv_unref(raw),
            }
        }
    }

    fn close(&self) {
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
    handle: Handle<PollTarget>,
    mask: Cell<c_int>,
}

impl PollHandle {
    pub fn new(uv_loop: Loop, fd: BorrowedFd, target: Rc<dyn Target>, token: usize) -> SysResult<Self> {
        let handle = Handle::new(uv_loop, Init::Poll(fd.as_raw_fd()), (target, token), on_poll_closed)?;
        Ok(PollHandle { handle, mask: Cell::new(0) })
    }

    /// Watches for the events in `mask`; 0 stops. Does nothing if `mask` is watched already.
    pub fn watch(&self, mask: c_int) {
        if self.mask.replace(mask) != mask {
            self.handle.call(if mask == 0 { Call::StopPoll } else { Call::StartPoll(mask) });
        }
    }

    /// `Target::on_closed` follows, unless the `PollHandle` is dropped before.
    pub fn close(&self) {
        self.handle.close();
    }

    /// To be called when `on_poll` got an error status, because libuv stopped the handle then.
    pub fn was_stopped(&self) {
        self.mask.set(0);
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
    handle: Handle<Rc<dyn Target>>,
}

impl TimerHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn Target>) -> SysResult<Self> {
        Ok(TimerHandle { handle: Handle::new(uv_loop, Init::Timer, target, on_timer_closed)? })
    }

    /// Calls `Target::on_timer` once, after `delay` milliseconds. A timer that runs already is set anew.
    pub fn start(&self, delay: u32) {
        self.handle.call(Call::StartTimer(delay.into()));
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
    handle: Handle<Rc<dyn WakeupTarget>>,
}

impl IdleHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn WakeupTarget>) -> SysResult<Self> {
        Ok(IdleHandle { handle: Handle::new(uv_loop, Init::Idle, target, on_idle_closed)? })
    }

    /// Does nothing if it runs already.
    pub fn start(&self) {
        self.handle.call(Call::StartIdle);
    }

    pub fn stop(&self) {
        self.handle.call(Call::StopIdle);
    }
}

extern "C" fn on_idle_closed(raw: *mut c_void) {
    free::<Rc<dyn WakeupTarget>>(raw, UV_IDLE);
}

/// Wakes the loop (uv_async_t), and keeps it alive after `set_referenced(true)`.
pub struct AsyncHandle {
    handle: Handle<Rc<dyn WakeupTarget>>,
}

impl AsyncHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn WakeupTarget>) -> SysResult<Self> {
        Ok(AsyncHandle { handle: Handle::new(uv_loop, Init::Async, target, on_async_closed)? })
    }

    /// `WakeupTarget::on_wakeup` is called on the next iteration of the loop.
    pub fn send(&self) {
        self.handle.call(Call::Send);
    }

    pub fn set_referenced(&self, referenced: bool) {
        self.handle.call(Call::SetReferenced(referenced));
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
