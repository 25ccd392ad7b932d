//! The system-call layer: every system call on a socket, without Node and without an event loop.
//!
//! - `socket`: creation, names, connections, options
//! - `descriptor`: file descriptors, also those that are only known by their number
//! - `send`, `recv`: messages, one or many for each system call; `ancillary`: their control messages
//! - `end_of_file`: how an empty message differs from end-of-file
//! - `address`: `UnixAddr`, the name of a socket; `error`: `SysError`, a failed system call
//! - `call`: EINTR and errno; `header`: the headers of `sendmmsg(2)` and `recvmmsg(2)`
//! - `linux`, `bsd`: what differs between the platforms, under the same names
//!
//! The safe functions of socket2 and nix are used where they exist. `libc` is used for what these crates lack. Every
//! system call is repeated after EINTR, and every new descriptor is close-on-exec and non-blocking.

pub mod address;
pub mod ancillary;
mod call;
mod descriptor;
mod end_of_file;
mod error;
mod header;
mod recv;
mod send;
mod socket;

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "bsd.rs")]
mod platform;

pub use address::{AddrError, UnixAddr};
pub use ancillary::Credentials;
pub use descriptor::{
    borrow, check_open, close, duplicate, inode, open_file_limit, set_cloexec, set_mode, set_nonblocking, take,
};
pub use end_of_file::{Peeked, mark_messages, peek};
pub use error::{SysError, SysResult, describe, would_block};
pub use header::MAX_BATCH;
pub use platform::LINUX;
pub use recv::{ALIGNMENT, Ancillary, Control, ReceiveBuffers, RecvOptions, next_size};
pub use send::{send, send_batch, send_parts};
pub use socket::{
    Kind, accept, autobind, bind, check_kind, connect, connect_seqpacket, disconnect, is_hung_up, is_read_shut,
    is_send_buffer_full, listen, local_address, pass_credentials, peer_address, peer_credentials, recv_buffer_size,
    refuse_pidfds, refuse_rights, send_buffer_size, set_recv_buffer_size, set_send_buffer_size, shutdown_write, socket,
    socketpair, take_error,
};
