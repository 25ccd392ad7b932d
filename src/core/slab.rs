//! Receive memory of an environment: the native buffers that recvmmsg fills, and the JS memory that small messages share.

use crate::js::arguments::View;
use crate::js::env::{Js, Value};
use crate::js::memory::Memory;
use crate::js::reference::JsRef;
use crate::sys::ReceiveBuffers;
use std::cell::{Cell, RefCell};

/// A message up to this many bytes is copied to the shared slab, so that a Buffer that the user keeps holds at most
/// `SLAB_BYTES` alive.
pub const MAX_SHARED_BYTES: usize = 2048;
pub const SLAB_BYTES: usize = 8192;

/// JS memory that several messages share.
pub struct Slab {
    pub value: Value,
    /// It is the environment's shared slab, for small messages.
    pub shared: bool,
    memory: Memory,
    used: usize,
    size: usize,
}

impl Slab {
    /// Copies a message. Returns its offset, or None if it does not fit.
    fn copy(&mut self, data: &[u8]) -> Option<usize> {
        let offset = self.used;
        let copied = offset + data.len() <= self.size && self.memory.copy(offset, data);
        copied.then(|| {
            self.used = Slab::end_of(offset, data.len());
            offset
        })
    }

    /// Offset of the message that follows one of `len` bytes at `offset`.
    pub fn end_of(offset: usize, len: usize) -> usize {
        (offset + len).next_multiple_of(8)
    }

    pub fn into_parts(self) -> (Value, Memory) {
        (self.value, self.memory)
    }
}

pub struct ReceiveMemory {
    js: Js,
    new_slab: JsRef,
    buffers: Cell<Option<Box<ReceiveBuffers>>>,
    shared_slab: RefCell<Option<JsRef>>,
    shared_used: Cell<usize>,
}

impl ReceiveMemory {
    /// `new_slab(size)` is the JS function that makes a Buffer for a slab.
    pub fn new(js: &Js, new_slab: JsRef) -> Self {
        ReceiveMemory {
            js: js.clone(),
            new_slab,
            buffers: Cell::new(None),
            shared_slab: RefCell::new(None),
            shared_used: Cell::new(SLAB_BYTES),
        }
    }

    /// Deletes the references to JS memory, because the environment ends.
    pub fn clear(&self) {
        self.new_slab.clear();
        self.shared_slab.take();
    }

    /// Calls `body` with the native buffers. A receive in a nested event loop gets buffers of its own.
    pub fn with_buffers<R>(&self, body: impl FnOnce(&mut ReceiveBuffers) -> R) -> R {
        let mut buffers = self.buffers.take().unwrap_or_else(|| Box::new(ReceiveBuffers::new()));
        let result = body(&mut buffers);
        self.buffers.set(Some(buffers));
        result
    }

    /// The shared slab, with room for `len` bytes. Drop it before JavaScript runs.
    pub fn shared_slab(&self, len: usize) -> Option<Slab> {
        if self.shared_used.get() + len <= SLAB_BYTES
            && let Some(slab) = self.open_shared()
        {
            return Some(slab);
        }
        let value = self.make_slab(SLAB_BYTES)?;
        *self.shared_slab.borrow_mut() = JsRef::strong(&self.js, value);
        self.shared_used.set(0);
        self.open_shared()
    }

    /// None if the user detached the slab meanwhile.
    fn open_shared(&self) -> Option<Slab> {
        let value = self.shared_slab.borrow().as_ref()?.get()?;
        let memory = View::of(&self.js, value).memory()?;
        Some(Slab { value, shared: true, memory, used: self.shared_used.get(), size: SLAB_BYTES })
    }

    /// A slab of `size` bytes for the messages of one batch.
    pub fn batch_slab(&self, size: usize) -> Option<Slab> {
        let value = self.make_slab(size)?;
        let memory = View::of(&self.js, value).memory()?;
        Some(Slab { value, shared: false, memory, used: 0, size })
    }

    fn make_slab(&self, size: usize) -> Option<Value> {
        self.js.call_plain(self.new_slab.get()?, self.js.uint(size as u32))
    }

    /// Copies a message to a slab. Returns its offset, or None if it does not fit.
    pub fn copy_to(&self, slab: &mut Slab, data: &[u8]) -> Option<usize> {
        let offset = slab.copy(data)?;
        if slab.shared {
            self.shared_used.set(slab.used);
        }
        Some(offset)
    }
}
