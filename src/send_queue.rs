//! FIFO of messages that wait for room, with byte accounting; generic over the send function. Pure.

use std::collections::VecDeque;
use std::ops::{Deref, Range};
use std::os::fd::OwnedFd;
use std::rc::Rc;

/// Messages handed to one system call at most.
pub const BATCH: usize = 64;

/// Bytes of a message: a piece of memory that others may share.
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

/// One message: its bytes, the descriptors it passes and the id JS knows its callback by (0: none).
pub struct Message {
    pub data: Bytes,
    pub fds: Vec<OwnedFd>,
    pub id: u32,
}

/// The end of a message: its id, 0 or the errno it failed with, and where to, if that was not the connected peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    pub id: u32,
    pub errno: i32,
    pub to: Option<Box<[u8]>>,
}

/// How a flush ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Flushed {
    Empty,
    /// The send function would block.
    Blocked,
    /// `limit` messages went; more wait.
    Limit,
}

#[derive(Default)]
pub struct SendQueue {
    messages: VecDeque<Message>,
    bytes: usize,
}

impl SendQueue {
    pub fn push(&mut self, message: Message) {
        self.bytes += message.data.len();
        self.messages.push_back(message);
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops what waits; descriptors close with it.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.bytes = 0;
    }

    fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.data.len();
        Some(message)
    }

    /// Hands runs of messages to `send`, which answers how many of them went, or the errno of the first.
    /// A message that fails leaves the queue and costs no other. Those with an id, and all that failed, go to `done`;
    /// without `each`, of those sent in a row only the last, which stands for the others.
    pub fn flush<F>(&mut self, limit: usize, each: bool, done: &mut Vec<Done>, mut send: F) -> Flushed
    where
        F: FnMut(&[Message]) -> Result<usize, i32>,
    {
        let (mut sent, start) = (0, done.len());
        while !self.messages.is_empty() {
            if sent >= limit {
                return Flushed::Limit;
            }
            let (front, back) = self.messages.as_slices();
            let run = if front.is_empty() { back } else { front };
            match send(run.get(..BATCH).unwrap_or(run)) {
                Ok(count) => {
                    for _ in 0..count {
                        let Some(id) = self.pop().map(|message| message.id).filter(|id| *id != 0) else { continue };
                        match done.get_mut(start..).and_then(<[Done]>::last_mut) {
                            Some(last) if last.errno == 0 && !each => last.id = id,
                            _ => done.push(Done { id, ..Done::default() }),
                        }
                    }
                    sent += count.max(1);
                }
                Err(errno) if crate::error::would_block(errno) => return Flushed::Blocked,
                Err(errno) => {
                    if let Some(message) = self.pop() {
                        done.push(Done { id: message.id, errno, to: None });
                    }
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

    fn queue(sizes: &[usize]) -> SendQueue {
        let mut queue = SendQueue::default();
        for (index, size) in sizes.iter().enumerate() {
            queue.push(Message { data: Bytes::new(vec![0; *size].into()), fds: vec![], id: index as u32 + 1 });
        }
        queue
    }

    #[test]
    fn bytes_are_counted_in_and_out() {
        let mut q = queue(&[10, 0, 5]);
        assert_eq!(q.bytes(), 15);
        let mut done = vec![];
        assert_eq!(q.flush(100, true, &mut done, |_| Ok(1)), Flushed::Empty);
        assert_eq!((q.bytes(), q.is_empty()), (0, true));
        assert_eq!(done.iter().map(|d| d.id).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn a_block_keeps_the_order() {
        let mut q = queue(&[1, 2, 3]);
        let mut answers = vec![Err(libc::EAGAIN), Ok(2)];
        let mut done = vec![];
        assert_eq!(q.flush(100, false, &mut done, |_| answers.pop().unwrap()), Flushed::Blocked);
        assert_eq!(q.bytes(), 3);
        assert_eq!(done.iter().map(|d| d.id).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_failure_costs_one_message() {
        let mut q = queue(&[1, 2, 3]);
        let mut answers = vec![Ok(1), Err(libc::EMSGSIZE), Ok(1)];
        let mut done = vec![];
        assert_eq!(q.flush(100, false, &mut done, |_| answers.pop().unwrap()), Flushed::Empty);
        assert_eq!((done[1].id, done[1].errno), (2, libc::EMSGSIZE));
        assert_eq!((done[2].id, done[2].errno), (3, 0));
    }

    #[test]
    fn the_limit_ends_a_flush_and_a_send_that_says_zero_cannot_spin() {
        let mut q = queue(&[1; 10]);
        let mut done = vec![];
        assert_eq!(q.flush(4, false, &mut done, |_| Ok(2)), Flushed::Limit);
        assert_eq!(done.iter().map(|d| d.id).collect::<Vec<_>>(), [4]);
        assert_eq!(q.flush(4, false, &mut done, |_| Ok(0)), Flushed::Limit);
        q.clear();
        assert_eq!((q.bytes(), q.is_empty()), (0, true));
    }
}
