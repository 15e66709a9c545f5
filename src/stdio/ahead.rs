//! What other threads have read for us: one place for all handles of the process.
//!
//! ```text
//!   IDLE ──ask──▶ READING ──finish──▶ IDLE, with bytes, an error or the end
//! ```
//!
//! A handle that finds nothing leaves its waker and, unless somebody did already, has a chunk
//! read. The chunk belongs to nobody: whoever asks next takes from it, so that a read that was
//! cancelled, or a handle that is gone, loses nothing.
//!
//! 1. At most one read is under way, so that chunks cannot change places.
//! 2. A new one begins only when the last one's bytes are used up: nothing is read that
//!    nobody asked for.
//! 3. Each read that began is finished, by [`Reading`]'s drop if not otherwise, and wakes all
//!    who wait. Each of them looks again.
//! 4. The end is not kept: who was waiting is told, and who asks later has it read again (a
//!    file may have grown). A `round` a read tells who was waiting.

use crate::async_io::ReadBuf;
use crate::base::batch::wake_all;
use crate::base::sync::Mutex;
use crate::base::wait::{self, Kind};
use crate::registry::shut_down;
use std::fs::File;
use std::io::{self, Read};
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

/// How much is read at a time at most.
const CHUNK: usize = 64 * 1024;

/// Of the process.
static AHEAD: OnceLock<Ahead> = OnceLock::new();

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Ahead {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bytes: Vec<u8>,
    /// How many of them are used up.
    used: usize,
    error: Option<io::Error>,
    is_reading: bool,
    /// How many reads have begun.
    round: u64,
    /// The last one that found the end.
    ended: u64,
    waiting: Vec<(u64, Waker)>,
    next_id: u64,
}

/// A handle's place among those who wait.
#[derive(Debug, Default)]
pub(super) struct Place {
    id: Option<u64>,
    /// The read that it waits for.
    round: u64,
}

/// A read that has begun.
pub(super) struct Reading {
    ahead: &'static Ahead,
    len: usize,
    is_over: bool,
}

/// The one of the process.
pub(super) fn ahead() -> &'static Ahead {
    AHEAD.get_or_init(Ahead::new)
}

/// Takes what is left of an earlier read, for a handle that reads otherwise.
pub(super) fn leftover(buf: &mut ReadBuf<'_>) -> bool {
    AHEAD
        .get()
        .is_some_and(|ahead| ahead.state.lock().take(buf))
}

impl State {
    fn take(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let left = &self.bytes[self.used..];
        let count = left.len().min(buf.remaining());
        buf.put_slice(&left[..count]);
        self.used += count;
        if self.used == self.bytes.len() {
            self.bytes.clear();
            self.used = 0;
        }
        count > 0
    }
}

impl Ahead {
    pub(super) fn new() -> Ahead {
        Ahead {
            state: Mutex::new(State {
                bytes: Vec::new(),
                used: 0,
                error: None,
                is_reading: false,
                round: 0,
                ended: 0,
                waiting: Vec::new(),
                next_id: 0,
            }),
        }
    }

    /// Takes what there is. If there is nothing, `start` is given a read to be run elsewhere,
    /// unless one is under way, and the task is woken when that is over.
    pub(super) fn poll(
        &'static self,
        place: &mut Place,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        start: impl FnOnce(Reading),
    ) -> Poll<io::Result<()>> {
        let waker = cx.waker().clone();
        let mut state = self.state.lock();
        let waited = place.round;
        place.round = 0;
        if state.take(buf) || waited != 0 && state.ended == waited {
            return Poll::Ready(Ok(()));
        }
        if let Some(error) = state.error.take() {
            return Poll::Ready(Err(error));
        }
        let begins = !state.is_reading;
        if begins {
            state.is_reading = true;
            state.round += 1;
        }
        place.round = state.round;
        let before = state.leave(place, waker);
        drop(state);
        drop(before);
        wait::note(Kind::Blocking, 0);
        if begins {
            start(Reading {
                ahead: self,
                len: buf.remaining().min(CHUNK),
                is_over: false,
            });
        }
        Poll::Pending
    }

    /// Gives a place up.
    pub(super) fn forget(&self, place: &Place) {
        let mut state = self.state.lock();
        let index = state
            .waiting
            .iter()
            .position(|(id, _)| Some(*id) == place.id);
        let left = index.map(|index| state.waiting.swap_remove(index));
        drop(state);
        drop(left);
    }

    fn finish(&self, result: io::Result<Vec<u8>>) {
        let mut state = self.state.lock();
        state.is_reading = false;
        match result {
            Ok(bytes) if bytes.is_empty() => state.ended = state.round,
            Ok(bytes) => {
                state.bytes = bytes;
                state.used = 0;
            }
            Err(error) => state.error = Some(error),
        }
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        wake_all(&mut waiting.into_iter().map(|(_, waker)| waker).collect());
    }
}

impl State {
    /// Leaves `waker` in `place`, and returns the one that was there.
    fn leave(&mut self, place: &mut Place, waker: Waker) -> Option<Waker> {
        let id = *place.id.get_or_insert_with(|| {
            self.next_id += 1;
            self.next_id
        });
        let mut places = self.waiting.iter_mut();
        match places.find(|(other, _)| *other == id) {
            Some((_, before)) => Some(std::mem::replace(before, waker)),
            None => {
                self.waiting.push((id, waker));
                None
            }
        }
    }
}

impl Reading {
    /// Reads, for as long as that takes. A descriptor that was closed is at its end.
    pub(super) fn run(mut self, mut from: impl Read) {
        let mut bytes = vec![0; self.len];
        let result = loop {
            match from.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(libc::EBADF) => break Ok(0),
                result => break result,
            }
        };
        let result = result.map(|count| {
            bytes.truncate(count);
            bytes
        });
        self.finish(result);
    }

    pub(super) fn finish(&mut self, result: io::Result<Vec<u8>>) {
        self.is_over = true;
        self.ahead.finish(result);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if !self.is_over {
            // The pool that should have run it has closed.
            self.finish(Err(shut_down()));
        }
    }
}

/// Runs `reading` on a thread of its own, which nobody waits for.
pub(super) fn on_a_thread(reading: Reading, from: File) {
    let builder = crate::base::sync::thread::Builder::new().name("runtime-stdin".into());
    // If there is no thread, the closure is dropped, and the reading with it.
    drop(builder.spawn(move || reading.run(from)));
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// One of a test's own. It is kept where a leak detector finds it.
    fn ahead() -> &'static Ahead {
        static ALL: std::sync::Mutex<Vec<&Ahead>> = std::sync::Mutex::new(Vec::new());
        let ahead: &Ahead = Box::leak(Box::new(Ahead::new()));
        ALL.lock().expect("no panic").push(ahead);
        ahead
    }

    /// Polls for up to four bytes.
    fn poll(
        ahead: &'static Ahead,
        place: &mut Place,
        waker: &Waker,
        begun: &mut Vec<Reading>,
    ) -> Poll<io::Result<Vec<u8>>> {
        let mut memory = [0; 4];
        let mut buf = ReadBuf::new(&mut memory);
        let mut cx = Context::from_waker(waker);
        let poll = ahead.poll(place, &mut cx, &mut buf, |reading| begun.push(reading));
        poll.map_ok(|()| buf.filled().to_vec())
    }

    #[track_caller]
    fn read(poll: Poll<io::Result<Vec<u8>>>) -> Vec<u8> {
        match poll {
            Poll::Ready(result) => result.expect("it was read"),
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn what_was_read_for_a_handle_that_is_gone_is_had_by_the_next() {
        let (ahead, mut begun) = (ahead(), Vec::new());
        let mut place = Place::default();
        assert!(poll(ahead, &mut place, Waker::noop(), &mut begun).is_pending());
        ahead.forget(&place);
        begun.remove(0).run(&b"abcdef"[..]);
        let mut other = Place::default();
        assert_eq!(
            read(poll(ahead, &mut other, Waker::noop(), &mut begun)),
            b"abcd"
        );
        assert!(begun.is_empty());
    }

    #[test]
    fn all_who_wait_are_woken_and_one_read_is_under_way() {
        let (ahead, mut begun) = (ahead(), Vec::new());
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let mut places = [Place::default(), Place::default()];
        for place in &mut places {
            assert!(poll(ahead, place, &waker, &mut begun).is_pending());
            assert!(poll(ahead, place, &waker, &mut begun).is_pending());
        }
        assert_eq!(begun.len(), 1);
        begun.remove(0).run(&b"abcd"[..]);
        assert_eq!(count.0.load(Ordering::SeqCst), 2);
        assert_eq!(
            read(poll(ahead, &mut places[1], &waker, &mut begun)),
            b"abcd"
        );
        assert!(poll(ahead, &mut places[0], &waker, &mut begun).is_pending());
        assert_eq!(begun.len(), 1, "the second one has a read of its own");
    }

    #[test]
    fn the_end_is_told_to_all_who_waited_and_looked_for_again_later() {
        let (ahead, mut begun) = (ahead(), Vec::new());
        let mut places = [Place::default(), Place::default()];
        for place in &mut places {
            assert!(poll(ahead, place, Waker::noop(), &mut begun).is_pending());
        }
        begun.remove(0).run(&b""[..]);
        for place in &mut places {
            assert_eq!(read(poll(ahead, place, Waker::noop(), &mut begun)), b"");
        }
        assert!(poll(ahead, &mut places[0], Waker::noop(), &mut begun).is_pending());
        begun.remove(0).run(&b"more"[..]);
        assert_eq!(
            read(poll(ahead, &mut places[0], Waker::noop(), &mut begun)),
            b"more"
        );
    }

    #[test]
    fn a_read_that_was_never_run_is_an_error_and_not_a_hang() {
        let (ahead, mut begun) = (ahead(), Vec::new());
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let mut place = Place::default();
        assert!(poll(ahead, &mut place, &waker, &mut begun).is_pending());
        begun.clear();
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        let Poll::Ready(Err(_)) = poll(ahead, &mut place, &waker, &mut begun) else {
            panic!("an error was left");
        };
    }
}
