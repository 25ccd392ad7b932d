//! Descriptors of messages that wait. They are duplicates, and their number is limited.

use crate::sys::{self, SysResult};
use std::cell::Cell;
use std::ops::Deref;
use std::os::fd::{OwnedFd, RawFd};
use std::rc::Rc;

/// Descriptors that the queues of an environment hold at most. If the process may open few files, they hold a quarter of that.
const MAX_QUEUED: usize = 1024;

#[derive(Default)]
pub struct QueuedFds {
    fds: Vec<OwnedFd>,
    count: Option<Rc<Cell<usize>>>,
}

impl QueuedFds {
    /// Whether the queues may hold `more` descriptors. `count` is how many they hold.
    pub fn admits(count: &Cell<usize>, more: usize) -> bool {
        more == 0 || count.get() + more <= MAX_QUEUED.min(sys::open_file_limit() / 4)
    }

    pub fn duplicate(fds: &[RawFd], count: &Rc<Cell<usize>>) -> SysResult<Self> {
        if fds.is_empty() {
            return Ok(QueuedFds::default());
        }
        let fds = fds.iter().map(|fd| sys::duplicate(*fd)).collect::<SysResult<Vec<_>>>()?;
        count.set(count.get() + fds.len());
        Ok(QueuedFds { fds, count: Some(count.clone()) })
    }
}

impl Deref for QueuedFds {
    type Target = [OwnedFd];

    fn deref(&self) -> &[OwnedFd] {
        &self.fds
    }
}

impl Drop for QueuedFds {
    fn drop(&mut self) {
        if let Some(count) = &self.count {
            count.set(count.get().saturating_sub(self.fds.len()));
        }
    }
}
