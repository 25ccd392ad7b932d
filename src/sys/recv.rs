//! Receives messages, many in one system call where the platform has it, into memory that is used again.

use super::address::UnixAddr;
use super::ancillary::{ControlMessage, ControlMessages, Credentials, MAX_FDS, descriptors, space};
use super::call::{check, retry};
use super::descriptor::take;
use super::end_of_file::is_marked;
use super::error::{SysError, SysResult};
use super::header::{EMPTY, MAX_BATCH, NO_BUFFER};
use super::platform::{self, RECV_CALL, RECV_FLAGS, mmsghdr, recvmmsg};
use socket2::SockRef;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

const CREDENTIALS_SPACE: usize = match platform::CREDENTIALS {
    Some((_, size)) => space(size),
    None => 0,
};
/// Timestamps of both kinds, see `platform::timestamp_lengths`.
const TIMESTAMPS_SPACE: usize = space(2 * size_of::<i64>()) + space(6 * size_of::<i64>());
/// A security label (SO_PASSSEC). Linux security modules use at most a page.
const LABEL_SPACE: usize = space(4096);
const DESCRIPTORS_SPACE: usize = space(MAX_FDS * size_of::<RawFd>()) + space(size_of::<RawFd>());

/// The size of the control buffer of a message. The kernel writes timestamps, credentials, the label, descriptors and the
/// pidfd in this order, and drops what does not fit. Without `receiveFds` the buffer ends after the credentials, so that no
/// descriptor of any kind enters the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control(u16);

impl Control {
    pub const NONE: Control = Control(0);
    /// Everything that the kernel can attach, so that nothing is dropped. One call receives one message with this size.
    pub const WITH_DESCRIPTORS: Control =
        Control((TIMESTAMPS_SPACE + CREDENTIALS_SPACE + LABEL_SPACE + DESCRIPTORS_SPACE) as u16);
    const MAX_WITHOUT_DESCRIPTORS: Control = Control((TIMESTAMPS_SPACE + CREDENTIALS_SPACE) as u16);

    /// Credentials, and the timestamps that the options of `fd` make the kernel write before them.
    pub fn with_credentials(fd: BorrowedFd<'_>) -> Self {
        let timestamps = platform::timestamp_lengths(fd).into_iter().filter(|length| *length > 0).map(space);
        Control((timestamps.sum::<usize>() + CREDENTIALS_SPACE) as u16)
    }

    fn len(self) -> usize {
        self.0.into()
    }
}

/// Bytes of the next message, which is not received. 0 also at end-of-file.
pub fn next_size(fd: BorrowedFd<'_>) -> SysResult<usize> {
    retry("recvmsg", || SockRef::from(&fd).recv_with_flags(&mut [], RECV_FLAGS | libc::MSG_PEEK))
}

/// How to receive.
#[derive(Clone, Copy)]
pub struct RecvOptions {
    /// Bytes that are received of one message; the rest of a longer one is cut off.
    pub size: usize,
    /// Messages that one call receives at most.
    pub count: usize,
    pub control: Control,
    /// Ask for the name of the sender.
    pub names: bool,
}

/// Descriptors and credentials that came with a message.
#[derive(Default)]
pub struct Ancillary {
    pub fds: Vec<OwnedFd>,
    pub credentials: Option<Credentials>,
    /// The kernel dropped some or all of the descriptors.
    pub fds_truncated: bool,
}

/// The alignment of the memory for a message. On some processors a receive takes four times as long if the memory starts
/// shortly after the start of a page, as memory from malloc often does, because the stores of the copy then have the same
/// low address bits as the loads that follow.
pub const ALIGNMENT: usize = 64;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; ALIGNMENT],
}

/// Memory for the messages of one receive call, used again for the next. Each message has a slot. Pages that no message
/// reached stay untouched, so they take no physical memory.
pub struct ReceiveBuffers {
    memory: Vec<Line>,
    size: usize,
    stride: usize,
    controls: Vec<u8>,
    control: Control,
    names: Vec<libc::sockaddr_un>,
    /// One for each message, or two after `receive_into`: the target and the slot.
    iovecs: Vec<libc::iovec>,
    has_targets: bool,
    headers: Vec<mmsghdr>,
    /// The options that the first `filled` headers are filled in for. The last call changed the first `used` of them.
    layout: Option<(usize, Control, bool)>,
    filled: usize,
    used: usize,
}

/// Bytes of control buffers: for one message with descriptors, or for `MAX_BATCH` without.
const CONTROLS_SIZE: usize = {
    let (one, many) = (Control::WITH_DESCRIPTORS.0, Control::MAX_WITHOUT_DESCRIPTORS.0 as usize * MAX_BATCH);
    if one as usize > many { one as usize } else { many }
};

/// Bytes of virtual memory for all slots. Only a slot that is larger by itself makes it more.
const MEMORY_SIZE: usize = 17 * 1024 * 1024;

impl ReceiveBuffers {
    pub fn new() -> Self {
        ReceiveBuffers {
            memory: Vec::new(),
            size: 0,
            stride: 0,
            controls: vec![0; CONTROLS_SIZE],
            control: Control::NONE,
            names: vec![platform::UNNAMED; MAX_BATCH],
            iovecs: vec![NO_BUFFER; MAX_BATCH],
            has_targets: false,
            headers: vec![EMPTY; MAX_BATCH],
            layout: None,
            filled: 0,
            used: 0,
        }
    }

    /// Lays out slots for messages of `size` bytes and returns their number.
    fn prepare(&mut self, size: usize) -> SysResult<usize> {
        // Not a power of two, because slots with such a distance would share one cache set.
        let stride = size.next_multiple_of(ALIGNMENT) + 3 * ALIGNMENT;
        let slots = (MEMORY_SIZE / stride).clamp(1, MAX_BATCH);
        if self.size != size {
            let wanted = stride * slots / ALIGNMENT;
            if self.memory.capacity() < wanted {
                // Before the allocation, which may fail: the headers refer to this memory.
                self.layout = None;
                (self.memory, self.size) = (Vec::new(), 0);
                let made = self.memory.try_reserve_exact(wanted);
                made.map_err(|_| SysError::new(libc::ENOMEM, "recvmsg"))?;
            }
            (self.size, self.stride) = (size, stride);
        }
        Ok(slots)
    }

    /// Receives up to `options.count` messages and returns their number. End-of-file counts as a message, see `is_end`.
    pub fn receive(&mut self, fd: BorrowedFd<'_>, options: &RecvOptions) -> SysResult<usize> {
        let count = self.fill(options)?;
        self.call(fd, count)
    }

    /// Receives one message into each of `targets` and returns the number of messages. Bytes that do not fit into the
    /// target go to the slot, see `overflow`.
    pub fn receive_into<'a>(
        &mut self,
        fd: BorrowedFd<'_>,
        options: &RecvOptions,
        targets: impl Iterator<Item = &'a mut [MaybeUninit<u8>]>,
    ) -> SysResult<usize> {
        let slots = self.fill(&RecvOptions { count: MAX_BATCH / 2, ..*options })?;
        (self.has_targets, self.layout) = (true, None);
        let base = self.memory.as_mut_ptr().cast::<u8>();
        let mut count = 0;
        for ((target, pair), header) in targets.zip(self.iovecs.chunks_exact_mut(2)).zip(&mut self.headers).take(slots)
        {
            let slot = base.wrapping_add(count * self.stride);
            pair.copy_from_slice(&[
                libc::iovec { iov_base: target.as_mut_ptr().cast(), iov_len: target.len() },
                libc::iovec { iov_base: slot.cast(), iov_len: options.size.saturating_sub(target.len()) },
            ]);
            header.msg_hdr.msg_iov = pair.as_mut_ptr();
            header.msg_hdr.msg_iovlen = 2;
            count += 1;
        }
        self.call(fd, count)
    }

    /// Fills the headers in for one call and returns their number. Headers that are filled in already are left alone, because
    /// filling all of them takes longer than receiving a message.
    fn fill(&mut self, options: &RecvOptions) -> SysResult<usize> {
        let control = options.control.len();
        let fitting = CONTROLS_SIZE.checked_div(control).unwrap_or(MAX_BATCH);
        let count = self.prepare(options.size)?.min(options.count.max(1)).min(fitting);
        (self.control, self.has_targets) = (options.control, false);
        let layout = Some((options.size, options.control, options.names));
        if self.layout != layout {
            (self.layout, self.filled) = (layout, 0);
        }
        self.fill_headers(0, self.used.min(self.filled), options);
        self.fill_headers(self.filled, count, options);
        (self.filled, self.used) = (self.filled.max(count), 0);
        Ok(count)
    }

    fn fill_headers(&mut self, from: usize, to: usize, options: &RecvOptions) {
        let control = options.control.len();
        let base = self.memory.as_mut_ptr().cast::<u8>();
        let controls = self.controls.as_mut_ptr();
        let slots = self.headers.iter_mut().zip(&mut self.iovecs).zip(&mut self.names);
        for (index, ((header, iovec), name)) in slots.enumerate().take(to).skip(from) {
            *iovec = libc::iovec { iov_base: base.wrapping_add(index * self.stride).cast(), iov_len: options.size };
            let message = &mut header.msg_hdr;
            message.msg_iov = iovec;
            message.msg_iovlen = 1;
            message.msg_flags = 0;
            message.msg_control =
                if control > 0 { controls.wrapping_add(index * control).cast() } else { std::ptr::null_mut() };
            message.msg_controllen = control as _;
            message.msg_name =
                if options.names { (name as *mut libc::sockaddr_un).cast() } else { std::ptr::null_mut() };
            message.msg_namelen = if options.names { size_of::<libc::sockaddr_un>() as _ } else { 0 };
        }
    }

    fn call(&mut self, fd: BorrowedFd<'_>, count: usize) -> SysResult<usize> {
        self.used = retry(RECV_CALL, || {
            let headers = self.headers.as_mut_ptr();
            // SAFETY: `fill` filled `count` headers in with memory of `self`, in this call or in one with the same layout since
            // when no Vec was reallocated: `prepare` reserved a stride for each slot, and `count` control buffers fit into
            // `controls`.
            // `receive_into` added targets, which are borrowed until the call returns.
            let received =
                unsafe { recvmmsg(fd.as_raw_fd(), headers, count as _, RECV_FLAGS as _, std::ptr::null_mut()) };
            check(received as isize)
        })?;
        Ok(self.used)
    }

    /// Bytes that the peer sent: more than `data` returns if the message was truncated.
    pub fn sent_size(&self, index: usize) -> usize {
        self.headers.get(index).map_or(0, |header| header.msg_len as usize)
    }

    pub fn truncated(&self, index: usize) -> bool {
        self.headers.get(index).is_some_and(|header| header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0)
    }

    /// True if this is the end-of-file of a socket with marked messages.
    pub fn is_end(&self, index: usize) -> bool {
        self.headers.get(index).is_some_and(|header| header.msg_len == 0 && !is_marked(&header.msg_hdr))
    }

    /// A message that `receive` received.
    pub fn data(&self, index: usize) -> &[u8] {
        let slot = if self.has_targets { None } else { self.iovecs.get(index) };
        self.received(slot, self.sent_size(index).min(self.size))
    }

    /// The bytes for which `receive_into` found no room in a target of `len` bytes.
    pub fn overflow(&self, index: usize, len: usize) -> &[u8] {
        let slot = if self.has_targets { self.iovecs.get(2 * index + 1) } else { None };
        self.received(slot, self.sent_size(index).min(self.size).saturating_sub(len))
    }

    /// `len` bytes that the kernel wrote to a slot.
    fn received(&self, slot: Option<&libc::iovec>, len: usize) -> &[u8] {
        match slot {
            // SAFETY: `slot` is inside `memory`, and the last receive wrote `len` bytes to it, at most `size`.
            Some(slot) if len > 0 => unsafe { std::slice::from_raw_parts(slot.iov_base.cast::<u8>(), len) },
            _ => &[],
        }
    }

    pub fn sender(&self, index: usize) -> UnixAddr {
        match (self.headers.get(index), self.names.get(index)) {
            (Some(header), Some(name)) => UnixAddr::from_raw(name, header.msg_hdr.msg_namelen),
            _ => UnixAddr::UNNAMED,
        }
    }

    /// Takes the descriptors and credentials of a message. Call this once for each received message, because otherwise its
    /// descriptors stay open.
    #[allow(clippy::unnecessary_cast, reason = "msg_controllen has another type on musl and macOS")]
    pub fn ancillary(&mut self, index: usize) -> Ancillary {
        let mut found = Ancillary::default();
        let Some(header) = self.headers.get_mut(index).map(|header| &mut header.msg_hdr) else { return found };
        found.fds_truncated = header.msg_flags & libc::MSG_CTRUNC != 0;
        if header.msg_control.is_null() {
            return found;
        }
        let start = index * self.control.len();
        let bytes = self.controls.get(start..start + header.msg_controllen as usize).unwrap_or_default();
        for message in ControlMessages(bytes) {
            match message {
                // The kernel has just installed these descriptors in this process.
                ControlMessage::Rights(data) => found.fds.extend(descriptors(data).map(take)),
                ControlMessage::Pidfd(data) => descriptors(data).map(take).for_each(drop),
                ControlMessage::Credentials(credentials) => found.credentials = Some(credentials),
                ControlMessage::Other => {}
            }
        }
        header.msg_control = std::ptr::null_mut();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::send::send_batch;
    use super::super::socket::{Kind, socketpair};
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn headers_are_filled_in_again_after_memory_could_not_be_allocated() {
        let (sender, receiver) = socketpair(Kind::Seqpacket).unwrap();
        let small = RecvOptions { size: 100, count: MAX_BATCH, control: Control::NONE, names: false };
        let too_large = RecvOptions { size: isize::MAX as usize, ..small };
        let mut buffers = ReceiveBuffers::new();
        for failing in [false, true, false] {
            let messages = ["one", "two", "three"].map(str::as_bytes);
            assert_eq!(send_batch(sender.as_fd(), messages.into_iter(), None), Ok(3));
            if failing {
                assert_eq!(buffers.receive(receiver.as_fd(), &too_large).unwrap_err().errno, libc::ENOMEM);
                let memory = buffers.memory.as_ptr_range();
                assert!(memory.is_empty() && buffers.layout.is_none());
            }
            assert_eq!(buffers.receive(receiver.as_fd(), &small), Ok(3));
            assert_eq!([0, 1, 2].map(|index| buffers.data(index)), messages);
            for iovec in buffers.iovecs.iter().take(MAX_BATCH) {
                let offset = (iovec.iov_base as usize).wrapping_sub(buffers.memory.as_ptr() as usize);
                assert!(offset < buffers.memory.capacity() * ALIGNMENT);
            }
        }
    }
}
