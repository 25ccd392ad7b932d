//! Busy polling: for a short time after a message the event loop does not sleep, and the sockets that asked for it look for the
//! next message themselves.

use crate::core::live_handles::LiveHandles;
use crate::sys::SysResult;
use crate::uv::{IdleHandle, Loop, WakeupTarget};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Checks of all polling sockets per iteration. More checks spread the cost of the loop's own calls, but delay timers and other
/// handles.
const LOOKS_PER_ITERATION: usize = 8;

pub struct BusyPoll {
    uv_loop: Loop,
    handles: Rc<LiveHandles>,
    /// A socket received or sent something.
    busy: Cell<bool>,
    /// The sockets that poll, and until when.
    sockets: RefCell<Vec<(usize, Instant)>>,
    idle: RefCell<Option<IdleHandle>>,
}

impl BusyPoll {
    pub fn new(uv_loop: Loop, handles: Rc<LiveHandles>) -> Rc<Self> {
        Rc::new(BusyPoll {
            uv_loop,
            handles,
            busy: Cell::new(false),
            sockets: RefCell::default(),
            idle: RefCell::new(None),
        })
    }

    /// Polls the socket with this key until `time` from now.
    pub fn poll(self: &Rc<Self>, key: usize, time: Duration) -> SysResult<()> {
        self.busy.set(true);
        let until = Instant::now() + time;
        let mut sockets = self.sockets.borrow_mut();
        match sockets.iter_mut().find(|(other, _)| *other == key) {
            Some((_, deadline)) => *deadline = until,
            None => sockets.push((key, until)),
        }
        if self.idle.borrow().is_none() {
            let idle = IdleHandle::new(self.uv_loop, self.clone())?;
            self.idle.replace(Some(idle));
        }
        if let Some(idle) = &*self.idle.borrow() {
            idle.start();
        }
        Ok(())
    }

    /// Closes the idle handle, because the environment ends.
    pub fn close(&self) {
        self.sockets.borrow_mut().clear();
        let idle = self.idle.take();
        drop(idle);
    }
}

impl WakeupTarget for BusyPoll {
    /// Called on each iteration of the loop while a socket polls.
    fn on_wakeup(self: Rc<Self>) {
        for _ in 0..LOOKS_PER_ITERATION {
            let keys: Vec<usize> = self.sockets.borrow().iter().map(|(key, _)| *key).collect();
            self.busy.set(false);
            for key in keys {
                if let Some(handle) = self.handles.get(key) {
                    handle.on_busy_poll();
                }
            }
            if self.busy.get() {
                return;
            }
        }
        let now = Instant::now();
        self.sockets.borrow_mut().retain(|(_, until)| *until > now);
        if self.sockets.borrow().is_empty()
            && let Some(idle) = &*self.idle.borrow()
        {
            idle.stop();
        }
    }
}
