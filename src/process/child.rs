//! [`Child`].

use super::exit::Running;
use super::{ChildStderr, ChildStdin, ChildStdout};
use crate::async_io::{AsyncRead, AsyncReadExt};
use crate::base::{budget, wait};
use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::pin::pin;
use std::process::{ExitStatus, Output};
use std::task::{Context, Poll, ready};

/// A child process. Made by [`Command::spawn`](super::Command::spawn).
///
/// Dropped before it has ended, the child goes on, unless
/// [`kill_on_drop`](super::Command::kill_on_drop) says otherwise; it is reaped when it ends.
///
/// # Examples
///
/// ```
/// use runtime::process::Command;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn()?;
/// assert_eq!(child.wait().await?.code(), Some(3));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct Child {
    /// The pipe to the child's standard input, if it was asked for. Take it out to keep it
    /// open while the child is waited for.
    pub stdin: Option<ChildStdin>,
    /// The pipe from the child's standard output, if it was asked for.
    pub stdout: Option<ChildStdout>,
    /// The pipe from the child's standard error, if it was asked for.
    pub stderr: Option<ChildStderr>,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    Running(Running),
    Done(ExitStatus),
}

impl Child {
    /// The process number, until the child was seen to have ended: from then on the number
    /// may be another one's.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("true").spawn()?;
    /// assert!(child.id().is_some());
    /// child.wait().await?;
    /// assert_eq!(child.id(), None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn id(&self) -> Option<u32> {
        match &self.state {
            State::Running(running) => running.id(),
            State::Done(_) => None,
        }
    }

    /// Kills the child (`SIGKILL`), without waiting for its end.
    ///
    /// That the child has ended already is as good: nothing is sent then.
    ///
    /// # Errors
    ///
    /// Those of `kill(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("sleep").arg("100").spawn()?;
    /// child.start_kill()?;
    /// assert!(!child.wait().await?.success());
    /// assert!(child.start_kill().is_ok());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn start_kill(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Running(running) => running.kill(),
            State::Done(_) => Ok(()),
        }
    }

    /// Kills the child (`SIGKILL`), and waits for its end.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of [`start_kill`](Self::start_kill) and [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("sleep").arg("100").spawn()?;
    /// child.kill().await?;
    /// assert_eq!(child.id(), None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn kill(&mut self) -> impl Future<Output = io::Result<()>> {
        let here = Location::caller();
        let mut is_sent = false;
        poll_fn(move |cx| {
            if !is_sent {
                self.start_kill()?;
                is_sent = true;
            }
            wait::at(here, || self.poll_wait(cx)).map_ok(drop)
        })
    }

    /// Waits for the child's end. The status stays, and can be asked for again.
    ///
    /// What is left of [`stdin`](Self::stdin) is closed first, so that a child that reads it to
    /// its end does end. A child that writes more to a pipe than fits, with nobody to read it,
    /// does not: see [`wait_with_output`](Self::wait_with_output).
    ///
    /// It may be waited for in another runtime than it was spawned in, also after the end of
    /// that one. (Its pipes stay with theirs.)
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down and there is no other one here, or somebody else has reaped
    /// the child.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("false").spawn()?;
    /// assert_eq!(child.wait().await?.code(), Some(1));
    /// assert_eq!(child.wait().await?.code(), Some(1));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn wait(&mut self) -> impl Future<Output = io::Result<ExitStatus>> {
        self.wait_at(Location::caller())
    }

    pub(super) fn wait_at(
        &mut self,
        here: &'static Location<'static>,
    ) -> impl Future<Output = io::Result<ExitStatus>> {
        poll_fn(move |cx| wait::at(here, || self.poll_wait(cx)))
    }

    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        drop(self.stdin.take());
        let status = match &mut self.state {
            State::Running(running) => ready!(running.poll_wait(cx))?,
            State::Done(status) => {
                ready!(budget::poll_proceed(cx)).made_progress();
                *status
            }
        };
        self.state = State::Done(status);
        Poll::Ready(Ok(status))
    }

    /// The status, if the child has ended. Does not close [`stdin`](Self::stdin).
    ///
    /// # Errors
    ///
    /// If somebody else has reaped the child.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("sleep").arg("100").spawn()?;
    /// assert_eq!(child.try_wait()?, None);
    /// child.kill().await?;
    /// assert!(child.try_wait()?.is_some());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = match &mut self.state {
            State::Running(running) => running.try_wait()?,
            State::Done(status) => Some(*status),
        };
        if let Some(status) = status {
            self.state = State::Done(status);
        }
        Ok(status)
    }

    /// Reads what the child writes to those pipes that are still here, and waits for its end.
    ///
    /// Both pipes are read at once. [`stdin`](Self::stdin) is closed first.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read is lost, and the child is dropped.
    ///
    /// # Errors
    ///
    /// If a pipe can't be read, and those of [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::process::Stdio;
    /// # use runtime::process::Command;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
    /// assert_eq!(child.wait_with_output().await?.stdout, b"hello\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn wait_with_output(self) -> impl Future<Output = io::Result<Output>> {
        self.wait_with_output_at(Location::caller())
    }

    pub(super) async fn wait_with_output_at(
        mut self,
        here: &'static Location<'static>,
    ) -> io::Result<Output> {
        let mut stdout = pin!(read_all(self.stdout.take()));
        let mut stderr = pin!(read_all(self.stderr.take()));
        let mut all = (None, None, None);
        let mut poll_all = |cx: &mut Context<'_>| {
            step(&mut all.0, || self.poll_wait(cx))?;
            step(&mut all.1, || stdout.as_mut().poll(cx))?;
            step(&mut all.2, || stderr.as_mut().poll(cx))?;
            match (all.0.take(), all.1.take(), all.2.take()) {
                (Some(status), Some(stdout), Some(stderr)) => Poll::Ready(Ok(Output {
                    status,
                    stdout,
                    stderr,
                })),
                some => {
                    all = some;
                    Poll::Pending
                }
            }
        };
        poll_fn(move |cx| wait::at(here, || poll_all(cx))).await
    }
}

/// Polls what is not done yet.
fn step<T>(done: &mut Option<T>, poll: impl FnOnce() -> Poll<io::Result<T>>) -> io::Result<()> {
    if done.is_none() {
        if let Poll::Ready(result) = poll() {
            *done = Some(result?);
        }
    }
    Ok(())
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}
