//! Sending a message at the time of the call, or adding it to a queue.
//!
//! Results for JavaScript: 0 means sent; n > 0 means queued, and n - 1 bytes wait for the same destination; n < 0 means failed, and
//! -n is errno.

use crate::core::heap;
use crate::core::send::destination::{Destination, Wait};
use crate::core::send::queue::{Bytes, Completion, Message, SendQueue, weight_of};
use crate::core::send::queued_fds::QueuedFds;
use crate::core::socket::Socket;
use crate::sys::{self, Kind, MAX_BATCH, SysError, UnixAddr, would_block};
use std::cell::RefCell;
use std::os::fd::{BorrowedFd, RawFd};
use std::rc::Rc;
use std::time::Instant;

/// What may become of a message at the time of the call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendMode {
    /// Send it, or queue it if it has to wait.
    SendOrQueue,
    /// Queue it, because the socket is corked.
    QueueOnly,
    /// Send it or fail with EAGAIN, whatever waits.
    TryOnly,
}

/// The modes by the names that js/constants.js has.
pub const SEND_MODES: [(&str, u32); 3] = [
    ("SEND_OR_QUEUE", SendMode::SendOrQueue as u32),
    ("QUEUE_ONLY", SendMode::QueueOnly as u32),
    ("TRY_ONLY", SendMode::TryOnly as u32),
];

impl SendMode {
    /// By its number.
    pub fn from_number(number: usize) -> Self {
        match number {
            1 => SendMode::QueueOnly,
            2 => SendMode::TryOnly,
            _ => SendMode::SendOrQueue,
        }
    }
}

/// A message that JavaScript sends.
pub struct Outgoing<'a> {
    pub parts: &'a [&'a [u8]],
    /// Descriptors of the user. They are duplicated only if the message has to wait.
    pub fds: &'a [RawFd],
    /// The id by which JavaScript knows its callback; 0 if there is none.
    pub id: u32,
    /// The id by which JavaScript knows its destination; 0 is the connected peer.
    pub destination: u32,
    pub mode: SendMode,
}

impl Outgoing<'_> {
    fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    fn send(&self, fd: BorrowedFd, to: Option<&UnixAddr>) -> Result<(), i32> {
        let sent = match self.parts {
            [one] if self.fds.is_empty() => sys::send(fd, one, to),
            parts => sys::send_parts(fd, parts, self.fds, to),
        };
        sent.map_err(|error| error.errno)
    }
}

fn failed(errno: i32) -> f64 {
    -f64::from(errno)
}

/// Messages that JavaScript collected between cork() and uncork(), with the ids of their callbacks.
pub type Staged<'a> = [(&'a [u8], u32)];

fn total_len(messages: &Staged) -> usize {
    messages.iter().map(|(data, _)| data.len()).sum()
}

impl Socket {
    /// Sends a message, or queues it if it has to wait.
    pub fn transmit(&self, out: Outgoing) -> f64 {
        match out.destination {
            0 => self.transmit_to_peer(out),
            id => match self.destinations().name(id as usize) {
                Some(addr) => self.transmit_to(out, addr),
                None => failed(libc::EDESTADDRREQ),
            },
        }
    }

    fn transmit_to_peer(&self, out: Outgoing) -> f64 {
        if !self.is_open() {
            return failed(libc::EBADF);
        }
        if out.mode == SendMode::QueueOnly || (out.mode == SendMode::SendOrQueue && self.peer_queue_waits()) {
            return self.enqueue(&self.queue, out);
        }
        if self.send_buffer.too_long(out.len()) {
            return self.send_failed(libc::EMSGSIZE);
        }
        let doubled = &self.environment.doubled_send_buffers;
        let sent = self.with_fd(|fd| self.send_buffer.send(fd, doubled, || out.send(fd, None)));
        match sent.unwrap_or(Err(libc::EBADF)) {
            Ok(()) => self.count_sent(out.len()),
            Err(errno) if out.mode == SendMode::TryOnly => {
                if would_block(errno) && self.kind == Kind::Dgram {
                    self.destinations().peer_was_full.set(true);
                    self.await_socket();
                }
                self.send_failed(errno)
            }
            Err(errno) if would_block(errno) => {
                let result = self.enqueue(&self.queue, out);
                self.await_socket();
                result
            }
            Err(libc::ETOOMANYREFS) => {
                let result = self.enqueue(&self.queue, out);
                self.back_off_writing();
                result
            }
            Err(errno) => self.send_failed(errno),
        }
    }

    fn transmit_to(&self, out: Outgoing, addr: UnixAddr) -> f64 {
        if !self.is_open() {
            return failed(libc::EBADF);
        }
        let known = self.congested(&addr);
        if let Some(destination) = known.as_ref().filter(|destination| destination.wait.get() != Wait::Nothing)
            && out.mode != SendMode::TryOnly
        {
            return self.enqueue_to(destination, out);
        }
        if out.mode == SendMode::QueueOnly {
            let destination = known.unwrap_or_else(|| self.add_destination(&addr, out.destination));
            destination.wait.set(Wait::Flush);
            return self.enqueue_to(&destination, out);
        }
        let sent = match &known {
            Some(destination) => {
                destination.last_use.set(Instant::now());
                self.with_sender(destination, |fd| out.send(fd, Some(&addr)))
            }
            None => self.with_fd(|fd| out.send(fd, Some(&addr))),
        };
        match sent.unwrap_or(Err(libc::EBADF)) {
            Ok(()) => self.count_sent(out.len()),
            Err(errno) if out.mode == SendMode::TryOnly => self.send_failed(errno),
            Err(errno) if would_block(errno) || errno == libc::ETOOMANYREFS || self.waits_for_receiver(errno) => {
                let destination = known.unwrap_or_else(|| self.add_destination(&addr, out.destination));
                self.send_or_wait(&destination, out, errno)
            }
            Err(errno) => self.send_failed(errno),
        }
    }

    /// Sends a message through a new sender of its destination if that helps; otherwise queues it.
    fn send_or_wait(&self, destination: &Rc<Destination>, out: Outgoing, errno: i32) -> f64 {
        let mut errno = errno;
        if would_block(errno) && self.add_sender(destination) {
            let sent = self.with_sender(destination, |fd| out.send(fd, Some(&destination.name.addr)));
            match sent.unwrap_or(Err(libc::EBADF)) {
                Ok(()) => return self.count_sent(out.len()),
                Err(error) if would_block(error) => errno = error,
                Err(error) => return self.send_failed(error),
            }
        }
        let result = self.enqueue_to(destination, out);
        if result > 0.0 && would_block(errno) {
            self.await_room(destination, true);
        } else if result > 0.0 {
            destination.wait.set(Wait::Timer);
            self.start_retry();
        }
        result
    }

    fn enqueue_to(&self, destination: &Destination, out: Outgoing) -> f64 {
        destination.last_use.set(Instant::now());
        destination.id.set(out.destination);
        self.enqueue(&destination.queue, out)
    }

    /// Whether a message to the connected peer has to wait behind others, or behind the report of a refused one.
    pub fn peer_queue_waits(&self) -> bool {
        self.connecting.get() || !self.queue.borrow().is_empty() || !self.refused.borrow().is_empty()
    }

    pub fn count_sent(&self, bytes: usize) -> f64 {
        self.bytes_written.set(self.bytes_written.get() + bytes as f64);
        self.start_busy_poll();
        0.0
    }

    pub fn send_failed(&self, errno: i32) -> f64 {
        if self.kind == Kind::Seqpacket && errno == libc::ECONNRESET {
            // The send took the error of the connection from the kernel. It is emitted after the messages that arrived before.
            self.note_error(SysError::new(errno, "recvmsg"));
        }
        failed(errno)
    }

    fn enqueue(&self, queue: &RefCell<SendQueue>, out: Outgoing) -> f64 {
        let weight = weight_of(out.len(), out.fds.len());
        let queued_fds = &self.environment.queued_fds;
        if !self.admits(queue, weight) || !QueuedFds::admits(queued_fds, out.fds.len()) {
            self.dropped_messages.set(self.dropped_messages.get() + 1.0);
            return failed(libc::ENOBUFS);
        }
        heap::expect_block(out.len());
        // Parts are joined and then copied, which takes the memory twice.
        if !heap::has_room(out.len().saturating_mul(out.parts.len().min(2))) {
            return failed(libc::ENOMEM);
        }
        let fds = match QueuedFds::duplicate(out.fds, queued_fds) {
            Ok(fds) => fds,
            Err(error) => return failed(error.errno),
        };
        let data = match out.parts {
            [one] => Bytes::new((*one).into()),
            parts => Bytes::new(parts.concat().into()),
        };
        self.append(queue, Message { data, fds, destination: out.destination, id: out.id, errno: 0 });
        queue.borrow().bytes() as f64 + 1.0
    }

    /// Whether maxQueuedBytes, which is a bound for each destination, allows `weight` more bytes in a queue.
    fn admits(&self, queue: &RefCell<SendQueue>, weight: usize) -> bool {
        queue.borrow().bytes().saturating_add(weight) as f64 <= self.options.max_queued_bytes
    }

    fn append(&self, queue: &RefCell<SendQueue>, message: Message) {
        self.set_queued_bytes(self.queued_bytes() + message.weight());
        queue.borrow_mut().push(message);
    }

    /// Watches for room in the socket. macOS reports no event when a full peer reads, so a timer retries there.
    pub fn await_socket(&self) {
        if sys::LINUX || self.kind == Kind::Seqpacket {
            self.watch_events();
        } else {
            self.start_retry();
        }
        if self.kind == Kind::Dgram {
            self.start_slow_retry();
        }
    }

    /// Sends nothing to the connected peer until the retry timer expires.
    pub fn back_off_writing(&self) {
        self.write_backoff.set(true);
        self.start_retry();
        self.watch_events();
    }

    /// Sends staged messages to the connected peer, in order. Returns how many were sent at once; the others are queued, and
    /// those that maxQueuedBytes refuses are completed with ENOBUFS. `messages` are consecutive in `bytes`.
    pub fn transmit_staged(&self, bytes: &[u8], messages: &Staged, queue_only: bool) -> usize {
        if !self.is_open() {
            return 0;
        }
        let sent = if queue_only || self.peer_queue_waits() { 0 } else { self.send_staged(messages) };
        let rest = messages.get(sent..).unwrap_or(&[]);
        if rest.is_empty() {
            return sent;
        }
        // One copy for all of them.
        let start = total_len(messages) - total_len(rest);
        let chunk: Rc<[u8]> = bytes.get(start..start + total_len(rest)).unwrap_or(&[]).into();
        let mut offset = 0;
        for (data, id) in rest {
            let part = Bytes::part(&chunk, offset, data.len());
            offset += data.len();
            if self.admits(&self.queue, weight_of(data.len(), 0)) {
                let fds = QueuedFds::default();
                self.append(&self.queue, Message { data: part, fds, destination: 0, id: *id, errno: 0 });
            } else {
                self.dropped_messages.set(self.dropped_messages.get() + 1.0);
                self.refuse(*id);
            }
        }
        self.schedule_flush();
        sent
    }

    fn send_staged(&self, messages: &Staged) -> usize {
        let mut sent = 0;
        while let Some(rest) = messages.get(sent..).filter(|rest| !rest.is_empty()) {
            let batch = rest.get(..MAX_BATCH).unwrap_or(rest);
            match self.with_fd(|fd| sys::send_batch(fd, batch.iter().map(|(data, _)| *data), None)) {
                Some(Ok(count)) if count > 0 => {
                    self.count_sent(total_len(batch.get(..count).unwrap_or(batch)));
                    sent += count;
                }
                // The message that failed is queued and fails again in the flush, which reports it.
                _ => break,
            }
        }
        sent
    }

    /// Completes a corked message with ENOBUFS: in its turn if it has a callback, otherwise with the next flush.
    fn refuse(&self, id: u32) {
        if id == 0 {
            self.refused.borrow_mut().push(Completion { errno: libc::ENOBUFS, ..Completion::default() });
        } else {
            let data = Bytes::new(Rc::default());
            let refused = Message { data, fds: QueuedFds::default(), destination: 0, id, errno: libc::ENOBUFS };
            self.queue.borrow_mut().push(refused);
        }
    }
}
