//! When poll handles change what they watch for. Within a callback that often changes several times, and each change costs
//! system calls, so changes are carried out together when the callback ends, or before a nested event loop polls. Outside of
//! callbacks they are carried out at once: a program that embeds the event loop (Electron) polls without calling it.

use crate::core::live_handles::LiveHandles;
use crate::sys::SysResult;
use crate::uv::{IdleHandle, Loop, WakeupTarget};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub struct Watches {
    handles: Rc<LiveHandles>,
    /// Callbacks of the event loop that are running, one inside another.
    callbacks: Cell<usize>,
    /// Keys of the handles whose watch changes.
    changed: RefCell<Vec<usize>>,
    /// Runs while something has changed.
    idle: RefCell<Option<IdleHandle>>,
}

impl Watches {
    pub fn new(uv_loop: Loop, handles: Rc<LiveHandles>) -> SysResult<Rc<Self>> {
        let (callbacks, changed, idle) = Default::default();
        let watches = Rc::new(Watches { handles, callbacks, changed, idle });
        let handle = IdleHandle::new(uv_loop, watches.clone())?;
        watches.idle.replace(Some(handle));
        Ok(watches)
    }

    /// Runs a callback of the event loop.
    pub fn during<R>(&self, callback: impl FnOnce() -> R) -> R {
        self.callbacks.set(self.callbacks.get() + 1);
        let result = callback();
        self.callbacks.set(self.callbacks.get() - 1);
        self.apply();
        result
    }

    /// Calls `apply_watch` of the handle before the loop polls.
    pub fn schedule(&self, key: usize) {
        self.changed.borrow_mut().push(key);
        if self.callbacks.get() == 0 {
            self.apply();
        } else if let Some(idle) = &*self.idle.borrow() {
            idle.start();
        }
    }

    fn apply(&self) {
        if self.changed.borrow().is_empty() {
            return;
        }
        if let Some(idle) = &*self.idle.borrow() {
            idle.stop();
        }
        for key in self.changed.take() {
            if let Some(handle) = self.handles.get(key) {
                handle.apply_watch();
            }
        }
    }

    /// Closes the idle handle, because the environment ends.
    pub fn close(&self) {
        let idle = self.idle.take();
        drop(idle);
    }
}

impl WakeupTarget for Watches {
    fn on_wakeup(self: Rc<Self>) {
        self.apply();
    }
}
