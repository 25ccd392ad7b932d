//! Methods of seqpacket connections.

use crate::bindings::environment::address;
use crate::bindings::socket::SocketHandle;
use crate::js::arguments::View;
use crate::sys::{self, Credentials};
use napi::Result;
use napi_derive::napi;

#[napi]
impl SocketHandle {
    /// Returns false if the server's backlog is full (EAGAIN). The caller tries again then.
    #[napi(catch_unwind)]
    pub fn connect(&self, name: View) -> Result<bool> {
        let socket = self.open()?;
        match address(&name).and_then(|addr| socket.connect(&addr)) {
            Err(error) if error.would_block() => Ok(false),
            result => self.check(result).map(|()| true),
        }
    }

    /// What there is to read: a number of `PEEK_STATES`.
    #[napi(catch_unwind)]
    pub fn peek_state(&self) -> u32 {
        self.socket().peek_state() as u32
    }

    /// Whether the peer has closed its socket, so that end-of-file follows the messages that are unread.
    #[napi(catch_unwind)]
    pub fn is_hung_up(&self) -> bool {
        self.socket().is_hung_up()
    }

    /// Shuts the write side down once what is queued is sent.
    #[napi(catch_unwind)]
    pub fn shutdown(&self) {
        if self.socket().is_open() {
            self.socket().request_shutdown();
        }
    }

    /// `[pid, uid, gid]` of the process at the other end when the connection was made (SO_PEERCRED).
    #[napi(catch_unwind)]
    pub fn peer_credentials(&self) -> Result<Vec<f64>> {
        let Credentials { pid, uid, gid } = self.with_fd(sys::peer_credentials)?;
        Ok(vec![f64::from(pid), f64::from(uid), f64::from(gid)])
    }
}
