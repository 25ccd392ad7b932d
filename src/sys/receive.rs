//! Looking at what there is to read, and reading it: many messages in one system call where the platform has it.

use super::control::{Control, Controls, descriptors, space};
use super::message::{FDS_SPACE, zeroed_header};
use super::{own, retry};
use crate::addr::UnixAddr;
use crate::error::{SysError, SysResult};
use crate::send_queue::BATCH;
use std::mem::MaybeUninit;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::os::fd::AsRawFd;
use std::os::fd::{OwnedFd, RawFd};

#[cfg(any(target_os = "linux", target_os = "android"))]
const RECV_FLAGS: libc::c_int = libc::MSG_DONTWAIT | libc::MSG_TRUNC | libc::MSG_CMSG_CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const RECV_FLAGS: libc::c_int = libc::MSG_DONTWAIT;

const TIME_SPACE: usize = space(size_of::<libc::timeval>());
#[cfg(any(target_os = "linux", target_os = "android"))]
const CREDENTIALS_SPACE: usize = space(size_of::<libc::ucred>());
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CREDENTIALS_SPACE: usize = 0;
const CONTROL: usize = (TIME_SPACE + CREDENTIALS_SPACE + FDS_SPACE).next_multiple_of(64);

/// What would be read next.
#[derive(Debug, PartialEq, Eq)]
pub enum Peeked {
    Nothing,
    Message,
    End,
}

/// Looks at a marked socket without reading.
pub fn peek(fd: RawFd) -> SysResult<Peeked> {
    let mut header = zeroed_header();
    // SAFETY: there is no buffer of any kind, and MSG_PEEK leaves the message where it is.
    let read = retry("recvmsg", || unsafe { libc::recvmsg(fd, &raw mut header, RECV_FLAGS | libc::MSG_PEEK) });
    match read {
        Ok(0) if !marked(&header) => Ok(Peeked::End),
        Ok(_) => Ok(Peeked::Message),
        Err(error) if error.would_block() => Ok(Peeked::Nothing),
        Err(error) => Err(error),
    }
}

/// Bytes of the next message, which stays where it is; 0 also at end-of-file.
pub fn next_size(fd: RawFd) -> SysResult<usize> {
    let flags = RECV_FLAGS | libc::MSG_PEEK;
    // SAFETY: no byte is written to a buffer of no length.
    retry("recvmsg", || unsafe { libc::recv(fd, std::ptr::null_mut(), 0, flags) })
}

/// Something came beside the bytes, or would have had there been room.
fn marked(header: &libc::msghdr) -> bool {
    header.msg_controllen > 0 || header.msg_flags & libc::MSG_CTRUNC != 0
}

/// Whether SO_PASSSEC marks messages here: a kernel without security modules takes the option and does nothing.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn labels_mark() -> bool {
    static MARK: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let probe = || -> SysResult<bool> {
        let (ours, theirs) = super::socketpair(super::Kind::Seqpacket)?;
        super::set_option(ours.as_raw_fd(), libc::SO_PASSSEC, 1)?;
        super::message::send(theirs.as_raw_fd(), &[], None)?;
        Ok(peek(ours.as_raw_fd())? == Peeked::Message)
    };
    // A probe that failed, for want of descriptors for instance, says nothing of the next.
    MARK.get().copied().unwrap_or_else(|| probe().map(|found| *MARK.get_or_init(|| found)).unwrap_or(false))
}

/// What is asked of a receive.
#[derive(Clone, Copy)]
pub struct RecvOptions {
    /// Largest message received whole.
    pub size: usize,
    /// Messages at most.
    pub count: usize,
    pub fds: bool,
    pub credentials: bool,
    /// Whether the sender's name is wanted.
    pub names: bool,
}

/// What came beside the bytes of a message.
#[derive(Default)]
pub struct Ancillary {
    pub fds: Vec<OwnedFd>,
    pub credentials: Option<(i32, u32, u32)>,
    /// Descriptors were attached and the kernel dropped some or all of them.
    pub fds_truncated: bool,
}

/// A receive to the first bytes of a page, but not to the very first, takes four times as long on some processors: what it
/// stores has the low address bits of what it loads next. malloc answers just such places.
pub const ALIGNMENT: usize = 64;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; ALIGNMENT],
}

/// Reused memory for one receive call. A slot a message; pages that no message reached are never touched.
pub struct Scratch {
    memory: Vec<Line>,
    size: usize,
    stride: usize,
    controls: Vec<u64>,
    names: Vec<libc::sockaddr_un>,
    iovecs: Vec<libc::iovec>,
    headers: Vec<Header>,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
type Header = libc::mmsghdr;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[repr(C)]
#[derive(Clone, Copy)]
struct Header {
    msg_hdr: libc::msghdr,
    msg_len: libc::c_uint,
}

/// Virtual memory of a scratch, in bytes; a larger message makes it larger.
const SCRATCH: usize = 17 * 1024 * 1024;

impl Scratch {
    pub fn new() -> Self {
        Scratch {
            memory: Vec::new(),
            size: 0,
            stride: 0,
            controls: vec![0; BATCH * CONTROL / 8],
            names: vec![UnixAddr::UNNAMED.to_raw().0; BATCH],
            iovecs: vec![libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 }; BATCH],
            headers: vec![Header { msg_hdr: zeroed_header(), msg_len: 0 }; BATCH],
        }
    }

    /// Lays out the slots for messages of `size`, and says how many there are.
    fn prepare(&mut self, size: usize) -> SysResult<usize> {
        // Slots a power of two apart would share one cache set.
        let stride = size.next_multiple_of(ALIGNMENT) + 3 * ALIGNMENT;
        let slots = (SCRATCH / stride).clamp(1, BATCH);
        if self.size != size {
            let wanted = stride * slots / ALIGNMENT;
            if self.memory.capacity() < wanted {
                (self.memory, self.size) = (Vec::new(), 0);
                let made = self.memory.try_reserve_exact(wanted);
                made.map_err(|_| SysError::new(libc::ENOMEM, "recvmsg"))?;
            }
            (self.size, self.stride) = (size, stride);
        }
        Ok(slots)
    }

    /// Receives up to `options.count` messages. `Ok(0)` never is an end-of-file: that is a message, see `is_end`.
    pub fn receive(&mut self, fd: RawFd, options: &RecvOptions) -> SysResult<usize> {
        let count = self.fill(options)?;
        self.call(fd, count)
    }

    /// Receives a message into each of `targets`; bytes that do not fit there are the slot's, see `overflow`.
    pub fn receive_into<'a>(
        &mut self,
        fd: RawFd,
        options: &RecvOptions,
        targets: impl Iterator<Item = &'a mut [MaybeUninit<u8>]>,
    ) -> SysResult<usize> {
        let slots = self.fill(&RecvOptions { count: BATCH / 2, ..*options })?;
        let base = self.memory.as_mut_ptr().cast::<u8>();
        let mut count = 0;
        for ((target, pair), header) in targets.zip(self.iovecs.chunks_exact_mut(2)).zip(&mut self.headers).take(slots)
        {
            // SAFETY: `prepare` made the capacity at least stride * slots, and count < slots.
            let slot = unsafe { base.add(count * self.stride) };
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

    /// Fills the headers for one call, and says how many.
    fn fill(&mut self, options: &RecvOptions) -> SysResult<usize> {
        let count = self.prepare(options.size)?.min(options.count.max(1));
        let control = match (options.fds, options.credentials, options.names) {
            (true, ..) => CONTROL,
            (false, false, _) => 0,
            // To the byte: the kernel fills what is left with descriptors. A socket with names, datagram, has no mark.
            (false, true, true) => CREDENTIALS_SPACE,
            (false, true, false) => TIME_SPACE + CREDENTIALS_SPACE,
        };
        let base = self.memory.as_mut_ptr().cast::<u8>();
        let slots = self.headers.iter_mut().zip(&mut self.iovecs).zip(&mut self.names);
        let controls = self.controls.chunks_exact_mut(CONTROL / 8);
        for (index, (((header, iovec), name), buffer)) in slots.zip(controls).take(count).enumerate() {
            // SAFETY: `prepare` made the capacity at least stride * slots, and index < slots.
            *iovec = libc::iovec { iov_base: unsafe { base.add(index * self.stride) }.cast(), iov_len: options.size };
            let message = &mut header.msg_hdr;
            message.msg_iov = iovec;
            message.msg_iovlen = 1;
            message.msg_flags = 0;
            message.msg_control = if control > 0 { buffer.as_mut_ptr().cast() } else { std::ptr::null_mut() };
            message.msg_controllen = control as _;
            message.msg_name =
                if options.names { (name as *mut libc::sockaddr_un).cast() } else { std::ptr::null_mut() };
            message.msg_namelen = if options.names { size_of::<libc::sockaddr_un>() as _ } else { 0 };
        }
        Ok(count)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn call(&mut self, fd: RawFd, count: usize) -> SysResult<usize> {
        let headers = self.headers.as_mut_ptr();
        // SAFETY: `receive` filled the first `count` headers with memory this scratch owns; no timeout is given.
        retry("recvmmsg", || unsafe {
            libc::recvmmsg(fd, headers, count as _, RECV_FLAGS as _, std::ptr::null_mut()) as isize
        })
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn call(&mut self, fd: RawFd, _count: usize) -> SysResult<usize> {
        let Some(header) = self.headers.first_mut() else { return Ok(0) };
        // SAFETY: `receive` filled the first header with memory this scratch owns.
        let len = retry("recvmsg", || unsafe { libc::recvmsg(fd, &raw mut header.msg_hdr, RECV_FLAGS) })?;
        header.msg_len = len as _;
        Ok(1)
    }

    /// Bytes the peer sent: more than `data` where the message was cut.
    pub fn sent_size(&self, index: usize) -> usize {
        self.headers.get(index).map_or(0, |header| header.msg_len as usize)
    }

    pub fn truncated(&self, index: usize) -> bool {
        self.headers.get(index).is_some_and(|header| header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0)
    }

    /// End-of-file of a marked socket: nothing read, and no mark.
    pub fn is_end(&self, index: usize) -> bool {
        self.headers.get(index).is_some_and(|header| header.msg_len == 0 && !marked(&header.msg_hdr))
    }

    pub fn data(&self, index: usize) -> &[u8] {
        let len = self.sent_size(index).min(self.size);
        match self.iovecs.get(index) {
            // SAFETY: the kernel wrote `len` bytes, at most `size`, to this slot of `memory`.
            Some(slot) => unsafe { std::slice::from_raw_parts(slot.iov_base.cast::<u8>(), len) },
            None => &[],
        }
    }

    /// What `receive_into` found no room for in a target of `len` bytes.
    pub fn overflow(&self, index: usize, len: usize) -> &[u8] {
        let rest = self.sent_size(index).min(self.size).saturating_sub(len);
        match self.iovecs.get(2 * index + 1) {
            // SAFETY: the kernel wrote `rest` bytes to this slot of `memory`, which the second iovec of the message was.
            Some(slot) if rest > 0 => unsafe { std::slice::from_raw_parts(slot.iov_base.cast::<u8>(), rest) },
            _ => &[],
        }
    }

    pub fn sender(&self, index: usize) -> UnixAddr {
        match (self.headers.get(index), self.names.get(index)) {
            (Some(header), Some(name)) => UnixAddr::from_raw(name, header.msg_hdr.msg_namelen),
            _ => UnixAddr::UNNAMED,
        }
    }

    /// Takes ownership of the descriptors of a message; to be called once for each message received.
    #[allow(clippy::unnecessary_cast, reason = "musl and macOS have another type")]
    pub fn ancillary(&mut self, index: usize) -> Ancillary {
        let mut found = Ancillary::default();
        let Some(header) = self.headers.get_mut(index).map(|header| &mut header.msg_hdr) else { return found };
        found.fds_truncated = header.msg_flags & libc::MSG_CTRUNC != 0;
        if header.msg_control.is_null() {
            return found;
        }
        // SAFETY: the kernel filled msg_controllen bytes of this scratch's control buffer.
        let bytes =
            unsafe { std::slice::from_raw_parts(header.msg_control.cast::<u8>(), header.msg_controllen as usize) };
        for control in Controls(bytes) {
            match control {
                // The kernel just installed them, for us alone.
                Control::Rights(data) => found.fds.extend(descriptors(data).map(|fd| own(fd as usize))),
                Control::Credentials(pid, uid, gid) => found.credentials = Some((pid, uid, gid)),
                Control::Other => {}
            }
        }
        header.msg_control = std::ptr::null_mut();
        found
    }
}
