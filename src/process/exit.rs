//! How a child's end is heard of.

use super::orphans;
use super::sys::PidFd;
use crate::driver::{Reactor, Source, is_shut_down};
use crate::registry::{Interest, Ready, Side};
use crate::rt::{self, Handle};
use crate::signal::unix::{Signal, SignalKind};
use std::future::poll_fn;
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::task::{Context, Poll};

/// What tells that the child may have ended.
#[derive(Debug)]
enum Exit {
    PidFd(Source<PidFd>),
    Signal(Signal),
}

/// A child, and what tells of its end. Dropped before that, it is left to [`orphans`].
#[derive(Debug)]
struct Watched {
    /// `None` only within `drop`.
    child: Option<Child>,
    exit: Exit,
}

/// A child that is not reaped. Dropped, it is its runtime's to reap.
///
/// Its runtime is the one that it was spawned in, until that is shut down: who waits for it in
/// another one then takes it there.
#[derive(Debug)]
pub(super) struct Running {
    /// `None` only within `drop`.
    watched: Option<Watched>,
    by_signal: bool,
    home: Handle,
    kill_on_drop: bool,
}

impl Exit {
    fn of(child: &Child, by_signal: bool, reactor: Arc<Reactor>) -> io::Result<Self> {
        if !by_signal {
            if let Ok(pidfd) = PidFd::open(child.id()) {
                let (interest, assumed) = (Interest::READABLE, Ready::READABLE);
                if let Ok(source) = Source::new(pidfd, interest, assumed, reactor.clone()) {
                    return Ok(Exit::PidFd(source));
                }
            }
        }
        Signal::listen(SignalKind::child(), reactor).map(Exit::Signal)
    }
}

impl Watched {
    fn child(&mut self) -> &mut Child {
        // PANIC: it is there until `drop`.
        self.child.as_mut().expect("it is watched")
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        // PANIC: as above.
        let child = self.child.as_mut().expect("it is watched");
        let mut op = || child.try_wait()?.ok_or(io::ErrorKind::WouldBlock.into());
        match &self.exit {
            Exit::PidFd(source) => source.poll_io(Side::Read, cx, |_| op()),
            Exit::Signal(signal) => signal.poll_after_each(cx, op),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            orphans::adopt(child);
        }
    }
}

impl Running {
    /// # Errors
    /// If there is no way to hear of the child's end. It is killed then.
    pub(super) fn new(
        mut child: Child,
        by_signal: bool,
        home: Handle,
        reactor: Arc<Reactor>,
        kill_on_drop: bool,
    ) -> io::Result<Self> {
        match Exit::of(&child, by_signal, reactor) {
            Ok(exit) => Ok(Running {
                watched: Some(Watched {
                    child: Some(child),
                    exit,
                }),
                by_signal,
                home,
                kill_on_drop,
            }),
            Err(error) => {
                let _ = child.kill();
                orphans::adopt(child);
                Err(error)
            }
        }
    }

    fn watched(&mut self) -> &mut Watched {
        // PANIC: it is there until `drop`.
        self.watched.as_mut().expect("it is running")
    }

    pub(super) fn id(&self) -> Option<u32> {
        Some(self.watched.as_ref()?.child.as_ref()?.id())
    }

    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.watched().child().kill()
    }

    /// Kills the child, and leaves it to be reaped.
    pub(super) fn give_up(mut self) {
        self.kill_on_drop = true;
    }

    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.watched().child().try_wait()
    }

    pub(super) fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        match self.watched().poll(cx) {
            Poll::Ready(Err(error)) if is_shut_down(&error) => {
                self.move_here(error)?;
                self.watched().poll(cx)
            }
            poll => poll,
        }
    }

    /// Moves to the current runtime.
    ///
    /// # Errors
    /// `ended`, if there is none, or it is shut down too.
    fn move_here(&mut self, ended: io::Error) -> io::Result<()> {
        let Ok(home) = Handle::try_current() else {
            return Err(ended);
        };
        let by_signal = self.by_signal;
        let watched = self.watched();
        let reactor = rt::reactor();
        watched.exit = Exit::of(watched.child(), by_signal, reactor)?;
        self.home = home;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(mut watched) = self.watched.take() else {
            return;
        };
        if self.kill_on_drop {
            // It may have ended, and then nothing is sent.
            let _ = watched.child().kill();
        }
        if let Ok(None) = watched.child().try_wait() {
            // If the runtime is gone, the task is dropped, and with it `watched`.
            self.home.spawn(async move {
                let _ = poll_fn(|cx| watched.poll(cx)).await;
            });
        }
    }
}
