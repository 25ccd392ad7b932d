//! node-unix-socket: unix seqpacket and datagram sockets, and SO_REUSEPORT, for Node.js.
//!
//! Modules, from top to bottom; each one imports only what is below it:
//!
//! - `bindings`: the `#[napi]` structs and functions that JavaScript calls
//! - `core`: sockets, servers and the state of an environment; `core::recv` is the path of a received message,
//!   `core::send` the path of a sent one
//! - `js`: calls into Node-API, and the only way up into JavaScript
//! - `uv`: calls into libuv
//! - `sys`: system calls

#![deny(unsafe_code)]

mod bindings;
mod core;
#[allow(unsafe_code)]
mod js;
#[cfg(planted_faults)]
#[allow(unsafe_code)]
mod planted;
#[allow(unsafe_code)]
mod sys;
mod uv;
