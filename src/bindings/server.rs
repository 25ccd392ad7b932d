//! `ServerHandle`: a SOCK_SEQPACKET listener. The JS state object of a server extends it.

use crate::bindings::environment::{Environment, address};
use crate::core::listener::{ListenOptions, Listener};
use crate::core::loop_callbacks::Wrapped;
use crate::core::socket_file::BindOptions;
use crate::js::arguments::View;
use crate::js::env::{Js, Value};
use crate::js::wrapper::Wrapper;
use crate::sys;
use napi::Result;
use napi::bindgen_prelude::Reference;
use napi_derive::napi;
use std::rc::Rc;

/// Exactly one of `name` and `fd`.
#[napi(object, object_to_js = false)]
pub struct ServerListenOptions {
    pub name: Option<View>,
    pub fd: Option<i32>,
    pub backlog: i32,
    pub mode: Option<u32>,
    pub unlink_stale: bool,
    pub unlink_on_close: bool,
    pub receive_fds: bool,
    pub receive_credentials: bool,
}

#[napi]
pub struct ServerHandle {
    listener: Listener,
}

impl ServerHandle {
    fn js(&self) -> &Js {
        &self.listener.environment.js
    }
}

impl Wrapped for ServerHandle {
    type Inner = Listener;

    fn inner(&self) -> &Listener {
        &self.listener
    }
}

#[napi]
impl ServerHandle {
    /// An inert handle. `listen` gives it its descriptor.
    #[napi(constructor, catch_unwind)]
    pub fn new(environment: &Environment) -> Self {
        ServerHandle { listener: Listener::new(environment.state()) }
    }

    /// Binds `name` or adopts `fd`, and listens. On failure nothing is left behind, and `fd` stays the caller's.
    #[napi(catch_unwind)]
    pub fn listen(&self, this: Reference<ServerHandle>, options: ServerListenOptions) -> Result<()> {
        let wrapper = Rc::new(Wrapper::new(&this));
        let listen_options = ListenOptions {
            backlog: options.backlog,
            bind: BindOptions { mode: options.mode, unlink_stale: options.unlink_stale },
            unlink_on_close: options.unlink_on_close,
            receive_fds: options.receive_fds,
            receive_credentials: options.receive_credentials,
        };
        let listening = match options.name {
            Some(name) => address(&name).and_then(|addr| self.listener.listen(wrapper, &addr, &listen_options)),
            None => self.listener.adopt(wrapper, options.fd.unwrap_or(-1), &listen_options),
        };
        listening.map_err(|error| self.js().exception(&error))
    }

    /// -1 without a descriptor.
    #[napi(getter, catch_unwind)]
    pub fn fd(&self) -> i32 {
        self.listener.expose_fd()
    }

    /// Whether there is a descriptor.
    #[napi(getter, catch_unwind)]
    pub fn listening(&self) -> bool {
        self.listener.with_fd(|_| ()).is_some()
    }

    #[napi(catch_unwind)]
    pub fn address(&self) -> Result<Option<Value>> {
        let js = self.js();
        match self.listener.with_fd(sys::local_address) {
            Some(addr) => Ok(js.buffer(addr.map_err(|error| js.exception(&error))?.bytes())),
            None => Err(js.closed_exception("SeqpacketServer has been closed")),
        }
    }

    #[napi(catch_unwind)]
    pub fn set_referenced(&self, referenced: bool) {
        self.listener.set_referenced(referenced);
    }

    /// Starts or stops accepting. A new server does not accept.
    #[napi(catch_unwind)]
    pub fn set_accepting(&self, accepting: bool) {
        self.listener.set_accepting(accepting);
    }

    /// Returns true if a CLOSE event will follow.
    #[napi(catch_unwind)]
    pub fn close(&self) -> bool {
        self.listener.close()
    }
}
