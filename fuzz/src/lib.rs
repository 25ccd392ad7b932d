//! The modules that do not need Node.js, as the library has them.

#[path = "../../src/sys/mod.rs"]
pub mod sys;

#[path = "../../src/core"]
pub mod core {
    pub mod send {
        pub mod queue;
        pub mod queued_fds;
        pub mod staged;
    }
}
