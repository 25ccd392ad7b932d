//! Large messages: received straight into JS memory, since a copy costs more than asking for the size first.

use super::Endpoint;
use super::deliver::{Batch, Item};
use crate::emitter::Value;
use crate::emitter::args::{Memory, View};
use crate::error::{SysError, SysResult};
use crate::heap;
use crate::sys::Kind;
use crate::sys::receive::{self, ALIGNMENT, RecvOptions, Scratch};
use std::os::fd::RawFd;

/// From here on a message is large.
pub const DIRECT: usize = 32 * 1024;
/// Messages received together share memory: with more of them one would keep more than four times its size alive.
const TOGETHER: usize = 3;
const TOGETHER_BYTES: usize = 1024 * 1024;

impl Endpoint {
    /// Receives messages as large as the next one into memory made for them. False where that one is not large.
    pub(super) fn receive_large(
        &self,
        fd: RawFd,
        scratch: &mut Scratch,
        options: &RecvOptions,
        batch: &mut Batch,
    ) -> SysResult<bool> {
        let expected = receive::next_size(fd)?;
        let large = expected >= DIRECT && expected <= options.size;
        self.large.set(if large { self.large.get() } else { 0 });
        let stride = expected.next_multiple_of(ALIGNMENT);
        // Descriptors enter with the receive: no more than the listener has in hand.
        let most = (TOGETHER_BYTES / stride.max(1)).max(1);
        let wanted = if options.fds { 1 } else { self.large.get().min(most) };
        let Some((value, mut memory)) = large.then(|| self.room(stride * wanted + ALIGNMENT, wanted)).flatten() else {
            return Ok(false);
        };
        let start = memory.offset_to(ALIGNMENT);
        let slots = memory.bytes().get_mut(start..start + stride * wanted).unwrap_or_default().chunks_exact_mut(stride);
        let count = scratch.receive_into(fd, options, slots.filter_map(|slot| slot.get_mut(..expected)))?;
        batch.drained = count < wanted;
        self.large.set(if batch.drained { count.max(1) } else { TOGETHER.min(count + 1) });
        batch.values.push(value);
        for index in 0..count {
            if self.kind == Kind::Seqpacket && scratch.is_end(index) {
                batch.ended = true;
                break;
            }
            let size = scratch.sent_size(index);
            self.bytes_read.set(self.bytes_read.get() + size as f64);
            let extra = self.extra(scratch, index, size);
            if self.discarding.get() {
                continue;
            }
            let (offset, len) = (start + index * stride, size.min(options.size));
            let kept = stride * wanted + ALIGNMENT;
            let place = if len > expected || (len < expected && 4 * len < kept) {
                self.apart(value, offset, len.min(expected), scratch.overflow(index, expected), batch)
            } else {
                Some((0, offset))
            };
            match place {
                Some((value, offset)) => batch.items.push_back(Item { value, offset, len, extra }),
                None => batch.failed = Some(SysError::new(libc::ENOMEM, "recvmsg")),
            }
        }
        Ok(true)
    }

    fn room(&self, size: usize, messages: usize) -> Option<(Value, Memory)> {
        heap::expect_block(size);
        if messages == 1 {
            return self.env.js.new_buffer(size);
        }
        self.env.own_slab(size).map(|slab| (slab.value, slab.memory))
    }

    /// A Buffer of its own for a message of another size than was expected: another process may have taken the one
    /// whose size was asked for.
    fn apart(
        &self,
        value: Value,
        offset: usize,
        len: usize,
        overflow: &[u8],
        batch: &mut Batch,
    ) -> Option<(usize, usize)> {
        let joined = |bytes: &[u8]| Some([bytes.get(offset..offset + len)?, overflow].concat());
        let data = View::of(&self.env.js, value).with(joined)??;
        if data.is_empty() {
            return Some((usize::MAX, 0));
        }
        batch.values.push(self.env.js.buffer(&data)?);
        Some((batch.values.len() - 1, 0))
    }
}
