//! Datagram destinations that are full. An unconnected socket polls writable whatever its destinations do, so each full one
//! gets a queue and a probe (see `destination`). A slow receiver delays only its own messages, and no handle busy-loops.

use crate::core::events;
use crate::core::send::destination::{Destination, Probe, Wait};
use crate::core::send::flush::MAX_FLUSH_MESSAGES;
use crate::core::send::queue::{Completion, Flushed};
use crate::core::socket::Socket;
use crate::js::emitter::Emitter;
use crate::sys::{self, Kind, MAX_BATCH};
use crate::uv::{self, PollHandle, TimerHandle};
use std::ffi::c_int;
use std::os::fd::AsFd;
use std::rc::Rc;

/// Wake-ups of a probe in a row that sent nothing, after which the retry timer is used instead.
const MAX_FRUITLESS_WAKEUPS: u32 = 3;

impl Socket {
    /// Chooses what `destination` waits for. `progress` says whether something was sent since the last choice.
    pub fn await_room(&self, destination: &Rc<Destination>, progress: bool) {
        let fruitless = if progress { 0 } else { destination.fruitless_wakeups.get() + 1 };
        destination.fruitless_wakeups.set(fruitless);
        if progress {
            self.destinations().retry_delay_ms.set(0);
        }
        let wait = if self.with_fd(sys::is_send_buffer_full) == Some(true) {
            // The socket polls writable only if three quarters of SO_SNDBUF are free, which stopped receivers may hold for
            // ever. So it is retried on the next iteration of the loop while that sends something, and by the timer otherwise.
            let sent = self.bytes_written.get();
            if self.destinations().sent_when_full.replace(sent) != sent {
                self.schedule_flush();
            } else {
                self.start_retry_timer();
            }
            Wait::Socket
        } else if sys::LINUX && fruitless < MAX_FRUITLESS_WAKEUPS && self.watch_probe(destination, fruitless > 0) {
            Wait::Probe
        } else {
            self.start_retry_timer();
            Wait::Timer
        };
        if wait != Wait::Probe
            && let Some(probe) = &*destination.probe.borrow()
        {
            probe.poll.watch(0);
        }
        destination.wait.set(wait);
        self.watch_events();
    }

    /// Watches the probe of a destination. A probe that woke without effect is replaced, because another socket may have taken
    /// the destination's name. False if no probe can be made.
    fn watch_probe(&self, destination: &Rc<Destination>, replace: bool) -> bool {
        if replace || destination.probe.borrow().is_none() {
            destination.probe.take();
            let Some(probe) = self.make_probe(destination) else { return false };
            destination.probe.replace(Some(probe));
        }
        if let Some(probe) = &*destination.probe.borrow() {
            probe.poll.watch(uv::WRITABLE);
        }
        true
    }

    fn make_probe(&self, destination: &Destination) -> Option<Probe> {
        let wrapper = self.environment.handles.get(self.key())?;
        let fd = sys::socket(Kind::Dgram).ok()?;
        sys::connect(fd.as_fd(), &destination.addr).ok()?;
        let poll = PollHandle::new(self.environment.uv_loop, fd.as_fd(), wrapper, destination.token).ok()?;
        Some(Probe::new(poll, fd))
    }

    /// Sends what waits for one destination. Returns true if nothing waits for it any more.
    fn flush_destination(&self, destination: &Rc<Destination>, completions: &mut Vec<Completion>) -> bool {
        let bytes_before = destination.queue.borrow().bytes();
        let start = completions.len();
        let flushed = destination.queue.borrow_mut().flush(MAX_BATCH, MAX_FLUSH_MESSAGES, completions, |messages| {
            self.send_messages(messages, Some(&destination.addr))
        });
        for failed in completions.iter_mut().skip(start).filter(|completion| completion.errno != 0) {
            failed.to = Some(destination.addr.bytes().into());
        }
        match flushed {
            Flushed::Empty => {
                self.destinations().remove(destination);
                return true;
            }
            Flushed::Blocked => {
                let progress = completions.len() > start || destination.queue.borrow().bytes() < bytes_before;
                self.await_room(destination, progress);
            }
            Flushed::Limit if destination.wait.get() == Wait::Probe => {}
            Flushed::Limit => self.schedule_flush(),
        }
        false
    }

    /// Sends what waits for the socket or for uncork(). Returns true if a destination's queue is empty again.
    pub fn flush_destinations(&self, completions: &mut Vec<Completion>) -> bool {
        let Some(destinations) = self.existing_destinations().filter(|destinations| destinations.any_congested())
        else {
            return false;
        };
        let mut emptied = false;
        for destination in destinations.waiting_in_turn(&[Wait::Flush, Wait::Socket]) {
            emptied |= self.flush_destination(&destination, completions);
            if destination.wait.get() == Wait::Socket && !destination.queue.borrow().is_empty() {
                // SO_SNDBUF is used up for the other destinations, too.
                break;
            }
        }
        emptied
    }

    /// Whether a failed message is sent again, because its receiver may be restarting.
    pub fn waits_for_receiver(&self, errno: c_int) -> bool {
        (errno == libc::ECONNREFUSED || errno == libc::ENOENT)
            && self.existing_destinations().is_some_and(|all| all.wait_for_receiver.get())
    }

    /// Keeps messages while no socket has the destination's name, or lets those fail that wait for one.
    pub fn set_wait_for_receiver(&self, wait: bool) {
        let destinations = self.destinations();
        destinations.wait_for_receiver.set(wait);
        for destination in destinations.waiting(&[Wait::Timer]) {
            destination.wait.set(Wait::Flush);
        }
        self.schedule_flush();
    }

    /// Emits DRAINED if `try_send` found the connected peer full.
    pub fn report_room(&self, emitter: &Emitter) {
        if self.existing_destinations().is_some_and(|all| all.peer_was_full.replace(false)) {
            self.emit_event(emitter, events::DRAINED, &[]);
        }
    }

    /// The probe of a destination became writable.
    pub fn on_probe(&self, emitter: &Emitter, token: usize, status: c_int) {
        let Some(destination) = self.existing_destinations().and_then(|all| all.by_token(token)) else { return };
        if status < 0
            && let Some(probe) = &*destination.probe.borrow()
        {
            probe.poll.was_stopped();
        }
        let mut completions = Vec::new();
        let emptied = self.flush_destination(&destination, &mut completions);
        self.report(emitter, &completions, emptied);
    }

    /// Starts the timer that retries what no event reports. The pause grows as long as nothing is sent.
    pub fn start_retry_timer(&self) {
        let destinations = self.destinations();
        if destinations.timer_runs.get() && destinations.retry_delay_ms.get() > 0 {
            return;
        }
        let mut timer = destinations.timer.borrow_mut();
        if timer.is_none() {
            let wrapper = self.environment.handles.get(self.key());
            *timer = wrapper.and_then(|wrapper| TimerHandle::new(self.environment.uv_loop, wrapper).ok());
        }
        if let Some(timer) = &*timer {
            timer.start(destinations.next_retry_delay());
            destinations.timer_runs.set(true);
        }
    }

    /// The retry timer has expired.
    pub fn on_retry_timer(&self, emitter: &Emitter) {
        self.read_backoff.set(false);
        self.destinations().timer_runs.set(false);
        for destination in self.destinations().waiting(&[Wait::Timer, Wait::Socket]) {
            destination.fruitless_wakeups.set(0);
            destination.wait.set(Wait::Flush);
        }
        self.flush(emitter);
        if !sys::LINUX && self.is_open() {
            self.report_room(emitter);
        }
        if self.is_open() {
            self.watch_events();
        }
    }
}
