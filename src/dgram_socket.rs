//! What only datagram sockets do.

use crate::emitter::Value;
use crate::emitter::args::View;
use crate::handle::{Environment, address};
use crate::socket_file::{BindOptions, SocketFile, bind};
use crate::sys;
use napi::Result;
use napi_derive::napi;

#[napi]
impl Environment {
    /// Without a name (Linux) the kernel picks an abstract one. Answers an error where the socket has its name, but not
    /// the file it should: it is of no use any more.
    #[napi(catch_unwind)]
    pub fn bind(
        &self,
        id: u32,
        name: Option<View>,
        mode: Option<u32>,
        unlink_stale: bool,
        unlink_on_close: bool,
    ) -> Result<Option<Value>> {
        let socket = self.socket(id)?;
        let Some(name) = name else { return self.check(socket.with_fd(sys::autobind)).map(|()| None) };
        let addr = self.check(address(&name))?;
        self.check(socket.with_fd(|fd| bind(fd, &addr, BindOptions { mode, unlink_stale })))?;
        match SocketFile::made(&addr, mode) {
            Ok(file) => *socket.file.borrow_mut() = file.filter(|_| unlink_on_close).map(Box::new),
            Err(error) => return Ok(Some(self.state.js.system_error(&error))),
        }
        Ok(None)
    }

    /// Fixes the peer.
    #[napi(catch_unwind)]
    pub fn connect_dgram(&self, id: u32, name: View) -> Result<()> {
        let socket = self.socket(id)?;
        self.check(address(&name).and_then(|addr| socket.with_fd(|fd| sys::connect(fd, &addr))))
    }

    #[napi(catch_unwind)]
    pub fn disconnect(&self, id: u32) -> Result<()> {
        self.check(self.socket(id)?.with_fd(sys::disconnect))
    }

    #[napi(catch_unwind)]
    pub fn destination_name(&self, id: u32, slot: u32) -> Result<Option<Value>> {
        let addr = self.socket(id)?.destination(slot as usize);
        Ok(addr.and_then(|addr| self.state.js.buffer(addr.bytes())))
    }

    /// Remembers a destination as number `slot`, from 1.
    #[napi(catch_unwind)]
    pub fn set_destination(&self, id: u32, slot: u32, name: View) -> Result<()> {
        self.socket(id)?.set_destination(slot as usize, self.check(address(&name))?);
        Ok(())
    }
}
