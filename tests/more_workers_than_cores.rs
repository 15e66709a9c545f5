//! Where there are more workers than cores, not more of them are awake than there are cores; but
//! none of them is missed: whatever waits in the middle of a poll keeps no other task waiting.

use runtime::rt::{Builder, Runtime};
use runtime::task::block_in_place;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Nothing here takes as long; without the promise it would last for ever.
const EVER: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Blocks the thread.
    fn pass(&self) {
        let is_open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(is_open, |is_open| !*is_open).unwrap());
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// Opens the gate when the test ends, however it does.
struct Opener(Gate);

fn with_workers(workers: usize, test: impl FnOnce(&Runtime, &Gate)) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .unwrap();
    let opener = Opener(Gate::default());
    test(&runtime, &opener.0);
}

/// Returns once the short task that gets the sender has run.
fn wait_for(short: &Receiver<()>) {
    short
        .recv_timeout(EVER)
        .expect("the short task has run while the others block");
}

fn spawn_blocked(runtime: &Runtime, count: usize, gate: &Gate, block: fn(&Gate)) {
    for _ in 0..count {
        let gate = gate.clone();
        drop(runtime.spawn(async move { block(&gate) }));
    }
}

fn spawn_short(runtime: &Runtime, done: Sender<()>) {
    drop(runtime.spawn(async move { done.send(()).unwrap() }));
}

#[test]
fn a_task_runs_though_all_workers_but_one_block_their_threads() {
    for workers in [4, 64] {
        with_workers(workers, |runtime, gate| {
            let (done, short) = channel();
            spawn_blocked(runtime, workers - 1, gate, Gate::pass);
            spawn_short(runtime, done);
            wait_for(&short);
        });
    }
}

#[test]
fn a_task_runs_though_others_block_in_place() {
    for workers in [4, 64] {
        with_workers(workers, |runtime, gate| {
            let (done, short) = channel();
            spawn_blocked(runtime, 2 * workers, gate, |gate| {
                block_in_place(|| gate.pass());
            });
            spawn_short(runtime, done);
            wait_for(&short);
        });
    }
}

#[test]
fn a_task_runs_though_the_workers_that_are_awake_block_one_after_the_other() {
    with_workers(8, |runtime, gate| {
        for _ in 0..7 {
            let (done, short) = channel();
            spawn_blocked(runtime, 1, gate, Gate::pass);
            spawn_short(runtime, done);
            wait_for(&short);
        }
    });
}

/// The tasks are in the run queue of a worker that blocks too. (What it spawned last is not: that
/// waits for its worker.)
#[test]
fn tasks_in_the_queue_of_a_worker_that_blocks_are_run_by_others() {
    for workers in [4, 64] {
        with_workers(workers, |runtime, gate| {
            let (done, short) = channel();
            let gate = gate.clone();
            drop(runtime.spawn(async move {
                for _ in 0..workers - 2 {
                    let gate = gate.clone();
                    runtime::spawn(async move { gate.pass() });
                }
                runtime::spawn(async move { done.send(()).unwrap() });
                runtime::spawn(async {});
                gate.pass();
            }));
            wait_for(&short);
        });
    }
}

#[test]
fn a_task_runs_though_all_workers_but_one_compute_until_it_has() {
    with_workers(4, |runtime, gate| {
        let (done, short) = channel();
        spawn_blocked(runtime, 3, gate, |gate| {
            while !*gate.0.0.lock().unwrap() {
                std::hint::spin_loop();
            }
        });
        spawn_short(runtime, done);
        wait_for(&short);
    });
}

/// A worker that was woken to nap still has timers of its own, and the runtime can end under it.
#[test]
fn timers_fire_and_the_runtime_ends_while_others_block() {
    with_workers(8, |runtime, gate| {
        let (done, short) = channel();
        let sleeps: Vec<_> = (1..200)
            .map(|i| runtime.spawn(runtime::time::sleep(Duration::from_micros(50 * i))))
            .collect();
        spawn_blocked(runtime, 7, gate, Gate::pass);
        drop(runtime.spawn(async move {
            for sleep in sleeps {
                sleep.await.unwrap();
            }
            done.send(()).unwrap();
        }));
        wait_for(&short);
    });
}
