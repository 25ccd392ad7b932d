//! Sending: one system call straight from the caller's bytes; messages that find no room are copied and wait in a queue.

pub mod congestion;
pub mod destination;
pub mod flush;
pub mod name;
pub mod peer;
pub mod probes;
pub mod queue;
pub mod queued_fds;
pub mod retry_timer;
pub mod sndbuf;
pub mod staged;
pub mod transmit;
