//! The names of datagram senders. JavaScript keeps the name that it was passed last, so messages from the same sender do not carry it.

use crate::sys::UnixAddr;
use std::cell::RefCell;
use std::rc::Rc;

/// A sender's name, which the messages of one sender share.
pub type Sender = Rc<UnixAddr>;

#[derive(Default)]
pub struct Senders {
    last_received: RefCell<Option<Sender>>,
    /// The sender whose name JavaScript has. None if that is not certain.
    known: RefCell<Option<Sender>>,
}

impl Senders {
    /// The sender of a message that was received from `name`.
    pub fn receive(&self, name: UnixAddr) -> Sender {
        let mut last = self.last_received.borrow_mut();
        match &*last {
            Some(sender) if **sender == name => sender.clone(),
            _ => last.insert(Rc::new(name)).clone(),
        }
    }

    pub fn is_known(&self, sender: &Sender) -> bool {
        self.known.borrow().as_ref().is_some_and(|known| Rc::ptr_eq(known, sender))
    }

    /// A name was passed to JavaScript. `sender` is None if JavaScript may not have stored it.
    pub fn set_known(&self, sender: Option<Sender>) {
        self.known.replace(sender);
    }
}
