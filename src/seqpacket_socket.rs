//! What only seqpacket connections do.

use crate::emitter::args::View;
use crate::handle::{Handle, address};
use crate::sys;
use napi::Result;
use napi_derive::napi;

#[napi]
impl Handle {
    /// True when connected; false where the server's backlog is full (EAGAIN), to be tried again.
    #[napi(catch_unwind)]
    pub fn connect(&self, name: View) -> Result<bool> {
        match address(&name).and_then(|addr| self.endpoint.connect_stream(&addr)) {
            Err(error) if error.would_block() => Ok(false),
            result => self.check(result).map(|()| true),
        }
    }

    /// What there is to read: 0 a message, or not yet known; 1 nothing but the end; 2 nothing but an error.
    #[napi(catch_unwind)]
    pub fn rest(&self) -> u32 {
        self.endpoint.rest()
    }

    /// Half-closes once what is queued is sent.
    #[napi(catch_unwind)]
    pub fn shutdown(&self) {
        self.endpoint.shutdown();
    }

    /// `[pid, uid, gid]` of who was at the other end when the connection was made.
    #[napi(catch_unwind)]
    pub fn peer_credentials(&self) -> Result<Vec<f64>> {
        let (pid, uid, gid) = self.check(self.endpoint.with_fd(sys::peer_credentials))?;
        Ok(vec![f64::from(pid), f64::from(uid), f64::from(gid)])
    }
}
