//! An idle runtime costs nothing: no thread of it wakes up, and none takes CPU time.
//!
//! The tests read what the kernel counts for each thread of the process, so they run one after
//! the other, in one test function.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Runtime};
use runtime::task::{JoinSet, spawn_blocking};
use runtimes::with_workers;
use std::fs;
use std::future::pending;
use std::thread;
use std::time::Duration;

/// How long until everybody sleeps: the watch for stuck workers ends after 200 ms.
const SETTLE: Duration = Duration::from_millis(700);
const IDLE: Duration = Duration::from_millis(500);

/// Switches, and ticks of CPU time, of all threads with this name.
fn spent(name: &str) -> (usize, u64, u64) {
    let (mut threads, mut switches, mut ticks) = (0, 0, 0);
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let path = task.unwrap().path();
        let status = fs::read_to_string(path.join("status")).unwrap();
        if !status.lines().any(|line| line == format!("Name:\t{name}")) {
            continue;
        }
        threads += 1;
        for line in status.lines() {
            if line.contains("voluntary_ctxt_switches") {
                let count = line.split_whitespace().next_back().unwrap();
                switches += count.parse::<u64>().unwrap();
            }
        }
        let stat = fs::read_to_string(path.join("stat")).unwrap();
        // Behind the name: the state is field 3, user and system time are 14 and 15.
        let fields: Vec<_> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        ticks += fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    }
    (threads, switches, ticks)
}

fn assert_silent(what: &str, name: &str, threads: usize) {
    for attempt in 1.. {
        thread::sleep(SETTLE);
        let before = spent(name);
        thread::sleep(IDLE);
        let after = spent(name);
        assert!(before.0 >= threads, "{what}: {before:?}");
        if before == after {
            return;
        }
        // On a machine with much else to do they may not have come to rest yet.
        assert!(
            attempt < 5,
            "{what}: threads, switches, ticks: {before:?}, {after:?}"
        );
    }
}

/// Work of all kinds on all threads, and tasks that stay.
fn use_it(runtime: &Runtime) {
    runtime.block_on(async {
        let mut set = JoinSet::new();
        for _ in 0..500 {
            drop(runtime::spawn(pending::<()>()));
            set.spawn(async { runtime::task::yield_now().await });
        }
        for _ in 0..4 {
            set.spawn_blocking(|| thread::sleep(Duration::from_millis(1)));
        }
        set.join_all().await;
        spawn_blocking(|| {}).await.unwrap();
    });
}

#[test]
fn nobody_wakes_up_in_an_idle_runtime() {
    for (workers, groups) in [(1, 1), (2, 1), (64, 1), (8, 4)] {
        let name = format!("idle-{workers}");
        let mut builder = with_workers(workers);
        builder.worker_groups(groups).thread_name(&name);
        let fresh = builder.build().unwrap();
        assert_silent("one that was never used", &name, workers);
        use_it(&fresh);
        assert_silent("one that was used", &name, workers);
    }
    let runtime = Builder::new_current_thread().build().unwrap();
    let thread = thread::Builder::new()
        .name("idle-here".into())
        .spawn(move || {
            use_it(&runtime);
            let (send, receive) = runtime::sync::oneshot::channel::<()>();
            runtime.spawn(async move {
                // For long enough.
                let _send = send;
                spawn_blocking(|| thread::sleep(SETTLE + IDLE + IDLE))
                    .await
                    .unwrap();
            });
            let _ = runtime.block_on(receive);
        })
        .unwrap();
    assert_silent("a current-thread runtime in `block_on`", "idle-here", 1);
    thread.join().unwrap();
}
