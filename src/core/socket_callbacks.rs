//! The callbacks of a socket: what it does when the event loop calls it.

use crate::core::lifecycle::OWN_TOKEN;
use crate::core::loop_callbacks::LoopCallbacks;
use crate::core::socket::Socket;
use crate::js::upcall_scope::UpcallScope;
use crate::uv;
use std::ffi::c_int;

impl LoopCallbacks for Socket {
    fn close(&self) -> bool {
        Socket::close(self)
    }

    fn on_poll(&self, scope: &UpcallScope, token: usize, status: c_int, events: c_int) {
        if token != OWN_TOKEN {
            if self.is_open() {
                self.on_sender(scope, token, status);
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
            self.flush(scope);
        }
        if self.is_open() && (failed || events & !uv::WRITABLE != 0) {
            self.on_readable(scope, failed, events);
        }
        if self.is_open() && (failed || events & uv::WRITABLE != 0) {
            self.report_room(scope);
        }
        if self.is_open() {
            self.watch_events();
        }
    }

    fn on_scheduled(&self, scope: &UpcallScope) {
        if self.flush_scheduled.replace(false) && self.is_open() {
            // Before the flush, because a callback that runs the event loop may wait for the end of the connection.
            self.watch_events();
            self.flush(scope);
        }
        if self.is_open() && self.paused_batch.borrow().is_some() {
            self.receive(scope, false);
        }
        if self.is_open() {
            self.watch_events();
        }
    }

    fn on_busy_poll(&self, scope: &UpcallScope) {
        if self.is_active() && !self.receiving.get() {
            self.receive(scope, false);
        }
        if self.is_open() {
            self.watch_events();
        }
    }

    fn on_timer(&self, scope: &UpcallScope) {
        if self.is_open() {
            self.on_retry_timer(scope);
        }
    }

    fn on_room(&self, scope: &UpcallScope, destination: usize) -> bool {
        self.flush_token(scope, destination)
    }

    fn on_probe_lost(&self, destination: usize) {
        self.probe_lost(destination);
    }
}
