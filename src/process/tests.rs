//! Both ways to hear of a child's end, and what is left when the runtime is gone.

use super::*;
use crate::rt::{Builder, Runtime};
use std::future::poll_fn;
use std::process::Stdio;
use std::task::Poll;
use std::time::{Duration, Instant};

fn on_each_way(claim: impl Fn(bool, Runtime)) {
    for by_signal in [false, true] {
        claim(by_signal, Builder::new_current_thread().build().unwrap());
        claim(
            by_signal,
            Builder::new_multi_thread()
                .worker_threads(2)
                .build()
                .unwrap(),
        );
    }
}

fn shell(by_signal: bool, script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command.by_signal = by_signal;
    command
}

/// Waits until the process is gone, zombie and all.
#[track_caller]
fn assert_gone_soon(pid: u32) {
    let start = Instant::now();
    while std::path::Path::new(&format!("/proc/{pid}")).exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "{pid} is there");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Lets other tasks run.
async fn yield_once() {
    let mut is_over = false;
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        match std::mem::replace(&mut is_over, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

#[test]
fn a_status_is_told_in_each_way_and_told_again() {
    on_each_way(|by_signal, runtime| {
        runtime.block_on(async {
            let mut child = shell(by_signal, "read _; exit 7")
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            assert!(child.try_wait().unwrap().is_none());
            assert_eq!(child.wait().await.unwrap().code(), Some(7));
            assert_eq!(child.wait().await.unwrap().code(), Some(7));
            assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(7));
            assert_eq!(child.id(), None);
        });
    });
}

#[test]
fn a_hundred_children_at_once_are_told_apart_in_each_way() {
    on_each_way(|by_signal, runtime| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..100)
                .map(|code| {
                    let script = format!("read _; exit {code}");
                    let child = shell(by_signal, &script).stdin(Stdio::piped()).spawn();
                    crate::rt::spawn::spawn(async move { child?.wait().await })
                })
                .collect();
            for (code, task) in tasks.into_iter().enumerate() {
                let status = task.await.unwrap().unwrap();
                assert_eq!(status.code(), Some(code as i32));
            }
        });
    });
}

#[test]
fn a_dropped_child_is_reaped_by_its_runtime() {
    on_each_way(|by_signal, runtime| {
        let (pid, stdin) = runtime.block_on(async {
            let mut child = shell(by_signal, "read _")
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            (child.id().unwrap(), child.stdin.take())
        });
        drop(stdin);
        let busy = runtime.spawn(async move {
            while std::path::Path::new(&format!("/proc/{pid}")).exists() {
                yield_once().await;
            }
        });
        runtime.block_on(busy).unwrap();
    });
}

#[test]
fn a_child_that_is_dropped_after_its_runtime_is_reaped() {
    on_each_way(|by_signal, runtime| {
        let mut child = runtime.block_on(async {
            shell(by_signal, "read _")
                .stdin(Stdio::piped())
                .spawn()
                .unwrap()
        });
        drop(runtime);
        let pid = child.id().unwrap();
        let stdin = child.stdin.take();
        drop(child);
        drop(stdin);
        assert_gone_soon(pid);
    });
}

#[test]
fn an_orphan_outlives_its_runtime_and_is_reaped() {
    on_each_way(|by_signal, runtime| {
        let (pid, stdin) = runtime.block_on(async {
            let mut child = shell(by_signal, "read _")
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            (child.id().unwrap(), child.stdin.take())
        });
        drop(runtime);
        assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
        drop(stdin);
        assert_gone_soon(pid);
    });
}

#[test]
fn kill_on_drop_kills_in_each_way() {
    on_each_way(|by_signal, runtime| {
        let pid = runtime.block_on(async {
            let child = shell(by_signal, "exec sleep 1000")
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            child.id().unwrap()
        });
        drop(runtime);
        assert_gone_soon(pid);
    });
}

#[test]
fn a_wait_ends_with_its_runtime_in_each_way() {
    on_each_way(|by_signal, runtime| {
        let mut child = runtime.block_on(async {
            shell(by_signal, "exec sleep 1000")
                .kill_on_drop(true)
                .spawn()
                .unwrap()
        });
        drop(runtime);
        let error = futures::executor::block_on(child.wait()).unwrap_err();
        assert!(error.to_string().contains("shut down"), "{error}");
        child.start_kill().unwrap();
    });
}

#[test]
fn a_wait_goes_on_in_another_runtime_in_each_way() {
    on_each_way(|by_signal, runtime| {
        let mut child = runtime.block_on(async {
            let mut command = shell(by_signal, "exec sleep 1000");
            command.kill_on_drop(true).spawn().unwrap()
        });
        drop(runtime);
        let another = Builder::new_current_thread().build().unwrap();
        another.block_on(async {
            assert!(futures::poll!(child.wait()).is_pending());
            child.start_kill().unwrap();
            assert!(!child.wait().await.unwrap().success());
        });
    });
}

#[test]
fn a_child_that_was_waited_for_in_another_runtime_is_reaped_there() {
    on_each_way(|by_signal, runtime| {
        let mut child = runtime.block_on(async {
            let mut command = shell(by_signal, "exec sleep 1000");
            command.kill_on_drop(true).spawn().unwrap()
        });
        let pid = child.id().unwrap();
        drop(runtime);
        let another = Builder::new_current_thread().build().unwrap();
        another.block_on(async move {
            assert!(futures::poll!(child.wait()).is_pending());
            drop(child);
            while std::path::Path::new(&format!("/proc/{pid}")).exists() {
                yield_once().await;
            }
        });
    });
}
