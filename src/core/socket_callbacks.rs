//! What a socket does when the event loop calls it.

use crate::core::events;
use crate::core::lifecycle::OWN_TOKEN;
use crate::core::socket::Socket;
use crate::js::emitter::Emitter;
use crate::sys::{self, SysResult, UnixAddr};
use crate::uv;
use std::ffi::c_int;

impl Socket {
    pub fn on_poll(&self, emitter: &Emitter, token: usize, status: c_int, events: c_int) {
        if token != OWN_TOKEN {
            if self.is_open() {
                self.on_sender(emitter, token, status);
            }
            return;
        }
        let failed = status < 0;
        let events = self.wanted(events);
        if failed {
            self.was_stopped();
        }
        if events & uv::WRITABLE != 0 {
            self.send_buffer.drained();
        }
        if failed || events & uv::WRITABLE != 0 {
            self.flush(emitter);
        }
        if self.is_open() && (failed || events & !uv::WRITABLE != 0) {
            self.on_readable(emitter, failed, events);
        }
        if self.is_open() && (failed || events & uv::WRITABLE != 0) {
            self.report_room(emitter);
        }
        if self.is_open() {
            self.watch_events();
        }
    }

    pub fn on_scheduled(&self, emitter: &Emitter) {
        if self.flush_scheduled.replace(false) && self.is_open() {
            self.flush(emitter);
        }
        if self.is_open() && self.paused_batch.borrow().is_some() {
            self.receive(emitter);
        }
        if self.is_open() {
            self.watch_events();
        }
    }

    /// Whether `receive` would find something. Costs one system call.
    pub fn has_message(&self) -> bool {
        let reads = self.reading.get() && !self.receiving.get() && !self.read_ended.get();
        reads && self.is_active() && matches!(self.with_fd(sys::next_size), Some(Ok(_)))
    }

    pub fn on_busy_poll(&self, emitter: &Emitter) {
        self.receive(emitter);
        if self.is_open() {
            self.watch_events();
        }
    }

    pub fn on_timer(&self, emitter: &Emitter) {
        if self.is_open() {
            self.on_retry_timer(emitter);
        }
    }

    /// The poll handle has finished closing.
    pub fn on_closed(&self, emitter: Option<&Emitter>) {
        if let Some(emitter) = emitter {
            self.emit_event(emitter, events::CLOSE, &[]);
        }
        self.closed();
    }

    /// Connects a seqpacket socket. EAGAIN means that the server's backlog is full.
    pub fn connect(&self, addr: &UnixAddr) -> SysResult<()> {
        self.connecting.set(true);
        self.start()?;
        self.with_fd(|fd| sys::connect_seqpacket(fd, addr, self.may_be_shared())).transpose()?;
        self.connecting.set(false);
        if self.shutdown_requested.get() || self.peer_queue_waits() {
            self.schedule_flush();
        }
        self.watch_events();
        Ok(())
    }
}
