//! Memory shared with JS: what a run of messages is, and what JS says of it.

use crate::emitter::Js;
use crate::emitter::args::View;
use crate::emitter::reference::JsRef;
use std::cell::Cell;

/// Messages one upcall can carry.
pub const RUN: usize = 64;

/// Memory shared with JS for runs of messages: `[progress, offset, length, offset, length, ...]`. They are used where the
/// runtime can run ticks and microtasks from JS; otherwise each message has an upcall of its own.
pub struct Runs {
    shared: JsRef,
    possible: bool,
    /// A run is under way: a nested one would overwrite it.
    busy: Cell<bool>,
}

impl Runs {
    pub fn new(shared: JsRef, possible: bool) -> Self {
        Runs { shared, possible, busy: Cell::new(false) }
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

    /// Before a message with descriptors goes up by itself.
    pub fn offer(&self, js: &Js) {
        if let Some(mut memory) = self.view(js).and_then(|view| view.memory()) {
            memory.copy(0, &0u32.to_ne_bytes());
        }
    }

    /// Whether JS took the descriptors, also where it was terminated then. Not known: it may have closed them already,
    /// and their numbers may be others' by now.
    pub fn taken(&self, js: &Js) -> bool {
        self.first_word(js) != Some(0)
    }

    /// Writes the places of the messages; false where that failed.
    pub fn begin(&self, js: &Js, places: impl Iterator<Item = [u32; 2]>) -> bool {
        let Some(mut memory) = self.view(js).and_then(|view| view.memory()) else { return false };
        let mut words = [0u32; 1 + 2 * RUN];
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

    /// Messages JS delivered.
    pub fn end(&self, js: &Js) -> usize {
        self.busy.set(false);
        self.first_word(js).unwrap_or(0) as usize
    }
}
