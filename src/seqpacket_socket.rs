//! What only seqpacket connections do.

use crate::emitter::args::View;
use crate::handle::{Environment, address};
use crate::sys;
use napi::Result;
use napi_derive::napi;

#[napi]
impl Environment {
    /// True when connected; false where the server's backlog is full (EAGAIN), to be tried again.
    #[napi(catch_unwind)]
    pub fn connect(&self, id: u32, name: View) -> Result<bool> {
        let socket = self.socket(id)?;
        match address(&name).and_then(|addr| socket.connect_stream(&addr)) {
            Err(error) if error.would_block() => Ok(false),
            result => self.check(result).map(|()| true),
        }
    }

    /// What there is to read: 0 a message, or not yet known; 1 nothing but the end; 2 nothing but an error.
    #[napi(catch_unwind)]
    pub fn rest(&self, id: u32) -> Result<u32> {
        Ok(self.socket(id)?.rest())
    }

    /// Half-closes once what is queued is sent.
    #[napi(catch_unwind)]
    pub fn shutdown(&self, id: u32) -> Result<()> {
        self.socket(id)?.shutdown();
        Ok(())
    }

    /// `[pid, uid, gid]` of who was at the other end when the connection was made.
    #[napi(catch_unwind)]
    pub fn peer_credentials(&self, id: u32) -> Result<Vec<f64>> {
        let (pid, uid, gid) = self.check(self.socket(id)?.with_fd(sys::peer_credentials))?;
        Ok(vec![f64::from(pid), f64::from(uid), f64::from(gid)])
    }
}
