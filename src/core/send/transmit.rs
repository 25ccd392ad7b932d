//! Sending a message at the time of the call, or adding it to a queue.
//!
//! Results for JavaScript: 0 means sent; n > 0 means queued, and n - 1 bytes wait in all; n < 0 means failed, and -n is errno.

use crate::core::heap;
use crate::core::send::queue::{Bytes, Completion, Message, SendQueue};
use crate::core::socket::Socket;
use crate::sys::{self, Kind, MAX_BATCH, SysError, UnixAddr, would_block};
use std::cell::RefCell;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::rc::Rc;

/// A message that JavaScript sends.
pub struct Outgoing<'a> {
    pub parts: &'a [&'a [u8]],
    pub fds: Vec<OwnedFd>,
    /// The id by which JavaScript knows its callback; 0 if there is none.
    pub id: u32,
    /// The id by which JavaScript knows its destination; 0 is the connected peer.
    pub destination: u32,
    /// Do not send it now, because the socket is corked.
    pub queue_only: bool,
}

impl Outgoing<'_> {
    fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    fn send(&self, fd: BorrowedFd, to: Option<&UnixAddr>) -> Result<(), i32> {
        let sent = match self.parts {
            [one] if self.fds.is_empty() => sys::send(fd, one, to),
            parts => sys::send_parts(fd, parts, &self.fds, to),
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
        if out.queue_only || self.peer_queue_waits() {
            return self.enqueue(&self.queue, out);
        }
        if self.send_buffer.too_long(out.len()) {
            return self.send_failed(libc::EMSGSIZE);
        }
        let doubled = &self.environment.doubled_send_buffers;
        let sent = self.with_fd(|fd| self.send_buffer.send(fd, doubled, || out.send(fd, None)));
        match sent.unwrap_or(Err(libc::EBADF)) {
            Ok(()) => self.count_sent(out.len()),
            Err(errno) if would_block(errno) => {
                let result = self.enqueue(&self.queue, out);
                self.await_socket();
                result
            }
            Err(errno) => self.send_failed(errno),
        }
    }

    fn transmit_to(&self, out: Outgoing, addr: UnixAddr) -> f64 {
        if !self.is_open() {
            return failed(libc::EBADF);
        }
        if let Some(destination) = self.destinations().congested(&addr) {
            return self.enqueue(&destination.queue, out);
        }
        if !out.queue_only {
            let sent = self.with_fd(|fd| out.send(fd, Some(&addr)));
            match sent.unwrap_or(Err(libc::EBADF)) {
                Ok(()) => return self.count_sent(out.len()),
                Err(errno) if would_block(errno) || self.waits_for_receiver(errno) => {}
                Err(errno) => return self.send_failed(errno),
            }
        }
        let destination = self.destinations().new_destination(addr);
        let queue_only = out.queue_only;
        let result = self.enqueue(&destination.queue, out);
        if result > 0.0 {
            self.destinations().add(&destination);
            if !queue_only {
                self.await_room(&destination, true);
            }
        }
        result
    }

    /// Sends a datagram now or not at all, whether or not others wait. If the connected peer is full, a DRAINED event follows
    /// when it has room.
    pub fn try_send(&self, data: &[u8], destination: u32) -> f64 {
        let to = match destination {
            0 => None,
            id => match self.destinations().name(id as usize) {
                Some(addr) => Some(addr),
                None => return failed(libc::EDESTADDRREQ),
            },
        };
        match self.with_fd(|fd| sys::send(fd, data, to.as_ref())) {
            Some(Ok(())) => self.count_sent(data.len()),
            Some(Err(error)) => {
                if to.is_none() && error.would_block() {
                    self.destinations().peer_was_full.set(true);
                    self.await_socket();
                }
                failed(error.errno)
            }
            None => failed(libc::EBADF),
        }
    }

    /// Whether a message to the connected peer has to wait behind others, or behind the report of a refused one.
    fn peer_queue_waits(&self) -> bool {
        self.connecting.get() || !self.queue.borrow().is_empty() || !self.refused.borrow().is_empty()
    }

    pub fn count_sent(&self, bytes: usize) -> f64 {
        self.bytes_written.set(self.bytes_written.get() + bytes as f64);
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
        if !self.admits(out.len()) {
            return failed(libc::ENOBUFS);
        }
        heap::expect_block(out.len());
        // Parts are joined and then copied, which takes the memory twice.
        if !heap::has_room(out.len().saturating_mul(out.parts.len().min(2))) {
            return failed(libc::ENOMEM);
        }
        let data = match out.parts {
            [one] => Bytes::new((*one).into()),
            parts => Bytes::new(parts.concat().into()),
        };
        self.append(queue, Message { data, fds: out.fds, destination: out.destination, id: out.id, errno: 0 });
        self.queued_bytes() as f64 + 1.0
    }

    /// Whether maxQueuedBytes allows `len` more bytes. Counts the message as dropped if not.
    fn admits(&self, len: usize) -> bool {
        let fits = (self.queued_bytes() + len) as f64 <= self.options.max_queued_bytes;
        if !fits {
            self.dropped_messages.set(self.dropped_messages.get() + 1.0);
        }
        fits
    }

    fn append(&self, queue: &RefCell<SendQueue>, message: Message) {
        self.set_queued_bytes(self.queued_bytes() + message.data.len());
        queue.borrow_mut().push(message);
    }

    /// Waits until the socket itself has room. macOS reports no event when a full peer reads, so a timer retries there.
    pub fn await_socket(&self) {
        if sys::LINUX || self.kind == Kind::Seqpacket {
            self.watch_events();
        } else {
            self.start_retry_timer();
        }
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
            if self.admits(data.len()) {
                self.append(&self.queue, Message { data: part, fds: Vec::new(), destination: 0, id: *id, errno: 0 });
            } else {
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
            let refused = Message { data, fds: Vec::new(), destination: 0, id, errno: libc::ENOBUFS };
            self.queue.borrow_mut().push(refused);
        }
    }
}
