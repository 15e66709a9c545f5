//! Signals of the operating system, as something to wait for.
//!
//! [`ctrl_c`] waits for the user to end the program; [`unix::signal`] listens for any kind.
//!
//! # Examples
//!
//! Work until somebody presses Ctrl-C:
//!
//! ```no_run
//! # async fn serve() {}
//! # #[runtime::main]
//! # async fn main() {
//! runtime::select! {
//!     _ = serve() => {}
//!     _ = runtime::signal::ctrl_c() => println!("good bye"),
//! }
//! # }
//! ```
//!
//! # What happens to the default action
//!
//! As long as anybody in the process listens for a kind of signal, its default action (most
//! kinds end the process) is off. When the last listener is dropped it comes back, or the
//! handler that was there before; so a second Ctrl-C ends a program whose shutdown hangs. A
//! program that wants to hear of it again and again keeps one [`unix::Signal`], rather than
//! to call [`ctrl_c`] in a loop: between two calls nobody listens. A handler that somebody
//! else installed earlier is called as well.
//!
//! # Several signals are one
//!
//! A listener is told that there were signals of its kind since it was told last, not how
//! many: the operating system doesn't count them either.

// # From the handler to the task
//
// ```text
//  kernel ─▶ handler: tally += 1; ring the bell ─▶ (socket becomes readable, with an edge)
//                                                        │ each listener's own duplicate,
//                                                        ▼ in the reactor of its runtime
//            recv: tally == seen? wait : seen = tally ◀── Source::poll_io
// ```
//
// Each kind has a `Slot` for the life of the process: the tally (a number that grows), the
// bell (a socket pair that nobody reads), and who listens. A listener has a duplicate of the
// bell's far end, registered as any source is, and remembers the tally that it saw last.
//
// So there is nothing that delivers signals: no thread, no runtime that is in charge, no list
// that is walked. The kernel tells every reactor in which the bell is registered, and each
// listener finds out by itself whether it was meant. Runtimes come and go as they like.
//
// Invariants:
// 1. The tally grows before the bell is rung. A listener looks at the tally only after it
//    has taken the readiness that it will clear if there is nothing. So an increment it did
//    not see is followed by an edge that it does see. (`slot::models`)
// 2. The bell is never empty again once it was rung: who would find it empty is not told, for
//    a selector looks again when it hands out an event. The handler itself makes room when it
//    is full, and rings after that.
// 3. What the handler reaches is never freed.
// 4. A handler is taken back only if it is still ours: who came later stays.
//
// What the handler does is allowed in one: loads and an increment, `getpid`, `write` and
// `read`; `errno` is as before. std's `write` is the system call and nothing more, and its
// error a number. After a fork the child counts, but does not ring: the bell is its parent's
// as well. A child that listens anew gets a bell of its own.
//
// Rejected: signalfd (needs the signal blocked in all threads, and children inherit that); an
// eventfd as the bell (one descriptor less, on Linux only); reading the bell (whoever is first
// takes the news from the others, so that one must deliver to all); a thread that delivers.

mod action;
mod slot;
pub mod unix;

use crate::base::wait;
use crate::registry::shut_down;
use crate::rt;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::task::{Poll, ready};
use unix::{Signal, SignalKind};

/// Waits for the next Ctrl-C (`SIGINT`).
///
/// It listens from the first poll on until it is dropped, which may bring back the default
/// action; see the [module](self). Several at once hear all of the same one.
///
/// # Errors
///
/// If the process has no file descriptors left, or the runtime is shut down.
///
/// # Panics
///
/// When it is polled outside of a runtime.
///
/// # Cancel safety
///
/// Not cancel safe: a signal that comes after it was dropped is not heard by the next call.
/// [`unix::signal`] hears of it.
///
/// # Examples
///
/// ```
/// use std::{future::Future, pin::pin, process, task::Poll};
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut pressed = pin!(runtime::signal::ctrl_c());
/// let first = std::future::poll_fn(|cx| Poll::Ready(pressed.as_mut().poll(cx))).await;
/// assert!(first.is_pending());
/// process::Command::new("kill").args(["-INT", &process::id().to_string()]).status()?;
/// pressed.await
/// # }).unwrap();
/// ```
#[track_caller]
pub fn ctrl_c() -> impl Future<Output = io::Result<()>> {
    let here = Location::caller();
    let mut listener: Option<Signal> = None;
    poll_fn(move |cx| {
        wait::at(here, || {
            let signal = match &mut listener {
                Some(signal) => signal,
                none => none.insert(listen_for(here)?),
            };
            match ready!(signal.poll_recv(cx)) {
                Some(()) => Poll::Ready(Ok(())),
                None => Poll::Ready(Err(shut_down())),
            }
        })
    })
}

fn listen_for(asked_for: &Location<'_>) -> io::Result<Signal> {
    let Some(home) = rt::try_home() else {
        panic!(
            "the `ctrl_c` asked for at {asked_for} has no runtime: `.await` it within \
             `Runtime::block_on`, a task, or the scope of `Runtime::enter`"
        );
    };
    let reactor = home.scheduler().reactor().clone();
    Signal::listen(SignalKind::interrupt(), reactor)
}
