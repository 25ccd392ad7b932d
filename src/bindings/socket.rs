//! `SocketHandle`: a socket of either kind. The JS state object extends it. This file has what both kinds share;
//! `bindings::seqpacket` and `bindings::dgram` have the rest.

use crate::bindings::environment::Environment;
use crate::bindings::server::ServerHandle;
use crate::core::loop_callbacks::Wrapped;
use crate::core::send::transmit::{Outgoing, SendMode};
use crate::core::socket::{Options, Socket};
use crate::js::arguments::View;
use crate::js::env::{Js, Value};
use crate::js::wrapper::Wrapper;
use crate::sys::{self, Kind, SysResult, UnixAddr};
use napi::Result;
use napi::bindgen_prelude::Reference;
use napi_derive::napi;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::time::Duration;

#[napi]
pub struct SocketHandle {
    socket: Socket,
}

impl SocketHandle {
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    pub fn js(&self) -> &Js {
        &self.socket.environment.js
    }

    pub fn check<T>(&self, result: SysResult<T>) -> Result<T> {
        result.map_err(|error| self.js().exception(&error))
    }

    /// Calls `body` with the descriptor. Throws ERR_SOCKET_CLOSED if the socket is closed.
    pub fn with_fd<R>(&self, body: impl FnOnce(BorrowedFd) -> SysResult<R>) -> Result<R> {
        match self.socket.with_fd(body) {
            Some(result) => self.check(result),
            None => Err(self.closed_exception()),
        }
    }

    fn closed_exception(&self) -> napi::Error {
        self.js().closed_exception(match self.socket.kind {
            Kind::Seqpacket => "SeqpacketSocket has been destroyed",
            Kind::Dgram => "DgramSocket has been closed",
        })
    }

    /// Throws ERR_SOCKET_CLOSED if the socket is closed.
    pub fn open(&self) -> Result<&Socket> {
        if self.socket.is_open() { Ok(&self.socket) } else { Err(self.closed_exception()) }
    }

    /// The private key for the hot calls, if opening succeeded. It is returned, because a getter would cost each socket a call.
    fn key_of(&self, opened: SysResult<()>) -> Result<u32> {
        self.check(opened).map(|()| self.socket.key() as u32)
    }

    fn name(&self, addr: UnixAddr) -> Option<Value> {
        self.js().buffer(addr.bytes())
    }
}

impl Wrapped for SocketHandle {
    type Inner = Socket;

    fn inner(&self) -> &Socket {
        &self.socket
    }
}

#[napi]
impl SocketHandle {
    /// An inert handle. `create`, `adopt`, `accept` or `pairWith` gives it its descriptor. Positional arguments, because
    /// making an object and reading it by name for each connection takes longer. `busy_poll` is in microseconds.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        environment: &Environment,
        dgram: bool,
        read_size: f64,
        max_queued: f64,
        receive_fds: bool,
        receive_credentials: bool,
        busy_poll: u32,
    ) -> Self {
        let options = Options {
            kind: if dgram { Kind::Dgram } else { Kind::Seqpacket },
            read_size: read_size as usize,
            max_queued_bytes: max_queued,
            receive_fds,
            receive_credentials,
            busy_poll: Duration::from_micros(busy_poll.into()),
        };
        SocketHandle { socket: Socket::new(environment.state(), options) }
    }

    /// Makes a new socket. Returns its private key for the hot calls.
    #[napi(catch_unwind)]
    pub fn create(&self, this: Reference<SocketHandle>) -> Result<u32> {
        self.key_of(self.socket.create(Rc::new(Wrapper::new(&this))))
    }

    /// Takes ownership of `fd`. On failure it stays the caller's. Returns the key.
    #[napi(catch_unwind)]
    pub fn adopt(&self, this: Reference<SocketHandle>, fd: i32) -> Result<u32> {
        self.key_of(self.socket.adopt(Rc::new(Wrapper::new(&this)), fd))
    }

    /// Takes the connection that the server's CONNECTION event announced. Returns the key.
    #[napi(catch_unwind)]
    pub fn accept(&self, this: Reference<SocketHandle>, server: &ServerHandle) -> Result<u32> {
        self.key_of(self.socket.take_accepted(Rc::new(Wrapper::new(&this)), server.inner()))
    }

    /// Connects this handle and another inert one by socketpair(2). Returns the keys of both.
    #[napi(catch_unwind)]
    pub fn pair_with(&self, this: Reference<SocketHandle>, other: Wrapper<SocketHandle>) -> Result<Vec<u32>> {
        let (own_fd, other_fd) = self.check(sys::socketpair(self.socket.kind))?;
        let key = self.key_of(self.socket.take_new(Rc::new(Wrapper::new(&this)), own_fd))?;
        let other = Rc::new(other);
        let Some(handle) = other.get() else { return Ok(vec![key]) };
        let taken = handle.socket.take_new(other.clone(), other_fd);
        let other_key = handle.key_of(taken).inspect_err(|_| {
            self.socket.close();
        })?;
        Ok(vec![key, other_key])
    }

    /// -1 without a descriptor.
    #[napi(getter, catch_unwind)]
    pub fn fd(&self) -> i32 {
        self.socket.expose_fd()
    }

    /// Returns true if a CLOSE event will follow.
    #[napi(catch_unwind)]
    pub fn close(&self) -> bool {
        let event_follows = self.socket.close();
        self.socket.environment.report_memory();
        event_follows
    }

    #[napi(catch_unwind)]
    pub fn set_reading(&self, reading: bool) {
        self.socket.set_reading(reading);
    }

    /// Drops all messages until end-of-file.
    #[napi(catch_unwind)]
    pub fn discard(&self) {
        self.socket.discard();
    }

    #[napi(catch_unwind)]
    pub fn set_referenced(&self, referenced: bool) {
        self.socket.set_referenced(referenced);
    }

    /// Sends what was queued since cork(), on the next iteration of the loop.
    #[napi(catch_unwind)]
    pub fn uncork(&self) {
        self.socket.uncork();
    }

    /// Sends a message of several parts, or with descriptors. Returns what `send` returns.
    #[napi(catch_unwind)]
    pub fn send_parts(
        &self,
        parts: Vec<View>,
        fds: Vec<i32>,
        id: u32,
        destination: u32,
        queue_only: bool,
    ) -> Result<f64> {
        self.check(fds.iter().try_for_each(|fd| sys::check_open(*fd)))?;
        let mode = if queue_only { SendMode::QueueOnly } else { SendMode::SendOrQueue };
        let result =
            View::with_all(&parts, |parts| self.socket.transmit(Outgoing { parts, fds: &fds, id, destination, mode }));
        self.socket.environment.report_memory();
        Ok(result.unwrap_or(-f64::from(libc::EFAULT)))
    }

    #[napi(catch_unwind)]
    pub fn local_address(&self) -> Result<Option<Value>> {
        Ok(self.name(self.with_fd(sys::local_address)?))
    }

    /// Empty without a peer.
    #[napi(catch_unwind)]
    pub fn remote_address(&self) -> Result<Option<Value>> {
        let addr = self.with_fd(|fd| match sys::peer_address(fd) {
            Err(error) if error.errno == libc::ENOTCONN => Ok(UnixAddr::UNNAMED),
            result => result,
        });
        Ok(self.name(addr?))
    }

    #[napi(catch_unwind)]
    pub fn get_buffer_size(&self, send: bool) -> Result<u32> {
        let size = self.with_fd(|fd| if send { sys::send_buffer_size(fd) } else { sys::recv_buffer_size(fd) });
        Ok(size? as u32)
    }

    #[napi(catch_unwind)]
    pub fn set_buffer_size(&self, send: bool, size: u32) -> Result<()> {
        let size = size as usize;
        self.with_fd(
            |fd| {
                if send { sys::set_send_buffer_size(fd, size) } else { sys::set_recv_buffer_size(fd, size) }
            },
        )?;
        if send {
            self.socket.keep_send_buffer();
        }
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn read_size(&self) -> Result<u32> {
        Ok(self.open()?.read_size.get() as u32)
    }

    #[napi(catch_unwind)]
    pub fn set_read_size(&self, size: u32) -> Result<()> {
        self.open()?.read_size.set(size as usize);
        Ok(())
    }

    /// Bytes that wait for one destination; 0 is the connected peer.
    #[napi(catch_unwind)]
    pub fn queued_bytes_to(&self, destination: u32) -> f64 {
        self.socket.queued_bytes_to(destination) as f64
    }

    /// Bytes that wait in all queues.
    #[napi(catch_unwind)]
    pub fn queued_bytes(&self) -> f64 {
        self.socket.queued_bytes() as f64
    }

    /// `[bytesRead, bytesWritten, droppedMessages]`
    #[napi(catch_unwind)]
    pub fn counters(&self) -> Vec<f64> {
        vec![self.socket.bytes_read.get(), self.socket.bytes_written.get(), self.socket.dropped_messages.get()]
    }
}
