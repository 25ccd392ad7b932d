//! Changes of what handles watch for, carried out together before the loop polls.

use crate::core::live_handles::LiveHandles;
use crate::sys::SysResult;
use crate::uv::{IterationHandle, Loop, WakeupTarget};
use std::cell::RefCell;
use std::rc::Rc;

pub struct Watches {
    handles: Rc<LiveHandles>,
    /// Keys of the handles whose watch changes.
    changed: RefCell<Vec<usize>>,
    prepare: RefCell<Option<IterationHandle>>,
}

impl Watches {
    pub fn new(uv_loop: Loop, handles: Rc<LiveHandles>) -> SysResult<Rc<Self>> {
        let watches = Rc::new(Watches { handles, changed: RefCell::default(), prepare: RefCell::new(None) });
        let prepare = IterationHandle::prepare(uv_loop, watches.clone())?;
        watches.prepare.replace(Some(prepare));
        Ok(watches)
    }

    /// Calls `apply_watch` of the handle before the loop polls.
    pub fn schedule(&self, key: usize) {
        self.changed.borrow_mut().push(key);
        if let Some(prepare) = &*self.prepare.borrow() {
            prepare.start();
        }
    }

    /// Closes the prepare handle, because the environment ends.
    pub fn close(&self) {
        let prepare = self.prepare.take();
        drop(prepare);
    }
}

impl WakeupTarget for Watches {
    fn on_wakeup(self: Rc<Self>) {
        if let Some(prepare) = &*self.prepare.borrow() {
            prepare.stop();
        }
        for key in self.changed.take() {
            if let Some(handle) = self.handles.get(key) {
                handle.apply_watch();
            }
        }
    }
}
