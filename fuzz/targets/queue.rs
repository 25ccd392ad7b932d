//! The queue of messages that wait for room, against a plain list.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use node_unix_socket_fuzz::send_queue::{BATCH, Bytes, Done, Flushed, Message, SendQueue};
use std::collections::VecDeque;
use std::rc::Rc;

#[derive(Arbitrary, Debug)]
enum Call {
    /// Messages that share one piece of memory, of these lengths.
    Push(Vec<u8>),
    Flush {
        limit: u8,
        each: bool,
        answers: Vec<Answer>,
    },
    Clear,
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Answer {
    /// So many of those that were handed over, at most all.
    Sent(u8),
    Full,
    Failed,
}

/// What waits: id and bytes.
type Model = VecDeque<(u32, Vec<u8>)>;

fn push(queue: &mut SendQueue, model: &mut Model, lengths: &[u8], next: &mut u32) {
    let chunk: Rc<[u8]> = (0..lengths.iter().map(|len| usize::from(*len)).sum()).map(|at| at as u8).collect();
    let mut start = 0;
    for len in lengths.iter().map(|len| usize::from(*len)) {
        *next += 1;
        let id = if next.is_multiple_of(3) { 0 } else { *next };
        model.push_back((id, chunk[start..start + len].to_vec()));
        queue.push(Message { data: Bytes::part(&chunk, start, len), fds: Vec::new(), id });
        start += len;
    }
}

fn flush(queue: &mut SendQueue, model: &mut Model, limit: usize, each: bool, answers: &[Answer]) {
    let (mut told, mut expected) = (Vec::new(), Vec::new());
    let mut answers = answers.iter();
    let (mut sent, mut blocked) = (0, false);
    let flushed = queue.flush(limit, each, &mut told, |run| {
        assert!(!blocked && sent < limit, "asked after the end");
        assert!((1..=BATCH).contains(&run.len()) && run.len() <= model.len());
        assert!(run.iter().zip(model.iter()).all(|(message, (id, data))| message.id == *id && *message.data == **data));
        match answers.next().copied().unwrap_or(Answer::Full) {
            Answer::Full => {
                blocked = true;
                Err(libc::EAGAIN)
            }
            Answer::Failed => {
                let (id, _) = model.pop_front().unwrap();
                expected.push(Done { id, errno: libc::EMSGSIZE, to: None });
                sent += 1;
                Err(libc::EMSGSIZE)
            }
            Answer::Sent(count) => {
                let count = usize::from(count).min(run.len());
                let ids = model.drain(..count).map(|(id, _)| id).filter(|id| *id != 0);
                expected.extend(ids.map(|id| Done { id, ..Done::default() }));
                sent += count.max(1);
                Ok(count)
            }
        }
    });
    if !each {
        // Of those sent in a row the last stands for the others.
        let sent: Vec<bool> = expected.iter().map(|done| done.errno == 0).chain([false]).collect();
        let mut pairs = sent.windows(2);
        expected.retain(|_| pairs.next() != Some(&[true, true]));
    }
    assert_eq!(told, expected);
    let outcome = match (blocked, model.is_empty()) {
        (true, _) => Flushed::Blocked,
        (false, true) => Flushed::Empty,
        (false, false) => Flushed::Limit,
    };
    assert_eq!(flushed, outcome);
}

fuzz_target!(|calls: Vec<Call>| {
    let (mut queue, mut model, mut next) = (SendQueue::default(), Model::new(), 0);
    for call in calls {
        match call {
            Call::Push(lengths) => push(&mut queue, &mut model, &lengths, &mut next),
            Call::Flush { limit, each, answers } => flush(&mut queue, &mut model, limit.into(), each, &answers),
            Call::Clear => {
                queue.clear();
                model.clear();
            }
        }
        assert_eq!(queue.is_empty(), model.is_empty());
        assert_eq!(queue.bytes(), model.iter().map(|(_, data)| data.len()).sum::<usize>());
    }
});
