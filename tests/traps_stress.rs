//! Everything at once, with far more workers than processors and with one: each piece of work
//! is done exactly once or was aborted, and nothing is left at the end. (Alone in its process,
//! which it counts.)

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::rt::{Builder, Handle};
use runtime::sync::{Semaphore, mpsc, oneshot};
use runtime::task::{JoinSet, block_in_place, spawn_blocking, yield_now};
use runtime::time::{Duration, Instant, sleep, timeout};
use runtimes::{Census, soon, with_workers, within};
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is shared by all tasks of a run.
#[derive(Clone)]
struct Work {
    census: Census,
    done: Arc<Done>,
    tickets: Arc<Semaphore>,
    echo: SocketAddr,
    /// `block_in_place` needs workers.
    in_place: bool,
}

/// How often each kind of work was asked for and done.
#[derive(Default)]
struct Done {
    kinds: [(AtomicU64, AtomicU64); 6],
}

impl Done {
    fn asked(&self, kind: usize) {
        self.kinds[kind].0.fetch_add(1, Ordering::Relaxed);
    }

    fn did(&self, kind: usize) {
        self.kinds[kind].1.fetch_add(1, Ordering::Relaxed);
    }

    /// Each kind was done as often as it was asked for, and at least once.
    fn assert_all(&self, in_place: bool) {
        for (kind, (asked, did)) in self.kinds.iter().enumerate() {
            let (asked, did) = (asked.load(Ordering::Relaxed), did.load(Ordering::Relaxed));
            assert_eq!(asked, did, "of kind {kind}");
            assert!(asked > 0 || (kind == 5 && !in_place), "none of kind {kind}");
        }
    }
}

impl Work {
    async fn piece(self, number: u64) {
        let _thing = self.census.make();
        let _ticket = self.tickets.acquire().await.unwrap();
        let kind = (number % 6) as usize;
        if kind == 5 && !self.in_place {
            return;
        }
        self.done.asked(kind);
        match kind {
            0 => self.spawn_and_abort(number).await,
            1 => sleep(Duration::from_micros(number * 7919 % 1500)).await,
            2 => self.channels(number).await,
            3 => self.echo(number).await,
            4 => {
                let thing = self.census.make();
                let job = move || (drop(thing), number).1;
                assert_eq!(spawn_blocking(job).await.unwrap(), number);
            }
            _ => {
                let inner = self.clone();
                block_in_place(move || {
                    std::thread::sleep(Duration::from_micros(number % 300));
                    Handle::current().block_on(inner.channels(number));
                });
            }
        }
        self.done.did(kind);
    }

    async fn spawn_and_abort(&self, number: u64) {
        let thing = self.census.make();
        let task = runtime::spawn(async move {
            let _thing = thing;
            for _ in 0..number % 5 {
                yield_now().await;
            }
            if number % 4 == 0 {
                pending::<()>().await;
            }
            number
        });
        if number % 3 == 0 {
            yield_now().await;
        }
        if number % 4 < 2 {
            task.abort();
        }
        match task.await {
            Ok(output) => assert_eq!(output, number),
            Err(error) => assert!(error.is_cancelled() && number % 4 < 2),
        }
    }

    async fn channels(&self, number: u64) {
        let (tx, mut rx) = mpsc::channel(1);
        let (answer, answered) = oneshot::channel();
        let thing = self.census.make();
        runtime::spawn(async move {
            let _thing = thing;
            for i in 0..number % 8 {
                tx.send(i).await.unwrap();
            }
            answer.send(number).unwrap();
        });
        let mut next = 0;
        while let Some(i) = rx.recv().await {
            assert_eq!(i, next);
            next += 1;
        }
        assert_eq!(next, number % 8);
        assert_eq!(answered.await.unwrap(), number);
    }

    async fn echo(&self, number: u64) {
        let mut stream = TcpStream::connect(self.echo).await.unwrap();
        stream.write_u64(number).await.unwrap();
        assert_eq!(stream.read_u64().await.unwrap(), number);
        // No ports in TIME_WAIT: there are not enough of them.
        stream.set_zero_linger().unwrap();
    }
}

async fn serve(listener: TcpListener, census: Census) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let thing = census.make();
        runtime::spawn(async move {
            let _thing = thing;
            while let Ok(number) = stream.read_u64().await {
                if stream.write_u64(number).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// Works for so long and returns how many pieces of work were done.
async fn run(length: Duration, census: Census, in_place: bool) -> u64 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let work = Work {
        census: census.clone(),
        done: Arc::default(),
        tickets: Arc::new(Semaphore::new(100)),
        echo: listener.local_addr().unwrap(),
        in_place,
    };
    runtime::spawn(serve(listener, census));
    let start = Instant::now();
    let (mut set, mut number) = (JoinSet::new(), 0);
    while start.elapsed() < length || number < 600 {
        for _ in 0..50 {
            set.spawn(work.clone().piece(number));
            number += 1;
        }
        while set.len() > 150 {
            set.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(result) = set.join_next().await {
        result.unwrap();
    }
    work.done.assert_all(in_place);
    assert_eq!(work.tickets.available_permits(), 100);
    number
}

fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Works on one thread, on one worker and on 64, for so long on each.
fn stress(length: Duration) {
    let builders = [
        (Builder::new_current_thread(), false),
        (with_workers(1), true),
        (with_workers(64), true),
    ];
    let threads = count("/proc/self/task");
    let descriptors = count("/proc/self/fd");
    for (mut builder, in_place) in builders {
        let census = Census::default();
        let inside = census.clone();
        let mut body = move || {
            let runtime = builder.build().unwrap();
            let work = run(length, inside.clone(), in_place);
            let limited = async move { timeout(length + Duration::from_secs(50), work).await };
            let task = runtime.block_on(async move { runtime::spawn(limited).await });
            let pieces = task.unwrap().expect("a piece of work is never done");
            println!("{pieces} pieces of work, {} things", inside.made());
            // And it ends in the middle of its work as well.
            runtime.spawn(run(Duration::from_secs(3600), inside.clone(), in_place));
            runtime.block_on(sleep(Duration::from_millis(50)));
            drop(runtime);
        };
        if length < Duration::from_secs(5) {
            within("everything at once", body);
        } else {
            body();
        }
        census.assert_over();
        soon("all threads end", || count("/proc/self/task") <= threads);
        assert_eq!(count("/proc/self/fd"), descriptors);
    }
}

#[test]
fn all_work_is_done_once_and_nothing_is_left_under_oversubscription() {
    stress(Duration::from_millis(700));
}

/// `RUNTIME_STRESS_SECONDS` says how long it takes on each kind of runtime; else 20.
#[test]
#[ignore = "takes minutes; CONTRIBUTING.md has the command"]
fn all_work_is_done_once_for_as_long_as_you_like() {
    let seconds = std::env::var("RUNTIME_STRESS_SECONDS");
    let seconds = seconds.map_or(20, |text| text.parse().expect("a number of seconds"));
    stress(Duration::from_secs(seconds));
}
