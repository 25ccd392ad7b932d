//! Memory shared with JavaScript, which describes a run of messages and how many of them were delivered.

use crate::js::arguments::View;
use crate::js::env::Js;
use crate::js::reference::JsRef;
use std::cell::Cell;

/// Messages that one call of `onRun` can carry. js/constants.js has the same number, and a test compares them.
pub const MAX_RUN_MESSAGES: usize = 64;

/// A Uint32Array: `[delivered, offset, length, offset, length, ...]`. Runs are used if JavaScript can drain the nextTick and
/// microtask queues itself; otherwise each message has a call of its own.
pub struct Runs {
    shared: JsRef,
    possible: bool,
    /// A run is being delivered. A nested event loop must not overwrite it.
    busy: Cell<bool>,
}

impl Runs {
    pub fn new(shared: JsRef, possible: bool) -> Self {
        Runs { shared, possible, busy: Cell::new(false) }
    }

    pub fn clear(&self) {
        self.shared.clear();
    }

    pub fn available(&self) -> bool {
        self.possible && !self.busy.get()
    }

    fn view(&self, js: &Js) -> Option<View> {
        Some(View::of(js, self.shared.get()?))
    }

    fn first_word(&self, js: &Js) -> Option<u32> {
        let read = |bytes: &[u8]| bytes.get(..4).and_then(|word| word.try_into().ok()).map(u32::from_ne_bytes);
        if js.alive() { self.view(js).and_then(|view| view.with(read)).flatten() } else { None }
    }

    /// To be called before a message with descriptors is delivered: JavaScript sets the first word when it takes them.
    pub fn reset_taken(&self, js: &Js) {
        if let Some(mut memory) = self.view(js).and_then(|view| view.memory()) {
            memory.copy(0, &0u32.to_ne_bytes());
        }
    }

    /// True if JavaScript owns the descriptors of the message, and also if the flag cannot be read because the worker was
    /// terminated: closing a number that was reused meanwhile would close another file.
    pub fn descriptors_taken(&self, js: &Js) -> bool {
        self.first_word(js) != Some(0)
    }

    /// Writes the offset and length of each message. False if the memory is not available.
    pub fn begin(&self, js: &Js, places: impl Iterator<Item = [u32; 2]>) -> bool {
        let Some(mut memory) = self.view(js).and_then(|view| view.memory()) else { return false };
        let mut words = [0u32; 1 + 2 * MAX_RUN_MESSAGES];
        let mut filled = 1;
        for (to, from) in words.get_mut(1..).unwrap_or_default().chunks_exact_mut(2).zip(places) {
            to.copy_from_slice(&from);
            filled += 2;
        }
        let bytes = words.iter().take(filled).flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>();
        let written = memory.copy(0, &bytes);
        self.busy.set(written);
        written
    }

    /// Ends the run. Returns how many messages were delivered.
    pub fn end(&self, js: &Js) -> usize {
        self.busy.set(false);
        self.first_word(js).unwrap_or(0) as usize
    }
}
