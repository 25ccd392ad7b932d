//! Datagram destinations that are full. Each one has a queue, and a slow receiver delays only its own messages.
//!
//! Messages that wait are sent by name, so that a receiver that takes over a pathname gets them. What wakes a destination up is
//! its probe, its own sender, the socket itself or the retry timer (see `Wait`). No handle busy-loops.

use crate::core::send::destination::{Destination, Sender, Wait};
use crate::core::send::flush::MAX_FLUSH_MESSAGES;
use crate::core::send::name::{key_of, resolve};
use crate::core::send::queue::{Completion, Flushed};
use crate::core::socket::Socket;
use crate::js::upcall_scope::UpcallScope;
use crate::sys::{self, Kind, MAX_BATCH, UnixAddr};
use crate::uv::{self, PollHandle};
use std::ffi::c_int;
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A destination without messages is forgotten after this time, and its sender closed.
const KEEP: Duration = Duration::from_millis(100);

/// A name is tried again after this time, whatever its probe or sender waits for. Less than the longest pause of the retry timer.
const FOLLOW: Duration = Duration::from_millis(90);

impl Socket {
    /// The destination, if it was full a short time ago.
    pub fn congested(&self, addr: &UnixAddr) -> Option<Rc<Destination>> {
        let destinations = self.existing_destinations().filter(|destinations| !destinations.is_empty())?;
        destinations.get(&key_of(addr))
    }

    /// Begins a queue for a destination that is full, or whose messages are corked.
    pub fn add_destination(&self, addr: &UnixAddr, id: u32) -> Rc<Destination> {
        let destination = self.destinations().add(key_of(addr), resolve(addr), id);
        self.start_slow_retry();
        destination
    }

    /// Calls `body` with the descriptor that sends to `destination`: its own sender if it has one.
    pub fn with_sender<R>(&self, destination: &Destination, body: impl FnOnce(BorrowedFd) -> R) -> Option<R> {
        match &*destination.sender.borrow() {
            Some(sender) => Some(body(sender.fd.as_fd())),
            None => self.with_fd(body),
        }
    }

    /// Gives `destination` a sender of its own if other receivers use up the SO_SNDBUF of the socket. Only for an unbound socket,
    /// because messages of a bound one must carry its name. Returns true if there is a new sender.
    pub fn add_sender(&self, destination: &Destination) -> bool {
        if destination.sender.borrow().is_some() || self.with_fd(sys::is_send_buffer_full) != Some(true) {
            return false;
        }
        let sender = self.with_fd(|fd| self.make_sender(fd, destination)).flatten();
        let made = sender.is_some();
        destination.sender.replace(sender);
        made
    }

    fn make_sender(&self, fd: BorrowedFd, destination: &Destination) -> Option<Sender> {
        let unbound = sys::local_address(fd).is_ok_and(|name| name.bytes().is_empty());
        if !unbound || !self.environment.probes.reserve_descriptor() {
            return None;
        }
        let sender = self.connect_sender(fd, destination);
        if sender.is_none() {
            self.environment.probes.release_descriptor();
        }
        sender
    }

    fn connect_sender(&self, fd: BorrowedFd, destination: &Destination) -> Option<Sender> {
        let wrapper = self.environment.handles.get(self.key())?;
        let sender = sys::socket(Kind::Dgram).ok()?;
        sys::connect(sender.as_fd(), &destination.name.addr).ok()?;
        let size = sys::send_buffer_size(fd).ok()?;
        if sys::send_buffer_size(sender.as_fd()).ok()? != size {
            // The kernel doubles the value that is set (socket(7)).
            sys::set_send_buffer_size(sender.as_fd(), size / 2).ok()?;
        }
        let poll = PollHandle::new(self.environment.uv_loop, sender.as_fd(), wrapper, destination.token).ok()?;
        Some(Sender { poll, fd: sender })
    }

    fn drop_sender(&self, destination: &Destination) {
        let sender = destination.sender.take();
        if sender.is_some() {
            self.environment.probes.release_descriptor();
        }
        drop(sender);
    }

    /// Forgets all destinations, because the socket closes.
    pub fn clear_destinations(&self) {
        let Some(destinations) = self.existing_destinations() else { return };
        for destination in destinations.clear() {
            self.cancel_probe(&destination);
            self.drop_sender(&destination);
        }
    }

    /// Closes the senders, because the socket gets a name, which its messages must carry from now on.
    pub fn drop_senders(&self) {
        let Some(destinations) = self.existing_destinations() else { return };
        for destination in destinations.all() {
            self.drop_sender(&destination);
            if destination.wait.get() == Wait::Sender {
                self.await_room(&destination, true);
            }
        }
    }

    /// Chooses what `destination` waits for. `progress` says whether something was sent since the last choice.
    pub fn await_room(&self, destination: &Rc<Destination>, progress: bool) {
        if progress {
            self.retry_timer().progress();
        }
        let wait = if let Some(sender) = &*destination.sender.borrow() {
            sender.poll.watch(uv::WRITABLE);
            Wait::Sender
        } else if self.with_fd(sys::is_send_buffer_full) == Some(true) {
            // The socket polls writable only if three quarters of SO_SNDBUF are free, which stopped receivers may hold for
            // ever. So it is retried on the next iteration of the loop while that sends something, and by the timer otherwise.
            let sent = self.bytes_written.get();
            if self.destinations().sent_when_full.replace(sent) != sent {
                self.schedule_flush();
            } else {
                self.start_retry();
            }
            Wait::Socket
        } else if sys::LINUX && self.wait_for_probe(destination) {
            Wait::Probe
        } else {
            self.start_retry();
            Wait::Timer
        };
        destination.wait.set(wait);
        self.start_slow_retry();
        self.watch_events();
    }

    fn cancel_probe(&self, destination: &Destination) {
        if destination.wait.replace(Wait::Nothing) == Wait::Probe {
            self.environment.probes.cancel(&destination.key, (self.key(), destination.token));
        }
    }

    fn wait_for_probe(&self, destination: &Destination) -> bool {
        if destination.wait.get() == Wait::Probe {
            // It is in the probe's list already, unless the probe is calling: then it was taken out of it.
            return true;
        }
        let waiter = (self.key(), destination.token);
        self.environment.probes.wait(destination.key, &destination.name.addr, waiter)
    }

    /// Sends what waits for one destination. Returns true if something was sent, or nothing waits.
    pub fn flush_destination(
        &self,
        destination: &Rc<Destination>,
        completions: &mut Vec<Completion>,
        emptied: &mut Vec<u32>,
    ) -> bool {
        destination.last_flush.set(Instant::now());
        let bytes_before = destination.queue.borrow().bytes();
        let start = completions.len();
        let flushed = destination.queue.borrow_mut().flush(MAX_BATCH, MAX_FLUSH_MESSAGES, completions, |messages| {
            let sent =
                self.with_sender(destination, |fd| self.send_messages(fd, messages, Some(&destination.name.addr)));
            sent.unwrap_or(Err(libc::EBADF))
        });
        let failed = completions.iter_mut().skip(start).filter(|completion| completion.errno != 0);
        failed.for_each(|completion| completion.to = Some(destination.key.bytes().into()));
        let progress = completions.len() > start || destination.queue.borrow().bytes() < bytes_before;
        match flushed {
            Flushed::Empty => {
                if let Some(sender) = &*destination.sender.borrow() {
                    sender.poll.watch(0);
                }
                self.cancel_probe(destination);
                if bytes_before > 0 && !self.destinations().waits(destination.id.get()) {
                    emptied.push(destination.id.get());
                }
                return true;
            }
            Flushed::Blocked => {
                if self.add_sender(destination) {
                    return self.flush_destination(destination, completions, emptied);
                }
                self.await_room(destination, progress);
            }
            Flushed::Waits => {
                destination.wait.set(Wait::Timer);
                self.start_retry();
            }
            Flushed::Limit if matches!(destination.wait.get(), Wait::Sender) => {}
            Flushed::Limit => {
                destination.wait.set(Wait::Flush);
                self.schedule_flush();
            }
        }
        progress
    }

    /// Sends what waits for the destinations that wait for one of `waits`.
    pub fn flush_destinations(&self, waits: &[Wait], completions: &mut Vec<Completion>, emptied: &mut Vec<u32>) {
        let Some(destinations) = self.existing_destinations().filter(|destinations| !destinations.is_empty()) else {
            return;
        };
        for destination in destinations.waiting_in_turn(waits) {
            self.flush_destination(&destination, completions, emptied);
            if destination.wait.get() == Wait::Socket {
                // SO_SNDBUF is used up for the destinations without a sender, too.
                break;
            }
        }
    }

    /// Sends what waits for a destination. Returns true if something was sent, or nothing waited.
    pub fn flush_token(&self, scope: &UpcallScope, token: usize) -> bool {
        let destination = self.existing_destinations().and_then(|destinations| destinations.by_token(token));
        let Some(destination) = destination.filter(|_| self.is_open()) else { return true };
        if destination.wait.get() == Wait::Probe {
            destination.wait.set(Wait::Flush);
        }
        let (mut completions, mut emptied) = (Vec::new(), Vec::new());
        let progress = self.flush_destination(&destination, &mut completions, &mut emptied);
        self.report(scope, &completions, &emptied);
        progress
    }

    /// The probe of a destination was given up.
    pub fn probe_lost(&self, token: usize) {
        let destination = self.existing_destinations().and_then(|destinations| destinations.by_token(token));
        if let Some(destination) = destination.filter(|destination| destination.wait.get() == Wait::Probe) {
            destination.wait.set(Wait::Timer);
            self.start_retry();
        }
    }

    /// The sender of a destination became writable, or failed.
    pub fn on_sender(&self, scope: &UpcallScope, token: usize, status: c_int) {
        if status < 0 {
            // Its receiver is gone. The next receiver at the name gets a new sender if it needs one.
            let destination = self.existing_destinations().and_then(|destinations| destinations.by_token(token));
            if let Some(destination) = destination {
                self.drop_sender(&destination);
            }
        }
        self.flush_token(scope, token);
    }

    /// The retry timer has expired.
    pub fn on_retry_timer(&self, scope: &UpcallScope) {
        self.retry_timer().expired();
        self.read_backoff.set(false);
        self.write_backoff.set(false);
        self.follow_peer();
        let (mut completions, mut emptied) = (Vec::new(), Vec::new());
        let waits = [Wait::Flush, Wait::Timer, Wait::Socket];
        self.flush_destinations(&waits, &mut completions, &mut emptied);
        let now = Instant::now();
        for destination in self.existing_destinations().map(|destinations| destinations.all()).unwrap_or_default() {
            match destination.wait.get() {
                Wait::Nothing if now.duration_since(destination.last_use.get()) >= KEEP => {
                    self.destinations().remove(&destination);
                    self.drop_sender(&destination);
                }
                // The name may lead to another receiver by now, of which the probe or sender knows nothing.
                Wait::Probe | Wait::Sender if now.duration_since(destination.last_flush.get()) >= FOLLOW => {
                    let had_room = self.flush_destination(&destination, &mut completions, &mut emptied);
                    if had_room {
                        self.follow_name(&destination);
                    }
                }
                _ => {}
            }
        }
        self.flush_peer(&mut completions, &mut emptied);
        self.report(scope, &completions, &emptied);
        if !sys::LINUX && self.is_open() {
            self.report_room(scope);
        }
        if self.is_open() {
            if self.existing_destinations().is_some_and(|destinations| !destinations.is_empty()) {
                self.start_slow_retry();
            }
            self.watch_events();
        }
    }

    /// Drops the probe and the sender of a destination that had room without their knowledge: its name leads to another receiver.
    fn follow_name(&self, destination: &Rc<Destination>) {
        self.drop_sender(destination);
        self.environment.probes.lose(&destination.key);
        if matches!(destination.wait.get(), Wait::Probe | Wait::Sender) {
            destination.wait.set(Wait::Timer);
            self.start_retry();
        }
    }

    /// Drops what waits for the destination that JavaScript knows by `id`, or for the connected peer if `id` is 0. Returns how
    /// many messages that were.
    pub fn discard_messages(&self, id: u32) -> usize {
        let mut dropped = Vec::new();
        if id == 0 {
            dropped = self.queue.borrow_mut().take_all();
        } else if let Some(destinations) = self.existing_destinations() {
            for destination in destinations.all().into_iter().filter(|destination| destination.id.get() == id) {
                dropped.append(&mut destination.queue.borrow_mut().take_all());
                self.cancel_probe(&destination);
            }
        }
        let weight = dropped.iter().map(|message| message.weight()).sum::<usize>();
        self.set_queued_bytes(self.queued_bytes().saturating_sub(weight));
        self.dropped_messages.set(self.dropped_messages.get() + dropped.len() as f64);
        self.watch_events();
        dropped.len()
    }

    /// Bytes that wait for the destination that JavaScript knows by `id`, or for the connected peer if `id` is 0.
    pub fn queued_bytes_to(&self, id: u32) -> usize {
        if id == 0 {
            return self.queue.borrow().bytes();
        }
        let destinations = self.existing_destinations().map(|destinations| destinations.all()).unwrap_or_default();
        let own = destinations.iter().filter(|destination| destination.id.get() == id);
        own.map(|destination| destination.queue.borrow().bytes()).sum()
    }
}
