//! A large future is spawned and blocked on where the stack has room for it twice; or, where
//! the compiler does not optimise, for the copies that each call then makes.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::Builder;
use runtime::task::{JoinSet, yield_now};
use runtimes::{on_each, within};
use std::thread;

const MIB: usize = 1 << 20;

const STACK: usize = if cfg!(debug_assertions) {
    6 * MIB
} else {
    2 * MIB
};

/// A future of a mebibyte and some.
async fn large(seed: u8) -> usize {
    let array = [seed; MIB];
    yield_now().await;
    array.iter().map(|&byte| usize::from(byte)).sum()
}

fn on_the_stack(claim: impl FnOnce() + Send + 'static) {
    within("that stack", move || {
        let thread = thread::Builder::new().stack_size(STACK).spawn(claim);
        thread.unwrap().join().unwrap();
    });
}

fn build(mut builder: Builder) -> runtime::rt::Runtime {
    builder.thread_stack_size(STACK).build().unwrap()
}

#[test]
fn it_is_as_large_as_it_says() {
    let size = size_of_val(&large(1));
    assert!((MIB..MIB + 4096).contains(&size), "{size}");
}

#[test]
fn a_large_future_is_spawned_from_outside() {
    on_each(|builder| {
        on_the_stack(|| {
            let runtime = build(builder);
            let task = runtime.spawn(large(1));
            assert_eq!(runtime.block_on(task).unwrap(), MIB);
        });
    });
}

#[test]
fn a_large_future_is_spawned_in_a_task() {
    on_each(|builder| {
        on_the_stack(|| {
            let runtime = build(builder);
            let task = runtime.spawn(async {
                let inner = runtime::spawn(large(1));
                inner.await.unwrap()
            });
            assert_eq!(runtime.block_on(task).unwrap(), MIB);
        });
    });
}

#[test]
fn a_large_future_is_a_member_of_a_set() {
    on_each(|builder| {
        on_the_stack(|| {
            let runtime = build(builder);
            let outputs = runtime.block_on(async {
                let mut set = JoinSet::new();
                for _ in 0..2 {
                    set.spawn(large(1));
                }
                set.join_all().await
            });
            assert_eq!(outputs, [MIB, MIB]);
        });
    });
}

#[test]
fn a_large_future_is_blocked_on() {
    on_each(|builder| {
        on_the_stack(|| {
            let runtime = build(builder);
            assert_eq!(runtime.block_on(large(3)), 3 * MIB);
        });
    });
}

#[test]
fn a_large_closure_goes_to_the_blocking_pool() {
    on_each(|builder| {
        on_the_stack(|| {
            let runtime = build(builder);
            let job = {
                let array = Box::new([1_u8; MIB / 4]);
                let array = *array;
                runtime.spawn_blocking(move || array.iter().map(|&b| usize::from(b)).sum::<usize>())
            };
            assert_eq!(runtime.block_on(job).unwrap(), MIB / 4);
        });
    });
}
