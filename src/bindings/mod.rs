//! The `#[napi]` structs and functions: arguments in, one call, the result or the error out.

// The macros of napi register nothing in a test build.
#![cfg_attr(test, allow(dead_code))]

pub mod constants;
pub mod dgram;
pub mod environment;
pub mod hot;
pub mod reuseport;
pub mod seqpacket;
pub mod server;
pub mod socket;
