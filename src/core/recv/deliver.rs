//! Delivery of received messages to JavaScript.

use crate::core::recv::batch::{Batch, MessageMetadata, ReceivedMessage};
use crate::core::socket::Socket;
use crate::js::env::{Reply, Value};
use crate::js::reference::JsRef;
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{Credentials, SysError};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// A callback from libuv returns to the loop after this time, so that timers and other sockets are not delayed.
pub const MAX_CALLBACK_TIME: Duration = Duration::from_millis(1);

/// How a delivery ended.
#[derive(PartialEq)]
pub enum Delivery {
    All,
    /// JavaScript accepts no more messages now.
    Refused,
    /// The time of the callback is used up.
    OutOfTime,
    Closed,
}

impl Socket {
    /// Delivers the messages of a batch: in runs if possible, otherwise one by one.
    pub fn deliver(&self, scope: &UpcallScope, batch: &mut Batch, started: Instant) -> Delivery {
        while let Some(first) = batch.messages.front() {
            let (js, runs) = (&self.environment.js, &self.environment.runs);
            // The name of a sender that JavaScript does not know is passed with the sender's first message.
            let new_sender = first.sender.clone().filter(|sender| !self.destinations().senders.is_known(sender));
            let name = new_sender.as_ref().map(|sender| js.buffer(sender.bytes()));
            if let Some(None) = name {
                batch.error = Some(SysError::new(libc::ENOMEM, "recvmsg"));
                batch.messages.pop_front();
                continue;
            }
            let run_len = if name.is_none() { batch.run_len() } else { 1 };
            let has_descriptors = batch.first_has_descriptors();
            if has_descriptors {
                runs.reset_taken(js);
            }
            let (reply, delivered) = self.call_on_data(scope, batch, run_len, name.flatten());
            if new_sender.is_some() {
                let stored = matches!(reply, Reply::Value(value) if !js.is_true(value));
                self.destinations().senders.set_known(new_sender.filter(|_| stored));
            }
            let exhausted = matches!(reply, Reply::StillThrows);
            let refused = match reply {
                Reply::Gone => {
                    if has_descriptors && runs.descriptors_taken(js) {
                        batch.messages.pop_front().into_iter().for_each(ReceivedMessage::release_descriptors);
                    }
                    return Delivery::Closed;
                }
                Reply::Threw | Reply::StillThrows => false,
                Reply::Value(value) => js.is_true(value),
            };
            // Remove at least one message per iteration unless JavaScript refused it, so that a wrong count from JavaScript
            // cannot loop forever.
            let least = usize::from(!refused);
            let count = delivered.map_or(least, |delivered| delivered.clamp(least, run_len));
            batch.messages.drain(..count).for_each(ReceivedMessage::release_descriptors);
            if !self.is_open() {
                return Delivery::Closed;
            }
            if refused {
                return Delivery::Refused;
            }
            if exhausted || (!batch.messages.is_empty() && started.elapsed() > MAX_CALLBACK_TIME) {
                return Delivery::OutOfTime;
            }
        }
        Delivery::All
    }

    /// Calls JavaScript with a run of plain messages in one slab, if it can drain the nextTick and microtask queues between
    /// them, and returns how many of them were delivered. Otherwise calls it with the first message.
    fn call_on_data(
        &self,
        scope: &UpcallScope,
        batch: &Batch,
        run_len: usize,
        name: Option<Value>,
    ) -> (Reply, Option<usize>) {
        let (js, runs) = (&self.environment.js, &self.environment.runs);
        let slab = batch.messages.front().and_then(|message| batch.values.get(message.value)).copied();
        let places = batch.messages.iter().take(run_len).map(|message| [message.offset as u32, message.len as u32]);
        if let (Some(slab), Some(function)) = (slab, self.environment.functions.on_run.get())
            && run_len > 1
            && runs.available()
            && runs.begin(js, places)
        {
            let reply = scope.call(function, &[slab, js.uint(run_len as u32)]);
            return (reply, Some(runs.end(js)));
        }
        (self.deliver_one(scope, batch, name), None)
    }

    fn deliver_one(&self, scope: &UpcallScope, batch: &Batch, name: Option<Value>) -> Reply {
        let js = &self.environment.js;
        let (Some(message), Some(function)) = (batch.messages.front(), self.environment.functions.on_data.get()) else {
            return Reply::Gone;
        };
        let value = batch.values.get(message.value).copied().unwrap_or_else(|| js.undefined());
        let (offset, len) = (js.uint(message.offset as u32), js.uint(message.len as u32));
        match (&message.metadata, name) {
            (None, None) => scope.call(function, &[value, offset, len]),
            (None, Some(name)) => scope.call(function, &[value, offset, len, name]),
            (Some(metadata), name) => {
                let name = name.unwrap_or_else(|| js.undefined());
                scope.call(function, &self.full_arguments([value, offset, len, name], metadata))
            }
        }
    }

    fn full_arguments(&self, first: [Value; 4], metadata: &MessageMetadata) -> [Value; 9] {
        let js = &self.environment.js;
        let fds: Vec<Value> = metadata.ancillary.fds.iter().map(|fd| js.uint(fd.as_raw_fd() as u32)).collect();
        let credentials = match metadata.ancillary.credentials {
            Some(Credentials { pid, uid, gid }) => {
                js.array(&[js.number(f64::from(pid)), js.number(f64::from(uid)), js.number(f64::from(gid))])
            }
            None => js.undefined(),
        };
        let fds_truncated = self.options.receive_fds && metadata.ancillary.fds_truncated;
        let [value, offset, len, name] = first;
        let (size, truncated) = (js.number(metadata.size as f64), js.boolean(metadata.truncated));
        [value, offset, len, name, size, truncated, js.array(&fds), js.boolean(fds_truncated), credentials]
    }

    /// Keeps a batch until reading continues.
    pub fn pause_batch(&self, batch: Batch) {
        let paused = batch.pause(|value| JsRef::strong(&self.environment.js, value));
        self.paused_batch.replace(Some(Box::new(paused)));
    }
}
