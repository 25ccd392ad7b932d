//! Sending: one system call straight from the caller's bytes; messages that find no room are copied and wait in a queue.

pub mod congestion;
pub mod destination;
pub mod flush;
pub mod queue;
pub mod sndbuf;
pub mod staged;
pub mod transmit;
