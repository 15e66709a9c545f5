//! What timers allocate: nothing, once the tables have grown.
//!
//! Unsafe code: an allocator that hands everything to the system's and counts.
#![allow(unsafe_code)]

use runtime::rt::Builder;
use runtime::time::{Duration, Instant, interval, sleep, timeout};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

struct Counting;

thread_local! {
    /// Those of this thread: the test harness has threads of its own.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: both functions hand on what they got, to the allocator that keeps the promise.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above; it came from there.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Arms, resets, fires and drops timers.
async fn work() {
    let limit = Duration::from_secs(3600);
    for i in 0..500 {
        let mut limited = pin!(timeout(limit, pending::<()>()));
        poll_fn(|cx: &mut Context<'_>| {
            assert!(limited.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        let mut once = pin!(sleep(limit));
        poll_fn(|cx: &mut Context<'_>| {
            assert!(once.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        once.as_mut().reset(Instant::now() + limit / 2);
        if i % 100 == 0 {
            once.as_mut()
                .reset(Instant::now() + Duration::from_micros(50));
            once.await;
            let mut ticks = interval(Duration::from_micros(20));
            for _ in 0..5 {
                ticks.tick().await;
            }
        }
    }
}

#[test]
fn timers_allocate_nothing_once_the_tables_have_grown() {
    let multi = || Builder::new_multi_thread().worker_threads(1).build();
    for runtime in [Builder::new_current_thread().build(), multi()] {
        let allocations = runtime.unwrap().block_on(async {
            let task = runtime::spawn(async {
                work().await;
                let before = ALLOCATIONS.get();
                work().await;
                ALLOCATIONS.get() - before
            });
            task.await.unwrap()
        });
        assert_eq!(allocations, 0);
    }
}
