//! send and sendStaged: the two calls made once per message. They find the socket by its private key, because napi_unwrap costs
//! 70 ns more than an index.

use crate::bindings::socket::SocketHandle;
use crate::core::environment::Environment;
use crate::core::send::staged;
use crate::core::send::transmit::{Outgoing, SendMode};
use crate::core::socket::Socket;
use crate::js::hot_calls::{Args, HotCalls};
use crate::js::wrapper::Wrapper;

/// Calls `body` with the socket of a key.
fn with_socket<R>(environment: &Environment, key: usize, body: impl FnOnce(&Socket) -> R) -> Option<R> {
    // A clone, so that the list is not borrowed during the call.
    let handle = environment.handles.get(key)?;
    let wrapper = handle.as_any().downcast_ref::<Wrapper<SocketHandle>>()?;
    let result = body(wrapper.get()?.socket());
    // Last, because it may collect garbage, and with it a socket that nothing refers to any more.
    environment.report_memory();
    Some(result)
}

impl HotCalls for Environment {
    /// `send(key, view, offset, length, id, destination, mode)`; the result is that of `Socket::transmit`.
    fn send(&self, args: &Args) -> f64 {
        let (offset, len) = (args.uint(2), args.uint(3));
        let (id, destination) = (args.uint(4) as u32, args.uint(5) as u32);
        let mode = SendMode::from_number(args.uint(6));
        let Some(view) = args.view(1) else { return -f64::from(libc::EFAULT) };
        let sent = with_socket(self, args.uint(0), |socket| {
            view.with(|bytes| {
                let data = bytes.get(offset..offset.checked_add(len)?)?;
                Some(socket.transmit(Outgoing { parts: &[data], fds: &[], id, destination, mode }))
            })
            .flatten()
            .unwrap_or(-f64::from(libc::EFAULT))
        });
        sent.unwrap_or(-f64::from(libc::EBADF))
    }

    /// `sendStaged(key, stage, lengths and ids, count, queueOnly)`; the result is that of `Socket::transmit_staged`.
    fn send_staged(&self, args: &Args) -> f64 {
        let (Some(stage), Some(meta)) = (args.view(1), args.view(2)) else { return 0.0 };
        let (count, queue_only) = (args.uint(3), args.uint(4) != 0);
        let sent = with_socket(self, args.uint(0), |socket| {
            stage.with(|bytes| {
                meta.with(|meta| {
                    let messages = staged::entries(bytes, meta, count).collect::<Vec<_>>();
                    socket.transmit_staged(bytes, &messages, queue_only)
                })
            })
        });
        sent.flatten().flatten().unwrap_or(0) as f64
    }
}
