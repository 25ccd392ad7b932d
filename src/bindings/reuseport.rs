//! TCP and UDP sockets bound with SO_REUSEADDR and SO_REUSEPORT, as bare descriptors for Node's own classes. These functions
//! need no `Environment`, so they work on runtimes without libuv (Bun, Deno).

use crate::js::env::Js;
use crate::sys::{self, SysError, SysResult};
use napi::{Env, Result, Status};
use napi_derive::napi;
use socket2::{Domain, Socket, Type};
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
    step(socket.set_reuse_address(true), "setsockopt")?;
    step(socket.set_reuse_port(true), "setsockopt")?;
    step(socket.set_nonblocking(true), "fcntl")?;
    let bound = step(socket.bind(&address.into()), "bind");
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

/// Closes a descriptor that the caller owns.
#[napi(catch_unwind)]
pub fn close_fd(env: Env, fd: i32) -> Result<()> {
    sys::close(fd).map_err(|error| Js::new(env.raw()).exception(&error))
}
