//! Probes: sockets that poll writable when a full datagram receiver has room.
//!
//! An unconnected socket polls writable whatever its destinations do. A probe is an unbound socket connected to one receiver, so
//! it polls writable only if that receiver has room (unix_dgram_poll in the kernel). All sockets of an environment that wait for
//! the same receiver share its probe. Probes only wake senders up: without one, the retry timer does.

use crate::core::live_handles::LiveHandles;
use crate::core::send::name::NameKey;
use crate::sys::{self, Kind, UnixAddr};
use crate::uv::{self, Loop, PollHandle, Target};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::ffi::c_int;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::{Rc, Weak};

/// Descriptors that an environment uses for probes and for senders of congested destinations.
pub const MAX_DESCRIPTORS: usize = 64;
/// Wake-ups in a row in which no sender found room, after which the retry timers take over.
const MAX_FRUITLESS_WAKEUPS: u32 = 16;

/// The key of a socket in the list of live handles, and the token of its destination.
type Waiter = (usize, usize);

struct Probe {
    // Dropped before the descriptor, because libuv must not use a closed descriptor.
    poll: PollHandle,
    _fd: OwnedFd,
    waiters: RefCell<VecDeque<Waiter>>,
    fruitless_wakeups: Cell<u32>,
    /// `on_poll` is running, and decides afterwards whether the probe is still needed.
    calling: Cell<bool>,
}

pub struct Probes {
    uv_loop: Loop,
    handles: Rc<LiveHandles>,
    this: Weak<Probes>,
    by_name: RefCell<HashMap<NameKey, usize>>,
    by_token: RefCell<HashMap<usize, (NameKey, Rc<Probe>)>>,
    last_token: Cell<usize>,
    /// Descriptors in use, of probes and of senders.
    descriptors: Cell<usize>,
}

impl Probes {
    pub fn new(uv_loop: Loop, handles: Rc<LiveHandles>) -> Rc<Self> {
        Rc::new_cyclic(|this| Probes {
            uv_loop,
            handles,
            this: this.clone(),
            by_name: RefCell::default(),
            by_token: RefCell::default(),
            last_token: Cell::new(0),
            descriptors: Cell::new(0),
        })
    }

    /// Counts one more descriptor, unless the limit is reached.
    pub fn reserve_descriptor(&self) -> bool {
        let available = self.descriptors.get() < MAX_DESCRIPTORS;
        if available {
            self.descriptors.set(self.descriptors.get() + 1);
        }
        available
    }

    pub fn release_descriptor(&self) {
        self.descriptors.set(self.descriptors.get().saturating_sub(1));
    }

    /// Calls `LiveHandle::on_room` of the waiter when the receiver has room. Returns false if there can be no probe.
    pub fn wait(&self, name: NameKey, addr: &UnixAddr, waiter: Waiter) -> bool {
        let token = self.by_name.borrow().get(&name).copied();
        let Some(token) = token.or_else(|| self.make(name, addr)) else { return false };
        let Some((_, probe)) = self.by_token.borrow().get(&token).cloned() else { return false };
        if probe.fruitless_wakeups.get() >= MAX_FRUITLESS_WAKEUPS {
            return false;
        }
        probe.waiters.borrow_mut().push_back(waiter);
        probe.poll.watch(uv::WRITABLE);
        true
    }

    /// Takes a waiter out of the list again. A probe that nothing waits for is closed.
    pub fn cancel(&self, name: &NameKey, waiter: Waiter) {
        let Some(token) = self.by_name.borrow().get(name).copied() else { return };
        let Some((_, probe)) = self.by_token.borrow().get(&token).cloned() else { return };
        probe.waiters.borrow_mut().retain(|other| *other != waiter);
        if probe.waiters.borrow().is_empty() && !probe.calling.get() {
            self.remove(token);
        }
    }

    fn make(&self, name: NameKey, addr: &UnixAddr) -> Option<usize> {
        if !self.reserve_descriptor() {
            return None;
        }
        let token = self.last_token.get() + 1;
        let Some(probe) = self.connect(addr, token) else {
            self.release_descriptor();
            return None;
        };
        self.last_token.set(token);
        self.by_token.borrow_mut().insert(token, (name, probe));
        self.by_name.borrow_mut().insert(name, token);
        Some(token)
    }

    fn connect(&self, addr: &UnixAddr, token: usize) -> Option<Rc<Probe>> {
        let target = self.this.upgrade()?;
        let fd = sys::socket(Kind::Dgram).ok()?;
        sys::connect(fd.as_fd(), addr).ok()?;
        let poll = PollHandle::new(self.uv_loop, fd.as_fd(), target, token).ok()?;
        Some(Rc::new(Probe {
            poll,
            _fd: fd,
            waiters: RefCell::default(),
            fruitless_wakeups: Cell::new(0),
            calling: Cell::new(false),
        }))
    }

    fn remove(&self, token: usize) {
        let removed = self.by_token.borrow_mut().remove(&token);
        if let Some((name, _)) = &removed {
            self.by_name.borrow_mut().remove(name);
            self.release_descriptor();
        }
        // Dropped after the borrows: dropping a poll handle calls libuv.
        drop(removed);
    }

    /// Drops all probes, because the environment ends.
    pub fn clear(&self) {
        self.by_name.borrow_mut().clear();
        let probes = self.by_token.take();
        drop(probes);
    }
}

impl Target for Probes {
    fn on_poll(self: Rc<Self>, token: usize, status: c_int, _events: c_int) {
        let Some((_, probe)) = self.by_token.borrow().get(&token).cloned() else { return };
        if status < 0 {
            probe.poll.was_stopped();
        }
        probe.calling.set(true);
        // Those that wait again during the wake-up are not asked twice.
        let mut waiters = probe.waiters.take();
        let mut progress = false;
        while let Some((key, destination)) = waiters.pop_front() {
            let Some(handle) = self.handles.get(key) else { continue };
            let sent = handle.on_room(destination);
            progress |= sent;
            if !sent {
                break;
            }
        }
        probe.calling.set(false);
        // Those that were not asked come before those that wait again.
        let mut waiting_again = probe.waiters.borrow_mut();
        waiters.append(&mut waiting_again);
        *waiting_again = waiters;
        let none_wait = waiting_again.is_empty();
        drop(waiting_again);
        let fruitless = if progress { 0 } else { probe.fruitless_wakeups.get() + 1 };
        probe.fruitless_wakeups.set(fruitless);
        if none_wait || fruitless >= MAX_FRUITLESS_WAKEUPS || status < 0 {
            self.give_up(token, &probe);
        }
    }

    fn on_timer(self: Rc<Self>) {}

    fn on_closed(self: Rc<Self>, _token: usize) {}
}

impl Probes {
    /// Drops the probe of a name, because the name leads to another receiver.
    pub fn lose(&self, name: &NameKey) {
        let token = self.by_name.borrow().get(name).copied();
        let probe = token.and_then(|token| Some((token, self.by_token.borrow().get(&token)?.1.clone())));
        if let Some((token, probe)) = probe {
            self.give_up(token, &probe);
        }
    }

    /// Drops a probe. Those that still wait use their retry timers.
    fn give_up(&self, token: usize, probe: &Probe) {
        let waiters = probe.waiters.take();
        self.remove(token);
        for (key, destination) in waiters {
            if let Some(handle) = self.handles.get(key) {
                handle.on_probe_lost(destination);
            }
        }
    }
}
