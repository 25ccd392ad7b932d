//! The shared core of both socket classes: flags and what the poll handle is to watch for.
//! What comes in is in `endpoint/receive` (`endpoint/large`) and goes up by `endpoint/deliver`, what goes out in `endpoint/transmit` (`endpoint/send_buffer`), congested datagram peers in `endpoint/peers`.
//!
//! No borrow of a RefCell is alive while JS runs; after every upcall the state is looked at again.

use crate::addr::UnixAddr;
use crate::emitter::args::Args;
use crate::emitter::{Emitter, HandleScope};
use crate::env_state::{EnvState, Resident};
use crate::error::{SysError, SysResult};
use crate::send_queue::{Done, SendQueue};
use crate::sys::{self, Kind};
use crate::uv::{self, Target};
use crate::watched::{Watched, event};
use deliver::Held;
use peers::Peers;
use send_buffer::SendBuffer;
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::c_int;
use std::ops::Deref;
use std::os::fd::{OwnedFd, RawFd};
use std::rc::{Rc, Weak};

pub mod deliver;
pub mod large;
pub mod peers;
pub mod receive;
pub mod send_buffer;
pub mod transmit;

#[derive(Clone, Copy)]
pub struct Options {
    pub read_size: usize,
    pub max_queued: f64,
    pub receive_fds: bool,
    pub receive_credentials: bool,
}

/// Thousands of them sit idle: what is rarely there is in a box.
pub struct Endpoint {
    core: Watched,
    pub kind: Kind,
    this: Weak<Endpoint>,
    options: Options,
    read_size: Cell<usize>,

    /// JS wants messages.
    reading: Cell<bool>,
    /// Inside `receive`; and the loop came again.
    receiving: Cell<bool>,
    nested: Cell<bool>,
    /// What comes is dropped until end-of-file.
    discarding: Cell<bool>,
    read_ended: Cell<bool>,
    /// The peer wrote its last (POLLRDHUP); seen while nobody reads.
    peer_ended: Cell<bool>,
    /// A full hang-up was seen: watching on would spin.
    hung_up: Cell<bool>,
    /// An error of the connection, told after the messages that arrived before it.
    pending_error: RefCell<Option<Box<SysError>>>,
    /// The errno of the last receive, until one succeeds; the same twice makes the socket rest.
    failed_with: Cell<i32>,
    resting: Cell<bool>,
    held: RefCell<Option<Box<Held>>>,
    /// Messages to ask for next.
    batch: Cell<usize>,
    /// The last ones were large: so many are asked for together next; 0 where they were not.
    large: Cell<usize>,
    pub bytes_read: Cell<f64>,

    /// Messages wait for the connection, or for uncork.
    connecting: Cell<bool>,
    queue: RefCell<SendQueue>,
    send_buffer: SendBuffer,
    queued: Cell<usize>,
    peers: OnceCell<Box<Peers>>,
    shutdown_wanted: Cell<bool>,
    write_shut: Cell<bool>,
    flush_wanted: Cell<bool>,
    pub bytes_written: Cell<f64>,
    pub dropped: Cell<f64>,
    /// Corked messages over maxQueuedBytes.
    refused: RefCell<Vec<Done>>,
}

impl Endpoint {
    /// Sets the descriptor up; it is not taken over yet.
    pub fn prepare(fd: RawFd, kind: Kind, options: &Options) -> SysResult<()> {
        if kind == Kind::Seqpacket {
            sys::mark_messages(fd, !options.receive_fds && !options.receive_credentials)?;
        }
        if options.receive_credentials {
            sys::pass_credentials(fd)?;
        }
        Ok(())
    }

    /// Takes the descriptor over; lives in the loop once `activate` is called.
    pub fn new(env: &Rc<EnvState>, emitter: Emitter, kind: Kind, fd: OwnedFd, options: Options) -> Rc<Self> {
        let core = Watched::new(env, emitter, fd);
        let endpoint = Rc::new_cyclic(|this: &Weak<Endpoint>| Endpoint {
            core,
            kind,
            this: this.clone(),
            read_size: Cell::new(options.read_size),
            options,
            reading: Cell::new(false),
            receiving: Cell::new(false),
            nested: Cell::new(false),
            discarding: Cell::new(false),
            read_ended: Cell::new(false),
            peer_ended: Cell::new(false),
            hung_up: Cell::new(false),
            pending_error: RefCell::new(None),
            failed_with: Cell::new(0),
            resting: Cell::new(false),
            held: RefCell::new(None),
            batch: Cell::new(receive::FIRST_BATCH),
            large: Cell::new(0),
            bytes_read: Cell::new(0.0),
            connecting: Cell::new(false),
            queue: RefCell::default(),
            send_buffer: SendBuffer::new(kind),
            queued: Cell::new(0),
            peers: OnceCell::new(),
            shutdown_wanted: Cell::new(false),
            write_shut: Cell::new(false),
            flush_wanted: Cell::new(false),
            bytes_written: Cell::new(0.0),
            dropped: Cell::new(0.0),
            refused: RefCell::default(),
        });
        endpoint.core.register(endpoint.this.clone());
        endpoint
    }

    /// Starts to live in the event loop.
    pub fn activate(&self) -> SysResult<()> {
        if let Some(this) = self.this.upgrade() {
            self.core.activate(this)?;
            self.watch();
        }
        Ok(())
    }

    pub fn connect_stream(&self, addr: &UnixAddr) -> SysResult<()> {
        self.connecting.set(true);
        self.activate()?;
        self.with_fd(|fd| sys::connect(fd, addr))?;
        self.connecting.set(false);
        self.flush_later();
        self.watch();
        Ok(())
    }

    /// Watches for what the state asks for.
    fn watch(&self) {
        let mut mask = 0;
        if self.is_active() && !self.connecting.get() {
            if self.reading.get() && !self.read_ended.get() {
                mask |= if self.resting.get() || self.nested.get() { 0 } else { uv::READABLE };
            } else if self.kind == Kind::Seqpacket && !self.hung_up.get() {
                let ended = self.read_ended.get() || self.peer_ended.get();
                mask |= if ended { uv::HANGUP } else { uv::DISCONNECT };
            }
            if !self.queue.borrow().is_empty() || self.peers.get().is_some_and(|peers| peers.wait_for_socket()) {
                mask |= uv::WRITABLE;
            }
        }
        self.core.watch(mask);
    }

    fn ring(&self) {
        self.env.ring(self.this.clone());
    }

    /// Closes now: no descriptor, no message after it. Answers whether the CLOSE event will come.
    pub fn close(&self) -> bool {
        if !self.is_open() {
            return false;
        }
        let told = self.core.close();
        self.held.borrow_mut().take();
        self.queue.borrow_mut().clear();
        if let Some(peers) = self.peers.get() {
            peers.clear();
        }
        self.leave_send_buffer();
        self.set_queued(0);
        self.env.report_memory();
        told
    }

    fn set_queued(&self, bytes: usize) {
        self.env.count_queued(self.queued.replace(bytes), bytes);
    }
}

impl Deref for Endpoint {
    type Target = Watched;

    fn deref(&self) -> &Watched {
        &self.core
    }
}

impl Resident for Endpoint {
    fn teardown(&self) {
        self.close();
    }

    fn on_bell(self: Rc<Self>) {
        if self.flush_wanted.replace(false) && self.is_open() {
            self.flush();
        }
        if self.is_open() && self.held.borrow().is_some() {
            self.receive();
        }
        if self.is_open() {
            self.ask_for_retry();
            self.watch();
        }
    }

    fn send(&self, args: &Args) -> f64 {
        self.send_args(args)
    }

    fn send_staged(&self, args: &Args) -> f64 {
        self.send_staged_args(args)
    }

    fn endpoint(self: Rc<Self>) -> Option<Rc<Endpoint>> {
        Some(self)
    }
}

impl Target for Endpoint {
    fn on_poll(self: Rc<Self>, status: c_int, events: c_int) {
        let Some(_scope) = HandleScope::open(&self.env.js) else { return };
        let failed = status < 0;
        if failed {
            self.was_stopped();
        }
        if events & uv::WRITABLE != 0 {
            self.send_buffer.drained();
        }
        if failed || events & uv::WRITABLE != 0 {
            self.flush();
        }
        if self.is_open() && (failed || events & !uv::WRITABLE != 0) {
            self.receive_ready(failed, events);
        }
        if self.is_open() {
            self.watch();
        }
    }

    fn on_closed(self: Rc<Self>) {
        if let Some(_scope) = HandleScope::open(&self.env.js) {
            self.tell(event::CLOSE, &[]);
        }
        self.closed();
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.close();
    }
}
