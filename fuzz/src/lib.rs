//! The pure modules, as the library has them.

#[path = "../../src/addr.rs"]
pub mod addr;
#[path = "../../src/sys/control.rs"]
pub mod control;
#[path = "../../src/error.rs"]
pub mod error;
#[path = "../../src/send_queue.rs"]
pub mod send_queue;
#[path = "../../src/staged.rs"]
pub mod staged;
