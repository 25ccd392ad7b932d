//! Destinations of a datagram socket: their names, and those whose receive queue is full.

use crate::core::recv::sender::Senders;
use crate::core::send::queue::SendQueue;
use crate::sys::UnixAddr;
use crate::uv::{PollHandle, TimerHandle};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::rc::Rc;

/// Longest pause between two retries, in milliseconds.
pub const MAX_RETRY_DELAY_MS: u32 = 100;

/// What a congested destination waits for.
#[derive(Clone, Copy, PartialEq)]
pub enum Wait {
    /// The next flush, because the socket is corked.
    Flush,
    /// The probe becomes writable.
    Probe,
    /// The socket itself becomes writable, because its SO_SNDBUF is used up.
    Socket,
    /// The retry timer, because the probe cannot be connected (EPERM) or there was no descriptor for it.
    Timer,
}

/// A second, unbound socket connected to the destination. Unlike an unconnected socket it polls writable only if the
/// destination has room (unix_dgram_poll in the kernel).
pub struct Probe {
    // Dropped before the descriptor, because libuv must not use a closed descriptor.
    pub poll: PollHandle,
    _fd: OwnedFd,
}

impl Probe {
    pub fn new(poll: PollHandle, fd: OwnedFd) -> Self {
        Probe { poll, _fd: fd }
    }
}

/// A destination for which messages wait.
pub struct Destination {
    pub addr: UnixAddr,
    /// Tells the probes of a socket apart.
    pub token: usize,
    pub queue: RefCell<SendQueue>,
    pub probe: RefCell<Option<Probe>>,
    pub wait: Cell<Wait>,
    /// Wake-ups of the probe in a row that sent nothing.
    pub fruitless_wakeups: Cell<u32>,
}

/// What only a datagram socket has. Made when it is first needed.
#[derive(Default)]
pub struct Destinations {
    /// Names by the id that JavaScript knows them by, from 1.
    names: RefCell<Vec<UnixAddr>>,
    pub senders: Senders,
    congested: RefCell<HashMap<UnixAddr, Rc<Destination>>>,
    last_token: Cell<usize>,
    pub timer: RefCell<Option<TimerHandle>>,
    pub timer_runs: Cell<bool>,
    /// The pause before the last retry, in milliseconds; 0 if something was sent since.
    pub retry_delay_ms: Cell<u32>,
    /// Flushes so far. Each one starts with another destination.
    flushes: Cell<usize>,
    /// Bytes that the socket had sent when its SO_SNDBUF was last used up.
    pub sent_when_full: Cell<f64>,
}

impl Destinations {
    /// Remembers a name under an id, so that JavaScript passes the name once.
    pub fn register(&self, id: usize, addr: UnixAddr) {
        let mut names = self.names.borrow_mut();
        if names.len() < id {
            names.resize(id, UnixAddr::UNNAMED);
        }
        if let Some(place) = names.get_mut(id.wrapping_sub(1)) {
            *place = addr;
        }
    }

    pub fn name(&self, id: usize) -> Option<UnixAddr> {
        self.names.borrow().get(id.wrapping_sub(1)).copied()
    }

    /// Drops all messages that wait, and the timer, because the socket closes.
    pub fn clear(&self) {
        self.timer.take();
        for destination in self.congested.take().into_values() {
            destination.queue.borrow_mut().clear();
            destination.probe.take();
        }
    }

    pub fn any_congested(&self) -> bool {
        !self.congested.borrow().is_empty()
    }

    pub fn congested(&self, addr: &UnixAddr) -> Option<Rc<Destination>> {
        let congested = self.congested.borrow();
        if congested.is_empty() { None } else { congested.get(addr).cloned() }
    }

    pub fn by_token(&self, token: usize) -> Option<Rc<Destination>> {
        self.congested.borrow().values().find(|destination| destination.token == token).cloned()
    }

    pub fn new_destination(&self, addr: UnixAddr) -> Rc<Destination> {
        self.last_token.set(self.last_token.get() + 1);
        Rc::new(Destination {
            addr,
            token: self.last_token.get(),
            queue: RefCell::default(),
            probe: RefCell::new(None),
            wait: Cell::new(Wait::Flush),
            fruitless_wakeups: Cell::new(0),
        })
    }

    pub fn add(&self, destination: &Rc<Destination>) {
        self.congested.borrow_mut().insert(destination.addr, destination.clone());
    }

    pub fn remove(&self, destination: &Destination) {
        self.congested.borrow_mut().remove(&destination.addr);
        destination.probe.take();
    }

    pub fn wait_for_socket(&self) -> bool {
        self.congested.borrow().values().any(|destination| destination.wait.get() == Wait::Socket)
    }

    /// The destinations that wait for one of `waits`.
    pub fn waiting(&self, waits: &[Wait]) -> Vec<Rc<Destination>> {
        let congested = self.congested.borrow();
        congested.values().filter(|destination| waits.contains(&destination.wait.get())).cloned().collect()
    }

    /// As `waiting`, each time in an order that starts with another destination.
    pub fn waiting_in_turn(&self, waits: &[Wait]) -> Vec<Rc<Destination>> {
        let mut destinations = self.waiting(waits);
        let turn = self.flushes.replace(self.flushes.get().wrapping_add(1));
        let first = turn.checked_rem(destinations.len()).unwrap_or(0);
        destinations.rotate_left(first);
        destinations
    }

    /// Doubles the pause before the next retry. Returns it in milliseconds.
    pub fn next_retry_delay(&self) -> u32 {
        let delay = (self.retry_delay_ms.get() * 2).clamp(1, MAX_RETRY_DELAY_MS);
        self.retry_delay_ms.set(delay);
        delay
    }
}
