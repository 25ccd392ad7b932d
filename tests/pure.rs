//! Runs the unit tests of the modules that need no Node: `cargo test`.

#[allow(dead_code)]
#[path = "../src/addr.rs"]
mod addr;
#[allow(dead_code)]
#[path = "../src/error.rs"]
mod error;
#[allow(dead_code)]
#[path = "../src/send_queue.rs"]
mod send_queue;
#[path = "../src/staged.rs"]
mod staged;
#[allow(dead_code, unsafe_code)]
#[path = "../src/sys.rs"]
mod sys;
