//! What comes in: one receive call into scratch memory, and one copy into JS memory. Large messages: `endpoint/large`.

use super::deliver::{Batch, Delivery, Extra, Item};
use super::large::DIRECT;
use super::{Endpoint, event};
use crate::env_state::{SHARED, Slab};
use crate::error::{SysError, SysResult};
use crate::send_queue::BATCH;
use crate::sys::receive::{Ancillary, RecvOptions, Scratch};
use crate::sys::{self, Kind};
use crate::uv;
use std::ffi::c_int;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Messages the first receive of a socket asks for.
pub const FIRST_BATCH: usize = 8;
/// Bytes taken from the kernel at a time, about.
const BATCH_BYTES: usize = 256 * 1024;
/// A wake-up goes back to the loop after so many receives, or so long: timers and other sockets keep their turn.
const BATCHES: usize = 8;
pub const TIME: Duration = Duration::from_millis(1);

impl Endpoint {
    /// Starts reading, or stops. A stop is lazy: the poll handle learns of it when the next message comes.
    pub fn set_reading(&self, reading: bool) {
        self.reading.set(reading);
        if reading && self.is_open() {
            if self.held.borrow().is_some() {
                self.ring();
            }
            self.watch();
        }
    }

    /// Drops what comes until end-of-file.
    pub fn discard(&self) {
        self.discarding.set(true);
        self.set_reading(true);
    }

    /// What there is to read: 0 a message, or not yet known; 1 nothing but the end; 2 nothing but an error.
    pub fn rest(&self) -> u32 {
        if self.held.borrow().is_some() {
            return 0;
        }
        let Ok(fd) = self.fd() else { return 0 };
        // The kernel tells a pending error first, once.
        let seen = sys::receive::peek(fd).or_else(|error| {
            self.note_error(error);
            sys::receive::peek(fd)
        });
        match seen {
            Ok(sys::receive::Peeked::End) => 1 + u32::from(self.pending_error.borrow().is_some()),
            _ => 0,
        }
    }

    pub fn read_size(&self) -> usize {
        self.read_size.get()
    }

    pub fn set_read_size(&self, size: usize) {
        self.read_size.set(size);
    }

    /// The descriptor is readable, hung up, or failed.
    pub(super) fn receive_ready(&self, failed: bool, events: c_int) {
        if self.read_ended.get() {
            // Only a hang-up, or an error of the write side, is left to come.
            self.hung_up.set(true);
            self.close();
        } else if self.reading.get() {
            self.receive();
        } else if self.kind == Kind::Dgram {
            let errno = if failed { self.fd().map_or(0, sys::take_error) } else { 0 };
            if errno != 0 {
                self.tell_error(&SysError::new(errno, "recvmsg"));
            }
        } else {
            let gone = failed || events & uv::HANGUP != 0;
            self.hung_up.set(gone);
            if events & uv::DISCONNECT != 0 || gone {
                self.peer_ended.set(true);
                self.tell(event::PEER_ENDED, &[]);
            }
        }
    }

    /// Delivers what is held, then receives and delivers until the kernel has no more or the wake-up is full.
    pub(super) fn receive(&self) {
        if self.receiving.replace(true) {
            // In a loop that a listener runs (deasync): the batch it is in the middle of comes first.
            self.nested.set(true);
            return;
        }
        self.receive_batches();
        self.receiving.set(false);
        self.nested.set(false);
    }

    fn receive_batches(&self) {
        let started = Instant::now();
        for _ in 0..BATCHES {
            if !self.reading.get() || self.read_ended.get() {
                return;
            }
            let held = self.held.borrow_mut().take();
            let mut batch = held.map_or_else(|| self.receive_batch(), |held| held.reopen());
            match self.deliver(&mut batch, started) {
                Delivery::All => {}
                Delivery::Closed => return,
                Delivery::Refused => {
                    self.reading.set(false);
                    return self.hold_back(batch);
                }
                Delivery::Late => {
                    self.hold_back(batch);
                    return self.ring();
                }
            }
            if !self.reading.get() && (batch.ended || batch.failed.is_some()) {
                // Paused in the last message: the end waits, too.
                return self.hold_back(batch);
            }
            if let Some(error) = batch.failed
                && !self.receive_failed(error)
            {
                return;
            }
            if batch.ended {
                return self.end_of_file();
            }
            if batch.drained || started.elapsed() > TIME {
                return;
            }
        }
    }

    fn receive_batch(&self) -> Batch {
        let mut batch = Batch::default();
        let Ok(fd) = self.fd() else { return batch };
        let options = RecvOptions {
            size: self.read_size.get(),
            // Descriptors enter with the receive: no more than the listener has in hand.
            count: if self.options.receive_fds { 1 } else { self.batch.get() },
            fds: self.options.receive_fds,
            credentials: self.options.receive_credentials,
            names: self.kind == Kind::Dgram,
        };
        let received: SysResult<()> = self.env.with_scratch(|scratch| {
            if self.large.get() > 0 && self.receive_large(fd, scratch, &options, &mut batch)? {
                return Ok(());
            }
            let count = scratch.receive(fd, &options)?;
            self.copy_batch(scratch, count, &options, &mut batch);
            Ok(())
        });
        match received {
            Ok(()) => self.failed_with.set(0),
            Err(error) if error.would_block() => batch.drained = true,
            Err(error) => batch.failed = Some(error),
        }
        batch
    }

    fn copy_batch(&self, scratch: &mut Scratch, count: usize, options: &RecvOptions, batch: &mut Batch) {
        let (mut largest, mut slab) = (0, None);
        batch.drained = sys::LINUX && count < options.count;
        for index in 0..count {
            if self.kind == Kind::Seqpacket && scratch.is_end(index) {
                batch.ended = true;
                break;
            }
            let size = scratch.sent_size(index);
            largest = largest.max(size);
            self.bytes_read.set(self.bytes_read.get() + size as f64);
            let extra = self.extra(scratch, index, size);
            if self.discarding.get() {
                continue;
            }
            let data = scratch.data(index);
            let room = if data.len() > SHARED { Self::alike(scratch, index..count) } else { 0 };
            match self.copy(data, room, batch, &mut slab) {
                Some((value, offset)) => batch.items.push_back(Item { value, offset, len: data.len(), extra }),
                None => batch.failed = Some(SysError::new(libc::ENOMEM, "recvmsg")),
            }
        }
        self.batch.set((BATCH_BYTES / largest.max(1)).clamp(1, BATCH));
        self.large.set(usize::from(sys::LINUX && largest >= DIRECT));
    }

    /// Bytes of the messages from the first of `range` on that share a slab: none of them keeps more than four times
    /// its size alive.
    fn alike(scratch: &Scratch, range: Range<usize>) -> usize {
        let (mut total, mut least) = (0, DIRECT / 4);
        for len in range.map(|index| scratch.data(index).len()).take_while(|len| *len > SHARED) {
            least = least.min(len);
            if Slab::place(total, len) > 4 * least {
                break;
            }
            total = Slab::place(total, len);
        }
        total
    }

    /// Copies one message to JS memory; `room` is what those from it on share, if it is not for the common slab.
    /// Answers which value it is in, and where.
    fn copy(&self, data: &[u8], room: usize, batch: &mut Batch, slab: &mut Option<Slab>) -> Option<(usize, usize)> {
        if data.is_empty() {
            return Some((usize::MAX, 0));
        }
        let common = data.len() <= SHARED;
        if let Some(offset) =
            slab.as_mut().filter(|slab| slab.common == common).and_then(|slab| self.env.copy_to(slab, data))
        {
            return Some((batch.values.len() - 1, offset));
        }
        if !common && room <= Slab::place(0, data.len()) {
            // Making the buffer may move memory.
            *slab = None;
            batch.values.push(self.env.js.buffer(data)?);
            return Some((batch.values.len() - 1, 0));
        }
        let mut opened = if common { self.env.slab(data.len()) } else { self.env.own_slab(room) }?;
        let offset = self.env.copy_to(&mut opened, data)?;
        batch.values.push(opened.value);
        *slab = Some(opened);
        Some((batch.values.len() - 1, offset))
    }

    pub(super) fn extra(&self, scratch: &mut Scratch, index: usize, size: usize) -> Option<Box<Extra>> {
        let truncated = scratch.truncated(index);
        let wanted = self.options.receive_fds || self.options.receive_credentials;
        let mut ancillary = if wanted { scratch.ancillary(index) } else { Ancillary::default() };
        if !self.options.receive_fds {
            // Whoever shares the socket may have turned the mark off that takes the room beside credentials.
            ancillary.fds.clear();
        }
        let mut sender = None;
        if self.kind == Kind::Dgram {
            let name = scratch.sender(index);
            let mut last = self.peers().last_sender.borrow_mut();
            if last.as_deref().is_none_or(|last| *last != name) {
                *last = Some(Box::new(name));
                sender = Some(name.bytes().to_vec());
            }
        }
        (truncated || wanted || sender.is_some()).then(|| Box::new(Extra { size, truncated, ancillary, sender }))
    }

    /// A failed receive. True: look again, what arrived before the error is still there.
    fn receive_failed(&self, error: SysError) -> bool {
        if self.kind == Kind::Dgram {
            return self.datagram_failed(&error);
        }
        if self.pending_error.borrow().is_none() {
            self.note_error(error);
            return true;
        }
        self.fail();
        false
    }

    /// A datagram socket outlives its errors. One that comes again at once rests for a while.
    fn datagram_failed(&self, error: &SysError) -> bool {
        if self.failed_with.replace(error.errno) != error.errno {
            return self.tell_error(error);
        }
        self.resting.set(true);
        self.peers().want_retry();
        self.ask_for_retry();
        false
    }

    pub(super) fn note_error(&self, error: SysError) {
        self.pending_error.borrow_mut().get_or_insert_with(|| Box::new(error));
    }

    /// Tells the error of the connection and closes.
    fn fail(&self) {
        let error = self.pending_error.borrow_mut().take();
        if let Some(error) = error {
            self.tell_error(&error);
        }
        self.close();
    }

    fn end_of_file(&self) {
        self.read_ended.set(true);
        if self.pending_error.borrow().is_some() {
            return self.fail();
        }
        if !self.tell(event::END, &[]) {
            return;
        }
        let hung_up = self.fd().is_ok_and(|fd| sys::poll_now(fd, 0) & libc::POLLHUP != 0);
        if hung_up || self.write_shut.get() {
            self.close();
        }
    }
}
