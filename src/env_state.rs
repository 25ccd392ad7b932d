//! State of one environment (main thread, worker, vm of its own): who lives in it, scratch memory, the slab small
//! messages are copied to, the doorbell. Never a process-wide static.

use crate::emitter::args::{Args, Memory, RawFunctions, View};
use crate::emitter::reference::JsRef;
use crate::emitter::{Emitter, HandleScope, Js, Reply, Value};
use crate::endpoint::Endpoint;
use crate::error::SysResult;
use crate::runs::Runs;
use crate::sys::receive::Scratch;
use crate::uv::{AsyncHandle, Loop, Wake};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::{Rc, Weak};

/// A message up to this size is copied to the common slab, so that a kept Buffer holds at most `SLAB` bytes alive.
pub const SHARED: usize = 2048;
pub const SLAB: usize = 8192;
/// A difference that V8 is told of: it decides by what it knows when to collect garbage.
const REPORTED: i64 = 256 * 1024;

/// A socket or server that lives in the environment.
pub trait Resident {
    /// The environment ends: close, and call nothing.
    fn teardown(&self);
    /// The doorbell it rang.
    fn on_bell(self: Rc<Self>);
    fn send(&self, args: &Args) -> f64;
    fn send_staged(&self, args: &Args) -> f64;
    fn endpoint(self: Rc<Self>) -> Option<Rc<Endpoint>>;
}

/// The JS functions of one copy of the library.
pub struct Functions {
    pub on_data: JsRef,
    pub on_run: JsRef,
    pub on_event: JsRef,
    pub new_slab: JsRef,
}

/// Memory that messages share.
pub struct Slab {
    pub value: Value,
    /// The environment's, for small messages.
    pub common: bool,
    pub memory: Memory,
    used: usize,
    size: usize,
}

impl Slab {
    /// Copies a message; answers its place, or none where it does not fit.
    fn copy(&mut self, data: &[u8]) -> Option<usize> {
        let offset = self.used;
        let copied = offset + data.len() <= self.size && self.memory.copy(offset, data);
        copied.then(|| {
            self.used = Slab::place(offset, data.len());
            offset
        })
    }

    /// Where the next message starts.
    pub fn place(offset: usize, len: usize) -> usize {
        (offset + len).next_multiple_of(8)
    }
}

pub struct EnvState {
    pub js: Js,
    pub uv_loop: Loop,
    pub runs: Runs,
    functions: Functions,
    residents: RefCell<Vec<Option<Weak<dyn Resident>>>>,
    free: RefCell<Vec<usize>>,
    scratch: Cell<Option<Box<Scratch>>>,
    slab: RefCell<Option<JsRef>>,
    slab_used: Cell<usize>,
    bell: RefCell<Option<AsyncHandle>>,
    ringing: RefCell<Vec<Weak<dyn Resident>>>,
    holders: Cell<usize>,
    /// Bytes in the queues of all sockets, and what V8 was told of them.
    queued: Cell<i64>,
    reported: Cell<i64>,
    /// Descriptors whose numbers JS was told, to make sockets of: closed with the environment if it ends in between.
    loose: RefCell<HashMap<RawFd, OwnedFd>>,
    /// Connections whose SO_SNDBUF was doubled.
    pub doubled: Cell<usize>,
    /// Descriptors of open sockets.
    owned: RefCell<HashSet<RawFd>>,
}

impl EnvState {
    pub fn new(js: Js, uv_loop: Loop, functions: Functions, runs: Runs) -> SysResult<Rc<Self>> {
        let state = Rc::new(EnvState {
            js,
            uv_loop,
            runs,
            functions,
            residents: RefCell::default(),
            free: RefCell::default(),
            scratch: Cell::new(None),
            slab: RefCell::new(None),
            slab_used: Cell::new(SLAB),
            bell: RefCell::new(None),
            ringing: RefCell::default(),
            holders: Cell::new(0),
            queued: Cell::new(0),
            reported: Cell::new(0),
            loose: RefCell::default(),
            doubled: Cell::new(0),
            owned: RefCell::default(),
        });
        let bell = AsyncHandle::new(uv_loop, state.clone())?;
        *state.bell.borrow_mut() = Some(bell);
        Ok(state)
    }

    /// The cleanup hook: everything is closed, nothing is called any more.
    pub fn teardown(&self) {
        self.js.end();
        let residents = std::mem::take(&mut *self.residents.borrow_mut());
        for resident in residents.into_iter().flatten().filter_map(|weak| weak.upgrade()) {
            resident.teardown();
        }
        self.loose.take();
        if let Some(bell) = self.bell.borrow_mut().take() {
            bell.close();
        }
    }

    /// Keeps a descriptor until JS has made a socket of its number.
    pub fn lend(&self, fd: OwnedFd) -> RawFd {
        let number = fd.as_raw_fd();
        self.loose.borrow_mut().insert(number, fd);
        number
    }

    /// The lent descriptor of that number.
    pub fn reclaim(&self, fd: RawFd) -> Option<OwnedFd> {
        self.loose.borrow_mut().remove(&fd)
    }

    pub fn register(&self, resident: Weak<dyn Resident>) -> usize {
        let mut residents = self.residents.borrow_mut();
        if let Some(id) = self.free.borrow_mut().pop()
            && let Some(place) = residents.get_mut(id)
        {
            *place = Some(resident);
            return id;
        }
        residents.push(Some(resident));
        residents.len() - 1
    }

    pub fn unregister(&self, id: usize) {
        if let Some(place) = self.residents.borrow_mut().get_mut(id)
            && place.take().is_some()
        {
            self.free.borrow_mut().push(id);
        }
    }

    fn resident(&self, id: usize) -> Option<Rc<dyn Resident>> {
        self.residents.borrow().get(id)?.as_ref()?.upgrade()
    }

    /// The socket of that number, open or closed.
    pub fn endpoint(&self, id: u32) -> Option<Rc<Endpoint>> {
        self.resident(id as usize)?.endpoint()
    }

    /// Whether an open socket of this environment owns `fd`.
    pub fn owns(&self, fd: RawFd) -> bool {
        self.owned.borrow().contains(&fd)
    }

    pub fn set_owned(&self, fd: RawFd, owned: bool) {
        let mut all = self.owned.borrow_mut();
        if owned {
            all.insert(fd)
        } else {
            all.remove(&fd)
        };
    }

    /// Counts the sockets that keep the process alive.
    pub fn hold(&self, more: bool) {
        let before = self.holders.get();
        let after = if more { before + 1 } else { before.saturating_sub(1) };
        self.holders.set(after);
        if (before == 0) != (after == 0)
            && let Some(bell) = &*self.bell.borrow()
        {
            bell.hold(after > 0);
        }
    }

    /// The queue of a socket changed.
    pub fn count_queued(&self, before: usize, after: usize) {
        self.queued.set(self.queued.get() + after as i64 - before as i64);
    }

    /// May collect garbage: no queue is borrowed here.
    pub fn report_memory(&self) {
        let change = self.queued.get() - self.reported.get();
        if change.abs() >= REPORTED && self.js.alive() {
            self.reported.set(self.queued.get());
            self.js.adjust_memory(change);
        }
    }

    /// Calls `on_bell` of the resident on the loop's next turn.
    pub fn ring(&self, resident: Weak<dyn Resident>) {
        self.ringing.borrow_mut().push(resident);
        if let Some(bell) = &*self.bell.borrow() {
            bell.send();
        }
    }

    /// The scratch memory leaves its place while it is used: a nested receive gets another.
    pub fn with_scratch<R>(&self, body: impl FnOnce(&mut Scratch) -> R) -> R {
        let mut scratch = self.scratch.take().unwrap_or_else(|| Box::new(Scratch::new()));
        let result = body(&mut scratch);
        self.scratch.set(Some(scratch));
        result
    }

    /// The common slab, with room for `len` bytes. Held for one run of copies, in which no JS runs.
    pub fn slab(&self, len: usize) -> Option<Slab> {
        if self.slab_used.get() + len <= SLAB
            && let Some(slab) = self.open_slab()
        {
            return Some(slab);
        }
        let value = self.new_slab(SLAB)?;
        *self.slab.borrow_mut() = JsRef::new(&self.js, value, true);
        self.slab_used.set(0);
        self.open_slab()
    }

    fn new_slab(&self, size: usize) -> Option<Value> {
        self.js.call_plain(&self.functions.new_slab, &[self.js.uint(size as u32)])
    }

    /// Fails where the slab was detached meanwhile.
    fn open_slab(&self) -> Option<Slab> {
        let value = self.slab.borrow().as_ref()?.get()?;
        let memory = View::of(&self.js, value).memory()?;
        Some(Slab { value, common: true, memory, used: self.slab_used.get(), size: SLAB })
    }

    /// A slab for messages of one batch.
    pub fn own_slab(&self, size: usize) -> Option<Slab> {
        let value = self.new_slab(size)?;
        let memory = View::of(&self.js, value).memory()?;
        Some(Slab { value, common: false, memory, used: 0, size })
    }

    /// Copies to the slab that was opened; answers the place, or none where it is full.
    pub fn copy_to(&self, slab: &mut Slab, data: &[u8]) -> Option<usize> {
        let offset = slab.copy(data)?;
        if slab.common {
            self.slab_used.set(slab.used);
        }
        Some(offset)
    }

    pub fn on_data(&self) -> Option<Value> {
        self.functions.on_data.get()
    }

    pub fn on_run(&self) -> Option<Value> {
        self.functions.on_run.get()
    }

    /// One event to JS: `onEvent.call(owner, kind, a, b)`.
    pub fn event(&self, emitter: &Emitter, kind: u32, args: &[Value]) -> Reply {
        let (Some(receiver), Some(function)) = (emitter.receiver(), self.functions.on_event.get()) else {
            return Reply::Gone;
        };
        let mut all = vec![self.js.uint(kind)];
        all.extend_from_slice(args);
        emitter.call(receiver, function, &all)
    }
}

impl Wake for EnvState {
    fn on_wake(self: Rc<Self>) {
        let ringing = std::mem::take(&mut *self.ringing.borrow_mut());
        for resident in ringing {
            let Some(_scope) = HandleScope::open(&self.js) else { return };
            if let Some(resident) = resident.upgrade() {
                resident.on_bell();
            }
        }
    }
}

impl RawFunctions for EnvState {
    fn send(&self, args: &Args) -> f64 {
        self.resident(args.uint(0)).map_or(-f64::from(libc::EBADF), |resident| resident.send(args))
    }

    fn send_staged(&self, args: &Args) -> f64 {
        self.resident(args.uint(0)).map_or(-f64::from(libc::EBADF), |resident| resident.send_staged(args))
    }
}
