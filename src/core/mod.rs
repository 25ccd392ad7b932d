//! Sockets, servers and the state of an environment. No Node-API types: `crate::js` is the only way up into JavaScript.

pub mod busy_poll;
pub mod environment;
pub mod events;
pub mod heap;
pub mod lifecycle;
pub mod listener;
pub mod live_handles;
pub mod loop_callbacks;
pub mod open;
pub mod recv;
pub mod runs;
pub mod send;
pub mod slab;
pub mod socket;
pub mod socket_callbacks;
pub mod socket_file;
pub mod watches;
