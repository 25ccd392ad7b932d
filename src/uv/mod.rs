//! Every libuv call. `PollHandle`, `TimerHandle`, `IdleHandle` and `AsyncHandle` each own one libuv handle.

#[allow(unsafe_code)]
mod handle;

use crate::sys::SysResult;
use handle::{Call, CallbackTarget, Handle, Init, target_of};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::rc::Rc;

pub use handle::{Loop, guarded};

pub const READABLE: c_int = 1;
pub const WRITABLE: c_int = 2;
/// The peer will write no more (POLLRDHUP).
pub const DISCONNECT: c_int = 4;
/// UV_PRIORITIZED (POLLPRI), which an AF_UNIX socket never reports. POLLHUP and POLLERR are reported with any mask, so this
/// mask waits for these two alone.
pub const HANGUP: c_int = 8;

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

type PollTarget = (Rc<dyn Target>, usize);

impl CallbackTarget for PollTarget {
    fn on_closed(self) {
        let (target, token) = self;
        target.on_closed(token);
    }
}

/// The owner of a timer need not know when it has closed.
impl CallbackTarget for Rc<dyn Target> {
    fn on_closed(self) {}
}

impl CallbackTarget for Rc<dyn WakeupTarget> {
    fn on_closed(self) {}
}

/// Watches a descriptor. The descriptor may be closed as soon as `close` has returned.
pub struct PollHandle {
    handle: Handle<PollTarget>,
    mask: Cell<c_int>,
}

impl PollHandle {
    pub fn new(uv_loop: Loop, fd: BorrowedFd, target: Rc<dyn Target>, token: usize) -> SysResult<Self> {
        let handle = Handle::new(uv_loop, Init::Poll(fd.as_raw_fd()), (target, token))?;
        Ok(PollHandle { handle, mask: Cell::new(0) })
    }

    /// Watches for the events in `mask`; 0 stops. Does nothing if `mask` is watched already. Otherwise libuv makes a system call,
    /// and another one before it polls.
    pub fn watch(&self, mask: c_int) {
        if self.mask.replace(mask) != mask {
            self.handle.call(if mask == 0 { Call::StopPoll } else { Call::StartPoll(mask, on_poll) });
        }
    }

    /// What is watched.
    pub fn mask(&self) -> c_int {
        self.mask.get()
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

/// A one-shot timer that does not keep the loop alive.
pub struct TimerHandle {
    handle: Handle<Rc<dyn Target>>,
}

impl TimerHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn Target>) -> SysResult<Self> {
        Ok(TimerHandle { handle: Handle::new(uv_loop, Init::Timer, target)? })
    }

    /// Calls `Target::on_timer` once, after `delay` milliseconds. A timer that runs already is set anew.
    pub fn start(&self, delay: u32) {
        self.handle.call(Call::StartTimer(delay.into(), on_timer));
    }
}

extern "C" fn on_timer(raw: *mut c_void) {
    if let Some(target) = target_of::<Rc<dyn Target>>(raw) {
        guarded(|| target.on_timer());
    }
}

/// While it runs it calls back on each iteration of the loop, before the loop polls, and the loop does not sleep. Does not keep
/// the loop alive.
pub struct IdleHandle {
    handle: Handle<Rc<dyn WakeupTarget>>,
}

impl IdleHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn WakeupTarget>) -> SysResult<Self> {
        Ok(IdleHandle { handle: Handle::new(uv_loop, Init::Idle, target)? })
    }

    /// Does nothing if it runs already.
    pub fn start(&self) {
        self.handle.call(Call::StartIdle(on_wakeup));
    }

    pub fn stop(&self) {
        self.handle.call(Call::StopIdle);
    }
}

/// Wakes the loop (uv_async_t), and keeps it alive after `set_referenced(true)`.
pub struct AsyncHandle {
    handle: Handle<Rc<dyn WakeupTarget>>,
}

impl AsyncHandle {
    pub fn new(uv_loop: Loop, target: Rc<dyn WakeupTarget>) -> SysResult<Self> {
        Ok(AsyncHandle { handle: Handle::new(uv_loop, Init::Async(on_wakeup), target)? })
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
