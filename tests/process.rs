//! Children: what they are given, what they say, and how they end.

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::FutureExt;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use runtime::rt::{Builder, Runtime};
use runtime::time::{Duration, timeout};
use runtimes::{on_each, soon, within};
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::panic::{Location, catch_unwind};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// A child that ends when its standard input does.
fn waiting() -> Child {
    let mut command = Command::new("cat");
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    command.spawn().unwrap()
}

fn exists(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// In the context of a current-thread runtime.
fn run<F: Future<Output = ()> + Send + 'static>(claim: impl FnOnce() -> F + Send + 'static) {
    within("a current-thread runtime", || {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { claim().await });
    });
}

#[test]
fn a_status_is_the_childs() {
    on_each(|mut builder| {
        builder.build().unwrap().block_on(async {
            assert!(Command::new("true").status().await.unwrap().success());
            assert_eq!(shell("exit 7").status().await.unwrap().code(), Some(7));
            let killed = shell("kill -TERM $$").status().await.unwrap();
            assert_eq!(killed.signal(), Some(15));
            let task = runtime::spawn(shell("exit 8").status());
            assert_eq!(task.await.unwrap().unwrap().code(), Some(8));
        });
    });
}

#[test]
fn an_output_has_both_streams_however_long_they_are() {
    on_each(|mut builder| {
        builder.build().unwrap().block_on(async {
            // More than a pipe holds, on both, in turns.
            let script = "i=0; while [ $i -lt 20 ]; do
                head -c 30000 /dev/zero; head -c 20000 /dev/zero >&2; i=$((i+1)); done; exit 3";
            let output = shell(script).output().await.unwrap();
            assert_eq!(output.status.code(), Some(3));
            assert_eq!(output.stdout.len(), 600_000);
            assert_eq!(output.stderr.len(), 400_000);
        });
    });
}

#[test]
fn output_pipes_whatever_was_said_before() {
    run(|| async {
        let mut command = shell("echo out; echo err >&2");
        command.stdout(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().await.unwrap();
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
    });
}

#[test]
fn status_closes_the_pipes_that_were_asked_for() {
    run(|| async {
        let mut command = shell("cat; head -c 1000000 /dev/zero; exit 4");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // It reads nothing, and is not read: neither of them hangs.
        let status = command.status().await.unwrap();
        assert!(status.code() == Some(4) || status.signal().is_some());
    });
}

#[test]
fn status_and_output_start_at_once() {
    run(|| async {
        let file = std::env::temp_dir().join(format!("runtime-starts-{}", std::process::id()));
        let started = Command::new("touch").arg(&file).status();
        soon("it runs though nobody polls", || file.exists());
        std::fs::remove_file(&file).unwrap();
        assert!(started.await.unwrap().success());
    });
}

#[test]
fn a_megabyte_goes_through_a_child_and_back() {
    on_each(|mut builder| {
        builder.build().unwrap().block_on(async {
            let mut command = Command::new("cat");
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            let bytes: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
            let sent = bytes.clone();
            let writer = runtime::spawn(async move { stdin.write_all(&sent).await });
            let output = child.wait_with_output().await.unwrap();
            writer.await.unwrap().unwrap();
            assert!(output.stdout == bytes);
        });
    });
}

#[test]
fn wait_closes_stdin_and_try_wait_does_not() {
    run(|| async {
        let mut child = waiting();
        assert!(child.try_wait().unwrap().is_none());
        assert!(child.stdin.is_some());
        assert!(child.wait().await.unwrap().success());
        assert!(child.stdin.is_none());
    });
}

#[test]
fn a_stdin_that_was_taken_stays_open() {
    run(|| async {
        let mut child = waiting();
        let stdin = child.stdin.take();
        assert!(child.wait().now_or_never().is_none());
        drop(stdin);
        assert!(child.wait().await.unwrap().success());
    });
}

#[test]
fn a_wait_that_is_given_up_loses_nothing() {
    run(|| async {
        let mut child = shell("read _; exit 5")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let patience = Duration::from_millis(1);
        assert!(timeout(patience, child.wait()).await.is_err());
        assert!(child.wait().now_or_never().is_none());
        drop(stdin);
        for _ in 0..3 {
            assert_eq!(child.wait().await.unwrap().code(), Some(5));
            assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(5));
        }
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(5));
        assert!(output.stdout.is_empty() && output.stderr.is_empty());
    });
}

#[test]
fn killing_a_child_that_was_waited_for_does_nothing() {
    run(|| async {
        let mut child = waiting();
        assert!(child.id().is_some_and(exists));
        child.wait().await.unwrap();
        assert_eq!(child.id(), None);
        child.start_kill().unwrap();
        child.kill().await.unwrap();
        assert!(child.wait().await.unwrap().success());
    });
}

#[test]
fn kill_kills_and_reaps() {
    run(|| async {
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = child.id().unwrap();
        child.kill().await.unwrap();
        assert!(!exists(pid));
        assert_eq!(child.wait().await.unwrap().signal(), Some(9));

        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        child.start_kill().unwrap();
        child.start_kill().unwrap(); // it may have ended, but nobody looked
        assert_eq!(child.wait().await.unwrap().signal(), Some(9));
    });
}

#[test]
fn a_child_that_is_dropped_goes_on_and_is_reaped() {
    run(|| async {
        let mut child = waiting();
        let pid = child.id().unwrap();
        let stdin = child.stdin.take();
        drop(child);
        runtime::task::yield_now().await;
        assert!(exists(pid));
        drop(stdin);
        gone(pid).await;
    });
}

/// Lets others run until the process is gone, zombie and all.
async fn gone(pid: u32) {
    while exists(pid) {
        runtime::task::yield_now().await;
    }
}

#[test]
fn kill_on_drop_kills_and_reaps() {
    on_each(|mut builder| {
        builder.build().unwrap().block_on(async {
            let mut command = Command::new("sleep");
            command.arg("1000").kill_on_drop(true);
            let child = command.spawn().unwrap();
            let pid = child.id().unwrap();
            drop(child);
            gone(pid).await;

            let mut waited_for = command.spawn().unwrap();
            let pid = waited_for.id().unwrap();
            assert!(waited_for.wait().now_or_never().is_none());
            drop(waited_for);
            gone(pid).await;

            let task = runtime::spawn(command.output());
            runtime::task::yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn a_child_ends_while_nobody_waits_and_is_told_later() {
    run(|| async {
        let mut child = shell("exit 6").spawn().unwrap();
        let stat = format!("/proc/{}/stat", child.id().unwrap());
        soon("it ends", || {
            std::fs::read_to_string(&stat).unwrap().contains(") Z ")
        });
        assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(6));
        assert_eq!(child.wait().await.unwrap().code(), Some(6));
    });
}

#[test]
fn what_cannot_be_run_is_an_error_and_leaves_nothing() {
    run(|| async {
        let error = Command::new("/no/such/program").spawn().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let error = Command::new("/").output().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let error = Command::new("true").current_dir("/no/such").status().await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn a_pipe_whose_child_is_gone_is_broken_and_ends() {
    run(|| async {
        let mut command = Command::new("true");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        child.wait().await.unwrap();
        let error = stdin.write_all(&[0; 100_000]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let mut stdout = child.stdout.take().unwrap();
        assert_eq!(stdout.read(&mut [0; 8]).await.unwrap(), 0);
    });
}

#[test]
fn writing_waits_for_a_child_that_does_not_read() {
    run(|| async {
        let mut child = Command::new("sleep")
            .arg("1000")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let patience = Duration::from_millis(1);
        assert!(
            timeout(patience, stdin.write_all(&[0; 10_000_000]))
                .await
                .is_err()
        );
        child.kill().await.unwrap();
        assert!(stdin.write_all(&[0]).await.is_err());
    });
}

#[test]
fn a_pipe_goes_from_child_to_child() {
    run(|| async {
        let mut first = shell("echo one; echo two")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pipe: Stdio = first.stdout.take().unwrap().try_into().unwrap();
        let output = Command::new("wc")
            .arg("-l")
            .stdin(pipe)
            .output()
            .await
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "2");
        assert!(first.wait().await.unwrap().success());
    });
}

#[test]
fn the_pipes_of_std_are_taken_over() {
    run(|| async {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "read a; echo $a; echo $a >&2"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = ChildStdin::from_std(child.stdin.take().unwrap()).unwrap();
        let mut stdout = ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
        let mut stderr = ChildStderr::from_std(child.stderr.take().unwrap()).unwrap();
        let parts = [
            std::io::IoSlice::new(b"he"),
            std::io::IoSlice::new(b"llo\n"),
        ];
        assert!(runtime::io::AsyncWrite::is_write_vectored(&stdin));
        assert_eq!(stdin.write_vectored(&parts).await.unwrap(), 6);
        stdin.flush().await.unwrap();
        stdin.shutdown().await.unwrap();
        let mut text = String::new();
        stdout.read_to_string(&mut text).await.unwrap();
        stderr.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello\nhello\n");
        child.wait().unwrap();
    });
}

#[test]
fn an_always_ready_pipe_lets_a_timeout_fire() {
    run(|| async {
        let mut child = Command::new("cat")
            .arg("/dev/zero")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut sink = runtime::io::sink();
        let forever = runtime::io::copy(&mut stdout, &mut sink);
        assert!(
            timeout(Duration::from_millis(5), std::pin::pin!(forever))
                .await
                .is_err()
        );
        child.kill().await.unwrap();
        // An end that is known is told again and again, but not for ever.
        let known = async {
            loop {
                child.wait().await.unwrap();
            }
        };
        let fired: Result<(), _> = timeout(Duration::from_millis(5), known).await;
        assert!(fired.is_err());
    });
}

#[test]
fn a_child_ends_with_its_runtime_in_errors() {
    let runtime = Runtime::new().unwrap();
    let (mut child, mut stdout) = runtime.block_on(async {
        let mut command = Command::new("sleep");
        command
            .arg("1000")
            .kill_on_drop(true)
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        (child, stdout)
    });
    let handle = runtime.handle().clone();
    within("the end of the runtime", move || {
        let waiting = std::thread::spawn(move || {
            let error = futures::executor::block_on(child.wait()).unwrap_err();
            assert!(error.to_string().contains("shut down"), "{error}");
            let error = futures::executor::block_on(stdout.read(&mut [0])).unwrap_err();
            assert!(error.to_string().contains("shut down"), "{error}");
            child
        });
        drop(runtime);
        let mut child = waiting.join().unwrap();
        let pid = child.id().unwrap();
        assert!(child.try_wait().unwrap().is_none());
        child.start_kill().unwrap();
        drop(child);
        soon("it is reaped", || !exists(pid));
        let _context = handle.enter();
        let file = std::env::temp_dir().join(format!("runtime-late-{}", std::process::id()));
        let error = Command::new("touch").arg(&file).spawn().unwrap_err();
        assert!(error.to_string().contains("shut down"), "{error}");
        assert!(!file.exists());
    });
}

#[test]
fn without_a_runtime_it_panics_at_the_callers_line_and_starts_nothing() {
    let (sender, receiver) = mpsc::channel();
    std::panic::set_hook(Box::new(move |info| {
        let _ = sender.send(info.location().map(Location::line));
    }));
    let file = std::env::temp_dir().join(format!("runtime-no-{}", std::process::id()));
    let mut command = Command::new("touch");
    command.arg(&file);
    let line = line!() + 1;
    assert!(catch_unwind(std::panic::AssertUnwindSafe(|| command.spawn())).is_err());
    let _ = std::panic::take_hook();
    assert_eq!(receiver.recv().unwrap(), Some(line));
    assert!(!file.exists());
}
