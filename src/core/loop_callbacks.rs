//! What the event loop calls on a socket or server, through the JS object that wraps it.

use crate::core::events;
use crate::core::lifecycle::Handle;
use crate::core::live_handles::LiveHandle;
use crate::js::env::Js;
use crate::js::upcall_scope::UpcallScope;
use crate::js::wrapper::Wrapper;
use crate::uv::Target;
use std::any::Any;
use std::ffi::c_int;
use std::ops::Deref;
use std::rc::Rc;

/// A socket or server. The defaults are for what servers do not have.
pub trait LoopCallbacks: Deref<Target = Handle> {
    /// Closes the `Handle`, and what the struct has in addition. Returns true if `Target::on_closed` will be called.
    fn close(&self) -> bool;

    // Callbacks of `Target`.
    fn on_poll(&self, scope: &UpcallScope, token: usize, status: c_int, events: c_int);
    fn on_timer(&self, scope: &UpcallScope);

    // Callbacks of `LiveHandle`.
    fn on_scheduled(&self, _scope: &UpcallScope) {}
    fn on_room(&self, _scope: &UpcallScope, _destination: usize) -> bool {
        true
    }
    fn on_probe_lost(&self, _destination: usize) {}
    fn on_busy_poll(&self, _scope: &UpcallScope) {}
}

/// A native struct with a socket or server.
pub trait Wrapped: 'static {
    type Inner: LoopCallbacks;
    fn inner(&self) -> &Self::Inner;
}

impl<T: Wrapped> Wrapper<T> {
    fn inner(&self) -> Option<&T::Inner> {
        self.get().map(T::inner)
    }

    /// Calls `body`, unless the JS object was collected or the environment runs no JavaScript any more.
    fn enter<R>(&self, body: impl FnOnce(&T::Inner, &UpcallScope) -> R) -> Option<R> {
        let inner = self.inner()?;
        let scope = self.open_scope(&inner.environment.js)?;
        Some(inner.environment.watches.during(|| body(inner, &scope)))
    }
}

impl<T: Wrapped> Target for Wrapper<T> {
    fn on_poll(self: Rc<Self>, token: usize, status: c_int, events: c_int) {
        self.enter(|inner, scope| inner.on_poll(scope, token, status, events));
    }

    fn on_timer(self: Rc<Self>) {
        self.enter(|inner, scope| inner.on_timer(scope));
    }

    fn on_closed(self: Rc<Self>, _token: usize) {
        let Some(inner) = self.inner() else { return };
        let scope = self.open_scope(&inner.environment.js);
        if let Some(scope) = &scope {
            inner.environment.watches.during(|| inner.emit_event(scope, events::CLOSE, &[]));
        }
        inner.closed();
    }
}

impl<T: Wrapped> LiveHandle for Wrapper<T> {
    fn on_scheduled(self: Rc<Self>) {
        self.enter(|inner, scope| inner.on_scheduled(scope));
    }

    fn apply_watch(&self) {
        if let Some(inner) = self.inner() {
            inner.apply_watch();
        }
    }

    fn on_room(self: Rc<Self>, destination: usize) -> bool {
        self.enter(|inner, scope| inner.on_room(scope, destination)).unwrap_or(true)
    }

    fn on_probe_lost(&self, destination: usize) {
        if let Some(inner) = self.inner() {
            inner.on_probe_lost(destination);
        }
    }

    fn on_busy_poll(self: Rc<Self>) {
        self.enter(|inner, scope| inner.on_busy_poll(scope));
    }

    fn close_at_exit(&self) {
        if let Some(inner) = self.inner() {
            inner.close();
            inner.closed();
            self.keep(&inner.environment.js, false);
        }
    }

    fn keep(&self, js: &Js, strong: bool) {
        Wrapper::keep(self, js, strong);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
