//! Large messages. They are received straight into JS memory, because a copy costs more than a call that asks for the size.

use crate::core::heap;
use crate::core::recv::batch::{Batch, ReceivedMessage};
use crate::core::socket::Socket;
use crate::js::arguments::View;
use crate::js::env::Value;
use crate::js::memory::Memory;
use crate::sys::{self, ALIGNMENT, Kind, ReceiveBuffers, RecvOptions, SysError, SysResult};

/// Messages of this size and more are large.
pub const LARGE_BYTES: usize = 32 * 1024;
/// Large messages that share memory. With more of them, one that the user keeps would hold more than four times its size.
const MAX_TOGETHER: usize = 3;
const MAX_TOGETHER_BYTES: usize = 1024 * 1024;

impl Socket {
    /// Receives messages of the size of the next one into memory made for them. Returns false if the caller has to receive into
    /// the native buffers: no large message is next, or its memory cannot be allocated.
    pub fn receive_large(
        &self,
        buffers: &mut ReceiveBuffers,
        options: &RecvOptions,
        batch: &mut Batch,
    ) -> SysResult<bool> {
        let expected = match self.with_fd(sys::next_size) {
            None => return Ok(true),
            // No message, or SO_PEEK_OFF hides it, which another process that shares the socket has set.
            Some(Err(error)) if error.would_block() => return Ok(false),
            Some(size) => size?,
        };
        let large = expected >= LARGE_BYTES && expected <= options.size;
        if !large {
            self.next_large_count.set(0);
        }
        let stride = expected.next_multiple_of(ALIGNMENT);
        let fitting = (MAX_TOGETHER_BYTES / stride.max(1)).max(1);
        // Descriptors enter the process with the receive, so only as many messages are received as are delivered at once.
        let wanted = if self.options.receive_fds { 1 } else { self.next_large_count.get().min(fitting) };
        let size = stride * wanted + ALIGNMENT;
        let Some((value, mut memory)) = large.then(|| self.large_memory(size, wanted)).flatten() else {
            return Ok(false);
        };
        let start = memory.offset_to(ALIGNMENT);
        let slots = memory.bytes().get_mut(start..start + stride * wanted).unwrap_or_default().chunks_exact_mut(stride);
        let targets = slots.filter_map(|slot| slot.get_mut(..expected));
        // The descriptor is asked for again, because making the memory may have run JavaScript, which may have closed it.
        let received = self.with_fd(|fd| buffers.receive_into(fd, options, targets));
        let Some(count) = received.transpose()? else { return Ok(true) };
        batch.received = count;
        batch.drained = count < wanted;
        self.next_large_count.set(if batch.drained { count.max(1) } else { MAX_TOGETHER.min(count + 1) });
        batch.values.push(value);
        for index in 0..count {
            if self.kind == Kind::Seqpacket && buffers.is_end(index) {
                batch.ended = true;
                break;
            }
            let sent_size = buffers.sent_size(index);
            self.bytes_read.set(self.bytes_read.get() + sent_size as f64);
            let metadata = self.metadata(buffers, index, sent_size);
            let sender = self.sender(buffers, index);
            if self.discarding.get() {
                continue;
            }
            let (offset, len) = (start + index * stride, sent_size.min(options.size));
            let place = if len > expected || (len < expected && 4 * len < size) {
                self.copy_apart(value, offset, len.min(expected), buffers.overflow(index, expected), batch)
            } else {
                Some((0, offset))
            };
            match place {
                Some((value, offset)) => {
                    batch.messages.push_back(ReceivedMessage { value, offset, len, metadata, sender });
                }
                None => batch.error = Some(SysError::new(libc::ENOMEM, "recvmsg")),
            }
        }
        Ok(true)
    }

    fn large_memory(&self, size: usize, messages: usize) -> Option<(Value, Memory)> {
        heap::expect_block(size);
        if messages == 1 {
            return self.environment.js.new_buffer(size);
        }
        self.environment.receive_memory.batch_slab(size).map(|slab| slab.into_parts())
    }

    /// Copies a message to a Buffer of its own, because it has another size than expected: another process that shares the
    /// socket may have received the message whose size was asked for.
    fn copy_apart(
        &self,
        value: Value,
        offset: usize,
        len: usize,
        overflow: &[u8],
        batch: &mut Batch,
    ) -> Option<(usize, usize)> {
        let joined = |bytes: &[u8]| Some([bytes.get(offset..offset + len)?, overflow].concat());
        let data = View::of(&self.environment.js, value).with(joined)??;
        if data.is_empty() {
            return Some((usize::MAX, 0));
        }
        batch.values.push(self.environment.js.buffer(&data)?);
        Some((batch.values.len() - 1, 0))
    }
}
