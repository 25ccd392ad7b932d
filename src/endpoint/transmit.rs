//! What goes out: one system call straight from the caller's bytes; what finds no room is copied and waits in a queue.
//!
//! Answers to JS: 0 sent; n > 0 queued, n - 1 bytes wait in all; n < 0 failed, -n is the errno.

use super::{Endpoint, event};
use crate::addr::UnixAddr;
use crate::emitter::args::Args;
use crate::error::{SysError, would_block};
use crate::heap;
use crate::send_queue::{BATCH, Bytes, Done, Flushed, Message, SendQueue};
use crate::staged;
use crate::sys::{self, Kind, message};
use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::rc::Rc;

/// Messages a flush sends before the loop has its turn.
pub(super) const FLUSH_LIMIT: usize = 1024;

/// One message on its way.
pub struct Outgoing<'a> {
    pub parts: &'a [&'a [u8]],
    pub fds: Vec<OwnedFd>,
    pub id: u32,
    /// Only queue it: the socket is corked.
    pub hold: bool,
}

fn total(entries: &[(&[u8], u32)]) -> usize {
    entries.iter().map(|(data, _)| data.len()).sum()
}

impl Outgoing<'_> {
    fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    pub(super) fn send(&self, fd: i32, to: Option<&UnixAddr>) -> Result<(), SysError> {
        match self.parts {
            [one] if self.fds.is_empty() => message::send(fd, one, to),
            parts => message::send_parts(fd, parts, &self.fds, to),
        }
    }
}

impl Endpoint {
    /// `send(socket, view, offset, length, id, destination, hold)`; destination 0 is the connected peer.
    pub(super) fn send_args(&self, args: &Args) -> f64 {
        let (offset, len, slot) = (args.uint(2), args.uint(3), args.uint(5));
        let to = match slot {
            0 => None,
            slot => match self.destination(slot) {
                Some(addr) => Some(addr),
                None => return -f64::from(libc::EDESTADDRREQ),
            },
        };
        let (id, hold) = (args.uint(4) as u32, args.uint(6) != 0);
        args.view(1)
            .and_then(|view| {
                view.with(|bytes| {
                    let data = bytes.get(offset..offset.checked_add(len)?)?;
                    Some(self.transmit(Outgoing { parts: &[data], fds: Vec::new(), id, hold }, to))
                })?
            })
            .unwrap_or(-f64::from(libc::EFAULT))
    }

    /// Remembers a destination under a small number, so that its name crosses from JS once.
    pub fn set_destination(&self, slot: usize, addr: UnixAddr) {
        let mut destinations = self.peers().destinations.borrow_mut();
        if destinations.len() < slot {
            destinations.resize(slot, UnixAddr::UNNAMED);
        }
        if let Some(place) = destinations.get_mut(slot.wrapping_sub(1)) {
            *place = addr;
        }
    }

    pub fn destination(&self, slot: usize) -> Option<UnixAddr> {
        self.peers().destinations.borrow().get(slot.wrapping_sub(1)).copied()
    }

    pub fn transmit(&self, out: Outgoing, to: Option<UnixAddr>) -> f64 {
        if let Some(addr) = to {
            return self.transmit_to(out, addr);
        }
        let Ok(fd) = self.fd() else { return -f64::from(libc::EBADF) };
        if out.hold || self.others_wait() {
            return self.enqueue(&self.queue, out);
        }
        if self.send_buffer.too_long(out.len()) {
            return self.send_failed(libc::EMSGSIZE);
        }
        match self.with_room(fd, || out.send(fd, None).map_err(|error| error.errno)) {
            Ok(()) => self.count_sent(out.len()),
            Err(errno) if would_block(errno) => {
                let answer = self.enqueue(&self.queue, out);
                self.await_socket();
                answer
            }
            Err(errno) => self.send_failed(errno),
        }
    }

    /// Nothing overtakes what was queued, nor the news of what was refused.
    fn others_wait(&self) -> bool {
        self.connecting.get() || !self.queue.borrow().is_empty() || !self.refused.borrow().is_empty()
    }

    pub(super) fn count_sent(&self, bytes: usize) -> f64 {
        self.bytes_written.set(self.bytes_written.get() + bytes as f64);
        0.0
    }

    pub(super) fn send_failed(&self, errno: i32) -> f64 {
        if self.kind == Kind::Seqpacket && errno == libc::ECONNRESET {
            // The send consumed the error of the connection: it is told again, after what arrived.
            self.note_error(SysError::new(errno, "recvmsg"));
        }
        -f64::from(errno)
    }

    pub(super) fn enqueue(&self, queue: &RefCell<SendQueue>, out: Outgoing) -> f64 {
        let fits = self.admits(out.len());
        if fits {
            heap::expect_block(out.len());
            // Parts are joined first, and copied then.
            if !heap::has_room(out.len().saturating_mul(out.parts.len().min(2))) {
                return -f64::from(libc::ENOMEM);
            }
            let data = match out.parts {
                [one] => Bytes::new((*one).into()),
                parts => Bytes::new(parts.concat().into()),
            };
            self.append(queue, Message { data, fds: out.fds, id: out.id });
            self.env.report_memory();
        }
        if fits { self.queued.get() as f64 + 1.0 } else { -f64::from(libc::ENOBUFS) }
    }

    /// Whether maxQueuedBytes has room for `len` more.
    fn admits(&self, len: usize) -> bool {
        let fits = (self.queued.get() + len) as f64 <= self.options.max_queued;
        if !fits {
            self.dropped.set(self.dropped.get() + 1.0);
        }
        fits
    }

    fn append(&self, queue: &RefCell<SendQueue>, message: Message) {
        self.set_queued(self.queued.get() + message.data.len());
        queue.borrow_mut().push(message);
    }

    pub fn queued(&self) -> usize {
        self.queued.get()
    }

    /// Waits until the socket itself has room. macOS tells no event for a full peer: there a timer does it.
    fn await_socket(&self) {
        if sys::LINUX || self.kind == Kind::Seqpacket {
            self.watch();
        } else {
            self.peers().want_retry();
            self.ring();
        }
    }

    /// `sendStaged(socket, stage, lengths and ids, count, hold)`: the messages of a cork, one after another in one view.
    /// Answers how many went at once; the others wait, refused ones are told as such.
    pub(super) fn send_staged_args(&self, args: &Args) -> f64 {
        let (Some(stage), Some(meta)) = (args.view(1), args.view(2)) else { return 0.0 };
        let count = args.uint(3);
        let sent = stage.with(|bytes| {
            meta.with(|meta| {
                let entries = staged::entries(bytes, meta, count);
                self.send_staged_entries(bytes, &entries.collect::<Vec<_>>(), args.uint(4) != 0)
            })
        });
        sent.flatten().unwrap_or(0) as f64
    }

    /// `entries` stand one after another in `bytes`.
    fn send_staged_entries(&self, bytes: &[u8], entries: &[(&[u8], u32)], hold: bool) -> usize {
        let mut sent = 0;
        let direct = !hold && !self.others_wait();
        while let (true, Ok(fd), Some(rest)) = (direct, self.fd(), entries.get(sent..)) {
            let run = rest.get(..BATCH).unwrap_or(rest);
            match message::send_many(fd, run.iter().map(|(data, _)| *data), None) {
                Ok(count) if count > 0 => {
                    self.count_sent(total(run.get(..count).unwrap_or(run)));
                    sent += count;
                }
                // What failed fails again from the queue, which tells it.
                _ => break,
            }
        }
        let rest = entries.get(sent..).unwrap_or(&[]);
        if rest.is_empty() {
            return sent;
        }
        // One copy for all.
        let from = total(entries) - total(rest);
        let chunk: Rc<[u8]> = bytes.get(from..from + total(rest)).unwrap_or(&[]).into();
        let mut start = 0;
        for (data, id) in rest {
            let part = Bytes::part(&chunk, start, data.len());
            start += data.len();
            if self.admits(data.len()) {
                self.append(&self.queue, Message { data: part, fds: Vec::new(), id: *id });
            } else {
                self.refused.borrow_mut().push(Done { id: *id, errno: libc::ENOBUFS, to: None });
            }
        }
        self.flush_later();
        sent
    }

    /// Sends what waits, from the loop's next turn.
    pub fn flush_later(&self) {
        if !self.flush_wanted.replace(true) {
            self.ring();
        }
    }

    /// uncork(): what was held goes out now; its callbacks come later.
    pub fn uncork(&self) {
        if self.queue.borrow().is_empty() && !self.peers_wait() {
            return;
        }
        self.flush_later();
    }

    /// Hands a run of queued messages to the kernel, and keeps the accounts.
    pub(super) fn send_run(&self, messages: &[Message], to: Option<&UnixAddr>) -> Result<usize, i32> {
        let Ok(fd) = self.fd() else { return Err(libc::EBADF) };
        let lens = |count: usize| messages.iter().take(count).map(|message| message.data.len()).sum::<usize>();
        let short = messages.iter().take_while(|message| !self.send_buffer.too_long(message.data.len())).count();
        let sent = match messages.get(..short) {
            Some([]) | None => Err(libc::EMSGSIZE),
            Some(run) => self.with_room(fd, || message::send_queued(fd, run, to)),
        };
        match sent {
            Ok(count) => {
                self.count_sent(lens(count));
                self.set_queued(self.queued.get().saturating_sub(lens(count)));
                Ok(count)
            }
            Err(errno) => {
                if !would_block(errno) {
                    self.send_failed(errno);
                    self.set_queued(self.queued.get().saturating_sub(lens(1)));
                }
                Err(errno)
            }
        }
    }

    /// Sends what waits and tells JS what became of it.
    pub(super) fn flush(&self) {
        if self.connecting.get() {
            return;
        }
        let mut done = self.refused.take();
        let before = self.queue.borrow().is_empty();
        let flushed = self.queue.borrow_mut().flush(FLUSH_LIMIT, false, &mut done, |run| self.send_run(run, None));
        if flushed == Flushed::Blocked {
            self.await_socket();
        }
        let emptied = !before && flushed == Flushed::Empty;
        let peer_emptied = self.flush_peers(&mut done);
        self.settle(&done, emptied || peer_emptied);
    }

    /// Tells JS what was sent or failed, that there is room again, and that the write side is shut.
    pub(super) fn settle(&self, done: &[Done], emptied: bool) {
        let js = &self.env.js;
        self.env.report_memory();
        if !done.is_empty() {
            let outcome = |done: &Done| match done.errno {
                0 => js.undefined(),
                errno => {
                    let syscall = if done.to.is_some() { "sendto" } else { "send" };
                    js.system_error(&SysError { errno, syscall, path: done.to.as_deref().map(<[u8]>::to_vec) })
                }
            };
            let pairs = done.iter().flat_map(|done| [js.uint(done.id), outcome(done)]);
            let list = js.array(&pairs.collect::<Vec<_>>());
            if !self.tell(event::SENT, &[list]) {
                return;
            }
        }
        if emptied && !self.tell(event::DRAINED, &[]) {
            return;
        }
        if self.shutdown_wanted.get() && self.queue.borrow().is_empty() {
            self.finish_shutdown();
        }
    }

    /// Half-closes once what is queued is sent.
    pub fn shutdown(&self) {
        self.shutdown_wanted.set(true);
        self.flush_later();
    }

    fn finish_shutdown(&self) {
        self.shutdown_wanted.set(false);
        // The peer may be gone already: the write side is shut then, too.
        let _ = self.with_fd(sys::shutdown_write);
        self.write_shut.set(true);
        if self.tell(event::SHUTDOWN, &[]) && self.read_ended.get() {
            self.close();
        }
    }
}
