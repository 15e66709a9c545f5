//! [`Stdin`]: what comes in.

use super::ahead::{self, Place, ahead, leftover, on_a_thread};
use super::input::{Found, Watched, find};
use crate::async_io::{AsyncRead, ReadBuf};
use crate::base::budget::{self, spend};
use crate::driver::{Fd, Source};
use crate::registry::{Interest, Ready, Side};
use crate::rt;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The standard input of the process.
///
/// A read can be cancelled, and loses nothing by that. One that waits does not hold up the end
/// of the runtime or of the process: nobody has to press Enter. There can be several handles;
/// each byte goes to one of them.
///
/// What std's [`Stdin`](std::io::Stdin) has read ahead is not seen here, so it is better not to
/// use both. Nothing is read before a read is asked for, so a child process can have the input
/// while nobody reads here. For lines, put it into a [`BufReader`](crate::io::BufReader).
///
/// # How it waits
///
/// Pipes, sockets and terminals are watched by the runtime; none of them is made non-blocking
/// for the other processes that have it. Files are read on the blocking pool, and whatever else
/// there is on a thread that nothing waits for.
///
/// # Examples
///
/// ```no_run
/// use runtime::io::{AsyncBufReadExt, BufReader, stdin};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut lines = BufReader::new(stdin()).lines();
/// while let Some(line) = lines.next_line().await? {
///     println!("{line}");
/// }
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct Stdin {
    std: io::Stdin,
    way: Option<Way>,
}

enum Way {
    Watched(Source<Fd<Watched>>),
    Ahead { from: From, place: Place },
    Nothing,
}

/// What is read on another thread.
enum From {
    File(File),
    Other(File),
}

/// A handle to the standard input of the process.
///
/// What that is, is found out when it is first read.
///
/// # Examples
///
/// ```
/// use std::os::fd::AsRawFd;
///
/// assert_eq!(runtime::io::stdin().as_raw_fd(), 0);
/// ```
pub fn stdin() -> Stdin {
    Stdin {
        std: io::stdin(),
        way: None,
    }
}

impl Stdin {
    /// How it is read in the current runtime.
    fn way(&mut self) -> io::Result<&mut Way> {
        let current = rt::try_home();
        let is_usable = match (&self.way, &current) {
            (Some(Way::Watched(source)), Some(home)) => {
                home.scheduler().driver().has(source.reactor())
            }
            (way, _) => way.is_some(),
        };
        if !is_usable {
            // The old one first: a socket's duplicate is watched only once.
            self.way = None;
            self.way = Some(Way::find()?);
        }
        // PANIC: it was there, or was put there.
        Ok(self.way.as_mut().expect("a way was found"))
    }
}

impl Way {
    fn find() -> io::Result<Way> {
        let from = match find()? {
            Found::Nothing => return Ok(Way::Nothing),
            Found::Watchable(input) => {
                let reactor = rt::reactor();
                let interest = Interest::READABLE;
                match Source::try_new(Fd(input), interest, Ready::READABLE, reactor) {
                    Ok(source) => return Ok(Way::Watched(source)),
                    Err((Fd(input), error)) if error.raw_os_error() == Some(libc::EPERM) => {
                        From::Other(input.into_file())
                    }
                    Err((_, error)) => return Err(error),
                }
            }
            Found::File(file) => From::File(file),
            Found::Other(file) => From::Other(file),
        };
        let place = Place::default();
        Ok(Way::Ahead { from, place })
    }
}

impl From {
    /// Has a chunk read.
    fn start(&self, mut reading: ahead::Reading) {
        match self {
            From::File(file) => match file.try_clone() {
                Ok(file) => drop(rt::spawn_blocking(move || reading.run(file))),
                Err(error) => reading.finish(Err(error)),
            },
            From::Other(file) => match file.try_clone() {
                Ok(file) => on_a_thread(reading, file),
                Err(error) => reading.finish(Err(error)),
            },
        }
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return spend(cx).map(Ok);
        }
        match self.get_mut().way()? {
            Way::Nothing => spend(cx).map(Ok),
            Way::Watched(source) => {
                if leftover(buf) {
                    return Poll::Ready(Ok(()));
                }
                source.poll_io(Side::Read, cx, |input| input.0.read(buf))
            }
            Way::Ahead { from, place } => {
                let spent = ready!(budget::poll_proceed(cx));
                let poll = ahead().poll(place, cx, buf, |reading| from.start(reading));
                if poll.is_ready() {
                    spent.made_progress();
                }
                poll
            }
        }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        if let Way::Ahead { place, .. } = self {
            ahead().forget(place);
        }
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdin").finish_non_exhaustive()
    }
}

impl AsFd for Stdin {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.std.as_fd()
    }
}

impl AsRawFd for Stdin {
    fn as_raw_fd(&self) -> RawFd {
        self.std.as_raw_fd()
    }
}
