//! Models of the hand-over from the writer to the drain.

use super::*;
use crate::base::sync::thread::{Builder, JoinHandle};
use loom::future::block_on;
use std::future::poll_fn;

/// A file in memory. Not loom's lock: it is looked at when the drains are done.
#[derive(Clone, Debug, Default)]
struct Memory(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Memory {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.contains(&b'!') {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn spawn(body: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    Builder::new().spawn(body).unwrap()
}

/// Pushes all of `bytes`, one at a time if need be. Returns the drains that it had to start.
fn push(
    writes: &Arc<Writes>,
    file: &Memory,
    mut bytes: &[u8],
    limit: usize,
) -> Vec<JoinHandle<()>> {
    let mut drains = Vec::new();
    while !bytes.is_empty() {
        let slices = [IoSlice::new(bytes)];
        let pushed = block_on(poll_fn(|cx| writes.poll_push(cx, &slices, limit))).unwrap();
        bytes = &bytes[pushed.bytes..];
        if pushed.starts {
            let mut drain = Drain::new(writes.clone(), file.clone());
            drains.push(spawn(move || drain.run()));
        }
    }
    drains
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Fails if the drain looks for bytes and says that it ends in two steps of the lock: a push
/// between the two finds a drain and starts none.
#[test]
fn what_was_accepted_is_written_in_order_and_a_flush_waits_for_it() {
    check(|| {
        let writes = Arc::new(Writes::new());
        let file = Memory::default();
        let mut drains = push(&writes, &file, b"a", 8);
        drains.extend(push(&writes, &file, b"b", 8));
        block_on(poll_fn(|cx| writes.poll_idle(cx)));
        assert_eq!(file.bytes(), b"ab");
        for drain in drains {
            drain.join().unwrap();
        }
    });
}

/// Fails if the drain wakes nobody. (Waking only at its end is enough for this, and slower.)
#[test]
fn a_writer_that_waits_for_room_gets_it() {
    check(|| {
        let writes = Arc::new(Writes::new());
        let file = Memory::default();
        let drains = push(&writes, &file, b"abc", 1);
        for drain in drains {
            drain.join().unwrap();
        }
        assert_eq!(file.bytes(), b"abc");
        assert!(writes.is_idle());
    });
}

#[test]
fn an_idle_file_is_held_by_no_drain() {
    check(|| {
        let writes = Arc::new(Writes::new());
        let file = Memory::default();
        let drains = push(&writes, &file, b"a", 8);
        block_on(poll_fn(|cx| writes.poll_idle(cx)));
        assert_eq!(std::sync::Arc::strong_count(&file.0), 1);
        for drain in drains {
            drain.join().unwrap();
        }
    });
}

#[test]
fn two_who_flush_are_both_woken() {
    check(|| {
        let writes = Arc::new(Writes::new());
        let file = Memory::default();
        let drains = push(&writes, &file, b"a", 8);
        let other = writes.clone();
        let flush = spawn(move || block_on(poll_fn(|cx| other.poll_idle(cx))));
        block_on(poll_fn(|cx| writes.poll_idle(cx)));
        flush.join().unwrap();
        for drain in drains {
            drain.join().unwrap();
        }
    });
}

#[test]
fn an_error_is_told_once_and_writing_goes_on() {
    check(|| {
        let writes = Arc::new(Writes::new());
        let file = Memory::default();
        let mut drains = push(&writes, &file, b"!", 8);
        block_on(poll_fn(|cx| writes.poll_idle(cx)));
        assert!(writes.take_error().is_err());
        assert!(writes.take_error().is_ok());
        drains.extend(push(&writes, &file, b"b", 8));
        block_on(poll_fn(|cx| writes.poll_idle(cx)));
        assert_eq!(file.bytes(), b"b");
        for drain in drains {
            drain.join().unwrap();
        }
    });
}
