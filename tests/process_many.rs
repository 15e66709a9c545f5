//! Many children at once: no status is lost, and no zombie is left. (Alone in its process,
//! whose children it counts.)

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::process::Command;
use runtime::rt::Builder;
use runtimes::{soon, with_workers, within};
use std::process::Stdio;

const MANY: usize = 500;

/// How many children this process has, zombies included.
fn children() -> usize {
    let own = std::process::id().to_string();
    let of = |stat: String| {
        // The parent is the second field behind the name, which is in brackets.
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest.to_owned());
        fields.and_then(|rest| rest.split_whitespace().nth(1).map(str::to_owned))
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("stat")).ok())
        .filter(|stat| of(stat.clone()).as_deref() == Some(&own))
        .count()
}

/// Children that end all at once when the last holder of `input` lets go of it.
fn waiting(input: &std::fs::File, code: usize) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("read _; exit {}", code % 100)])
        .stdin(Stdio::from(input.try_clone().unwrap()));
    command
}

/// A pipe whose far end, once dropped, ends all who read.
fn gate() -> (std::fs::File, std::process::Child) {
    let mut keeper = std::process::Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = std::os::fd::OwnedFd::from(keeper.stdout.take().unwrap());
    (std::fs::File::from(output), keeper)
}

fn open(mut gate: std::process::Child) {
    drop(gate.stdin.take());
    gate.wait().unwrap();
}

#[test]
fn five_hundred_at_once_lose_no_status_and_leave_no_zombie() {
    for workers in [0, 2] {
        within("five hundred children", move || {
            let mut builder = match workers {
                0 => Builder::new_current_thread(),
                workers => with_workers(workers),
            };
            let runtime = builder.build().unwrap();

            // Awaited, all of them.
            runtime.block_on(async {
                let (input, keeper) = gate();
                let tasks: Vec<_> = (0..MANY)
                    .map(|code| runtime::spawn(waiting(&input, code).status()))
                    .collect();
                open(keeper);
                for (code, task) in tasks.into_iter().enumerate() {
                    let status = task.await.unwrap().unwrap();
                    assert_eq!(status.code(), Some((code % 100) as i32));
                }
            });
            assert_eq!(children(), 0);

            // Dropped, all of them, some of them while they were awaited.
            runtime.block_on(async {
                let (input, keeper) = gate();
                for code in 0..MANY {
                    let mut command = waiting(&input, code);
                    match code % 3 {
                        0 => drop(command.status()),
                        1 => drop(command.kill_on_drop(true).spawn().unwrap()),
                        _ => {
                            let task = runtime::spawn(command.output());
                            runtime::task::yield_now().await;
                            task.abort();
                        }
                    }
                }
                open(keeper);
                while children() > 0 {
                    runtime::task::yield_now().await;
                }
            });

            // Dropped by the end of the runtime, and by nobody before.
            let (input, keeper) = gate();
            runtime.block_on(async {
                for code in 0..MANY {
                    runtime::spawn(waiting(&input, code).status());
                }
            });
            drop(runtime);
            open(keeper);
            soon("they are reaped without a runtime", || children() == 0);
        });
    }
}
