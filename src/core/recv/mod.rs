//! Receiving: one system call into native buffers, one copy into JS memory, and delivery.

pub mod batch;
pub mod deliver;
pub mod end;
pub mod large;
pub mod receive;
pub mod sender;
