//! Kinds of events that JavaScript receives. js/constants.js has the same numbers, and a test compares them.

/// End-of-file.
pub const END: u32 = 1;
/// `(error)`
pub const ERROR: u32 = 2;
/// The libuv handle has finished closing.
pub const CLOSE: u32 = 3;
/// `([destination, id, error | undefined, ...])`: messages that were queued were sent, or failed.
pub const SENT: u32 = 4;
/// `([destination, ...])`: the queues of these destinations are empty again.
pub const DRAINED: u32 = 5;
/// The write side is shut down.
pub const SHUTDOWN: u32 = 6;
/// The peer has ended or closed while nothing reads.
pub const PEER_ENDED: u32 = 7;
/// `(name)`: a server accepted a connection, which SocketHandle#accept takes.
pub const CONNECTION: u32 = 8;

/// All kinds, by the names that js/constants.js has.
pub const ALL: [(&str, u32); 8] = [
    ("END", END),
    ("ERROR", ERROR),
    ("CLOSE", CLOSE),
    ("SENT", SENT),
    ("DRAINED", DRAINED),
    ("SHUTDOWN", SHUTDOWN),
    ("PEER_ENDED", PEER_ENDED),
    ("CONNECTION", CONNECTION),
];
