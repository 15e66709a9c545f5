//! What a task keeps while nothing happens.

use super::subject::time::sleep;
use super::{Runtime, echo, inside};
use crate::load::{Load, MESSAGE};
use std::any::Any;
use std::future::{Future, pending};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many tasks have been polled.
static POLLED: AtomicU64 = AtomicU64::new(0);

/// Spawns so many tasks that wait for nothing.
pub fn pending_tasks(runtime: &Runtime, count: u64) -> Box<dyn Any> {
    spawn_each(runtime, count, || async {
        POLLED.fetch_add(1, Ordering::Release);
        pending::<()>().await;
    })
}

/// Spawns so many tasks that sleep.
pub fn sleeping_tasks(runtime: &Runtime, count: u64) -> Box<dyn Any> {
    spawn_each(runtime, count, || async {
        POLLED.fetch_add(1, Ordering::Release);
        sleep(Duration::from_secs(3_600)).await;
    })
}

/// Accepts so many connections, each with a task that has answered one message, and waits
/// to read the next.
pub fn connections(runtime: &Runtime, count: u64) -> Box<dyn Any> {
    let address = inside(runtime, echo::listen::<MESSAGE>()).expect("a listener");
    Box::new(Load::start(address, count as usize))
}

/// Spawns in small batches, each when the one before has been polled, so that no queue
/// grows for what is not measured.
fn spawn_each<F>(runtime: &Runtime, count: u64, task: fn() -> F) -> Box<dyn Any>
where
    F: Future<Output = ()> + Send + 'static,
{
    const BATCH: u64 = 100;
    let before = POLLED.load(Ordering::Acquire);
    for spawned in 1..=count {
        drop(runtime.spawn(task()));
        if spawned % BATCH == 0 || spawned == count {
            wait_for(before + spawned);
        }
    }
    Box::new(())
}

fn wait_for(polled: u64) {
    while POLLED.load(Ordering::Acquire) < polled {
        std::thread::sleep(Duration::from_micros(20));
    }
}
