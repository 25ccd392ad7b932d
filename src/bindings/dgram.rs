//! Methods of datagram sockets.

use crate::bindings::environment::address;
use crate::bindings::socket::SocketHandle;
use crate::core::socket_file::{BindOptions, SocketFile, bind};
use crate::js::arguments::View;
use crate::js::env::Value;
use crate::sys;
use napi::Result;
use napi_derive::napi;

#[napi(object, object_to_js = false)]
pub struct DgramBindOptions {
    pub mode: Option<u32>,
    pub unlink_stale: bool,
    pub unlink_on_close: bool,
}

#[napi]
impl SocketHandle {
    /// Binds to `name`; without one the kernel picks an abstract name (Linux). Returns an error if the socket got its name but
    /// not its file as asked for: the socket is of no use then.
    #[napi(catch_unwind)]
    pub fn bind(&self, name: Option<View>, options: DgramBindOptions) -> Result<Option<Value>> {
        let DgramBindOptions { mode, unlink_stale, unlink_on_close } = options;
        let Some(name) = name else { return self.with_fd(sys::autobind).map(|()| None) };
        let addr = self.check(address(&name))?;
        self.with_fd(|fd| bind(fd, &addr, BindOptions { mode, unlink_stale }))?;
        self.socket().drop_senders();
        match SocketFile::made(&addr, mode) {
            Ok(Some(file)) if unlink_on_close => self.socket().remove_on_close(file),
            Ok(_) => {}
            Err(error) => return Ok(Some(self.js().system_error(&error))),
        }
        Ok(None)
    }

    /// Sets the peer. JavaScript uses the id `previous` for messages that wait for the previous peer.
    #[napi(catch_unwind)]
    pub fn connect_datagram(&self, name: View, previous: u32) -> Result<()> {
        let addr = self.check(address(&name))?;
        self.with_fd(|fd| sys::connect(fd, &addr))?;
        self.socket().detach_peer_queue(previous);
        self.socket().set_peer(Some(&addr));
        Ok(())
    }

    /// Removes the peer. `previous` is as for `connectDatagram`.
    #[napi(catch_unwind)]
    pub fn disconnect(&self, previous: u32) -> Result<()> {
        self.with_fd(sys::disconnect)?;
        self.socket().detach_peer_queue(previous);
        self.socket().set_peer(None);
        Ok(())
    }

    /// Drops what waits for a destination, 0 for the connected peer. Returns how many messages that were.
    #[napi(catch_unwind)]
    pub fn discard_messages(&self, id: u32) -> u32 {
        let count = self.socket().discard_messages(id);
        self.socket().environment.report_memory();
        count as u32
    }

    /// Keeps messages while no socket has the destination's name, or lets those fail that wait for one.
    #[napi(catch_unwind)]
    pub fn set_wait_for_receiver(&self, wait: bool) {
        self.socket().set_wait_for_receiver(wait);
    }

    /// Remembers the name of a destination under `id`, from 1.
    #[napi(catch_unwind)]
    pub fn register_destination(&self, id: u32, name: View) -> Result<()> {
        self.socket().destinations().register(id as usize, self.check(address(&name))?);
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn destination_name(&self, id: u32) -> Option<Value> {
        let addr = self.socket().destinations().name(id as usize);
        addr.and_then(|addr| self.js().buffer(addr.bytes()))
    }
}
