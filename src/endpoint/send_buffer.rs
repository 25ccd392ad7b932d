//! SO_SNDBUF of a connection, which bounds what waits in the kernel and how long one message may be.
//!
//! A sender that waits is woken once three quarters of it are free (unix_write_space): the default holds three messages
//! of 64 KiB, so that both ends would sleep by turns. Where a peer was seen to read, and the buffer is full again, it is
//! doubled, once; a peer that never reads keeps the default. The longest message stays what it was.

use super::Endpoint;
use crate::sys::{self, Kind};
use std::cell::Cell;
use std::os::fd::RawFd;

/// The kernel keeps this much of SO_SNDBUF from one message.
const RESERVED: i32 = 32;
/// Connections of one environment that have more at a time: some 27 MB of kernel memory, should all their peers stop.
const MOST: usize = 128;

#[derive(Clone, Copy)]
enum State {
    Default,
    /// The peer read: there was room again.
    Drained,
    Doubled {
        longest: u32,
    },
    /// Its size is somebody's choice.
    Chosen,
}

pub struct SendBuffer(Cell<State>);

impl SendBuffer {
    pub fn new(kind: Kind) -> Self {
        SendBuffer(Cell::new(if kind == Kind::Seqpacket { State::Default } else { State::Chosen }))
    }

    pub fn drained(&self) {
        if let State::Default = self.0.get() {
            self.0.set(State::Drained);
        }
    }

    pub fn too_long(&self, len: usize) -> bool {
        matches!(self.0.get(), State::Doubled { longest } if len > longest as usize)
    }

    /// Whether there is more room now.
    fn double(&self, fd: RawFd, doubled: &Cell<usize>) -> bool {
        let State::Drained = self.0.get() else { return false };
        if doubled.get() >= MOST {
            return false;
        }
        self.0.set(State::Chosen);
        let Ok(size) = sys::get_option(fd, libc::SO_SNDBUF) else { return false };
        // The kernel doubles what is asked for (socket(7)).
        if sys::set_option(fd, libc::SO_SNDBUF, size).is_err() {
            return false;
        }
        self.0.set(State::Doubled { longest: size.saturating_sub(RESERVED).max(0) as u32 });
        doubled.set(doubled.get() + 1);
        true
    }
}

impl Endpoint {
    /// Its size is somebody's choice, or matters no more.
    pub fn leave_send_buffer(&self) {
        if let State::Doubled { .. } = self.send_buffer.0.replace(State::Chosen) {
            self.env.doubled.set(self.env.doubled.get().saturating_sub(1));
        }
    }

    /// Sends by `send`, which answers the errno it failed with; where the buffer is full, perhaps with a larger one.
    pub(super) fn with_room<T>(&self, fd: RawFd, mut send: impl FnMut() -> Result<T, i32>) -> Result<T, i32> {
        match send() {
            Err(errno) if crate::error::would_block(errno) && self.send_buffer.double(fd, &self.env.doubled) => send(),
            sent => sent,
        }
    }
}
