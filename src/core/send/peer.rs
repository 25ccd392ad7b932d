//! The peer of a connected datagram socket, for which messages wait.

use crate::core::events;
use crate::core::send::destination::{ConnectedPeer, Wait};
use crate::core::send::name::{file_id, key_of, resolve};
use crate::core::socket::Socket;
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{self, UnixAddr};

impl Socket {
    /// Whether a failed message is sent again, because its receiver may be restarting.
    pub fn waits_for_receiver(&self, errno: i32) -> bool {
        (errno == libc::ECONNREFUSED || errno == libc::ENOENT)
            && self.existing_destinations().is_some_and(|all| all.wait_for_receiver.get())
    }

    /// Keeps messages while no socket has the destination's name, or lets those fail that wait for one.
    pub fn set_wait_for_receiver(&self, wait: bool) {
        self.destinations().wait_for_receiver.set(wait);
        for destination in self.destinations().all() {
            if destination.wait.get() == Wait::Timer {
                destination.wait.set(Wait::Flush);
            }
        }
        self.schedule_flush();
    }

    /// Emits DRAINED if a message in the mode `TryOnly` found the connected peer full.
    pub fn report_room(&self, scope: &UpcallScope) {
        if self.existing_destinations().is_some_and(|all| all.peer_was_full.replace(false)) {
            let js = &self.environment.js;
            self.emit_event(scope, events::DRAINED, &[js.array(&[js.uint(0)])]);
        }
    }

    /// Remembers the name of the peer that connect() fixed.
    pub fn set_peer(&self, addr: Option<&UnixAddr>) {
        let peer = addr.map(|addr| {
            let name = resolve(addr);
            let file = file_id(&name.addr).into();
            Box::new(ConnectedPeer { key: key_of(addr), name, file })
        });
        self.destinations().peer.replace(peer);
    }

    /// Connects again if another receiver has taken over the pathname of the connected peer while messages wait for it.
    pub fn follow_peer(&self) {
        let Some(destinations) = self.existing_destinations() else { return };
        let peer = destinations.peer.borrow();
        let Some(peer) = peer.as_ref().filter(|_| !self.queue.borrow().is_empty()) else { return };
        let file = file_id(&peer.name.addr);
        if file.is_some() && file != peer.file.get() {
            peer.file.set(file);
            let _ = self.with_fd(|fd| sys::connect(fd, &peer.name.addr));
        }
    }

    /// Moves the messages that wait for the connected peer to the queue of its name, because the socket gets another peer.
    /// JavaScript knows them by `id` from now on. Without a name they fail with ENOTCONN.
    pub fn detach_peer_queue(&self, id: u32) {
        let messages = self.queue.borrow_mut().take_all();
        if messages.is_empty() {
            return;
        }
        let peer = self.destinations().peer.take().map(|peer| *peer);
        let named = self.destinations().name(id as usize).filter(|_| id != 0);
        let destination = match (peer, named) {
            (Some(peer), _) => {
                let existing = self.destinations().get(&peer.key);
                existing.unwrap_or_else(|| self.destinations().add(peer.key, peer.name, id))
            }
            (None, Some(addr)) => self.congested(&addr).unwrap_or_else(|| self.add_destination(&addr, id)),
            (None, None) => {
                let mut queue = self.queue.borrow_mut();
                for message in messages {
                    let bytes = message.weight();
                    self.set_queued_bytes(self.queued_bytes().saturating_sub(bytes));
                    queue.push(message.fail(libc::ENOTCONN));
                }
                drop(queue);
                return self.schedule_flush();
            }
        };
        for message in messages {
            destination.queue.borrow_mut().push(message.redirect(id));
        }
        if destination.wait.get() == Wait::Nothing {
            destination.wait.set(Wait::Flush);
        }
        self.start_slow_retry();
        self.schedule_flush();
    }
}
