//! Runs the unit tests of the modules that do not need Node.js: `cargo test`.

#[allow(dead_code, unused_imports, unsafe_code)]
#[path = "../src/sys/mod.rs"]
mod sys;

#[allow(dead_code)]
#[path = "../src/core"]
mod core {
    pub mod send {
        pub mod queue;
        pub mod queued_fds;
        pub mod staged;
    }
}
