//! Queue of messages that wait for room, with byte accounting. Generic over the send function.

use crate::core::send::queued_fds::QueuedFds;
use crate::sys::would_block;
use std::collections::VecDeque;
use std::ops::{Deref, Range};
use std::rc::Rc;

/// Bytes of a message: a range of memory that other messages may share.
#[derive(Clone)]
pub struct Bytes {
    chunk: Rc<[u8]>,
    range: Range<usize>,
}

impl Bytes {
    pub fn new(chunk: Rc<[u8]>) -> Self {
        let range = 0..chunk.len();
        Bytes { chunk, range }
    }

    /// `len` bytes of `chunk` from `start`.
    pub fn part(chunk: &Rc<[u8]>, start: usize, len: usize) -> Self {
        Bytes { chunk: chunk.clone(), range: start..start + len }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.chunk.get(self.range.clone()).unwrap_or(&[])
    }
}

/// What a queued message counts in addition to its bytes: about the memory that it takes in the queue and in JavaScript. So
/// empty messages are bounded, too. js/constants.js has the same number, and a test compares them.
pub const MESSAGE_OVERHEAD_BYTES: usize = 128;
/// What each descriptor of a queued message counts.
pub const DESCRIPTOR_BYTES: usize = 1024;

/// What a message counts in `writableLength`.
pub fn weight_of(len: usize, fds: usize) -> usize {
    len.saturating_add(MESSAGE_OVERHEAD_BYTES).saturating_add(fds * DESCRIPTOR_BYTES)
}

/// One message that waits.
pub struct Message {
    pub data: Bytes,
    /// Descriptors that it passes.
    pub fds: QueuedFds,
    /// The id by which JavaScript knows its destination; 0 is the connected peer.
    pub destination: u32,
    /// The id by which JavaScript knows its callback; 0 if there is none.
    pub id: u32,
    /// errno of a message that was refused and waits only to be completed in its turn; 0 for one to send.
    pub errno: i32,
}

impl Message {
    pub fn weight(&self) -> usize {
        if self.errno == 0 { weight_of(self.data.len(), self.fds.len()) } else { 0 }
    }

    /// The message as one that failed. It waits only to be completed in its turn.
    pub fn fail(self, errno: i32) -> Self {
        Message { data: Bytes::new(Rc::default()), fds: QueuedFds::default(), errno, ..self }
    }

    /// The message under another id of its destination.
    pub fn redirect(self, destination: u32) -> Self {
        Message { destination, ..self }
    }
}

/// What became of a message. `errno` 0 means that it was sent, and with it all earlier messages to its destination that
/// were not completed yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    pub destination: u32,
    pub id: u32,
    pub errno: i32,
    /// Name of the destination of a failed message, unless it is the connected peer.
    pub to: Option<Box<[u8]>>,
}

/// How a flush ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Flushed {
    Empty,
    /// The send function would block.
    Blocked,
    /// Too many descriptors are in flight (ETOOMANYREFS). No event reports when there are fewer.
    Waits,
    /// `limit` messages were sent, and more wait.
    Limit,
}

#[derive(Default)]
pub struct SendQueue {
    messages: VecDeque<Message>,
    bytes: usize,
}

impl SendQueue {
    pub fn push(&mut self, message: Message) {
        self.bytes += message.weight();
        self.messages.push_back(message);
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The weight of all messages.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops all messages, and closes the descriptors that they would have passed.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.bytes = 0;
    }

    /// Removes all messages.
    pub fn take_all(&mut self) -> Vec<Message> {
        self.bytes = 0;
        std::mem::take(&mut self.messages).into()
    }

    fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.weight();
        Some(message)
    }

    /// Removes the first message and adds its completion, unless nothing would learn of it. Of messages to one destination that
    /// are sent in a row only the last one is added, because it completes the others.
    fn complete(&mut self, errno: i32, start: usize, completions: &mut Vec<Completion>) {
        let Some(message) = self.pop() else { return };
        let completion = Completion { destination: message.destination, id: message.id, errno, to: None };
        if errno == 0 && message.id == 0 {
            return;
        }
        match completions.get_mut(start..).and_then(<[Completion]>::last_mut) {
            Some(last) if errno == 0 && last.errno == 0 && last.destination == completion.destination => {
                *last = completion;
            }
            _ => completions.push(completion),
        }
    }

    /// Calls `send` with up to `batch` messages at a time until the queue is empty or `limit` messages were sent. `send` returns
    /// how many of them were sent, or the errno of the first one. A message that fails leaves the queue; the others stay.
    pub fn flush<F>(&mut self, batch: usize, limit: usize, completions: &mut Vec<Completion>, mut send: F) -> Flushed
    where
        F: FnMut(&[Message]) -> Result<usize, i32>,
    {
        let (mut sent, start) = (0, completions.len());
        while let Some(first) = self.messages.front() {
            if first.errno != 0 {
                self.complete(first.errno, start, completions);
                continue;
            }
            if sent >= limit {
                return Flushed::Limit;
            }
            let (front, back) = self.messages.as_slices();
            let slice = if front.is_empty() { back } else { front };
            let len = slice.iter().take(batch).take_while(|message| message.errno == 0).count();
            match send(slice.get(..len).unwrap_or(slice)) {
                Ok(count) => {
                    for _ in 0..count {
                        self.complete(0, start, completions);
                    }
                    sent += count.max(1);
                }
                Err(errno) if would_block(errno) => return Flushed::Blocked,
                Err(libc::ETOOMANYREFS) => return Flushed::Waits,
                Err(errno) => {
                    self.complete(errno, start, completions);
                    sent += 1;
                }
            }
        }
        Flushed::Empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: usize = 64;

    fn message(len: usize, destination: u32, id: u32, errno: i32) -> Message {
        Message { data: Bytes::new(vec![0; len].into()), fds: QueuedFds::default(), destination, id, errno }
    }

    fn queue(sizes: &[usize]) -> SendQueue {
        let mut queue = SendQueue::default();
        for (index, size) in sizes.iter().enumerate() {
            queue.push(message(*size, 0, index as u32 + 1, 0));
        }
        queue
    }

    fn ids(completions: &[Completion]) -> Vec<(u32, i32)> {
        completions.iter().map(|completion| (completion.id, completion.errno)).collect()
    }

    #[test]
    fn bytes_are_counted_when_messages_enter_and_leave() {
        let mut q = queue(&[10, 0, 5]);
        assert_eq!(q.bytes(), 15 + 3 * MESSAGE_OVERHEAD_BYTES);
        let mut completions = vec![];
        assert_eq!(q.flush(BATCH, 100, &mut completions, |_| Ok(1)), Flushed::Empty);
        assert_eq!((q.bytes(), q.is_empty()), (0, true));
        assert_eq!(ids(&completions), [(3, 0)]);
    }

    #[test]
    fn a_blocked_flush_keeps_the_order() {
        let mut q = queue(&[1, 2, 3]);
        let mut answers = vec![Err(libc::EAGAIN), Ok(2)];
        let mut completions = vec![];
        assert_eq!(q.flush(BATCH, 100, &mut completions, |_| answers.pop().unwrap()), Flushed::Blocked);
        assert_eq!(q.bytes(), 3 + MESSAGE_OVERHEAD_BYTES);
        assert_eq!(ids(&completions), [(2, 0)]);
    }

    #[test]
    fn a_message_that_fails_leaves_the_others() {
        let mut q = queue(&[1, 2, 3]);
        let mut answers = vec![Ok(1), Err(libc::EMSGSIZE), Ok(1)];
        let mut completions = vec![];
        assert_eq!(q.flush(BATCH, 100, &mut completions, |_| answers.pop().unwrap()), Flushed::Empty);
        assert_eq!(ids(&completions), [(1, 0), (2, libc::EMSGSIZE), (3, 0)]);
    }

    #[test]
    fn a_refused_message_is_completed_in_its_turn_and_never_sent() {
        let mut q = queue(&[1]);
        q.push(message(0, 0, 2, libc::ENOBUFS));
        q.push(message(1, 0, 3, 0));
        let mut completions = vec![];
        let mut runs = vec![];
        let flushed = q.flush(BATCH, 100, &mut completions, |run| {
            runs.push(run.len());
            Ok(run.len())
        });
        assert_eq!((flushed, runs), (Flushed::Empty, vec![1, 1]));
        assert_eq!(ids(&completions), [(1, 0), (2, libc::ENOBUFS), (3, 0)]);
    }

    #[test]
    fn completions_of_two_destinations_are_not_joined() {
        let mut q = SendQueue::default();
        for (destination, id) in [(1, 1), (1, 2), (2, 3), (1, 0)] {
            q.push(message(1, destination, id, 0));
        }
        let mut completions = vec![];
        assert_eq!(q.flush(BATCH, 100, &mut completions, |run| Ok(run.len())), Flushed::Empty);
        assert_eq!(ids(&completions), [(2, 0), (3, 0)]);
    }

    #[test]
    fn the_limit_ends_a_flush_and_a_send_function_that_returns_zero_does_not_loop_forever() {
        let mut q = queue(&[1; 10]);
        let mut completions = vec![];
        assert_eq!(q.flush(BATCH, 4, &mut completions, |_| Ok(2)), Flushed::Limit);
        assert_eq!(ids(&completions), [(4, 0)]);
        assert_eq!(q.flush(BATCH, 4, &mut completions, |_| Ok(0)), Flushed::Limit);
        q.clear();
        assert_eq!((q.bytes(), q.is_empty()), (0, true));
    }
}
