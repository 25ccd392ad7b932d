//! The state of a socket, which both kinds share, and what the poll handle watches for. The modules of `recv` and `send` are
//! what a socket does.
//!
//! No borrow of a RefCell is alive while JavaScript runs. After each call into JavaScript the state is looked at again.

use crate::core::environment::Environment;
use crate::core::lifecycle::Handle;
use crate::core::recv::batch::PausedBatch;
use crate::core::send::destination::Destinations;
use crate::core::send::queue::{Completion, SendQueue};
use crate::core::send::retry_timer::RetryTimer;
use crate::core::send::sndbuf::SendBuffer;
use crate::sys::{self, Control, Kind, SysError};
use crate::uv;
use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::time::Duration;

/// Messages that the first receive of a socket asks for.
const FIRST_BATCH_LEN: usize = 2;

#[derive(Clone, Copy)]
pub struct Options {
    pub kind: Kind,
    /// Largest message that is received whole, in bytes.
    pub read_size: usize,
    /// Bound of the queues, in bytes. May be infinite.
    pub max_queued_bytes: f64,
    pub receive_fds: bool,
    pub receive_credentials: bool,
    /// How long the event loop looks for the next message before it sleeps. Zero for most sockets.
    pub busy_poll: Duration,
}

/// A socket. A server has thousands of idle ones, so rarely used state is boxed.
pub struct Socket {
    handle: Handle,
    pub kind: Kind,
    pub options: Options,
    pub read_size: Cell<usize>,
    pub control: Cell<Control>,

    /// JavaScript accepts messages.
    pub reading: Cell<bool>,
    /// `receive` is running, and the loop called again inside it.
    pub receiving: Cell<bool>,
    pub nested_loop: Cell<bool>,
    /// Messages are dropped until end-of-file.
    pub discarding: Cell<bool>,
    /// End-of-file was received, or a process has shut the read side of a datagram socket down.
    pub read_ended: Cell<bool>,
    /// The peer has shut its write side down (POLLRDHUP), which was seen while nothing reads.
    pub peer_ended: Cell<bool>,
    /// A full hang-up was seen. Watching for it again would call back at once, for ever.
    pub hung_up: Cell<bool>,
    /// An error of the connection. It is emitted after the messages that arrived before it.
    pub pending_error: RefCell<Option<Box<SysError>>>,
    /// errno of the last receive, 0 after a success. The same error twice in a row starts a back-off.
    pub last_recv_errno: Cell<i32>,
    /// Reading waits for the retry timer.
    pub read_backoff: Cell<bool>,
    pub paused_batch: RefCell<Option<Box<PausedBatch>>>,
    /// How many messages the next receive asks for.
    pub next_batch_len: Cell<usize>,
    /// How many large messages the next receive asks for; 0 if the last messages were not large.
    pub next_large_count: Cell<usize>,
    pub bytes_read: Cell<f64>,

    /// Messages wait until the connection is made.
    pub connecting: Cell<bool>,
    /// Messages to the connected peer that wait.
    pub queue: RefCell<SendQueue>,
    pub send_buffer: SendBuffer,
    /// What waits in all queues, in bytes.
    queued_bytes: Cell<usize>,
    /// Sending to the connected peer waits for the retry timer.
    pub write_backoff: Cell<bool>,
    retry_timer: OnceCell<Box<RetryTimer>>,
    /// What only datagram sockets use.
    destinations: OnceCell<Box<Destinations>>,
    pub shutdown_requested: Cell<bool>,
    pub write_shut: Cell<bool>,
    pub flush_scheduled: Cell<bool>,
    pub bytes_written: Cell<f64>,
    pub dropped_messages: Cell<f64>,
    /// Corked messages without a callback that exceeded `max_queued_bytes`.
    pub refused: RefCell<Vec<Completion>>,
}

impl Deref for Socket {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Socket {
    pub fn new(environment: &Rc<Environment>, options: Options) -> Self {
        Socket {
            handle: Handle::new(environment),
            kind: options.kind,
            read_size: Cell::new(options.read_size),
            control: Cell::new(Control::NONE),
            options,
            reading: Cell::new(false),
            receiving: Cell::new(false),
            nested_loop: Cell::new(false),
            discarding: Cell::new(false),
            read_ended: Cell::new(false),
            peer_ended: Cell::new(false),
            hung_up: Cell::new(false),
            pending_error: RefCell::new(None),
            last_recv_errno: Cell::new(0),
            read_backoff: Cell::new(false),
            paused_batch: RefCell::new(None),
            next_batch_len: Cell::new(FIRST_BATCH_LEN),
            next_large_count: Cell::new(0),
            bytes_read: Cell::new(0.0),
            connecting: Cell::new(false),
            queue: RefCell::default(),
            send_buffer: SendBuffer::new(options.kind),
            queued_bytes: Cell::new(0),
            write_backoff: Cell::new(false),
            retry_timer: OnceCell::new(),
            destinations: OnceCell::new(),
            shutdown_requested: Cell::new(false),
            write_shut: Cell::new(false),
            flush_scheduled: Cell::new(false),
            bytes_written: Cell::new(0.0),
            dropped_messages: Cell::new(0.0),
            refused: RefCell::default(),
        }
    }

    /// Watches for the events that the state asks for.
    pub fn watch_events(&self) {
        let mut mask = 0;
        if self.is_active() && !self.connecting.get() {
            if self.reading.get() && !self.read_ended.get() {
                mask |= if self.read_backoff.get() || self.nested_loop.get() { 0 } else { uv::READABLE };
            } else if self.kind == Kind::Seqpacket && !self.hung_up.get() && !self.closes_when_flushed() {
                let ended = self.read_ended.get() || self.peer_ended.get();
                mask |= if ended { uv::HANGUP } else { uv::DISCONNECT };
            }
            let peer_waits = !self.queue.borrow().is_empty() && !self.write_backoff.get();
            let awaits_room = |all: &Destinations| all.wait_for_socket() || (sys::LINUX && all.peer_was_full.get());
            if peer_waits || self.existing_destinations().is_some_and(awaits_room) {
                mask |= uv::WRITABLE;
            }
        }
        self.watch(mask);
    }

    /// The peer has ended and end() was called, so the scheduled flush closes the socket. If it cannot send everything, events are
    /// watched again.
    fn closes_when_flushed(&self) -> bool {
        self.read_ended.get() && self.shutdown_requested.get() && self.flush_scheduled.get()
    }

    /// Closes at once. Returns true if a CLOSE event will follow.
    pub fn close(&self) -> bool {
        if !self.is_open() {
            return false;
        }
        let event_follows = self.handle.close();
        self.paused_batch.take();
        self.queue.borrow_mut().clear();
        self.clear_destinations();
        if let Some(timer) = self.retry_timer.get() {
            timer.close();
        }
        self.keep_send_buffer();
        self.set_queued_bytes(0);
        event_follows
    }

    /// SO_SNDBUF is not resized any more: the user set it, the descriptor was adopted, or the socket closes.
    pub fn keep_send_buffer(&self) {
        if self.send_buffer.fix() {
            let doubled = &self.environment.doubled_send_buffers;
            doubled.set(doubled.get().saturating_sub(1));
        }
    }

    pub fn destinations(&self) -> &Destinations {
        self.destinations.get_or_init(Box::default)
    }

    /// None if nothing needed them yet.
    pub fn existing_destinations(&self) -> Option<&Destinations> {
        self.destinations.get().map(|boxed| &**boxed)
    }

    /// Bytes that wait in all queues.
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes.get()
    }

    pub fn set_queued_bytes(&self, bytes: usize) {
        self.environment.count_queued_bytes(self.queued_bytes.replace(bytes), bytes);
    }

    /// Sends what waits, on the next iteration of the loop.
    pub fn schedule_flush(&self) {
        if !self.flush_scheduled.replace(true) {
            self.schedule();
        }
    }

    /// A message was received or sent: looks for the next one for a while, if the user asked for it.
    pub fn start_busy_poll(&self) {
        let time = self.options.busy_poll;
        if !time.is_zero() && self.is_active() {
            // Without an idle handle the loop sleeps, as it does without the option.
            let _ = self.environment.busy_poll.poll(self.key(), time);
        }
    }

    pub fn retry_timer(&self) -> &RetryTimer {
        self.retry_timer.get_or_init(Box::default)
    }

    /// Retries what no event reports, after a pause that grows as long as nothing is sent.
    pub fn start_retry(&self) {
        let handles = &self.environment.handles;
        self.retry_timer().start(self.environment.uv_loop, || Some(handles.get(self.key())?));
    }

    /// Retries after the longest pause at the latest.
    pub fn start_slow_retry(&self) {
        let handles = &self.environment.handles;
        self.retry_timer().start_slow(self.environment.uv_loop, || Some(handles.get(self.key())?));
    }

    /// Keeps the first error of the connection for `emit_pending_error`.
    pub fn note_error(&self, error: SysError) {
        self.pending_error.borrow_mut().get_or_insert_with(|| Box::new(error));
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close();
    }
}
