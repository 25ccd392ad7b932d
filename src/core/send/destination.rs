//! Destinations of a datagram socket: their names, and those for which messages wait.

use crate::core::recv::sender::Senders;
use crate::core::send::name::{NameKey, ResolvedName};
use crate::core::send::queue::SendQueue;
use crate::sys::UnixAddr;
use crate::uv::PollHandle;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Instant;

/// What a congested destination waits for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Wait {
    /// No message is queued.
    Nothing,
    /// The next flush, because the socket is corked.
    Flush,
    /// The receiver's probe becomes writable.
    Probe,
    /// Its own sender becomes writable.
    Sender,
    /// The socket itself becomes writable, because its SO_SNDBUF is used up.
    Socket,
    /// The retry timer.
    Timer,
}

/// A socket that sends to one destination only, for an unbound socket whose own SO_SNDBUF is used up by other receivers. It is
/// connected, so that it polls writable only if the destination has room.
pub struct Sender {
    // Dropped before the descriptor, because libuv must not use a closed descriptor.
    pub poll: PollHandle,
    pub fd: OwnedFd,
}

/// A destination that was full. It is kept for a short time after its last message.
pub struct Destination {
    pub key: NameKey,
    pub name: ResolvedName,
    /// Identifies the destination within its socket; 0 (OWN_TOKEN) is the socket's own poll handle.
    pub token: usize,
    /// The id by which JavaScript knows it.
    pub id: Cell<u32>,
    pub queue: RefCell<SendQueue>,
    pub sender: RefCell<Option<Sender>>,
    pub wait: Cell<Wait>,
    /// When a message was last sent to it or queued for it.
    pub last_use: Cell<Instant>,
    /// When its queue was last flushed.
    pub last_flush: Cell<Instant>,
}

/// What only a datagram socket has. Made when it is first needed.
#[derive(Default)]
pub struct Destinations {
    /// Names by the id that JavaScript knows them by, from 1.
    names: RefCell<Vec<UnixAddr>>,
    pub senders: Senders,
    /// Name and file of the connected peer.
    pub peer: RefCell<Option<Box<ConnectedPeer>>>,
    congested: RefCell<HashMap<NameKey, Rc<Destination>>>,
    last_token: Cell<usize>,
    /// Flushes so far. Each one starts with another destination.
    flushes: Cell<usize>,
    /// Bytes that the socket had sent when its SO_SNDBUF was last used up.
    pub sent_when_full: Cell<f64>,
    /// A message in the mode `TryOnly` found the connected peer full, and a DRAINED event follows.
    pub peer_was_full: Cell<bool>,
    /// Messages wait while no socket has the destination's name.
    pub wait_for_receiver: Cell<bool>,
}

/// The peer that connect() set.
pub struct ConnectedPeer {
    pub key: NameKey,
    pub name: ResolvedName,
    /// Device and inode of the socket file.
    pub file: Cell<Option<(u64, u64)>>,
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

    /// Drops all destinations and the messages that wait for them. Returns them, because their senders count as descriptors.
    pub fn clear(&self) -> Vec<Rc<Destination>> {
        self.congested.take().into_values().inspect(|destination| destination.queue.borrow_mut().clear()).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.congested.borrow().is_empty()
    }

    pub fn any_waiting(&self) -> bool {
        self.congested.borrow().values().any(|destination| destination.wait.get() != Wait::Nothing)
    }

    pub fn get(&self, key: &NameKey) -> Option<Rc<Destination>> {
        self.congested.borrow().get(key).cloned()
    }

    pub fn by_token(&self, token: usize) -> Option<Rc<Destination>> {
        self.congested.borrow().values().find(|destination| destination.token == token).cloned()
    }

    /// All destinations that were full a short time ago.
    pub fn all(&self) -> Vec<Rc<Destination>> {
        self.congested.borrow().values().cloned().collect()
    }

    pub fn add(&self, key: NameKey, name: ResolvedName, id: u32) -> Rc<Destination> {
        self.last_token.set(self.last_token.get() + 1);
        let destination = Rc::new(Destination {
            key,
            name,
            token: self.last_token.get(),
            id: Cell::new(id),
            queue: RefCell::default(),
            sender: RefCell::new(None),
            wait: Cell::new(Wait::Nothing),
            last_use: Cell::new(Instant::now()),
            last_flush: Cell::new(Instant::now()),
        });
        self.congested.borrow_mut().insert(key, destination.clone());
        destination
    }

    pub fn remove(&self, destination: &Destination) {
        self.congested.borrow_mut().remove(&destination.key);
    }

    pub fn wait_for_socket(&self) -> bool {
        self.congested.borrow().values().any(|destination| destination.wait.get() == Wait::Socket)
    }

    /// The destinations that wait for one of `waits`, each time in an order that starts with another destination.
    pub fn waiting_in_turn(&self, waits: &[Wait]) -> Vec<Rc<Destination>> {
        let mut destinations = self.all();
        destinations.retain(|destination| waits.contains(&destination.wait.get()));
        destinations.sort_unstable_by_key(|destination| destination.token);
        let turn = self.flushes.replace(self.flushes.get().wrapping_add(1));
        let first = turn.checked_rem(destinations.len()).unwrap_or(0);
        destinations.rotate_left(first);
        destinations
    }

    /// Whether messages wait for the destination that JavaScript knows by `id`.
    pub fn waits(&self, id: u32) -> bool {
        let congested = self.congested.borrow();
        congested.values().any(|destination| destination.id.get() == id && !destination.queue.borrow().is_empty())
    }
}
