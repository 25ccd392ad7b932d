//! The queue of messages that wait for room, compared with a plain list.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use node_unix_socket_fuzz::core::send::queue::{Bytes, Completion, Flushed, Message, SendQueue, weight_of};
use node_unix_socket_fuzz::core::send::queued_fds::QueuedFds;
use node_unix_socket_fuzz::sys::MAX_BATCH;
use std::collections::VecDeque;
use std::rc::Rc;

#[derive(Arbitrary, Debug)]
enum Call {
    /// Messages of these lengths, which share one piece of memory.
    Push(Vec<u8>),
    /// A message that was refused.
    PushRefused,
    Flush {
        limit: u8,
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

struct Waiting {
    destination: u32,
    id: u32,
    /// None if the message was refused.
    data: Option<Vec<u8>>,
}

type Model = VecDeque<Waiting>;

/// Destination and id of the next message. Every third message has no callback.
fn next_ids(next: &mut u32) -> (u32, u32) {
    *next += 1;
    (*next / 7 % 2, if next.is_multiple_of(3) { 0 } else { *next })
}

fn push(queue: &mut SendQueue, model: &mut Model, lengths: &[u8], next: &mut u32) {
    let chunk: Rc<[u8]> = (0..lengths.iter().map(|len| usize::from(*len)).sum()).map(|at| at as u8).collect();
    let mut start = 0;
    for len in lengths.iter().map(|len| usize::from(*len)) {
        let (destination, id) = next_ids(next);
        model.push_back(Waiting { destination, id, data: Some(chunk[start..start + len].to_vec()) });
        queue.push(Message {
            data: Bytes::part(&chunk, start, len),
            fds: QueuedFds::default(),
            destination,
            id,
            errno: 0,
        });
        start += len;
    }
}

fn push_refused(queue: &mut SendQueue, model: &mut Model, next: &mut u32) {
    let (destination, id) = next_ids(next);
    model.push_back(Waiting { destination, id, data: None });
    let data = Bytes::new(Rc::default());
    queue.push(Message { data, fds: QueuedFds::default(), destination, id, errno: libc::ENOBUFS });
}

/// Adds what the model expects to be completed. Of messages to one destination sent in a row the last one stands for all.
fn expect(expected: &mut Vec<Completion>, message: &Waiting, errno: i32) {
    let completion = Completion { destination: message.destination, id: message.id, errno, to: None };
    if errno == 0 && message.id == 0 {
        return;
    }
    match expected.last_mut() {
        Some(last) if errno == 0 && last.errno == 0 && last.destination == message.destination => *last = completion,
        _ => expected.push(completion),
    }
}

fn expect_refused(expected: &mut Vec<Completion>, model: &mut Model) {
    while model.front().is_some_and(|message| message.data.is_none()) {
        let message = model.pop_front().unwrap();
        expect(expected, &message, libc::ENOBUFS);
    }
}

fn flush(queue: &mut SendQueue, model: &mut Model, limit: usize, answers: &[Answer]) {
    let (mut completions, mut expected) = (Vec::new(), Vec::new());
    let mut answers = answers.iter();
    let (mut sent, mut blocked) = (0, false);
    let flushed = queue.flush(MAX_BATCH, limit, &mut completions, |run| {
        expect_refused(&mut expected, model);
        assert!(!blocked && sent < limit, "send was called after the end");
        assert!((1..=MAX_BATCH).contains(&run.len()) && run.len() <= model.len());
        let same = |(message, waiting): (&Message, &Waiting)| {
            message.id == waiting.id && waiting.data.as_deref() == Some(&*message.data)
        };
        assert!(run.iter().zip(model.iter()).all(same));
        match answers.next().copied().unwrap_or(Answer::Full) {
            Answer::Full => {
                blocked = true;
                Err(libc::EAGAIN)
            }
            Answer::Failed => {
                expect(&mut expected, &model.pop_front().unwrap(), libc::EMSGSIZE);
                sent += 1;
                Err(libc::EMSGSIZE)
            }
            Answer::Sent(count) => {
                let count = usize::from(count).min(run.len());
                for message in model.drain(..count) {
                    expect(&mut expected, &message, 0);
                }
                sent += count.max(1);
                Ok(count)
            }
        }
    });
    expect_refused(&mut expected, model);
    assert_eq!(completions, expected);
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
            Call::PushRefused => push_refused(&mut queue, &mut model, &mut next),
            Call::Flush { limit, answers } => flush(&mut queue, &mut model, limit.into(), &answers),
            Call::Clear => {
                queue.clear();
                model.clear();
            }
        }
        assert_eq!(queue.is_empty(), model.is_empty());
        assert_eq!(
            queue.bytes(),
            model.iter().flat_map(|message| &message.data).map(|data| weight_of(data.len(), 0)).sum::<usize>()
        );
    }
});
