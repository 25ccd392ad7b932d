//! Retry timer for conditions that cause no event.

use crate::uv::{Loop, Target, TimerHandle};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Longest pause between two retries, in milliseconds. A receiver that took over a pathname is found within this time.
pub const MAX_DELAY_MS: u32 = 100;

#[derive(Default)]
pub struct RetryTimer {
    handle: RefCell<Option<TimerHandle>>,
    /// When the timer expires, if it runs.
    due: Cell<Option<Instant>>,
    /// The pause before the last retry, in milliseconds; 0 if something was sent since.
    delay_ms: Cell<u32>,
}

impl RetryTimer {
    /// Something was sent, so the next pause is short.
    pub fn progress(&self) {
        self.delay_ms.set(0);
    }

    /// Retries after a pause that grows as long as nothing is sent.
    pub fn start(&self, uv_loop: Loop, target: impl FnOnce() -> Option<Rc<dyn Target>>) {
        if self.due.get().is_some() && self.delay_ms.get() > 0 {
            return;
        }
        let delay = (self.delay_ms.get() * 2).clamp(1, MAX_DELAY_MS);
        self.delay_ms.set(delay);
        self.run(delay, uv_loop, target);
    }

    /// Retries after the longest pause at the latest.
    pub fn start_slow(&self, uv_loop: Loop, target: impl FnOnce() -> Option<Rc<dyn Target>>) {
        if self.due.get().is_none() {
            self.run(MAX_DELAY_MS, uv_loop, target);
        }
    }

    fn run(&self, delay: u32, uv_loop: Loop, target: impl FnOnce() -> Option<Rc<dyn Target>>) {
        let due = Instant::now() + Duration::from_millis(delay.into());
        if self.due.get().is_some_and(|earlier| earlier <= due) {
            return;
        }
        let mut handle = self.handle.borrow_mut();
        if handle.is_none() {
            *handle = target().and_then(|target| TimerHandle::new(uv_loop, target).ok());
        }
        if let Some(handle) = &*handle {
            handle.start(delay);
            self.due.set(Some(due));
        }
    }

    /// The timer has expired.
    pub fn expired(&self) {
        self.due.set(None);
    }

    /// Closes the timer.
    pub fn close(&self) {
        self.due.set(None);
        self.handle.take();
    }
}
