//! Runs the unit tests of the modules that do not need Node.js: `cargo test`.

#[allow(dead_code, unused_imports, unsafe_code)]
#[path = "../src/sys/mod.rs"]
mod sys;

#[allow(dead_code)]
#[path = "../src/core/send/queue.rs"]
mod queue;
#[path = "../src/core/send/staged.rs"]
mod staged;
