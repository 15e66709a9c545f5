//! Nothing that is always ready keeps a task from giving way: a `timeout` around it fires, and
//! who stands beside it is polled.
//!
//! Each claim is a loop around one thing that never has to wait. It counts its rounds within
//! one poll of its task: thousands of them are a task that never gives way.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};
use runtime::net::{TcpListener, TcpStream, UdpSocket, lookup_host};
use runtime::rt::Builder;
use runtime::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};
use runtime::task::JoinSet;
use runtime::time::{Instant, interval, sleep, sleep_until, timeout};
use runtimes::{with_workers, within};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// More rounds than any budget allows for in one poll.
const MANY: usize = 2000;

/// The rounds in this poll.
#[derive(Clone, Default)]
struct Rounds(Arc<AtomicUsize>);

impl Rounds {
    #[track_caller]
    fn next(&self) {
        let rounds = self.0.fetch_add(1, Ordering::Relaxed);
        assert!(rounds < MANY, "it never gives way");
    }
}

/// The loop ends by a `timeout`, in the root and in a task, on one thread and on workers.
#[track_caller]
fn gives_way<F, T>(what: &'static str, endless: impl Fn(Rounds) -> F + Send + Copy + 'static)
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let limited = move || {
        let rounds = Rounds::default();
        let mut endless = Box::pin(endless(rounds.clone()));
        let watched = poll_fn(move |cx| {
            rounds.0.store(0, Ordering::Relaxed);
            endless.as_mut().poll(cx)
        });
        async { timeout(Duration::from_millis(2), watched).await.is_err() }
    };
    for mut builder in [
        Builder::new_current_thread(),
        with_workers(1),
        with_workers(2),
    ] {
        within(what, move || {
            let runtime = builder.build().unwrap();
            assert!(runtime.block_on(limited()), "{what} ended in the root");
            let task = runtime.spawn(limited());
            assert!(runtime.block_on(task).unwrap(), "{what} ended in a task");
        });
    }
}

#[test]
fn timeout_fires_around_a_channel_that_is_always_ready() {
    gives_way("recv", |rounds| async move {
        let (tx, mut rx) = mpsc::unbounded_channel();
        loop {
            rounds.next();
            tx.send(1).unwrap();
            rx.recv().await;
        }
    });
    gives_way("recv_many", |rounds| async move {
        let (tx, mut rx) = mpsc::channel(1);
        loop {
            rounds.next();
            tx.try_send(1).unwrap();
            rx.recv_many(&mut Vec::new(), 8).await;
        }
    });
    gives_way("recv of a closed channel", |rounds| async move {
        let (_, mut rx) = mpsc::channel::<()>(1);
        loop {
            rounds.next();
            rx.recv().await;
        }
    });
    gives_way("recv_many of a closed channel", |rounds| async move {
        let (_, mut rx) = mpsc::unbounded_channel::<()>();
        loop {
            rounds.next();
            rx.recv_many(&mut Vec::new(), 8).await;
        }
    });
    gives_way("recv_many of nothing", |rounds| async move {
        let (_tx, mut rx) = mpsc::unbounded_channel::<()>();
        loop {
            rounds.next();
            rx.recv_many(&mut Vec::new(), 0).await;
        }
    });
    gives_way("send", |rounds| async move {
        let (tx, mut rx) = mpsc::channel(1);
        loop {
            rounds.next();
            tx.send(1).await.unwrap();
            rx.try_recv().unwrap();
        }
    });
    gives_way("send to nobody", |rounds| async move {
        let (tx, _) = mpsc::channel(1);
        loop {
            rounds.next();
            tx.send(1).await.unwrap_err();
        }
    });
    gives_way("reserve", |rounds| async move {
        let (tx, _rx) = mpsc::channel::<()>(1);
        loop {
            rounds.next();
            drop(tx.reserve().await.unwrap());
        }
    });
    gives_way("reserve_many of nothing", |rounds| async move {
        let (tx, _rx) = mpsc::channel::<()>(1);
        loop {
            rounds.next();
            drop(tx.reserve_many(0).await.unwrap());
        }
    });
    gives_way("closed", |rounds| async move {
        let (tx, _) = mpsc::channel::<()>(1);
        loop {
            rounds.next();
            tx.closed().await;
        }
    });
    gives_way("a oneshot", |rounds| async move {
        loop {
            rounds.next();
            let (tx, rx) = oneshot::channel();
            tx.send(1).unwrap();
            rx.await.unwrap();
        }
    });
    gives_way("closed of a oneshot", |rounds| async move {
        let (mut tx, _) = oneshot::channel::<()>();
        loop {
            rounds.next();
            tx.closed().await;
        }
    });
}

#[test]
fn timeout_fires_around_a_lock_that_is_always_free() {
    gives_way("lock", |rounds| async move {
        let mutex = Mutex::new(0);
        loop {
            rounds.next();
            *mutex.lock().await += 1;
        }
    });
    gives_way("lock_owned", |rounds| async move {
        let mutex = Arc::new(Mutex::new(0));
        loop {
            rounds.next();
            *mutex.clone().lock_owned().await += 1;
        }
    });
    gives_way("acquire", |rounds| async move {
        let semaphore = Semaphore::new(3);
        loop {
            rounds.next();
            drop(semaphore.acquire().await.unwrap());
        }
    });
    gives_way("acquire_many_owned", |rounds| async move {
        let semaphore = Arc::new(Semaphore::new(3));
        loop {
            rounds.next();
            drop(semaphore.clone().acquire_many_owned(3).await.unwrap());
        }
    });
    gives_way("acquire_many of nothing", |rounds| async move {
        let semaphore = Semaphore::new(0);
        loop {
            rounds.next();
            drop(semaphore.acquire_many(0).await.unwrap());
        }
    });
    gives_way("acquire of a closed semaphore", |rounds| async move {
        let semaphore = Semaphore::new(0);
        semaphore.close();
        loop {
            rounds.next();
            assert!(semaphore.acquire().await.is_err());
        }
    });
    gives_way("notified", |rounds| async move {
        let notify = Notify::new();
        loop {
            rounds.next();
            notify.notify_one();
            notify.notified().await;
        }
    });
    gives_way("notified with others", |rounds| async move {
        let notify = Arc::new(Notify::new());
        loop {
            rounds.next();
            let notified = notify.clone().notified_owned();
            notify.notify_waiters();
            notified.await;
        }
    });
}

#[test]
fn timeout_fires_around_tasks_and_timers_that_are_over() {
    gives_way("a finished task", |rounds| async move {
        loop {
            let ended: Vec<_> = (0..300).map(|_| runtime::spawn(async {})).collect();
            while !ended.iter().all(|task| task.is_finished()) {
                runtime::task::yield_now().await;
            }
            for task in ended {
                rounds.next();
                task.await.unwrap();
            }
        }
    });
    gives_way("a set", |rounds| async move {
        let mut set = JoinSet::new();
        loop {
            rounds.next();
            set.spawn(async {});
            set.join_next().await.unwrap().unwrap();
        }
    });
    gives_way("an empty set", |rounds| async move {
        let mut set = JoinSet::<()>::new();
        loop {
            rounds.next();
            assert!(set.join_next().await.is_none());
        }
    });
    gives_way("yield_now", |rounds| async move {
        loop {
            rounds.next();
            runtime::task::yield_now().await;
        }
    });
    gives_way("a sleep of nothing", |rounds| async move {
        loop {
            rounds.next();
            sleep(Duration::ZERO).await;
        }
    });
    gives_way("a sleep in the past", |rounds| async move {
        let now = Instant::now();
        loop {
            rounds.next();
            sleep_until(now).await;
        }
    });
    gives_way("a timeout that is over", |rounds| async move {
        loop {
            rounds.next();
            let over = timeout(Duration::ZERO, std::future::pending::<()>());
            over.await.unwrap_err();
        }
    });
    gives_way("an interval that is late", |rounds| async move {
        let mut interval = interval(Duration::from_nanos(1));
        loop {
            rounds.next();
            interval.tick().await;
        }
    });
}

#[test]
fn timeout_fires_around_a_reader_or_writer_in_memory() {
    gives_way("empty", |rounds| async move {
        loop {
            rounds.next();
            assert_eq!(io::empty().read(&mut [0; 8]).await.unwrap(), 0);
        }
    });
    gives_way("read into nothing", |rounds| async move {
        loop {
            rounds.next();
            assert_eq!(io::repeat(1).read(&mut []).await.unwrap(), 0);
        }
    });
    gives_way("repeat", |rounds| async move {
        loop {
            rounds.next();
            io::repeat(1).read_exact(&mut [0; 8]).await.unwrap();
        }
    });
    gives_way("read_to_end of nothing", |rounds| async move {
        loop {
            rounds.next();
            io::empty().read_to_end(&mut Vec::new()).await.unwrap();
        }
    });
    gives_way("a slice at its end", |rounds| async move {
        let mut slice = &b""[..];
        loop {
            rounds.next();
            slice.read(&mut [0; 8]).await.unwrap();
        }
    });
    gives_way("lines at the end", |rounds| async move {
        let mut lines = BufReader::new(io::empty()).lines();
        loop {
            rounds.next();
            assert!(lines.next_line().await.unwrap().is_none());
        }
    });
    gives_way("fill_buf", |rounds| async move {
        let mut reader = BufReader::new(io::repeat(1));
        loop {
            rounds.next();
            reader.fill_buf().await.unwrap();
        }
    });
    gives_way("numbers out of a buffer", |rounds| async move {
        let mut reader = BufReader::new(io::repeat(1));
        loop {
            rounds.next();
            reader.read_u8().await.unwrap();
        }
    });
    gives_way("take and chain", |rounds| async move {
        let mut reader = io::empty().chain(io::repeat(1).take(0));
        loop {
            rounds.next();
            reader.read(&mut [0; 8]).await.unwrap();
        }
    });
    gives_way("seek", |rounds| async move {
        let mut cursor = std::io::Cursor::new([0; 8]);
        loop {
            rounds.next();
            cursor.rewind().await.unwrap();
        }
    });
    gives_way("sink", |rounds| async move {
        loop {
            rounds.next();
            io::sink().write_all(b"12").await.unwrap();
        }
    });
    gives_way("flush", |rounds| async move {
        loop {
            rounds.next();
            io::sink().flush().await.unwrap();
        }
    });
    gives_way("shutdown", |rounds| async move {
        loop {
            rounds.next();
            io::sink().shutdown().await.unwrap();
        }
    });
    gives_way("a vector", |rounds| async move {
        let mut vector = Vec::new();
        loop {
            rounds.next();
            vector.write_u16(1).await.unwrap();
            vector.clear();
        }
    });
    gives_way("a pipe", |rounds| async move {
        let (mut one, mut other) = io::duplex(8);
        loop {
            rounds.next();
            one.write_all(b"12").await.unwrap();
            other.read_exact(&mut [0; 2]).await.unwrap();
        }
    });
    gives_way("a stream in two halves", |rounds| async move {
        let (mut reader, mut writer) = io::split(io::join(io::repeat(1), io::sink()));
        loop {
            rounds.next();
            reader.read_exact(&mut [0; 2]).await.unwrap();
            writer.write_all(b"12").await.unwrap();
        }
    });
    gives_way("nothing to write", |rounds| async move {
        loop {
            rounds.next();
            io::sink().write_all(b"").await.unwrap();
            io::empty().read_exact(&mut []).await.unwrap();
        }
    });
    gives_way("a pipe that has ended", |rounds| async move {
        let (mut one, _) = io::duplex(8);
        loop {
            rounds.next();
            assert_eq!(one.read(&mut [0; 2]).await.unwrap(), 0);
            assert!(one.write(b"1").await.is_err());
        }
    });
}

#[test]
fn timeout_fires_around_a_copy_that_never_ends() {
    gives_way("copy", |_| async {
        io::copy(&mut io::repeat(1), &mut io::sink()).await.unwrap();
    });
    gives_way("copy_buf", |_| async {
        let mut reader = BufReader::new(io::repeat(1));
        io::copy_buf(&mut reader, &mut io::sink()).await.unwrap();
    });
    gives_way("copy of nothing", |rounds| async move {
        loop {
            rounds.next();
            io::copy(&mut io::empty(), &mut io::sink()).await.unwrap();
        }
    });
    gives_way("copy_bidirectional", |_| async {
        let mut one = io::join(io::repeat(1), io::sink());
        let mut other = io::join(io::repeat(2), io::sink());
        io::copy_bidirectional(&mut one, &mut other).await.unwrap();
    });
    gives_way("read_to_end", |_| async {
        // Short reads, lest the memory is full before the time is over.
        let mut reader = BufReader::with_capacity(1, io::repeat(1));
        reader.read_until(0, &mut Vec::new()).await.unwrap();
    });
}

#[test]
fn timeout_fires_around_a_socket_that_is_always_ready() {
    gives_way("a stream that has ended", |rounds| async move {
        let (mut client, _) = pair().await;
        loop {
            rounds.next();
            assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);
        }
    });
    gives_way("bytes there and back", |rounds| async move {
        let (mut client, mut server) = pair().await;
        loop {
            rounds.next();
            client.write_all(b"12").await.unwrap();
            server.read_exact(&mut [0; 2]).await.unwrap();
        }
    });
    gives_way("readable", |rounds| async move {
        let (client, mut server) = pair().await;
        server.write_all(b"12").await.unwrap();
        loop {
            rounds.next();
            client.readable().await.unwrap();
        }
    });
    gives_way("peek", |rounds| async move {
        let (client, mut server) = pair().await;
        server.write_all(b"12").await.unwrap();
        loop {
            rounds.next();
            client.peek(&mut [0; 8]).await.unwrap();
        }
    });
    gives_way("writable", |rounds| async move {
        let (client, _server) = pair().await;
        loop {
            rounds.next();
            client.writable().await.unwrap();
        }
    });
    gives_way("flush of a stream", |rounds| async move {
        let (mut client, _server) = pair().await;
        loop {
            rounds.next();
            client.flush().await.unwrap();
        }
    });
    gives_way("datagrams to oneself", |rounds| async move {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        loop {
            rounds.next();
            socket.send_to(b"12", address).await.unwrap();
            socket.recv_from(&mut [0; 8]).await.unwrap();
        }
    });
    gives_way("sockets that come and go", |rounds| async move {
        loop {
            rounds.next();
            drop(TcpListener::bind("127.0.0.1:0").await.unwrap());
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            socket.connect("127.0.0.1:9").await.unwrap();
        }
    });
    gives_way("an address that is one", |rounds| async move {
        loop {
            rounds.next();
            drop(lookup_host("127.0.0.1:80").await.unwrap());
        }
    });
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = TcpStream::connect(address).await.unwrap();
    (client, listener.accept().await.unwrap().0)
}

#[test]
fn a_timer_behind_a_branch_that_is_always_ready_fires_in_a_biased_select() {
    for runtime in [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap(),
    ] {
        let polls = runtime.block_on(async {
            runtime::spawn(async {
                let (sender, mut receiver) = runtime::sync::mpsc::channel(4);
                let greedy = async {
                    let mut rounds = 0u64;
                    loop {
                        sender.send(()).await.unwrap();
                        receiver.recv().await.unwrap();
                        rounds += 1;
                        if rounds == u64::MAX {
                            break rounds;
                        }
                    }
                };
                runtime::select! {
                    biased;
                    rounds = greedy => rounds,
                    _ = runtime::time::sleep(std::time::Duration::from_millis(20)) => 0,
                }
            })
            .await
            .unwrap()
        });
        assert_eq!(polls, 0);
    }
}
