//! The way of received messages up into JS: batches, what is held of them, and their delivery.

use super::Endpoint;
use super::receive::TIME;
use crate::emitter::reference::JsRef;
use crate::emitter::{Reply, Value};
use crate::error::SysError;
use crate::sys::receive::Ancillary;
use std::collections::VecDeque;
use std::os::fd::AsRawFd;
use std::time::Instant;

/// A message in JS memory.
pub struct Item {
    /// Which of the batch's values it is in, and where.
    pub value: usize,
    pub offset: usize,
    pub len: usize,
    /// What is not plain.
    pub extra: Option<Box<Extra>>,
}

pub struct Extra {
    pub size: usize,
    pub truncated: bool,
    pub ancillary: Ancillary,
    /// The sender's name, where it is another than the message's before.
    pub sender: Option<Vec<u8>>,
}

/// Messages received together, inside the current handle scope.
#[derive(Default)]
pub struct Batch {
    pub values: Vec<Value>,
    pub items: VecDeque<Item>,
    /// An end-of-file came after them.
    pub ended: bool,
    /// The kernel had no more.
    pub drained: bool,
    pub failed: Option<SysError>,
}

/// A batch that outlives its handle scope: what pause() or a full wake-up left.
pub struct Held {
    pub values: Vec<Option<JsRef>>,
    batch: Batch,
}

/// How a delivery ended.
#[derive(PartialEq)]
pub enum Delivery {
    All,
    /// JS takes no more now.
    Refused,
    /// The wake-up took too long.
    Late,
    Closed,
}

impl Endpoint {
    /// Hands the messages of a batch to JS: plain ones a run at a time where that is possible, others one by one.
    pub(super) fn deliver(&self, batch: &mut Batch, started: Instant) -> Delivery {
        while !batch.items.is_empty() {
            let Some(receiver) = self.emitter.receiver() else { return Delivery::Closed };
            let run = batch.run();
            let (js, descriptors) = (&self.env.js, batch.descriptors());
            if descriptors {
                self.env.runs.offer(js);
            }
            let (reply, progress) = self.call_up(receiver, batch, run);
            let refused = match reply {
                Reply::Gone => {
                    if descriptors && self.env.runs.taken(js) {
                        batch.items.pop_front().into_iter().for_each(Item::give_up);
                    }
                    return Delivery::Closed;
                }
                Reply::Threw => false,
                Reply::Value(value) => self.env.js.is_true(value),
            };
            // What was neither refused nor delivered cannot be: the loop comes to an end whatever JS says.
            let least = usize::from(!refused);
            let taken = progress.map_or(least, |delivered| delivered.clamp(least, run));
            batch.items.drain(..taken).for_each(Item::give_up);
            if !self.is_open() {
                return Delivery::Closed;
            }
            if refused {
                return Delivery::Refused;
            }
            if !batch.items.is_empty() && started.elapsed() > TIME {
                return Delivery::Late;
            }
        }
        Delivery::All
    }

    fn deliver_one(&self, receiver: Value, batch: &Batch) -> Reply {
        let js = &self.env.js;
        let (Some(item), Some(function)) = (batch.items.front(), self.env.on_data()) else { return Reply::Gone };
        let value = batch.values.get(item.value).copied().unwrap_or_else(|| js.undefined());
        let plain = [value, js.uint(item.offset as u32), js.uint(item.len as u32)];
        match &item.extra {
            None => self.emitter.call(receiver, function, &plain),
            Some(extra) => self.emitter.call(receiver, function, &self.full_arguments(plain, extra)),
        }
    }

    /// One upcall: for a run of plain messages in one slab, where JS can run ticks and microtasks between them, and
    /// then says how many it delivered; otherwise for one message.
    fn call_up(&self, receiver: Value, batch: &Batch, run: usize) -> (Reply, Option<usize>) {
        let (js, runs) = (&self.env.js, &self.env.runs);
        let slab = batch.items.front().and_then(|item| batch.values.get(item.value)).copied();
        let places = batch.items.iter().take(run).map(|item| [item.offset as u32, item.len as u32]);
        if let (Some(slab), Some(function)) = (slab, self.env.on_run())
            && run > 1
            && runs.available()
            && runs.begin(js, places)
        {
            let reply = self.emitter.call(receiver, function, &[slab, js.uint(run as u32)]);
            return (reply, Some(runs.end(js)));
        }
        (self.deliver_one(receiver, batch), None)
    }

    fn full_arguments(&self, plain: [Value; 3], extra: &Extra) -> [Value; 9] {
        let js = &self.env.js;
        let fds: Vec<Value> = extra.ancillary.fds.iter().map(|fd| js.uint(fd.as_raw_fd() as u32)).collect();
        let credentials = match extra.ancillary.credentials {
            Some((pid, uid, gid)) => {
                js.array(&[js.number(f64::from(pid)), js.number(f64::from(uid)), js.number(f64::from(gid))])
            }
            None => js.undefined(),
        };
        let sender = extra.sender.as_deref().and_then(|name| js.buffer(name)).unwrap_or_else(|| js.undefined());
        let cut = self.options.receive_fds && extra.ancillary.fds_truncated;
        let [value, offset, len] = plain;
        let (size, truncated) = (js.number(extra.size as f64), js.boolean(extra.truncated));
        [value, offset, len, size, truncated, js.array(&fds), js.boolean(cut), credentials, sender]
    }

    pub(super) fn hold_back(&self, mut batch: Batch) {
        let values = batch.values.drain(..).map(|value| JsRef::new(&self.env.js, value, true)).collect();
        *self.held.borrow_mut() = Some(Box::new(Held { values, batch }));
    }
}

impl Item {
    /// The listener owns the descriptors now.
    fn give_up(self) {
        let fds = self.extra.map(|extra| extra.ancillary.fds).unwrap_or_default();
        fds.into_iter().for_each(std::mem::forget);
    }
}

impl Batch {
    /// Whether descriptors came with the first message.
    fn descriptors(&self) -> bool {
        self.items.front().and_then(|item| item.extra.as_ref()).is_some_and(|extra| !extra.ancillary.fds.is_empty())
    }

    /// Plain messages at the front that are in one slab.
    fn run(&self) -> usize {
        let Some(first) = self.items.front() else { return 0 };
        let alike = |item: &&Item| item.extra.is_none() && item.value == first.value && item.len > 0;
        self.items.iter().take_while(alike).count()
    }
}

impl Held {
    pub(super) fn reopen(self) -> Batch {
        let mut batch = self.batch;
        batch.values = self.values.iter().filter_map(|value| value.as_ref()?.get()).collect();
        batch
    }
}
