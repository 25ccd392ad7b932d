//! The modules that need no Node, as the library has them.

#[path = "../../src/core/send/queue.rs"]
pub mod queue;
#[path = "../../src/core/send/staged.rs"]
pub mod staged;
#[path = "../../src/sys/mod.rs"]
pub mod sys;
