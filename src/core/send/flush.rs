//! Sending what waits in the queues, and reporting the results.

use crate::core::events;
use crate::core::send::destination::{Destinations, Wait};
use crate::core::send::queue::{Completion, Flushed, Message};
use crate::core::socket::Socket;
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{self, MAX_BATCH, SysError, UnixAddr, would_block};
use std::os::fd::BorrowedFd;

/// Messages that one flush of a queue sends before the loop continues.
pub const MAX_FLUSH_MESSAGES: usize = 1024;

/// Sends messages with one system call: as many as it takes. Returns how many were sent, or the errno of the first one.
fn send_some(fd: BorrowedFd, messages: &[Message], to: Option<&UnixAddr>) -> Result<usize, i32> {
    let plain = messages.iter().take_while(|message| message.fds.is_empty()).count();
    let sent = match messages.first() {
        None => return Ok(0),
        Some(first) if plain == 0 => sys::send_parts(fd, &[&first.data], &first.fds, to),
        Some(first) if plain == 1 || !sys::LINUX => sys::send(fd, &first.data, to),
        Some(_) => {
            let data = messages.iter().take(plain).map(|message| &*message.data);
            return sys::send_batch(fd, data, to).map_err(|error| error.errno);
        }
    };
    sent.map(|()| 1).map_err(|error| error.errno)
}

impl Socket {
    /// Sends what waits for all destinations, as far as there is room, and reports the results.
    pub fn flush(&self, scope: &UpcallScope) {
        if self.connecting.get() {
            return;
        }
        let mut completions = self.refused.take();
        let mut emptied = Vec::new();
        self.flush_peer(&mut completions, &mut emptied);
        self.flush_destinations(&[Wait::Flush, Wait::Socket], &mut completions, &mut emptied);
        self.report(scope, &completions, &emptied);
    }

    /// Sends what waits for the connected peer.
    pub fn flush_peer(&self, completions: &mut Vec<Completion>, emptied: &mut Vec<u32>) {
        if self.queue.borrow().is_empty() || self.write_backoff.get() {
            return;
        }
        let flushed = self.queue.borrow_mut().flush(MAX_BATCH, MAX_FLUSH_MESSAGES, completions, |messages| {
            self.with_fd(|fd| self.send_messages(fd, messages, None)).unwrap_or(Err(libc::EBADF))
        });
        match flushed {
            Flushed::Empty => emptied.push(0),
            Flushed::Blocked => self.await_socket(),
            Flushed::Waits => self.back_off_writing(),
            Flushed::Limit => {}
        }
    }

    /// Sends messages of one queue by `fd` and updates the counters.
    pub fn send_messages(&self, fd: BorrowedFd, messages: &[Message], to: Option<&UnixAddr>) -> Result<usize, i32> {
        let short = messages.iter().take_while(|message| !self.send_buffer.too_long(message.data.len())).count();
        let sent = match messages.get(..short) {
            Some([]) | None => Err(libc::EMSGSIZE),
            Some(run) => {
                let doubled = &self.environment.doubled_send_buffers;
                self.send_buffer.send(fd, doubled, || send_some(fd, run, to))
            }
        };
        let waits = |errno| to.is_some() && self.waits_for_receiver(errno);
        let sent = sent.map_err(|errno| if waits(errno) { libc::EAGAIN } else { errno });
        let gone = match sent {
            Ok(count) => messages.get(..count).unwrap_or(messages),
            Err(errno) if would_block(errno) || errno == libc::ETOOMANYREFS => &[],
            Err(errno) => {
                self.send_failed(errno);
                messages.get(..1).unwrap_or(messages)
            }
        };
        if sent.is_ok() {
            self.count_sent(gone.iter().map(|message| message.data.len()).sum());
        }
        let weight = gone.iter().map(Message::weight).sum::<usize>();
        self.set_queued_bytes(self.queued_bytes().saturating_sub(weight));
        sent
    }

    /// Emits what became of messages, which queues are empty again, and that the write side is shut down.
    pub fn report(&self, scope: &UpcallScope, completions: &[Completion], emptied: &[u32]) {
        self.environment.report_memory();
        if !completions.is_empty() && !self.emit_completions(scope, completions) {
            return;
        }
        if !emptied.is_empty() {
            let js = &self.environment.js;
            let list = js.array(&emptied.iter().map(|id| js.uint(*id)).collect::<Vec<_>>());
            if !self.emit_event(scope, events::DRAINED, &[list]) {
                return;
            }
        }
        if self.shutdown_requested.get() && self.queue.borrow().is_empty() {
            self.shut_down(scope);
        }
    }

    fn emit_completions(&self, scope: &UpcallScope, completions: &[Completion]) -> bool {
        let js = &self.environment.js;
        let triples = completions.iter().flat_map(|Completion { destination, id, errno, to }| {
            let error = match *errno {
                0 => js.undefined(),
                errno => {
                    let syscall = if to.is_some() { "sendto" } else { "send" };
                    js.system_error(&SysError { errno, syscall, path: to.as_deref().map(<[u8]>::to_vec) })
                }
            };
            [js.uint(*destination), js.uint(*id), error]
        });
        let list = js.array(&triples.collect::<Vec<_>>());
        self.emit_event(scope, events::SENT, &[list])
    }

    /// uncork(): what was queued is sent on the next iteration of the loop.
    pub fn uncork(&self) {
        if !self.queue.borrow().is_empty() || self.existing_destinations().is_some_and(Destinations::any_waiting) {
            self.schedule_flush();
        }
    }

    /// Shuts the write side down once what is queued is sent.
    pub fn request_shutdown(&self) {
        self.shutdown_requested.set(true);
        self.schedule_flush();
    }

    fn shut_down(&self, scope: &UpcallScope) {
        self.shutdown_requested.set(false);
        // An error means that the peer has gone already, so the write side is shut down all the same.
        let _ = self.with_fd(sys::shutdown_write);
        self.write_shut.set(true);
        if self.emit_event(scope, events::SHUTDOWN, &[]) && self.read_ended.get() {
            self.close();
        }
    }
}
