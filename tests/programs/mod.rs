//! The built examples as processes.
#![allow(dead_code)] // each test file uses some of it

pub(crate) mod http;

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The built example of that name, from the same build as this test.
pub(crate) fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("it is in target/PROFILE/deps");
    let program = folder.join("examples").join(name);
    assert!(
        program.exists(),
        "{name} is not built: say `cargo build --examples` before `cargo test --test ...`"
    );
    program
}

/// A server that runs, and is killed when the test forgets it.
pub(crate) struct Server {
    child: Option<Child>,
    stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

/// What an ended server leaves behind.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Server {
    /// Starts the program, and takes its address from its first line.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it prints a line");
        let address = line
            .split([' ', '/', '\n'])
            .find_map(|word| word.parse().ok());
        Server {
            child: Some(child),
            stdout,
            address: address.unwrap_or_else(|| panic!("no address in {line:?}")),
        }
    }

    pub(crate) fn interrupt(&self) {
        let child = self.child.as_ref().expect("it still runs");
        kill_process(Pid::from_child(child), Signal::INT).expect("it gets the signal");
    }

    /// Waits for the line that starts like this.
    pub(crate) fn wait_for_line(&mut self, start: &str) {
        let mut line = String::new();
        while !line.starts_with(start) {
            line.clear();
            let length = self.stdout.read_line(&mut line).expect("it prints text");
            assert!(length > 0, "it ended without a line that starts {start:?}");
        }
    }

    /// Waits for the end, which must come within `limit`.
    pub(crate) fn end(mut self, limit: Duration) -> Ended {
        let mut child = self.child.take().expect("it still runs");
        let pid = Pid::from_child(&child);
        let (ended, told) = mpsc::channel();
        let waiter = thread::spawn(move || {
            let status = child.wait().expect("it can be waited for");
            let _ = ended.send(());
            let mut stderr = String::new();
            let mut pipe = child.stderr.take().expect("it is piped");
            pipe.read_to_string(&mut stderr).expect("it is text");
            (status, stderr)
        });
        let in_time = told.recv_timeout(limit).is_ok();
        if !in_time {
            let _ = kill_process(pid, Signal::KILL);
        }
        let (status, stderr) = waiter.join().expect("it does not panic");
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).expect("it is text");
        assert!(in_time, "still there after {limit:?}: {stdout}{stderr}");
        Ended {
            status,
            stdout,
            stderr,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A folder that is gone after the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("runtime-examples-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the folder can be made");
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("the folder can be made");
        }
        fs::write(path, content).expect("the file can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
