//! Receiving: one call of recvmmsg into native buffers, and one copy into JS memory.

use crate::core::events;
use crate::core::recv::batch::{Batch, MessageMetadata, ReceivedMessage};
use crate::core::recv::deliver::{Delivery, MAX_CALLBACK_TIME};
use crate::core::recv::large::LARGE_BYTES;
use crate::core::recv::sender::Sender;
use crate::core::slab::{MAX_SHARED_BYTES, Slab};
use crate::core::socket::Socket;
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{self, Ancillary, Kind, MAX_BATCH, ReceiveBuffers, RecvOptions, SysError, SysResult};
use crate::uv;
use std::ffi::c_int;
use std::ops::Range;
use std::time::Instant;

/// Bytes that one receive takes from the kernel, about.
const BATCH_BYTES: usize = 256 * 1024;
/// A callback from libuv returns to the loop after this many receives, so that timers and other sockets are not delayed.
const MAX_RECEIVES: usize = 8;

impl Socket {
    /// Starts or stops reading. The poll handle goes on watching after a stop until the next message arrives.
    pub fn set_reading(&self, reading: bool) {
        self.reading.set(reading);
        if reading && self.is_open() {
            if self.paused_batch.borrow().is_some() {
                self.schedule();
            }
            self.watch_events();
        }
    }

    /// Drops all messages until end-of-file.
    pub fn discard(&self) {
        self.discarding.set(true);
        self.set_reading(true);
    }

    /// The descriptor is readable, hung up, or failed.
    pub fn on_readable(&self, scope: &UpcallScope, failed: bool, events: c_int) {
        if self.reading.get() && !self.read_ended.get() {
            self.receive(scope, true);
        } else if self.kind == Kind::Dgram {
            let errno = if failed { self.with_fd(sys::take_error).unwrap_or(0) } else { 0 };
            if errno != 0 {
                self.emit_error(scope, &SysError::new(errno, "recvmsg"));
            }
        } else if self.read_ended.get() {
            // After end-of-file only a hang-up or an error of the write side is reported.
            self.hung_up.set(true);
            self.close_after_queue(scope);
        } else {
            let gone = failed || events & uv::HANGUP != 0;
            self.hung_up.set(gone);
            if events & uv::DISCONNECT != 0 || gone {
                self.peer_ended.set(true);
                self.emit_event(scope, events::PEER_ENDED, &[]);
            }
        }
    }

    /// Delivers the paused batch, then receives and delivers until the kernel has no more messages or a limit is reached.
    /// `announced`: the descriptor polled readable.
    pub fn receive(&self, scope: &UpcallScope, announced: bool) {
        if self.receiving.replace(true) {
            // A listener runs the event loop (deasync). The batch that is being delivered must be finished first.
            self.nested_loop.set(true);
            return;
        }
        self.receive_batches(scope, announced);
        self.receiving.set(false);
        self.nested_loop.set(false);
    }

    fn receive_batches(&self, scope: &UpcallScope, announced: bool) {
        let started = Instant::now();
        for round in 0..MAX_RECEIVES {
            if !self.reading.get() || self.read_ended.get() {
                return;
            }
            let paused = self.paused_batch.take();
            let mut batch = paused.map_or_else(
                || self.receive_batch(announced && round == 0),
                |paused| paused.resume(&self.environment.js),
            );
            match self.deliver(scope, &mut batch, started) {
                Delivery::All => {}
                Delivery::Closed => return,
                Delivery::Refused => {
                    self.pause_batch(batch);
                    // A tick after the refusal may have started reading again.
                    return if self.reading.get() {
                        self.schedule()
                    };
                }
                Delivery::OutOfTime => {
                    self.pause_batch(batch);
                    return self.schedule();
                }
            }
            if !self.reading.get() && (batch.ended || batch.error.is_some()) {
                // The listener paused in the last message, so the end waits, too.
                return self.pause_batch(batch);
            }
            if let Some(error) = batch.error
                && !self.receive_failed(scope, error)
            {
                return;
            }
            if batch.ended {
                return self.end_of_file(scope);
            }
            // While several messages were delivered, the next ones have often arrived.
            let likely_more = batch.received > 1;
            if (batch.drained && !likely_more) || started.elapsed() > MAX_CALLBACK_TIME {
                return;
            }
        }
    }

    fn receive_batch(&self, announced: bool) -> Batch {
        let mut batch = Batch::default();
        let options = RecvOptions {
            size: self.read_size.get(),
            // Descriptors enter the process with the receive, so only as many messages are received as are delivered at once.
            count: if self.options.receive_fds { 1 } else { self.next_batch_len.get() },
            control: self.control.get(),
            names: self.kind == Kind::Dgram,
        };
        let received = self.environment.receive_memory.with_buffers(|buffers| -> SysResult<()> {
            if self.next_large_count.get() > 0 && self.receive_large(buffers, &options, &mut batch)? {
                return Ok(());
            }
            let received = self.with_fd(|fd| buffers.receive(fd, &options));
            if let Some(count) = received.transpose()? {
                self.copy_batch(buffers, count, &options, &mut batch);
            }
            Ok(())
        });
        match received {
            Ok(()) => {
                self.last_recv_errno.set(0);
                self.start_busy_poll();
            }
            Err(error) if error.would_block() => {
                batch.drained = true;
                if announced && self.kind == Kind::Dgram && self.with_fd(sys::is_read_shut) == Some(true) {
                    batch.error = Some(SysError::new(libc::ESHUTDOWN, "recvmsg"));
                }
            }
            Err(error) => batch.error = Some(error),
        }
        batch
    }

    fn copy_batch(&self, buffers: &mut ReceiveBuffers, count: usize, options: &RecvOptions, batch: &mut Batch) {
        let (mut largest, mut slab) = (0, None);
        batch.received = count;
        batch.drained = sys::LINUX && count < options.count;
        for index in 0..count {
            if self.kind == Kind::Seqpacket && buffers.is_end(index) {
                batch.ended = true;
                break;
            }
            let size = buffers.sent_size(index);
            largest = largest.max(size);
            self.bytes_read.set(self.bytes_read.get() + size as f64);
            let metadata = self.metadata(buffers, index, size);
            let sender = self.sender(buffers, index);
            if self.discarding.get() {
                continue;
            }
            let data = buffers.data(index);
            let room = if data.len() > MAX_SHARED_BYTES { Self::shared_slab_bytes(buffers, index..count) } else { 0 };
            match self.copy(data, room, batch, &mut slab) {
                Some((value, offset)) => {
                    batch.messages.push_back(ReceivedMessage { value, offset, len: data.len(), metadata, sender });
                }
                None => batch.error = Some(SysError::new(libc::ENOMEM, "recvmsg")),
            }
        }
        self.next_batch_len.set((BATCH_BYTES / largest.max(1)).clamp(1, MAX_BATCH));
        self.next_large_count.set(usize::from(sys::LINUX && largest >= LARGE_BYTES));
    }

    /// Bytes of the first messages of `range` that can share a slab without one of them holding more than four times its size.
    fn shared_slab_bytes(buffers: &ReceiveBuffers, range: Range<usize>) -> usize {
        let (mut total, mut least) = (0, LARGE_BYTES / 4);
        for len in range.map(|index| buffers.data(index).len()).take_while(|len| *len > MAX_SHARED_BYTES) {
            least = least.min(len);
            if Slab::end_of(total, len) > 4 * least {
                break;
            }
            total = Slab::end_of(total, len);
        }
        total
    }

    /// Copies one message to JS memory. A message too large for the shared slab may share a slab of `room` bytes with those
    /// that follow it. Returns the index of the value and the offset in it.
    fn copy(&self, data: &[u8], room: usize, batch: &mut Batch, slab: &mut Option<Slab>) -> Option<(usize, usize)> {
        if data.is_empty() {
            return Some((usize::MAX, 0));
        }
        let shared = data.len() <= MAX_SHARED_BYTES;
        let memory = &self.environment.receive_memory;
        if let Some(offset) =
            slab.as_mut().filter(|slab| slab.shared == shared).and_then(|slab| memory.copy_to(slab, data))
        {
            return Some((batch.values.len() - 1, offset));
        }
        if !shared && room <= Slab::end_of(0, data.len()) {
            // Making the Buffer may collect garbage and move memory.
            *slab = None;
            batch.values.push(self.environment.js.buffer(data)?);
            return Some((batch.values.len() - 1, 0));
        }
        let mut opened = if shared { memory.shared_slab(data.len()) } else { memory.batch_slab(room) }?;
        let offset = memory.copy_to(&mut opened, data)?;
        batch.values.push(opened.value);
        *slab = Some(opened);
        Some((batch.values.len() - 1, offset))
    }

    pub fn sender(&self, buffers: &ReceiveBuffers, index: usize) -> Option<Sender> {
        (self.kind == Kind::Dgram).then(|| self.destinations().senders.receive(buffers.sender(index)))
    }

    /// What a message has in addition to its bytes and its sender.
    pub fn metadata(&self, buffers: &mut ReceiveBuffers, index: usize, size: usize) -> Option<Box<MessageMetadata>> {
        let truncated = buffers.truncated(index);
        let wanted = self.options.receive_fds || self.options.receive_credentials;
        let mut ancillary = if wanted { buffers.ancillary(index) } else { Ancillary::default() };
        if !self.options.receive_credentials {
            // Another process, or the maker of an adopted socket, turned SO_PASSCRED on.
            ancillary.credentials = None;
        }
        if !self.options.receive_fds {
            // The kernel fills room after the credentials with descriptors, if a process that shares the socket turned the
            // option off whose data takes that room.
            ancillary.fds.clear();
        }
        if self.options.receive_credentials && ancillary.credentials.is_none() {
            // A process that shares the socket turned SO_PASSCRED off, or an option on whose data takes the room.
            let _ = self.with_fd(|fd| self.set_control(fd));
        }
        (truncated || wanted).then(|| Box::new(MessageMetadata { size, truncated, ancillary }))
    }

    /// Returns true if receiving goes on: messages that arrived before the error are still there.
    fn receive_failed(&self, scope: &UpcallScope, error: SysError) -> bool {
        if self.kind == Kind::Dgram {
            return self.datagram_receive_failed(scope, &error);
        }
        if self.pending_error.borrow().is_none() {
            self.note_error(error);
            return true;
        }
        self.emit_pending_error(scope);
        false
    }

    /// A datagram socket outlives its errors. When the same error follows at once, reading waits for the retry timer.
    fn datagram_receive_failed(&self, scope: &UpcallScope, error: &SysError) -> bool {
        if error.errno == libc::ESHUTDOWN {
            // It would poll readable for ever. Sending goes on.
            self.read_ended.set(true);
            self.emit_error(scope, error);
            return false;
        }
        if self.last_recv_errno.replace(error.errno) != error.errno {
            return self.emit_error(scope, error);
        }
        self.read_backoff.set(true);
        self.start_retry();
        false
    }
}
