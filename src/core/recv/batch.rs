//! Messages that were received together.

use crate::core::recv::sender::Sender;
use crate::js::env::{Js, Value};
use crate::js::reference::JsRef;
use crate::sys::{Ancillary, SysError};
use std::collections::VecDeque;
use std::rc::Rc;

/// A message in JS memory.
pub struct ReceivedMessage {
    /// Index into the values of its batch, and the offset in that value.
    pub value: usize,
    pub offset: usize,
    pub len: usize,
    /// Always Some on sockets with receiveFds or receiveCredentials, so these never use runs. On others, None if the message is
    /// whole.
    pub metadata: Option<Box<MessageMetadata>>,
    /// Of a datagram.
    pub sender: Option<Sender>,
}

pub struct MessageMetadata {
    /// Bytes that the peer sent.
    pub size: usize,
    pub truncated: bool,
    pub ancillary: Ancillary,
}

/// Messages received together, inside the current handle scope.
#[derive(Default)]
pub struct Batch {
    pub values: Vec<Value>,
    pub messages: VecDeque<ReceivedMessage>,
    /// End-of-file follows the messages.
    pub ended: bool,
    /// Messages that the system call received.
    pub received: usize,
    /// The kernel had no more messages.
    pub drained: bool,
    pub error: Option<SysError>,
}

/// A batch that outlives its handle scope, because JavaScript paused or the time of the callback was used up.
pub struct PausedBatch {
    values: Vec<Option<JsRef>>,
    batch: Batch,
}

impl ReceivedMessage {
    fn is_from(&self, sender: Option<&Sender>) -> bool {
        self.sender.as_ref().map(Rc::as_ptr) == sender.map(Rc::as_ptr)
    }

    /// JavaScript owns the descriptors of the message now.
    pub fn release_descriptors(self) {
        let fds = self.metadata.map(|metadata| metadata.ancillary.fds).unwrap_or_default();
        fds.into_iter().for_each(std::mem::forget);
    }
}

impl Batch {
    /// Whether the first message carries descriptors.
    pub fn first_has_descriptors(&self) -> bool {
        let metadata = self.messages.front().and_then(|message| message.metadata.as_ref());
        metadata.is_some_and(|metadata| !metadata.ancillary.fds.is_empty())
    }

    /// How many messages at the front are in one slab and of one sender, without metadata.
    pub fn run_len(&self) -> usize {
        let Some(first) = self.messages.front() else { return 0 };
        let fits_run = |message: &&ReceivedMessage| {
            message.metadata.is_none()
                && message.value == first.value
                && message.len > 0
                && message.is_from(first.sender.as_ref())
        };
        self.messages.iter().take_while(fits_run).count()
    }

    /// Replaces the values by references. `make` makes a reference to a value.
    pub fn pause(mut self, make: impl Fn(Value) -> Option<JsRef>) -> PausedBatch {
        let values = self.values.drain(..).map(make).collect();
        PausedBatch { values, batch: self }
    }
}

impl PausedBatch {
    /// The batch again, inside the current handle scope.
    pub fn resume(self, js: &Js) -> Batch {
        let mut batch = self.batch;
        // The messages refer to the values by their index, so a value that is missing keeps its place.
        let value =
            |reference: &Option<JsRef>| reference.as_ref().and_then(JsRef::get).unwrap_or_else(|| js.undefined());
        batch.values = self.values.iter().map(value).collect();
        batch
    }
}
