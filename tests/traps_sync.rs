//! A permit, a lock, a notification, a message or a result is not lost with a future that
//! `select!` or `timeout` drops, wherever it stood.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::Builder;
use runtime::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};
use runtime::task::{JoinSet, yield_now};
use runtime::time::{Duration, sleep, timeout};
use runtimes::{with_workers, within};
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The claim on one thread, and with 1 and 2 workers.
fn on_small<F>(claim: fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for mut builder in [
        Builder::new_current_thread(),
        with_workers(1),
        with_workers(2),
    ] {
        within("a small runtime", move || {
            let runtime = builder.build().unwrap();
            let task = runtime.spawn(claim());
            runtime.block_on(task).unwrap();
        });
    }
}

/// Comes after a few polls, as many as the number says.
async fn after(polls: usize) {
    for _ in 0..polls % 4 {
        yield_now().await;
    }
}

#[test]
fn messages_are_not_lost_when_select_drops_recv() {
    on_small(|| async {
        let (tx, mut rx) = mpsc::channel(2);
        let mut senders = JoinSet::new();
        for sender in 0..4 {
            let tx = tx.clone();
            senders.spawn(async move {
                for i in 0..500 {
                    tx.send(sender * 500 + i).await.unwrap();
                    after(i).await;
                }
            });
        }
        drop(tx);
        let mut received = BTreeSet::new();
        let mut several = Vec::new();
        for round in 0.. {
            runtime::select! {
                message = rx.recv() => match message {
                    Some(message) => assert!(received.insert(message), "twice"),
                    None => break,
                },
                () = after(round) => {}
            }
            runtime::select! {
                _ = rx.recv_many(&mut several, 3) => {}
                () = after(round + 1) => {}
            }
            for message in several.drain(..) {
                assert!(received.insert(message), "twice");
            }
        }
        assert_eq!(received.len(), 2000);
        senders.join_all().await;
    });
}

#[test]
fn what_select_drops_while_it_is_sent_is_sent_or_not_and_its_room_is_not_lost() {
    on_small(|| async {
        let (tx, mut rx) = mpsc::channel(2);
        let sent = Arc::new(AtomicUsize::new(0));
        let mut senders = JoinSet::new();
        for _ in 0..4 {
            let (tx, sent) = (tx.clone(), sent.clone());
            senders.spawn(async move {
                for round in 0..500 {
                    runtime::select! {
                        result = tx.send(round) => {
                            result.unwrap();
                            sent.fetch_add(1, Ordering::Relaxed);
                        }
                        () = after(round) => {}
                    }
                    runtime::select! {
                        permit = tx.reserve() => {
                            permit.unwrap().send(round);
                            sent.fetch_add(1, Ordering::Relaxed);
                        }
                        () = after(round + 1) => {}
                    }
                }
            });
        }
        let mut received = 0;
        while !senders.is_empty() {
            runtime::select! {
                message = rx.recv() => received += usize::from(message.is_some()),
                ended = senders.join_next() => ended.unwrap().unwrap(),
            }
        }
        assert_eq!(tx.capacity() + rx.len(), 2, "all room is there");
        while rx.try_recv().is_ok() {
            received += 1;
        }
        assert_eq!(received, sent.load(Ordering::Relaxed));
        assert_eq!(tx.capacity(), 2);
    });
}

#[test]
fn permits_and_locks_are_not_lost_when_select_drops_who_waits() {
    on_small(|| async {
        let semaphore = Arc::new(Semaphore::new(3));
        let mutex = Arc::new(Mutex::new(0));
        let mut tasks = JoinSet::new();
        for task in 0..8u32 {
            let (semaphore, mutex) = (semaphore.clone(), mutex.clone());
            tasks.spawn(async move {
                for round in 0..300 {
                    runtime::select! {
                        permits = semaphore.acquire_many(1 + task % 3) => {
                            after(round).await;
                            drop(permits.unwrap());
                        }
                        () = after(round + 1) => {}
                    }
                    runtime::select! {
                        mut guard = mutex.lock() => {
                            *guard += 1;
                            after(round).await;
                        }
                        () = after(round + 2) => {}
                    }
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(semaphore.available_permits(), 3);
        let all = timeout(Duration::from_secs(20), semaphore.acquire_many(3));
        drop(all.await.expect("nobody is in line any more").unwrap());
        assert!(mutex.try_lock().is_ok());
    });
}

#[test]
fn notifications_are_not_lost_when_select_drops_who_waits() {
    on_small(|| async {
        let notify = Arc::new(Notify::new());
        let heard = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for task in 0..4 {
            let (notify, heard) = (notify.clone(), heard.clone());
            tasks.spawn(async move {
                for round in 0.. {
                    runtime::select! {
                        () = notify.notified() => {
                            heard.fetch_add(1, Ordering::SeqCst);
                        }
                        () = after(task + round) => yield_now().await,
                    }
                }
            });
        }
        for round in 1..=500 {
            notify.notify_one();
            // Each is heard before the next, as two that nobody waits for are one.
            while heard.load(Ordering::SeqCst) < round {
                yield_now().await;
            }
        }
        tasks.shutdown().await;
        assert_eq!(heard.load(Ordering::SeqCst), 500);
    });
}

#[test]
fn results_are_not_lost_when_select_lends_the_handle_or_receiver() {
    on_small(|| async {
        for round in 0..300 {
            let (tx, mut rx) = oneshot::channel();
            let mut task = runtime::spawn(async move {
                after(round).await;
                tx.send(round).unwrap();
                after(round / 4).await;
                round
            });
            let (mut output, mut value) = (None, None);
            while output.is_none() || value.is_none() {
                runtime::select! {
                    result = &mut task, if output.is_none() => output = Some(result.unwrap()),
                    result = &mut rx, if value.is_none() => value = Some(result.unwrap()),
                    () = after(round) => yield_now().await,
                }
            }
            assert_eq!((output, value), (Some(round), Some(round)));
        }
    });
}

#[test]
fn a_lock_that_is_let_go_reaches_the_next_although_timers_drop_others() {
    on_small(|| async {
        let mutex = Arc::new(Mutex::new(()));
        let mut tasks = JoinSet::new();
        for task in 0..16 {
            let mutex = mutex.clone();
            tasks.spawn(async move {
                for round in 0..20 {
                    let limit = Duration::from_micros((task * 37 + round * 61) % 900);
                    if let Ok(_guard) = timeout(limit, mutex.lock()).await {
                        sleep(Duration::from_micros(50)).await;
                    }
                }
            });
        }
        tasks.join_all().await;
        let mut lock = pin!(mutex.lock());
        let limited = timeout(Duration::from_secs(20), &mut lock);
        drop(limited.await.expect("the lock is free"));
    });
}
