//! State of one environment (main thread, worker, vm context) and one copy of the library. Process-wide state is only what is
//! the same for every environment: the statics in core/heap.rs and sys/end_of_file.rs.

use crate::core::busy_poll::BusyPoll;
use crate::core::live_handles::LiveHandles;
use crate::core::runs::Runs;
use crate::core::send::probes::Probes;
use crate::core::slab::ReceiveMemory;
use crate::core::watches::Watches;
use crate::js::at_exit::AtExit;
use crate::js::env::{Js, Reply, Value};
use crate::js::reference::JsRef;
use crate::js::upcall_scope::UpcallScope;
use crate::sys::SysResult;
use crate::uv::Loop;
use std::cell::Cell;
use std::rc::Rc;

/// V8 learns of a change of the memory that queues hold when it exceeds this many bytes.
const REPORTED_CHANGE_BYTES: i64 = 256 * 1024;

/// The JS functions that handles call. Each gets the handle's JS object as `this`. The references are weak, because a strong one
/// would keep the whole copy of the library for ever: the prototypes of the handles' JS classes keep the functions.
pub struct Functions {
    /// Receives one message.
    pub on_data: JsRef,
    /// Receives a run of messages.
    pub on_run: JsRef,
    /// Receives an event of `core::events`.
    pub on_event: JsRef,
}

pub struct Environment {
    pub js: Js,
    pub uv_loop: Loop,
    pub functions: Functions,
    pub runs: Runs,
    pub receive_memory: ReceiveMemory,
    pub handles: Rc<LiveHandles>,
    pub busy_poll: Rc<BusyPoll>,
    pub watches: Rc<Watches>,
    /// Probes of the datagram receivers that sockets wait for.
    pub probes: Rc<Probes>,
    /// Descriptors that the queues of all sockets hold.
    pub queued_fds: Rc<Cell<usize>>,
    /// Bytes in the queues of all sockets, and how many of them V8 knows of.
    queued_bytes: Cell<i64>,
    reported_bytes: Cell<i64>,
    /// Connections whose SO_SNDBUF was doubled.
    pub doubled_send_buffers: Cell<usize>,
}

impl Environment {
    pub fn new(
        js: Js,
        uv_loop: Loop,
        functions: Functions,
        runs: Runs,
        receive_memory: ReceiveMemory,
    ) -> SysResult<Rc<Self>> {
        let handles = LiveHandles::new(uv_loop)?;
        Ok(Rc::new(Environment {
            js,
            uv_loop,
            functions,
            runs,
            receive_memory,
            busy_poll: BusyPoll::new(uv_loop, handles.clone()),
            watches: Watches::new(uv_loop, handles.clone())?,
            probes: Probes::new(uv_loop, handles.clone()),
            queued_fds: Rc::default(),
            handles,
            queued_bytes: Cell::new(0),
            reported_bytes: Cell::new(0),
            doubled_send_buffers: Cell::new(0),
        }))
    }

    /// Closes everything, and deletes the references while Node-API still allows it.
    fn teardown(&self) {
        self.handles.close_all();
        self.probes.clear();
        self.busy_poll.close();
        self.watches.close();
        self.functions.on_data.clear();
        self.functions.on_run.clear();
        self.functions.on_event.clear();
        self.runs.clear();
        self.receive_memory.clear();
        self.js.end();
    }

    /// Calls `onEvent(kind, ...args)` with the handle's JS object as `this`.
    pub fn emit_event(&self, scope: &UpcallScope, kind: u32, args: &[Value]) -> Reply {
        let Some(function) = self.functions.on_event.get() else { return Reply::Gone };
        let mut all = vec![self.js.uint(kind)];
        all.extend_from_slice(args);
        scope.call(function, &all)
    }

    /// The queue of a socket grew or shrank.
    pub fn count_queued_bytes(&self, before: usize, after: usize) {
        self.queued_bytes.set(self.queued_bytes.get() + after as i64 - before as i64);
    }

    /// Reports the memory that queues hold to V8, which schedules garbage collections by it. May collect garbage, so
    /// a caller must not use a struct afterwards whose JS object nothing keeps alive.
    pub fn report_memory(&self) {
        let change = self.queued_bytes.get() - self.reported_bytes.get();
        if change.abs() >= REPORTED_CHANGE_BYTES && self.js.alive() {
            self.reported_bytes.set(self.queued_bytes.get());
            self.js.adjust_memory(change);
        }
    }
}

impl AtExit for Environment {
    fn at_exit(&self) {
        self.teardown();
    }
}

/// Runs when all JS objects of this copy of the library were collected: its handles, its hot calls and its `Environment`.
impl Drop for Environment {
    fn drop(&mut self) {
        if self.js.alive() && self.reported_bytes.get() != 0 {
            self.js.adjust_memory(-self.reported_bytes.get());
        }
        self.teardown();
    }
}
