//! Signals of Unix: all kinds of them.

use super::slot::{self, Listener, Slot};
use crate::base::wait;
use crate::driver::{Reactor, Source};
use crate::registry::{Interest, Ready, Side};
use crate::rt;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::io;
use std::os::raw::c_int;
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Nobody can handle these, or go on after them.
const REFUSED: [c_int; 5] = [
    libc::SIGKILL,
    libc::SIGSTOP,
    libc::SIGSEGV,
    libc::SIGILL,
    libc::SIGFPE,
];

/// A kind of signal.
///
/// # Examples
///
/// ```
/// use runtime::signal::unix::SignalKind;
///
/// assert_eq!(SignalKind::hangup(), SignalKind::from_raw(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignalKind(c_int);

impl SignalKind {
    /// The kind with this number, which need not exist: [`signal()`] will tell.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// let realtime = SignalKind::from_raw(40);
    /// assert_eq!(realtime.as_raw_value(), 40);
    /// ```
    pub const fn from_raw(signum: c_int) -> Self {
        SignalKind(signum)
    }

    /// Its number.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::terminate().as_raw_value(), 15);
    /// ```
    pub const fn as_raw_value(&self) -> c_int {
        self.0
    }

    /// `SIGALRM`: a timer of the system's has run out. By default it ends the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::alarm().as_raw_value(), 14);
    /// ```
    pub const fn alarm() -> Self {
        SignalKind(libc::SIGALRM)
    }

    /// `SIGCHLD`: a child process has ended, stopped or gone on. By default it is ignored.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::child().as_raw_value(), libc::SIGCHLD);
    /// ```
    pub const fn child() -> Self {
        SignalKind(libc::SIGCHLD)
    }

    /// `SIGHUP`: the terminal is gone; to services, by custom, that they read their configuration
    /// again. By default it ends the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::hangup().as_raw_value(), 1);
    /// ```
    pub const fn hangup() -> Self {
        SignalKind(libc::SIGHUP)
    }

    /// `SIGINT`: somebody pressed Ctrl-C. By default it ends the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::interrupt().as_raw_value(), 2);
    /// ```
    pub const fn interrupt() -> Self {
        SignalKind(libc::SIGINT)
    }

    /// `SIGIO`: a descriptor is ready, for those who asked to be told so. By default it ends the
    /// process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::io().as_raw_value(), libc::SIGIO);
    /// ```
    pub const fn io() -> Self {
        SignalKind(libc::SIGIO)
    }

    /// `SIGPIPE`: something was written to a pipe that nobody reads. Rust's programs ignore it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::pipe().as_raw_value(), libc::SIGPIPE);
    /// ```
    pub const fn pipe() -> Self {
        SignalKind(libc::SIGPIPE)
    }

    /// `SIGQUIT`: somebody pressed Ctrl-\\. By default it ends the process with a core dump.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::quit().as_raw_value(), 3);
    /// ```
    pub const fn quit() -> Self {
        SignalKind(libc::SIGQUIT)
    }

    /// `SIGTERM`: the program is to end. By default it does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::terminate().as_raw_value(), 15);
    /// ```
    pub const fn terminate() -> Self {
        SignalKind(libc::SIGTERM)
    }

    /// `SIGUSR1`: whatever the program says. By default it ends the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::user_defined1().as_raw_value(), libc::SIGUSR1);
    /// ```
    pub const fn user_defined1() -> Self {
        SignalKind(libc::SIGUSR1)
    }

    /// `SIGUSR2`: whatever the program says. By default it ends the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::user_defined2().as_raw_value(), libc::SIGUSR2);
    /// ```
    pub const fn user_defined2() -> Self {
        SignalKind(libc::SIGUSR2)
    }

    /// `SIGWINCH`: the terminal's window has another size. By default it is ignored.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::window_change().as_raw_value(), libc::SIGWINCH);
    /// ```
    pub const fn window_change() -> Self {
        SignalKind(libc::SIGWINCH)
    }
}

impl From<c_int> for SignalKind {
    fn from(number: c_int) -> Self {
        SignalKind::from_raw(number)
    }
}

impl From<SignalKind> for c_int {
    fn from(kind: SignalKind) -> Self {
        kind.as_raw_value()
    }
}

/// Listens for signals of one kind. Made by [`signal()`].
///
/// Any number may listen for the same kind, in any runtimes, and each hears of each signal;
/// those that come before it is asked again are told as one. When the last one is dropped,
/// what the process did on such a signal before comes back.
///
/// # Examples
///
/// ```
/// use runtime::signal::unix::{SignalKind, signal};
/// # use std::process;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut hangups = signal(SignalKind::hangup())?;
/// # let kill = || process::Command::new("kill").args(["-HUP", &process::id().to_string()]).status();
/// kill()?; // sends it to this process
/// assert_eq!(hangups.recv().await, Some(()));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[must_use = "it listens until it is dropped"]
pub struct Signal {
    slot: &'static Slot,
    /// The tally that it was told of last.
    seen: usize,
    bell: Source<mio::net::UnixStream>,
    _listener: Listener,
}

/// Listens for signals of `kind` from now on, until the [`Signal`] is dropped.
///
/// As long as somebody listens, the default action is off; see the [module above](super).
///
/// # Errors
///
/// If there is no such signal, or it cannot be handled (`SIGKILL`, `SIGSTOP`, `SIGSEGV`,
/// `SIGILL`, `SIGFPE`, and what the system refuses); if the process has no file descriptors
/// left; if the runtime is shut down.
///
/// # Panics
///
/// Outside of a runtime.
///
/// # Examples
///
/// ```
/// use runtime::signal::unix::{SignalKind, signal};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// assert!(signal(SignalKind::window_change()).is_ok());
/// assert!(signal(SignalKind::from_raw(9)).is_err());
/// # });
/// ```
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    Signal::listen(kind, rt::reactor())
}

impl Signal {
    pub(crate) fn listen(kind: SignalKind, reactor: Arc<Reactor>) -> io::Result<Self> {
        let SignalKind(number) = kind;
        if REFUSED.contains(&number) {
            let message = format!("signal {number} cannot be listened for");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let slot = slot::of(number)?;
        let listener = slot.listen()?;
        let seen = slot.tally.now();
        let bell = mio::net::UnixStream::from_std(slot.bell()?);
        let bell = Source::new(bell, Interest::READABLE, Ready::READABLE, reactor)?;
        Ok(Signal {
            slot,
            seen,
            bell,
            _listener: listener,
        })
    }

    /// Waits for the next signal, or for one since this was called last.
    ///
    /// `None` says that there will be none any more: the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::signal::unix::{SignalKind, signal};
    /// # use std::process;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut signals = signal(SignalKind::user_defined1())?;
    /// # let kill = || process::Command::new("kill").args(["-USR1", &process::id().to_string()]).status();
    /// kill()?; // sends it to this process
    /// signals.recv().await;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<()>> {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll(cx)))
    }

    /// Polls for the next signal; the last task that asked is woken when it comes.
    ///
    /// `None` is as in [`recv`](Self::recv).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::signal::unix::{SignalKind, signal};
    /// use std::{future::poll_fn, task::Poll};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut signals = signal(SignalKind::io())?;
    /// poll_fn(|cx| {
    ///     assert!(signals.poll_recv(cx).is_pending());
    ///     Poll::Ready(())
    /// })
    /// .await;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        wait::at(Location::caller(), || self.poll(cx))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let (slot, seen) = (self.slot, &mut self.seen);
        let poll = self.bell.poll_io(Side::Read, cx, |_| {
            let heard = slot.tally.take(seen);
            heard.then_some(()).ok_or(io::ErrorKind::WouldBlock.into())
        });
        poll.map(Result::ok)
    }

    /// Tries `op` now, and again after each signal, until it does something else than to say
    /// that it would have to wait. For those who know better what to look at than the tally.
    pub(crate) fn poll_after_each<R>(
        &self,
        cx: &mut Context<'_>,
        mut op: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.bell.poll_io(Side::Read, cx, |_| op())
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal")
            .field("kind", &self.slot.kind())
            .finish_non_exhaustive()
    }
}
