//! What an operation allocates, once tables and queues have grown: exact counts.
//!
//! Unsafe code: an allocator that hands everything to the system's and counts.
#![allow(unsafe_code)]

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::rt::Builder;
use runtime::sync::{Mutex, Notify, OnceCell, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use runtime::task::{spawn_blocking, yield_now};
use runtime::time::{Duration, sleep};
use std::alloc::{GlobalAlloc, Layout, System};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

struct Counting;

/// Those of all threads: there is one test in this process.
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: both functions hand on what they got, to the allocator that keeps the promise.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
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

const TIMES: usize = 1000;

/// Something may grow once more, and channels make a block for many messages.
const SLACK: usize = 40;

/// The allocations of one `operation`, in a task of a runtime with one worker: of the second
/// thousand, when what is kept has grown.
async fn each<F: Future<Output = ()>>(mut operation: impl FnMut() -> F) -> usize {
    for _ in 0..TIMES {
        operation().await;
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..TIMES {
        operation().await;
    }
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    allocations.saturating_sub(SLACK).div_ceil(TIMES)
}

fn in_a_task<F>(task: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut builder = Builder::new_multi_thread();
    let multi = builder.worker_threads(1).enable_all().build();
    let single = Builder::new_current_thread().enable_all().build();
    for runtime in [single.unwrap(), multi.unwrap()] {
        runtime.block_on(runtime.spawn(task())).unwrap();
    }
}

/// A task that answers each notification of the first with one of the second.
fn echo() -> (Arc<Notify>, Arc<Notify>) {
    let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (theirs, answer) = (ping.clone(), pong.clone());
    drop(runtime::spawn(async move {
        loop {
            theirs.notified().await;
            answer.notify_one();
        }
    }));
    (ping, pong)
}

async fn tasks() {
    assert_eq!(each(|| async { drop(runtime::spawn(async {})) }).await, 1);
    assert_eq!(
        each(|| async { runtime::spawn(async {}).await.unwrap() }).await,
        1
    );
    assert_eq!(each(yield_now).await, 0);
    let blocking = each(|| async { spawn_blocking(|| {}).await.unwrap() }).await;
    assert!((1..=2).contains(&blocking), "{blocking} for a blocking job");
}

async fn wakes_and_waits() {
    let (ping, pong) = &echo();
    let notified = each(|| async {
        ping.notify_one();
        pong.notified().await;
    });
    assert_eq!(notified.await, 0, "two wakes and two waits");

    let (mutex, rwlock, semaphore) = (&Mutex::new(0), &RwLock::new(0), &Semaphore::new(1));
    assert_eq!(each(|| async { *mutex.lock().await += 1 }).await, 0);
    assert_eq!(each(|| async { *rwlock.write().await += 1 }).await, 0);
    assert_eq!(each(|| async { drop(rwlock.read().await) }).await, 0);
    assert_eq!(each(|| async { drop(semaphore.acquire().await) }).await, 0);
    let waits = each(|| async {
        let (held, permit) = (mutex.lock().await, semaphore.acquire().await);
        let written = rwlock.write().await;
        let mut lock = pin!(mutex.lock());
        let mut read = pin!(rwlock.read());
        let mut acquire = pin!(semaphore.acquire());
        poll_fn(|cx: &mut Context<'_>| {
            assert!(lock.as_mut().poll(cx).is_pending());
            assert!(read.as_mut().poll(cx).is_pending());
            assert!(acquire.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        drop((held, permit, written));
        drop((lock.await, read.await, acquire.await));
    });
    assert_eq!(waits.await, 0, "three waits");
    let cell = &OnceCell::from(1);
    assert_eq!(
        each(|| async { assert_eq!(cell.get_or_init(|| async { 2 }).await, &1) }).await,
        0
    );
}

async fn channels() {
    let (tx, rx) = mpsc::channel(8);
    let (tx, rx) = (&tx, &Mutex::new(rx));
    let bounded = each(|| async {
        tx.send(1).await.unwrap();
        assert_eq!(rx.lock().await.recv().await, Some(1));
    });
    assert_eq!(bounded.await, 0);
    let (tx, rx) = mpsc::unbounded_channel();
    let (tx, rx) = (&tx, &Mutex::new(rx));
    let unbounded = each(|| async {
        tx.send(1).unwrap();
        assert_eq!(rx.lock().await.recv().await, Some(1));
    });
    assert_eq!(unbounded.await, 0, "blocks, for many messages each");
    let oneshot = each(|| async {
        let (tx, rx) = oneshot::channel();
        tx.send(1).unwrap();
        assert_eq!(rx.await, Ok(1));
    });
    assert_eq!(oneshot.await, 1);
    let (tx, rx) = broadcast::channel(8);
    let (tx, rx) = (&tx, &Mutex::new(rx));
    let broadcast = each(|| async {
        tx.send(1).unwrap();
        assert_eq!(rx.lock().await.recv().await, Ok(1));
    });
    assert_eq!(broadcast.await, 0);
    let (tx, rx) = watch::channel(0);
    let (tx, rx) = (&tx, &Mutex::new(rx));
    let watch = each(|| async {
        tx.send(1).unwrap();
        rx.lock().await.changed().await.unwrap();
    });
    assert_eq!(watch.await, 0);
}

async fn sockets_and_timers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(runtime::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 16];
        while stream.read_exact(&mut buffer).await.is_ok() {
            stream.write_all(&buffer).await.unwrap();
        }
    }));
    let stream = &Mutex::new(TcpStream::connect(address).await.unwrap());
    let echo = each(|| async {
        let mut stream = stream.lock().await;
        stream.write_all(&[1; 16]).await.unwrap();
        let mut answer = [0; 16];
        stream.read_exact(&mut answer).await.unwrap();
    });
    assert_eq!(echo.await, 0, "a message there and back");
    let armed = each(|| async {
        let mut timer = pin!(sleep(Duration::from_secs(60)));
        poll_fn(|cx: &mut Context<'_>| {
            assert!(timer.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    });
    assert_eq!(armed.await, 0);
}

/// In one test, as the allocations of all threads are counted.
#[test]
fn operations_allocate_as_often_as_they_say() {
    in_a_task(tasks);
    in_a_task(wakes_and_waits);
    in_a_task(channels);
    in_a_task(sockets_and_timers);
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).build().unwrap();
    let call = || (0..TIMES).for_each(|_| runtime.block_on(async {}));
    call();
    // The worker's thread, which is about to start, allocates too, but not for ever.
    let counts = (0..1000).map(|_| {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        call();
        ALLOCATIONS.load(Ordering::Relaxed) - before
    });
    let disturbed = counts.take_while(|count| *count > 0).count();
    assert!(
        disturbed < 1000,
        "each time {TIMES} of `block_on` have allocated"
    );
}
