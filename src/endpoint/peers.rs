//! Datagram destinations that are full. An unconnected socket polls writable whatever its destinations do, so each
//! full one gets a queue of its own and a probe: a second, unbound socket connected to it, which polls exactly
//! (unix_dgram_poll in the kernel). Nobody waits for another's reader, and nothing spins.

use super::transmit::{FLUSH_LIMIT, Outgoing};
use super::{Endpoint, event};
use crate::addr::UnixAddr;
use crate::emitter::HandleScope;
use crate::send_queue::{Done, Flushed, SendQueue};
use crate::sys::{self, Kind};
use crate::uv::{self, PollHandle, Target};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_int;
use std::os::fd::{AsRawFd, OwnedFd};
use std::rc::{Rc, Weak};

/// Wake-ups of a probe in a row that sent nothing before a timer takes over.
const FRUITLESS: u32 = 3;
const MAX_DELAY: u32 = 100;

/// What a destination waits for.
#[derive(Clone, Copy, PartialEq)]
enum Wait {
    /// The next flush: the socket is corked.
    Flush,
    /// Its probe.
    Probe,
    /// The socket itself, whose SO_SNDBUF is used up.
    Socket,
    /// A timer: the probe may not connect (EPERM), or there was no descriptor for it.
    Timer,
}

struct Probe {
    // Dropped first: the poll handle lets go before the descriptor closes.
    poll: PollHandle,
    _fd: OwnedFd,
}

struct Peer {
    addr: UnixAddr,
    queue: RefCell<SendQueue>,
    probe: RefCell<Option<Probe>>,
    wait: Cell<Wait>,
    fruitless: Cell<u32>,
    owner: Weak<Endpoint>,
}

/// What only a datagram socket has; made when it is first needed.
#[derive(Default)]
pub struct Peers {
    /// Names of destinations by the small number JS knows them by, from 1.
    pub destinations: RefCell<Vec<UnixAddr>>,
    /// Whose message was the last one delivered.
    pub last_sender: RefCell<Option<Box<UnixAddr>>>,
    congested: RefCell<HashMap<UnixAddr, Rc<Peer>>>,
    retry_wanted: Cell<bool>,
    delay: Cell<u32>,
    /// Flushes: each starts with another destination.
    turn: Cell<usize>,
    /// Bytes the socket had sent when its SO_SNDBUF was last found used up.
    sent_when_full: Cell<f64>,
}

impl Peers {
    pub fn clear(&self) {
        for peer in self.congested.take().into_values() {
            peer.queue.borrow_mut().clear();
            peer.probe.take();
        }
    }

    pub fn wait_for_socket(&self) -> bool {
        self.congested.borrow().values().any(|peer| peer.wait.get() == Wait::Socket)
    }

    pub fn want_retry(&self) {
        self.retry_wanted.set(true);
    }

    fn waiting(&self, waits: &[Wait]) -> Vec<Rc<Peer>> {
        self.congested.borrow().values().filter(|peer| waits.contains(&peer.wait.get())).cloned().collect()
    }
}

impl Endpoint {
    pub(super) fn peers(&self) -> &Peers {
        self.peers.get_or_init(Box::default)
    }

    /// Whether a destination is congested.
    pub(super) fn peers_wait(&self) -> bool {
        self.peers.get().is_some_and(|peers| !peers.congested.borrow().is_empty())
    }

    pub(super) fn transmit_to(&self, out: Outgoing, addr: UnixAddr) -> f64 {
        let Ok(fd) = self.fd() else { return -f64::from(libc::EBADF) };
        let congested = if self.peers_wait() { self.peers().congested.borrow().get(&addr).cloned() } else { None };
        if let Some(peer) = congested {
            return self.enqueue(&peer.queue, out);
        }
        if !out.hold {
            match out.send(fd, Some(&addr)) {
                Ok(()) => return self.count_sent(out.parts.iter().map(|part| part.len()).sum()),
                Err(error) if error.would_block() => {}
                Err(error) => return self.send_failed(error.errno),
            }
        }
        let peer = Rc::new(Peer {
            addr,
            queue: RefCell::default(),
            probe: RefCell::new(None),
            wait: Cell::new(Wait::Flush),
            fruitless: Cell::new(0),
            owner: self.this.clone(),
        });
        let hold = out.hold;
        let answer = self.enqueue(&peer.queue, out);
        if answer > 0.0 {
            self.peers().congested.borrow_mut().insert(addr, peer.clone());
            if !hold {
                self.await_room(&peer, true);
            }
        }
        answer
    }

    /// Chooses what tells that `peer` has room.
    fn await_room(&self, peer: &Rc<Peer>, progress: bool) {
        let fruitless = if progress { 0 } else { peer.fruitless.get() + 1 };
        peer.fruitless.set(fruitless);
        if progress {
            self.peers().delay.set(0);
        }
        let wait = if self.fd().is_ok_and(sys::send_buffer_full) {
            // It polls writable only at a quarter of SO_SNDBUF, which stopped peers may hold for ever: the next turn of
            // the loop while that brings something, then a timer.
            let sent = self.bytes_written.get();
            if self.peers().sent_when_full.replace(sent) != sent {
                self.flush_later();
            } else {
                self.peers().want_retry();
                self.ring();
            }
            Wait::Socket
        } else if sys::LINUX && fruitless < FRUITLESS && self.watch_probe(peer, fruitless > 0) {
            Wait::Probe
        } else {
            self.peers().want_retry();
            self.ring();
            Wait::Timer
        };
        if wait != Wait::Probe
            && let Some(probe) = &*peer.probe.borrow()
        {
            probe.poll.watch(0);
        }
        peer.wait.set(wait);
        self.watch();
    }

    /// A probe that woke for nothing is made anew: its destination may have been replaced by another socket.
    fn watch_probe(&self, peer: &Rc<Peer>, anew: bool) -> bool {
        if anew || peer.probe.borrow().is_none() {
            peer.probe.take();
            let Ok(fd) = sys::socket(Kind::Dgram) else { return false };
            if sys::connect(fd.as_raw_fd(), &peer.addr).is_err() {
                return false;
            }
            let Ok(poll) = PollHandle::new(self.env.uv_loop, fd.as_raw_fd(), peer.clone()) else { return false };
            *peer.probe.borrow_mut() = Some(Probe { poll, _fd: fd });
        }
        if let Some(probe) = &*peer.probe.borrow() {
            probe.poll.watch(uv::WRITABLE);
        }
        true
    }

    /// Sends what waits for one destination. True where nothing waits any more.
    fn flush_peer(&self, peer: &Rc<Peer>, done: &mut Vec<Done>) -> bool {
        let before = peer.queue.borrow().bytes();
        let count = done.len();
        let flushed =
            peer.queue.borrow_mut().flush(FLUSH_LIMIT, true, done, |run| self.send_run(run, Some(&peer.addr)));
        for failed in done.iter_mut().skip(count).filter(|done| done.errno != 0) {
            failed.to = Some(peer.addr.bytes().into());
        }
        match flushed {
            Flushed::Empty => {
                self.peers().congested.borrow_mut().remove(&peer.addr);
                peer.probe.take();
                return true;
            }
            Flushed::Blocked => {
                let progress = done.len() > count || peer.queue.borrow().bytes() < before;
                self.await_room(peer, progress);
            }
            Flushed::Limit if peer.wait.get() == Wait::Probe => {}
            Flushed::Limit => self.flush_later(),
        }
        false
    }

    /// Flushes the destinations that wait for the socket or for uncork, in turn.
    pub(super) fn flush_peers(&self, done: &mut Vec<Done>) -> bool {
        let mut emptied = false;
        if self.peers_wait() {
            let mut peers = self.peers().waiting(&[Wait::Flush, Wait::Socket]);
            let turn = self.peers().turn.replace(self.peers().turn.get().wrapping_add(1));
            let first = turn.checked_rem(peers.len()).unwrap_or(0);
            peers.rotate_left(first);
            for peer in peers {
                emptied |= self.flush_peer(&peer, done);
                if peer.wait.get() == Wait::Socket && !peer.queue.borrow().is_empty() {
                    break; // There is no room for the others, either.
                }
            }
        }
        emptied
    }

    /// Asks JS for a timer where something waits for one.
    pub(super) fn ask_for_retry(&self) {
        if let Some(peers) = self.peers.get()
            && peers.retry_wanted.replace(false)
        {
            let delay = (peers.delay.get() * 2).clamp(1, MAX_DELAY);
            peers.delay.set(delay);
            self.tell(event::RETRY, &[self.env.js.uint(delay)]);
        }
    }

    /// The timer JS was asked for.
    pub fn retry(&self) {
        self.resting.set(false);
        for peer in self.peers().waiting(&[Wait::Timer, Wait::Socket]) {
            peer.fruitless.set(0);
            peer.wait.set(Wait::Flush);
        }
        self.flush_later();
    }
}

impl Target for Peer {
    fn on_poll(self: Rc<Self>, status: c_int, _events: c_int) {
        let Some(owner) = self.owner.upgrade() else { return };
        let Some(_scope) = HandleScope::open(&owner.env.js) else { return };
        if status < 0
            && let Some(probe) = &*self.probe.borrow()
        {
            probe.poll.was_stopped();
        }
        if !owner.is_open() {
            return;
        }
        let mut done = Vec::new();
        let emptied = owner.flush_peer(&self, &mut done);
        owner.settle(&done, emptied);
    }

    fn on_closed(self: Rc<Self>) {}
}
