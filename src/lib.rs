//! node-unix-socket: unix seqpacket and datagram sockets, and SO_REUSEPORT, for Node.
//!
//! Where things are; dependencies point down:
//!
//! - `seqpacket_socket`, `dgram_socket`, `seqpacket_server`, `reuseport`, `handle`: #[napi] classes and functions, thin
//! - `endpoint`: the shared core of both socket classes; `endpoint/receive`, `endpoint/transmit`, `endpoint/peers`
//! - `watched`: a descriptor in the loop with a JS object, and the close machine; `socket_file`: names in the file system
//! - `env_state`: what one environment owns; `runs`: memory shared with JS; `emitter`: the only way up into JS; `uv`: libuv; `sys`: system calls
//! - `send_queue`, `staged`, `addr`, `error`, `heap`: pure

#![deny(unsafe_code)]

mod addr;
mod dgram_socket;
#[allow(unsafe_code)]
mod emitter;
mod endpoint;
mod env_state;
mod error;
mod handle;
mod heap;
#[cfg(planted_faults)]
#[allow(unsafe_code)]
mod planted;
mod reuseport;
mod runs;
mod send_queue;
mod seqpacket_server;
mod seqpacket_socket;
mod socket_file;
mod staged;
#[allow(unsafe_code)]
mod sys;
#[allow(unsafe_code)]
mod uv;
mod watched;
