//! The end of a connection, as the receiving side sees it: end-of-file, hang-up and errors.

use crate::core::events;
use crate::core::socket::Socket;
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{self, Peeked};

/// What there is to read. js/constants.js has the same numbers, and a test compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeekState {
    /// A message, or nothing yet.
    MessageOrNothing = 0,
    /// Only end-of-file.
    OnlyEnd = 1,
    /// Only an error of the connection.
    OnlyError = 2,
}

/// All states, by the names that js/constants.js has.
pub const PEEK_STATES: [(&str, u32); 3] = [
    ("MESSAGE_OR_NOTHING", PeekState::MessageOrNothing as u32),
    ("ONLY_END", PeekState::OnlyEnd as u32),
    ("ONLY_ERROR", PeekState::OnlyError as u32),
];

impl Socket {
    /// Looks at what there is to read, without reading it.
    pub fn peek_state(&self) -> PeekState {
        // While a batch is being delivered, its other messages are not in the kernel any more.
        if self.receiving.get() || self.paused_batch.borrow().is_some() {
            return PeekState::MessageOrNothing;
        }
        // The kernel reports a pending error first and only once, so peek again.
        let peeked = self.with_fd(|fd| {
            sys::peek(fd).or_else(|error| {
                self.note_error(error);
                sys::peek(fd)
            })
        });
        match peeked {
            Some(Ok(Peeked::EndOfFile)) if self.pending_error.borrow().is_some() => PeekState::OnlyError,
            Some(Ok(Peeked::EndOfFile)) => PeekState::OnlyEnd,
            _ => PeekState::MessageOrNothing,
        }
    }

    /// Emits the error of the connection, and closes.
    pub fn emit_pending_error(&self, scope: &UpcallScope) {
        let error = self.pending_error.take();
        if let Some(error) = error {
            self.emit_error(scope, &error);
        }
        self.close();
    }

    /// The peer has shut its write side down, and all messages before that were delivered.
    pub fn end_of_file(&self, scope: &UpcallScope) {
        self.read_ended.set(true);
        // Before the event, because a listener that runs the event loop must not see end-of-file as a hang-up.
        self.watch_events();
        if self.pending_error.borrow().is_some() {
            return self.emit_pending_error(scope);
        }
        if !self.queue.borrow().is_empty() && self.is_hung_up() {
            self.fail_queue(scope);
        }
        if self.is_open() && self.emit_event(scope, events::END, &[]) && (self.write_shut.get() || self.is_hung_up()) {
            self.close_after_queue(scope);
        }
    }

    /// Whether the peer has closed its socket, so that end-of-file follows the messages that are unread.
    pub fn is_hung_up(&self) -> bool {
        self.with_fd(sys::is_hung_up) == Some(true)
    }

    /// Sends what waits although the peer has gone, so that the messages fail and are reported.
    fn fail_queue(&self, scope: &UpcallScope) {
        if !self.queue.borrow().is_empty() {
            self.flush(scope);
        }
    }

    pub fn close_after_queue(&self, scope: &UpcallScope) {
        self.fail_queue(scope);
        self.close();
    }
}
