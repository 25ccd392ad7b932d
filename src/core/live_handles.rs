//! The environment's live handles: what is closed when the environment ends, what was scheduled, and what keeps the loop alive.

use crate::js::env::Js;
use crate::sys::SysResult;
use crate::uv::{AsyncHandle, Loop, Target, WakeupTarget};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::os::fd::RawFd;
use std::rc::Rc;

/// A socket or server that has a descriptor.
pub trait LiveHandle: Target {
    /// Runs what `schedule` asked for.
    fn on_scheduled(self: Rc<Self>);
    /// Carries the last `Handle::watch` out.
    fn apply_watch(&self);
    /// The receiver of the destination with this token has room. Returns true if something was sent, or nothing waited.
    fn on_room(self: Rc<Self>, destination: usize) -> bool;
    /// The probe of the destination with this token was given up.
    fn on_probe_lost(&self, destination: usize);
    /// Delivers the messages that have arrived, if there are any.
    fn on_busy_poll(self: Rc<Self>);
    /// Closes without any call into JavaScript, because the environment ends.
    fn close_at_exit(&self);
    /// Makes the reference to the JS object strong or weak.
    fn keep(&self, js: &Js, strong: bool);
    fn as_any(&self) -> &dyn Any;
}

/// The list of live handles. A handle's key is its index plus 1, so that 0 is never a key.
#[derive(Default)]
pub struct LiveHandles {
    list: RefCell<Vec<Option<Rc<dyn LiveHandle>>>>,
    free_keys: RefCell<Vec<usize>>,
    /// Keys of the handles whose `on_scheduled` will be called, in order.
    scheduled: RefCell<VecDeque<usize>>,
    wakeup: RefCell<Option<AsyncHandle>>,
    active_refs: Cell<usize>,
    descriptors: RefCell<HashSet<RawFd>>,
}

impl LiveHandles {
    pub fn new(uv_loop: Loop) -> SysResult<Rc<Self>> {
        let handles = Rc::new(LiveHandles::default());
        let wakeup = AsyncHandle::new(uv_loop, handles.clone())?;
        handles.wakeup.replace(Some(wakeup));
        Ok(handles)
    }

    pub fn add(&self, handle: Rc<dyn LiveHandle>) -> usize {
        let mut list = self.list.borrow_mut();
        if let Some(key) = self.free_keys.borrow_mut().pop()
            && let Some(place) = list.get_mut(key - 1)
        {
            *place = Some(handle);
            return key;
        }
        list.push(Some(handle));
        list.len()
    }

    pub fn remove(&self, key: usize) {
        let handle = self.list.borrow_mut().get_mut(key.wrapping_sub(1)).and_then(Option::take);
        if handle.is_some() {
            self.free_keys.borrow_mut().push(key);
        }
        // Dropped after the borrow: dropping a handle calls Node-API.
        drop(handle);
    }

    pub fn get(&self, key: usize) -> Option<Rc<dyn LiveHandle>> {
        self.list.borrow().get(key.wrapping_sub(1))?.clone()
    }

    /// Closes all handles. Nothing is called back any more.
    pub fn close_all(&self) {
        let handles = std::mem::take(&mut *self.list.borrow_mut());
        for handle in handles.into_iter().flatten() {
            handle.close_at_exit();
        }
        self.wakeup.take();
    }

    /// Calls `on_scheduled` of the handle on the next iteration of the loop.
    pub fn schedule(&self, key: usize) {
        self.scheduled.borrow_mut().push_back(key);
        self.wake();
    }

    /// Calls `on_wakeup` on the next iteration of the loop.
    fn wake(&self) {
        if let Some(wakeup) = &*self.wakeup.borrow() {
            wakeup.send();
        }
    }

    /// Counts the handles that keep the loop alive.
    pub fn add_active_ref(&self, added: bool) {
        let before = self.active_refs.get();
        let after = if added { before + 1 } else { before.saturating_sub(1) };
        self.active_refs.set(after);
        if (before == 0) != (after == 0)
            && let Some(wakeup) = &*self.wakeup.borrow()
        {
            wakeup.set_referenced(after > 0);
        }
    }

    /// Whether an open handle of this environment owns `fd`.
    pub fn owns(&self, fd: RawFd) -> bool {
        self.descriptors.borrow().contains(&fd)
    }

    pub fn set_owned(&self, fd: RawFd, owned: bool) {
        let mut descriptors = self.descriptors.borrow_mut();
        if owned {
            descriptors.insert(fd)
        } else {
            descriptors.remove(&fd)
        };
    }
}

impl WakeupTarget for LiveHandles {
    fn on_wakeup(self: Rc<Self>) {
        // What is scheduled meanwhile waits for the next iteration.
        let count = self.scheduled.borrow().len();
        if count > 1 {
            // An event loop that one of the handles runs (deasync) calls the others.
            self.wake();
        }
        for _ in 0..count {
            let key = self.scheduled.borrow_mut().pop_front();
            if let Some(handle) = key.and_then(|key| self.get(key)) {
                handle.on_scheduled();
            }
        }
    }
}
