//! Every leaf spends budget, by itself and inside of combinators, ours and foreign ones: a
//! table of loops that are always ready. Around each of them a `timeout` fires, on a thread that
//! it shares with a sibling, and the sibling makes progress meanwhile.
//!
//! `traps_budget.rs` has the same for the corners of each leaf (closed, empty, at the end).

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::StreamExt;
use futures::future::{join_all, select, select_all};
use futures::stream::FuturesUnordered;
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex, repeat, sink};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::rt::Builder;
use runtime::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};
use runtime::task::coop::cooperative;
use runtime::task::{JoinMap, JoinQueue, JoinSet, TaskTracker, consume_budget, yield_now};
use runtime::time::{DelayQueue, Duration, Instant, interval, sleep_until, timeout};
use runtimes::within;
use std::future::{pending, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Loop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One line of the table: what it is, and a loop around it that has no end.
struct Line(&'static str, fn() -> Loop);

/// A line whose loop is the block, again and again, after what prepares it.
macro_rules! line {
    ($what:literal, $body:block) => { line!($what, {}, $body) };
    ($what:literal, { $($prepare:tt)* }, $body:block) => {
        Line($what, || Box::pin(async move { $($prepare)* loop $body }))
    };
}

#[track_caller]
fn give_way(table: Vec<Line>) {
    for Line(what, endless) in table {
        within(what, move || {
            let runtime = Builder::new_current_thread().build().unwrap();
            let turns = Arc::new(AtomicUsize::new(0));
            let counted = turns.clone();
            runtime.spawn(async move {
                loop {
                    counted.fetch_add(1, Ordering::Relaxed);
                    yield_now().await;
                }
            });
            // The machine may be busy elsewhere for 2 ms: a sibling that starves has no turn
            // however often this is tried, and then the claim hangs.
            let limited = move || timeout(Duration::from_millis(2), endless());
            let has_turns = |before: usize| turns.load(Ordering::Relaxed) > before + 1;
            while !has_turns(0) {
                let task = runtime.spawn(async move { limited().await.is_err() });
                assert!(runtime.block_on(task).unwrap(), "{what} has ended");
            }
            let before = turns.load(Ordering::Relaxed);
            while !has_turns(before) {
                let root = async { limited().await };
                assert!(runtime.block_on(root).is_err(), "{what} has ended");
            }
        });
    }
}

#[test]
fn tasks_and_what_joins_them() {
    give_way(vec![
        line!("consume_budget", { consume_budget().await }),
        line!("cooperative", { cooperative(ready(())).await }),
        line!("a join handle", {
            let mut task = runtime::spawn(async {});
            while !task.is_finished() {
                yield_now().await;
            }
            (&mut task).await.unwrap();
        }),
        line!(
            "an empty set",
            {
                let mut set = JoinSet::<()>::new();
            },
            {
                set.join_next().await;
            }
        ),
        line!(
            "an empty map",
            {
                let mut map = JoinMap::<u8, ()>::new();
            },
            {
                map.join_next().await;
            }
        ),
        line!(
            "an empty queue",
            {
                let mut queue = JoinQueue::<()>::new();
            },
            {
                queue.join_next().await;
            }
        ),
        line!(
            "a map",
            {
                let mut map = JoinMap::new();
            },
            {
                (0..200).for_each(|i| map.spawn(i, ready(())));
                yield_now().await;
                while map.join_next().await.is_some() {}
            }
        ),
        line!(
            "a queue",
            {
                let mut queue = JoinQueue::new();
            },
            {
                (0..200).for_each(|_| drop(queue.spawn(ready(()))));
                yield_now().await;
                while queue.join_next().await.is_some() {}
            }
        ),
        line!(
            "shutdown of an empty map",
            {
                let mut map = JoinMap::<u8, ()>::new();
            },
            {
                map.shutdown().await;
            }
        ),
        line!(
            "a tracker that is over",
            {
                let tracker = TaskTracker::new();
                tracker.close();
            },
            {
                tracker.wait().await;
            }
        ),
    ]);
}

#[test]
fn channels_locks_and_permits() {
    give_way(vec![
        line!(
            "send and recv",
            {
                let (tx, mut rx) = mpsc::channel(4);
            },
            {
                tx.send(1).await.unwrap();
                rx.recv().await.unwrap();
            }
        ),
        line!(
            "send_timeout",
            {
                let (tx, mut rx) = mpsc::channel(4);
            },
            {
                tx.send_timeout(1, Duration::from_secs(9)).await.unwrap();
                rx.try_recv().unwrap();
            }
        ),
        line!(
            "unbounded",
            {
                let (tx, mut rx) = mpsc::unbounded_channel();
            },
            {
                tx.send(1).unwrap();
                rx.recv().await.unwrap();
            }
        ),
        line!("oneshot", {
            let (tx, rx) = oneshot::channel();
            tx.send(1).unwrap();
            rx.await.unwrap();
        }),
        line!(
            "lock",
            {
                let mutex = Mutex::new(());
            },
            {
                drop(mutex.lock().await);
            }
        ),
        line!(
            "acquire",
            {
                let semaphore = Semaphore::new(1);
            },
            {
                drop(semaphore.acquire().await.unwrap());
            }
        ),
        line!(
            "notified",
            {
                let notify = Notify::new();
            },
            {
                notify.notify_one();
                notify.notified().await;
            }
        ),
    ]);
}

#[test]
fn timers() {
    give_way(vec![
        line!(
            "a sleep that is over",
            {
                let past = Instant::now();
            },
            {
                sleep_until(past).await;
            }
        ),
        line!(
            "an interval that is late",
            {
                let mut ticks = interval(Duration::from_nanos(1));
            },
            {
                ticks.tick().await;
            }
        ),
        line!(
            "an empty delay queue",
            {
                let mut queue = DelayQueue::<u8>::new();
            },
            {
                queue.next().await;
            }
        ),
        line!(
            "a delay queue that is late",
            {
                let mut queue = DelayQueue::new();
            },
            {
                queue.insert(1, Duration::ZERO);
                queue.next().await;
            }
        ),
        line!(
            "a timeout around what is ready",
            {
                let mutex = Mutex::new(());
            },
            {
                drop(timeout(Duration::from_secs(9), mutex.lock()).await.unwrap());
            }
        ),
    ]);
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connect = TcpStream::connect(listener.local_addr().unwrap());
    let (a, b) = runtime::join!(connect, listener.accept());
    (a.unwrap(), b.unwrap().0)
}

#[test]
fn readers_writers_and_sockets() {
    give_way(vec![
        line!(
            "a reader in memory",
            {
                let mut bytes = [0; 8];
            },
            {
                repeat(1).read_exact(&mut bytes).await.unwrap();
            }
        ),
        line!("a writer in memory", {
            sink().write_all(b"bytes").await.unwrap();
        }),
        line!(
            "a pipe",
            {
                let (mut a, mut b) = duplex(8);
                let mut byte = [0];
            },
            {
                a.write_all(b"1").await.unwrap();
                b.read_exact(&mut byte).await.unwrap();
            }
        ),
        line!(
            "bytes over a socket",
            {
                let (mut a, mut b) = pair().await;
                let mut byte = [0];
            },
            {
                a.write_all(b"1").await.unwrap();
                b.read_exact(&mut byte).await.unwrap();
            }
        ),
        line!(
            "writable and try_write",
            {
                let (a, _b) = pair().await;
            },
            {
                a.writable().await.unwrap();
                a.try_write(b"").unwrap();
            }
        ),
        line!(
            "datagrams to oneself",
            {
                let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                let address = socket.local_addr().unwrap();
                let mut byte = [0];
            },
            {
                socket.send_to(b"1", address).await.unwrap();
                socket.recv_from(&mut byte).await.unwrap();
            }
        ),
    ]);
}

/// An endless loop around a free lock.
async fn greedy() {
    let mutex = Mutex::new(());
    loop {
        drop(mutex.lock().await);
    }
}

/// The timer is behind the greedy ones, in each of them.
#[test]
fn combinators_around_what_is_always_ready() {
    give_way(vec![
        line!("join!", {
            runtime::join!(greedy(), greedy(), pending::<()>());
        }),
        line!("select!", {
            runtime::select! {
                biased;
                () = greedy() => {}
                () = greedy() => {}
            }
        }),
        line!("a foreign biased select", {
            select(pin!(greedy()), pin!(greedy())).await;
        }),
        line!("a foreign select_all", {
            select_all((0..300).map(|_| Box::pin(greedy()))).await;
        }),
        line!("a foreign join_all of few", {
            join_all((0..3).map(|_| greedy())).await;
        }),
        line!("a foreign join_all of many", {
            join_all((0..300).map(|_| greedy())).await;
        }),
        line!("FuturesUnordered", {
            (0..300)
                .map(|_| greedy())
                .collect::<FuturesUnordered<_>>()
                .next()
                .await;
        }),
        line!(
            "FuturesUnordered of short ones",
            {
                let mutex = Arc::new(Mutex::new(()));
            },
            {
                let locks = (0..300).map(|_| mutex.clone().lock_owned());
                let mut all: FuturesUnordered<_> = locks.collect();
                while let Some(guard) = all.next().await {
                    drop(guard);
                }
            }
        ),
    ]);
}

#[test]
fn a_timer_behind_greedy_ones_is_heard_in_foreign_combinators() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let task = runtime.spawn(async {
        let timer = || runtime::time::sleep(Duration::from_millis(2));
        select(pin!(greedy()), pin!(timer())).await;
        let mut unordered = FuturesUnordered::<Loop>::new();
        unordered.push(Box::pin(greedy()));
        unordered.push(Box::pin(timer()));
        unordered.push(Box::pin(greedy()));
        unordered.next().await;
        let all: [Loop; 3] = [Box::pin(greedy()), Box::pin(greedy()), Box::pin(timer())];
        select_all(all).await;
    });
    runtime.block_on(task).unwrap();
}
