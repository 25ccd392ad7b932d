//! What only datagram sockets do.

use crate::emitter::Value;
use crate::emitter::args::View;
use crate::handle::{Handle, address};
use crate::socket_file::{BindOptions, bind};
use crate::sys;
use napi::Result;
use napi_derive::napi;

#[napi]
impl Handle {
    /// Without a name (Linux) the kernel picks an abstract one.
    #[napi(catch_unwind)]
    pub fn bind(&self, name: Option<View>, mode: Option<u32>, unlink_stale: bool, unlink_on_close: bool) -> Result<()> {
        let Some(name) = name else { return self.check(self.endpoint.with_fd(sys::autobind)) };
        let options = BindOptions { mode, unlink_stale };
        let made = address(&name).and_then(|addr| self.endpoint.with_fd(|fd| bind(fd, &addr, options)));
        let file = self.check(made)?;
        *self.endpoint.file.borrow_mut() = file.filter(|_| unlink_on_close);
        Ok(())
    }

    /// Fixes the peer.
    #[napi(catch_unwind)]
    pub fn connect_dgram(&self, name: View) -> Result<()> {
        self.check(address(&name).and_then(|addr| self.endpoint.with_fd(|fd| sys::connect(fd, &addr))))
    }

    #[napi(catch_unwind)]
    pub fn disconnect(&self) -> Result<()> {
        self.check(self.endpoint.with_fd(sys::disconnect))
    }

    #[napi(catch_unwind)]
    pub fn destination_name(&self, slot: u32) -> Option<Value> {
        let addr = self.endpoint.destination(slot as usize)?;
        self.endpoint.env.js.buffer(addr.bytes())
    }

    /// Remembers a destination as number `slot`, from 1.
    #[napi(catch_unwind)]
    pub fn set_destination(&self, slot: u32, name: View) -> Result<()> {
        self.endpoint.set_destination(slot as usize, self.check(address(&name))?);
        Ok(())
    }
}
