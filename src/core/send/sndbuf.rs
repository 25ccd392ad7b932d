//! SO_SNDBUF of a connection, which bounds what waits in the kernel and how long one message may be.
//!
//! The kernel wakes a sender that waits once three quarters of SO_SNDBUF are free (unix_write_space). The default holds three
//! messages of 64 KiB, so both ends would sleep by turns. Therefore SO_SNDBUF is doubled, once, if the peer was seen to read
//! and the buffer is full again. A peer that never reads keeps the default. The longest message stays what it was.

use crate::sys::{self, Kind, would_block};
use std::cell::Cell;
use std::os::fd::BorrowedFd;

/// Bytes of SO_SNDBUF that the kernel does not let one message use.
const RESERVED_BYTES: i32 = 32;
/// Connections of one environment whose SO_SNDBUF is doubled at a time: about 27 MB of kernel memory if all their peers stop.
const MAX_DOUBLED: usize = 128;

#[derive(Clone, Copy)]
enum State {
    Default,
    /// The peer reads: the socket became writable again.
    PeerReads,
    Doubled {
        longest_message: u32,
    },
    /// The size is not changed any more.
    Fixed,
}

pub struct SendBuffer(Cell<State>);

impl SendBuffer {
    pub fn new(kind: Kind) -> Self {
        SendBuffer(Cell::new(if kind == Kind::Seqpacket { State::Default } else { State::Fixed }))
    }

    /// The socket became writable.
    pub fn drained(&self) {
        if let State::Default = self.0.get() {
            self.0.set(State::PeerReads);
        }
    }

    /// Whether a message exceeds what SO_SNDBUF allowed before it was doubled.
    pub fn too_long(&self, len: usize) -> bool {
        matches!(self.0.get(), State::Doubled { longest_message } if len > longest_message as usize)
    }

    /// Does not change the size any more. Returns true if it was doubled before.
    pub fn fix(&self) -> bool {
        matches!(self.0.replace(State::Fixed), State::Doubled { .. })
    }

    /// Doubles SO_SNDBUF if that may help. Returns true if there is more room now.
    fn double(&self, fd: BorrowedFd, doubled: &Cell<usize>) -> bool {
        let State::PeerReads = self.0.get() else { return false };
        if doubled.get() >= MAX_DOUBLED {
            return false;
        }
        self.0.set(State::Fixed);
        let Ok(size) = sys::send_buffer_size(fd) else { return false };
        // The kernel doubles the value that is set (socket(7)).
        if sys::set_send_buffer_size(fd, size).is_err() {
            return false;
        }
        self.0.set(State::Doubled { longest_message: (size as i32).saturating_sub(RESERVED_BYTES).max(0) as u32 });
        doubled.set(doubled.get() + 1);
        true
    }

    /// Calls `send`, which returns the errno if it fails. Calls it again if the buffer was full and could be doubled.
    pub fn send<T>(
        &self,
        fd: BorrowedFd,
        doubled: &Cell<usize>,
        mut send: impl FnMut() -> Result<T, i32>,
    ) -> Result<T, i32> {
        match send() {
            Err(errno) if would_block(errno) && self.double(fd, doubled) => send(),
            sent => sent,
        }
    }
}
