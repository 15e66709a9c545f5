//! [`Command`].

use super::child::State;
use super::exit::Running;
use super::{Child, ChildStderr, ChildStdin, ChildStdout, orphans};
use crate::driver::Reactor;
use crate::registry::Ready;
use crate::rt::{self, Handle};
use std::ffi::OsStr;
use std::future::Future;
use std::io;
use std::os::unix::process::CommandExt;
use std::panic::Location;
use std::path::Path;
use std::process::{self, ExitStatus, Output, Stdio};
use std::sync::Arc;

/// A process to be: what to run, and how.
///
/// The methods are those of std's [`Command`](process::Command), which does the work; for what
/// is missing there is [`as_std_mut`](Self::as_std_mut).
///
/// # Examples
///
/// ```
/// use runtime::process::Command;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let status = Command::new("sh").args(["-c", "exit 2"]).status().await?;
/// assert_eq!(status.code(), Some(2));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct Command {
    pub(super) std: process::Command,
    kill_on_drop: bool,
    /// For the tests: as if there were no pidfds.
    pub(super) by_signal: bool,
}

/// Building it.
impl Command {
    /// A command that runs `program`, found by the `PATH`, without arguments.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// assert!(Command::new("true").status().await?.success());
    /// assert!(Command::new("no such program").status().await.is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new<S: AsRef<OsStr>>(program: S) -> Self {
        Self::from(process::Command::new(program))
    }

    /// Adds an argument.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("echo").arg("a b").output().await?;
    /// assert_eq!(output.stdout, b"a b\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn arg<S: AsRef<OsStr>>(&mut self, arg: S) -> &mut Command {
        self.std.arg(arg);
        self
    }

    /// Adds several arguments.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("echo").args(["a", "b"]).output().await?;
    /// assert_eq!(output.stdout, b"a b\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn args<I, S>(&mut self, args: I) -> &mut Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.std.args(args);
        self
    }

    /// Sets the zeroth argument, which by custom is the program's name.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut command = Command::new("sh");
    /// let output = command.arg0("shell").args(["-c", "echo $0"]).output().await?;
    /// assert_eq!(output.stdout, b"shell\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn arg0<S>(&mut self, arg: S) -> &mut Command
    where
        S: AsRef<OsStr>,
    {
        self.std.arg0(arg);
        self
    }

    /// Sets a variable of the child's environment.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("sh").args(["-c", "echo $A"]).env("A", "1").output().await?;
    /// assert_eq!(output.stdout, b"1\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn env<K, V>(&mut self, key: K, val: V) -> &mut Command
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.env(key, val);
        self
    }

    /// Sets several variables of the child's environment.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut command = Command::new("sh");
    /// let output = command.args(["-c", "echo $A$B"]).envs([("A", "1"), ("B", "2")]).output().await?;
    /// assert_eq!(output.stdout, b"12\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn envs<I, K, V>(&mut self, vars: I) -> &mut Command
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.envs(vars);
        self
    }

    /// Leaves a variable out of the child's environment.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut command = Command::new("sh");
    /// command.args(["-c", "echo $A"]).env("A", "1").env_remove("A");
    /// assert_eq!(command.output().await?.stdout, b"\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn env_remove<K: AsRef<OsStr>>(&mut self, key: K) -> &mut Command {
        self.std.env_remove(key);
        self
    }

    /// Leaves all variables that this process has out of the child's environment.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("/usr/bin/env").env_clear().env("A", "1").output().await?;
    /// assert_eq!(output.stdout, b"A=1\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn env_clear(&mut self) -> &mut Command {
        self.std.env_clear();
        self
    }

    /// Sets the child's working directory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("pwd").current_dir("/").output().await?;
    /// assert_eq!(output.stdout, b"/\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn current_dir<P: AsRef<Path>>(&mut self, dir: P) -> &mut Command {
        self.std.current_dir(dir);
        self
    }

    /// Sets the child's standard input: by default, this process's.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # use std::process::Stdio;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("cat").stdin(Stdio::null()).output().await?;
    /// assert!(output.stdout.is_empty());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn stdin<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.std.stdin(cfg);
        self
    }

    /// Sets the child's standard output: by default, this process's.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # use std::process::Stdio;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let status = Command::new("echo").arg("to nobody").stdout(Stdio::null()).status().await?;
    /// assert!(status.success());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn stdout<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.std.stdout(cfg);
        self
    }

    /// Sets the child's standard error: by default, this process's.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # use std::process::Stdio;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let status = Command::new("cat").arg("/no/such").stderr(Stdio::null()).status().await?;
    /// assert!(!status.success());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn stderr<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.std.stderr(cfg);
        self
    }

    /// Sets the child's user. The spawn fails if this process may not do so.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("id").arg("-u").uid(65534).output().await;
    /// if let Ok(output) = output {
    ///     assert_eq!(output.stdout, b"65534\n");
    /// }
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn uid(&mut self, id: u32) -> &mut Command {
        self.std.uid(id);
        self
    }

    /// Sets the child's group. The spawn fails if this process may not do so.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("id").arg("-g").gid(65534).output().await;
    /// if let Ok(output) = output {
    ///     assert_eq!(output.stdout, b"65534\n");
    /// }
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn gid(&mut self, id: u32) -> &mut Command {
        self.std.gid(id);
        self
    }

    /// Puts the child into a process group; 0 makes one of its own, which a Ctrl-C in the
    /// terminal does not reach.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut command = Command::new("true");
    /// assert!(command.process_group(0).status().await?.success());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn process_group(&mut self, pgroup: i32) -> &mut Command {
        self.std.process_group(pgroup);
        self
    }
}

/// What std does not know of.
impl Command {
    /// Whether a [`Child`] that is dropped kills its process: by default it does not.
    ///
    /// A future of [`status`](Self::status) or [`output`](Self::output) has a child as well.
    /// The process is sent a `SIGKILL`, and reaped in the background when it has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # use std::process::Stdio;
    /// use runtime::io::AsyncReadExt;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut command = Command::new("sleep");
    /// let mut child = command.arg("100").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    /// let mut stdout = child.stdout.take().unwrap();
    /// drop(child);
    /// assert_eq!(stdout.read(&mut [0]).await?, 0); // nobody can write to it any more
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn kill_on_drop(&mut self, kill_on_drop: bool) -> &mut Command {
        self.kill_on_drop = kill_on_drop;
        self
    }

    /// What was said by [`kill_on_drop`](Self::kill_on_drop).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// let mut command = Command::new("true");
    /// assert!(!command.get_kill_on_drop());
    /// assert!(command.kill_on_drop(true).get_kill_on_drop());
    /// ```
    pub fn get_kill_on_drop(&self) -> bool {
        self.kill_on_drop
    }

    /// The command of std that this one is made of.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// assert_eq!(Command::new("true").as_std().get_program(), "true");
    /// ```
    pub fn as_std(&self) -> &process::Command {
        &self.std
    }

    /// The command of std that this one is made of, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// let mut command = Command::new("echo");
    /// command.as_std_mut().arg("hello");
    /// assert_eq!(command.as_std().get_args().count(), 1);
    /// ```
    pub fn as_std_mut(&mut self) -> &mut process::Command {
        &mut self.std
    }

    /// The command of std that this one is made of. [`kill_on_drop`](Self::kill_on_drop) is
    /// lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// assert!(Command::new("true").into_std().status()?.success());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn into_std(self) -> process::Command {
        self.std
    }
}

/// Running it.
impl Command {
    /// Starts the process.
    ///
    /// Its standard streams are this process's unless something else was said. It blocks
    /// until the program is loaded, or was found not to be there.
    ///
    /// # Errors
    ///
    /// If there is no such program, or it can't be run; if the process has no file descriptors
    /// left; if the runtime is shut down.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("true").spawn()?;
    /// assert!(child.wait().await?.success());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn(&mut self) -> io::Result<Child> {
        let home = Handle::current();
        let reactor = rt::reactor();
        refuse_if_closed(&reactor)?;
        orphans::sweep();
        let mut child = self.std.spawn()?;
        let pipes = Pipes::take(&mut child, &reactor);
        let running = Running::new(child, self.by_signal, home, reactor, self.kill_on_drop)?;
        // Without its pipes the child is of no use.
        let Pipes {
            stdin,
            stdout,
            stderr,
        } = match pipes {
            Ok(pipes) => pipes,
            Err(error) => {
                running.give_up();
                return Err(error);
            }
        };
        Ok(Child {
            stdin,
            stdout,
            stderr,
            state: State::Running(running),
        })
    }

    /// Starts the process, and waits for its end.
    ///
    /// It is started at once, not when the future is polled. Pipes that were asked for are
    /// closed. A future that is dropped drops the child; see
    /// [`kill_on_drop`](Self::kill_on_drop).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the status is lost, and the child goes on without you.
    ///
    /// # Errors
    ///
    /// Those of [`spawn`](Self::spawn) and [`Child::wait`].
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let status = Command::new("false").status().await?;
    /// assert_eq!(status.code(), Some(1));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + use<> {
        let here = Location::caller();
        let child = self.spawn();
        async move {
            let mut child = child?;
            child.stdin = None;
            child.stdout = None;
            child.stderr = None;
            child.wait_at(here).await
        }
    }

    /// Starts the process, and collects what it writes until its end.
    ///
    /// It is started at once, not when the future is polled. Its standard output and error are
    /// piped, whatever was said before. A future that is dropped drops the child; see
    /// [`kill_on_drop`](Self::kill_on_drop).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read is lost, and the child goes on without you.
    ///
    /// # Errors
    ///
    /// Those of [`spawn`](Self::spawn) and [`Child::wait_with_output`].
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let output = Command::new("echo").arg("hello").output().await?;
    /// assert_eq!(output.stdout, b"hello\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn output(&mut self) -> impl Future<Output = io::Result<Output>> + use<> {
        let here = Location::caller();
        self.std.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.spawn();
        async move { child?.wait_with_output_at(here).await }
    }
}

impl From<process::Command> for Command {
    fn from(std: process::Command) -> Self {
        Command {
            std,
            kill_on_drop: false,
            by_signal: false,
        }
    }
}

/// An error if the runtime is shut down: a child that nobody can wait for is not started.
fn refuse_if_closed(reactor: &Reactor) -> io::Result<()> {
    let registry = reactor.registry();
    let key = registry.insert(Ready::EMPTY)?;
    registry.remove(key);
    Ok(())
}

/// The ends of a new child's pipes.
struct Pipes {
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
}

impl Pipes {
    fn take(child: &mut process::Child, reactor: &Arc<Reactor>) -> io::Result<Self> {
        let stdin = child.stdin.take();
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        Ok(Pipes {
            stdin: stdin
                .map(|pipe| ChildStdin::new(pipe, reactor.clone()))
                .transpose()?,
            stdout: stdout
                .map(|pipe| ChildStdout::new(pipe, reactor.clone()))
                .transpose()?,
            stderr: stderr
                .map(|pipe| ChildStderr::new(pipe, reactor.clone()))
                .transpose()?,
        })
    }
}
