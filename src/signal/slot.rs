//! What there is of each kind of signal: the tally, the bell, and who listens. The
//! [module above](super) says how they work together.

use super::action::{self, Action, Earlier};
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::io::{self, Read, Write};
use std::os::raw::c_int;
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::OnceLock;

/// Signals have numbers below this.
const KINDS: usize = 65;

/// Filled when somebody listens for the first time, and never emptied.
static SLOTS: [OnceLock<Slot>; KINDS] = [const { OnceLock::new() }; KINDS];

/// See the [module above](super).
#[derive(Debug)]
pub(super) struct Slot {
    signal: c_int,
    pub(super) tally: Tally,
    bell: Bell,
    pub(super) earlier: Earlier,
    book: Mutex<Book>,
}

/// Who listens.
#[derive(Debug)]
struct Book {
    /// A fork copies the book, but not the listeners: those are the parent's.
    pid: u32,
    listeners: usize,
    /// What is to come back when the last of them is gone.
    before: Option<Action>,
}

/// One who listens, until it is dropped.
#[derive(Debug)]
pub(super) struct Listener {
    slot: &'static Slot,
    pid: u32,
}

/// How many signals there were.
#[derive(Debug)]
pub(super) struct Tally(AtomicUsize);

/// A socket pair; ringing it writes a byte. Nobody reads, but who rings while it is full.
#[derive(Debug)]
struct Bell {
    near: UnixStream,
    far: UnixStream,
    /// Whose it is.
    pid: AtomicU32,
}

/// The slot of `signal`, if there is one. Called by the handler.
pub(super) fn get(signal: c_int) -> Option<&'static Slot> {
    SLOTS.get(usize::try_from(signal).ok()?)?.get()
}

/// The slot of `signal`, made if it isn't there.
///
/// # Errors
/// If there is no such signal, or there are no descriptors left.
pub(super) fn of(signal: c_int) -> io::Result<&'static Slot> {
    let cell = usize::try_from(signal).ok().and_then(|at| SLOTS.get(at));
    let Some(cell) = cell else {
        let message = format!("there is no signal {signal}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    };
    if let Some(slot) = cell.get() {
        return Ok(slot);
    }
    // If two threads make one, one of the two is dropped.
    let slot = Slot::new(signal)?;
    Ok(cell.get_or_init(|| slot))
}

impl Slot {
    fn new(signal: c_int) -> io::Result<Self> {
        let slot = Slot {
            signal,
            tally: Tally::new(),
            bell: Bell::new()?,
            earlier: Earlier::none(),
            book: Mutex::new(Book {
                pid: process::id(),
                listeners: 0,
                before: None,
            }),
        };
        Ok(slot)
    }

    /// There was a signal. Called by the handler.
    pub(super) fn raise(&self) {
        self.tally.count();
        self.bell.ring();
    }

    pub(super) fn kind(&self) -> c_int {
        self.signal
    }

    /// A descriptor that becomes readable, once more, with each signal.
    pub(super) fn bell(&self) -> io::Result<UnixStream> {
        self.bell.far.try_clone()
    }

    /// Somebody listens: installs the handler if it is the first one.
    ///
    /// # Errors
    /// If the system refuses.
    pub(super) fn listen(&'static self) -> io::Result<Listener> {
        let pid = process::id();
        let mut book = self.book.lock();
        if book.pid != pid {
            self.bell.renew(pid)?;
            book.pid = pid;
            book.listeners = 0;
        }
        if book.listeners == 0 {
            // It may be ours already: that of a fork's parent.
            if let Some(before) = action::install(self.signal, &self.earlier)? {
                book.before = Some(before);
            }
        }
        book.listeners += 1;
        Ok(Listener { slot: self, pid })
    }

    /// Somebody is gone: what was before comes back if it was the last one.
    fn leave(&self, pid: u32) {
        let mut book = self.book.lock();
        if book.pid != pid {
            return;
        }
        book.listeners -= 1;
        if book.listeners == 0 {
            if let Some(before) = book.before.take() {
                if !action::restore(self.signal, &before) {
                    // Somebody came later, and may still call us.
                    book.before = Some(before);
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.slot.leave(self.pid);
    }
}

impl Tally {
    fn new() -> Self {
        Tally(AtomicUsize::new(0))
    }

    fn count(&self) {
        // ORDERING: pairs with the load of whoever the bell brings here. The way there leads
        // through the kernel, and orders as well; the model's does not.
        self.0.fetch_add(1, Ordering::Release);
    }

    /// The number as of now.
    pub(super) fn now(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    /// Whether there was a signal since `seen`, which is brought up to date.
    pub(super) fn take(&self, seen: &mut usize) -> bool {
        let now = self.now();
        std::mem::replace(seen, now) != now
    }
}

impl Bell {
    fn new() -> io::Result<Self> {
        let (near, far) = pair()?;
        Ok(Bell {
            near,
            far,
            pid: AtomicU32::new(process::id()),
        })
    }

    fn ring(&self) {
        if self.pid.load(Ordering::Acquire) != process::id() {
            return;
        }
        while let Err(error) = (&self.near).write(&[0]) {
            match error.kind() {
                io::ErrorKind::WouldBlock => {
                    let _ = (&self.far).read(&mut [0; 512]);
                }
                io::ErrorKind::Interrupted => {}
                _ => return,
            }
        }
    }

    /// A new pair under the same descriptors, which do not ring in the fork's parent.
    fn renew(&self, pid: u32) -> io::Result<()> {
        let (near, far) = pair()?;
        action::replace(&self.near, near)?;
        action::replace(&self.far, far)?;
        self.pid.store(pid, Ordering::Release);
        Ok(())
    }
}

fn pair() -> io::Result<(UnixStream, UnixStream)> {
    let (near, far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    Ok((near, far))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn signals_are_told_as_one() {
        let tally = Tally::new();
        let mut seen = tally.now();
        assert!(!tally.take(&mut seen));
        tally.count();
        tally.count();
        assert!(tally.take(&mut seen));
        assert!(!tally.take(&mut seen));
    }

    #[test]
    fn a_bell_can_be_rung_for_ever_and_is_never_empty_again() {
        let bell = Bell::new().unwrap();
        let far = socket2::SockRef::from(&bell.far);
        for _ in 0..10_000 {
            bell.ring();
            let mut byte = [std::mem::MaybeUninit::uninit()];
            assert_eq!(far.peek(&mut byte).unwrap(), 1);
        }
    }

    #[test]
    fn a_bell_of_another_process_is_not_rung() {
        let bell = Bell::new().unwrap();
        bell.pid.store(1, Ordering::Relaxed);
        bell.ring();
        let error = (&bell.far).read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn there_are_no_signals_beyond_the_table() {
        for signal in [-1, 65, c_int::MAX, c_int::MIN] {
            assert_eq!(of(signal).unwrap_err().kind(), io::ErrorKind::InvalidInput);
            assert!(get(signal).is_none());
        }
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::sync::{Arc, thread};
    use crate::registry::{Key, Ready, Registry, Side};
    use loom::future::block_on;
    use std::future::poll_fn;
    use std::task::{Poll, Waker};

    /// A tally, and listeners whose bell is an entry of the registry each.
    struct Model {
        tally: Tally,
        registry: Registry,
    }

    impl Model {
        fn raise(&self, listeners: &[Key]) {
            self.tally.count();
            for key in listeners {
                let mut wakers = Vec::new();
                self.registry.notify(*key, Ready::READABLE, &mut wakers);
                wakers.into_iter().for_each(Waker::wake);
            }
        }

        /// What `Source::poll_io` does for `Signal::poll_recv`.
        fn recv(&self, key: Key, seen: &mut usize) {
            let entry = self.registry.entry(key);
            block_on(poll_fn(|cx| {
                loop {
                    let Poll::Ready(event) = entry.poll_ready(Side::Read, cx) else {
                        return Poll::Pending;
                    };
                    if self.tally.take(seen) {
                        return Poll::Ready(());
                    }
                    entry.clear(Side::Read.direction(), event);
                }
            }));
        }
    }

    fn model() -> Arc<Model> {
        Arc::new(Model {
            tally: Tally::new(),
            registry: Registry::new(),
        })
    }

    fn explore(model: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(2);
        builder.check(model);
    }

    /// Broken on purpose by notifying before counting: the listener finds nothing, clears,
    /// and waits for ever.
    #[test]
    fn a_signal_that_comes_while_the_last_one_is_taken_is_not_lost() {
        explore(|| {
            let model = model();
            let key = model.registry.insert(Ready::READABLE).expect("room");
            let theirs = model.clone();
            let raiser = thread::Builder::new()
                .spawn(move || {
                    theirs.raise(&[key]);
                    theirs.raise(&[key]);
                })
                .expect("a model's thread");
            let mut seen = 0;
            while seen < 2 {
                model.recv(key, &mut seen);
            }
            raiser.join().expect("no panic");
        });
    }

    #[test]
    fn each_of_two_listeners_hears_of_a_signal() {
        explore(|| {
            let model = model();
            let one = model.registry.insert(Ready::READABLE).expect("room");
            let two = model.registry.insert(Ready::READABLE).expect("room");
            let theirs = model.clone();
            let other = thread::Builder::new()
                .spawn(move || theirs.recv(two, &mut 0))
                .expect("a model's thread");
            model.raise(&[one, two]);
            model.recv(one, &mut 0);
            other.join().expect("no panic");
        });
    }
}
