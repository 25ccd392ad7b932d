//! TCP and UDP sockets bound with SO_REUSEPORT, as bare descriptors for Node's own classes. These functions need no
//! `Environment`, so they work on runtimes without libuv (Bun, Deno).
//!
//! Linux lets only sockets of one user share a port by SO_REUSEPORT, but lets sockets of any users share one by SO_REUSEADDR
//! while none of them listens, and a UDP socket never listens. So SO_REUSEADDR is off then.

use crate::js::env::Js;
use crate::sys::{self, LINUX, SysError, SysResult};
use napi::{Env, Result, Status};
use napi_derive::napi;
use nix::sys::socket::{getsockopt, sockopt};
use socket2::{Domain, SockRef, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::IntoRawFd;

fn step(result: io::Result<()>, syscall: &'static str) -> SysResult<()> {
    result.map_err(|error| SysError::io(&error, syscall))
}

fn create(address: SocketAddr, kind: Type, ipv6_only: bool) -> SysResult<Socket> {
    // Socket::new sets close-on-exec.
    let socket =
        Socket::new(Domain::for_address(address), kind, None).map_err(|error| SysError::io(&error, "socket"))?;
    if address.is_ipv6() {
        step(socket.set_only_v6(ipv6_only), "setsockopt")?;
    }
    step(socket.set_reuse_port(true), "setsockopt")?;
    step(socket.set_nonblocking(true), "fcntl")?;
    let bind = || step(socket.bind(&address.into()), "bind");
    let bound = bind().or_else(|error| {
        if kind != Type::STREAM || error.errno != libc::EADDRINUSE {
            return Err(error);
        }
        // Connections of a closed server that had only SO_REUSEADDR may be left, for example in TIME_WAIT.
        step(socket.set_reuse_address(true), "setsockopt")?;
        bind()?;
        step(socket.set_reuse_address(false), "setsockopt")
    });
    bound.map_err(|error| error.with_path(address.to_string().as_bytes()))?;
    Ok(socket)
}

#[napi(catch_unwind)]
pub fn reuseport_fd(env: Env, port: u32, host: String, udp: bool, ipv6_only: bool, scope: u32) -> Result<i32> {
    let ip: IpAddr =
        host.parse().map_err(|_| napi::Error::new(Status::GenericFailure, "node-unix-socket: invalid host"))?;
    let mut address = SocketAddr::new(ip, port as u16);
    if let SocketAddr::V6(v6) = &mut address {
        v6.set_scope_id(scope);
    }
    let kind = if udp { Type::DGRAM } else { Type::STREAM };
    let created = create(address, kind, ipv6_only).map(|socket| socket.into_raw_fd());
    created.map_err(|error| Js::new(env.raw()).exception(&error))
}

/// Sets SO_REUSEADDR as it has to be once Node.js has taken over the descriptor `fd`:
///
/// - off if the socket is a UDP socket, where libuv has turned it on
/// - on if the socket is a TCP socket that listens, so that after a restart any server can bind while connections are left
///
/// Returns the inode number of the socket if Node.js has not taken it over yet. `inode` is the number that the first call
/// returned: if `fd` is another file now, nothing is done.
#[napi(catch_unwind)]
pub fn settle_reuse_address(fd: i32, inode: Option<f64>) -> Option<f64> {
    let borrowed = sys::borrow(fd, "fstat").ok().filter(|_| LINUX)?;
    let found = sys::inode(borrowed).ok()?;
    if inode.is_some_and(|inode| inode != found) {
        return None;
    }
    let socket = SockRef::from(&borrowed);
    let udp = socket.r#type().ok()? == Type::DGRAM;
    let taken_over =
        if udp { socket.reuse_address().ok()? } else { getsockopt(&borrowed, sockopt::AcceptConn).ok()? };
    if !taken_over {
        return Some(found);
    }
    let _ = socket.set_reuse_address(!udp);
    None
}

/// Closes a descriptor that the caller owns.
#[napi(catch_unwind)]
pub fn close_fd(env: Env, fd: i32) -> Result<()> {
    sys::close(fd).map_err(|error| Js::new(env.raw()).exception(&error))
}
