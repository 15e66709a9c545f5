//! Workers in several groups, each with a reactor and an injector of its own, as on a machine with
//! many cores: nothing is bound to a group but who looks first.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::rt::{Builder, Runtime};
use runtime::signal::unix::{SignalKind, signal};
use runtime::sync::oneshot;
use runtime::task::{JoinSet, yield_now};
use runtime::time::{Duration, Instant, sleep, timeout};
use runtimes::{soon, with_workers, within};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

const HOUR: Duration = Duration::from_secs(3600);

fn in_groups(workers: usize, groups: usize) -> Builder {
    let mut builder = with_workers(workers);
    builder.worker_groups(groups).enable_all();
    builder
}

/// The claim with groups of one worker, and of more.
fn on_each(claim: fn(Builder)) {
    for (workers, groups) in [(2, 2), (4, 2), (4, 4), (16, 3)] {
        within(
            &format!("{workers} workers in {groups} groups"),
            move || {
                claim(in_groups(workers, groups));
            },
        );
    }
}

/// Eight connections, whose ends are in all groups.
async fn connections() -> Vec<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut pairs = Vec::new();
    for _ in 0..8 {
        let client = TcpStream::connect(address).await.unwrap();
        pairs.push((client, listener.accept().await.unwrap().0));
    }
    pairs
}

/// Sends `rounds` bytes there and back, each after the one before.
async fn talk(client: &mut TcpStream, rounds: u32) {
    for round in 0..rounds {
        client.write_all(&[round as u8]).await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), round as u8);
    }
}

/// A task for each that sends back what comes.
fn echo(runtime: &Runtime, servers: Vec<TcpStream>) {
    for mut server in servers {
        drop(runtime.spawn(async move {
            while let Ok(byte) = server.read_u8().await {
                if server.write_all(&[byte]).await.is_err() {
                    break;
                }
            }
        }));
    }
}

#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Blocks the thread; says so first.
    fn pass(&self, arrived: &Sender<()>) {
        arrived.send(()).unwrap();
        let is_open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(is_open, |is_open| !*is_open).unwrap());
    }
}

/// Opens the gate when the test ends, however it does.
struct Opener(Gate);

impl Drop for Opener {
    fn drop(&mut self) {
        *self.0.0.0.lock().unwrap() = true;
        self.0.0.1.notify_all();
    }
}

/// Blocks so many workers in the middle of a poll, until the result is dropped.
fn block(runtime: &Runtime, workers: usize) -> Opener {
    let opener = Opener(Gate::default());
    let (arrived, arrivals) = channel();
    for _ in 0..workers {
        let (gate, arrived) = (opener.0.clone(), arrived.clone());
        drop(runtime.spawn(async move { gate.pass(&arrived) }));
    }
    for _ in 0..workers {
        arrivals.recv().unwrap();
    }
    opener
}

#[test]
fn sockets_of_all_groups_talk_to_each_other() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let pairs = runtime.block_on(connections());
        let (clients, servers): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        echo(&runtime, servers);
        runtime.block_on(async {
            let mut talks = JoinSet::new();
            for mut client in clients {
                talks.spawn(async move { talk(&mut client, 200).await });
            }
            talks.join_all().await;
        });
        let metrics = runtime.metrics();
        assert_eq!(metrics.io_driver_fd_registered_count(), 17);
        assert!(metrics.io_driver_ready_count() > 0);
        soon("the echoes are over", || {
            metrics.io_driver_fd_deregistered_count() == 17
        });
    });
}

/// The only worker that is left serves them, asleep or busy.
#[test]
fn the_sockets_of_a_group_whose_workers_are_all_stuck_are_served() {
    for is_busy in [false, true] {
        within("stuck groups", move || {
            let runtime = in_groups(4, 4).build().unwrap();
            let pairs = runtime.block_on(connections());
            let (clients, servers): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            echo(&runtime, servers);
            let opener = block(&runtime, 3);
            let is_over = Arc::new(AtomicBool::new(!is_busy));
            let goes_on = is_over.clone();
            drop(runtime.spawn(async move {
                while !goes_on.load(Ordering::SeqCst) {
                    yield_now().await;
                }
            }));
            runtime.block_on(async {
                for mut client in clients {
                    talk(&mut client, 2).await;
                }
            });
            is_over.store(true, Ordering::SeqCst);
            drop(opener);
        });
    }
}

#[test]
fn what_threads_outside_spawn_runs_however_busy_the_workers_are() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        // Two for each worker that are always ready.
        for _ in 0..2 * runtime.metrics().num_workers() {
            let is_over = is_over.clone();
            drop(runtime.spawn(async move {
                while !is_over.load(Ordering::SeqCst) {
                    yield_now().await;
                }
            }));
        }
        let ran = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let (say, said) = channel();
                        drop(runtime.spawn(async move { say.send(()) }));
                        said.recv().unwrap();
                        ran.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        is_over.store(true, Ordering::SeqCst);
        assert_eq!(ran.into_inner(), 300);
        assert!(runtime.metrics().remote_schedule_count() >= 300);
    });
}

/// One at a time: whoever sleeps is woken.
#[test]
fn what_threads_outside_spawn_wakes_a_sleeper_of_any_group() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        for _ in 0..40 {
            let theirs = runtime.handle().clone();
            let thread = thread::spawn(move || {
                let task = theirs.spawn(async { sleep(Duration::from_micros(100)).await });
                theirs.block_on(task).unwrap();
                // A deadline of a thread that is no worker.
                theirs.block_on(sleep(Duration::from_micros(100)));
            });
            thread.join().unwrap();
        }
    });
}

#[test]
fn the_end_of_the_runtime_reaches_the_sources_of_all_groups() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let pairs = runtime.block_on(connections());
        let (clients, mut servers): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let dropped: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                let (guard, is_dropped) = oneshot::channel::<()>();
                drop(runtime.spawn(async move {
                    let _guard = guard;
                    let _ = client.read_u8().await;
                }));
                is_dropped
            })
            .collect();
        drop(runtime);
        let other = in_groups(2, 2).build().unwrap();
        other.block_on(async {
            for is_dropped in dropped {
                assert!(is_dropped.await.is_err(), "the task was cancelled");
            }
            for server in &mut servers {
                let error = server.read_u8().await.unwrap_err();
                assert!(error.to_string().contains("shut down"), "{error}");
            }
        });
    });
}

#[test]
fn a_paused_clock_stands_while_sockets_of_any_group_talk_and_moves_when_they_are_silent() {
    on_each(|mut builder| {
        let runtime = builder.start_paused(true).build().unwrap();
        let claim = async {
            let start = Instant::now();
            let mut silent = connections().await;
            let mut talks = JoinSet::new();
            for (mut client, mut server) in connections().await {
                talks.spawn(async move {
                    let theirs = runtime::spawn(async move {
                        for _ in 0..20 {
                            let byte = server.read_u8().await.unwrap();
                            server.write_all(&[byte]).await.unwrap();
                        }
                    });
                    timeout(HOUR, talk(&mut client, 20)).await.unwrap();
                    theirs.await.unwrap();
                });
            }
            talks.join_all().await;
            assert_eq!(start.elapsed(), Duration::ZERO, "it moved under a talk");
            let (client, _) = &mut silent[0];
            assert!(timeout(HOUR, client.read_u8()).await.is_err());
            sleep(HOUR).await;
            assert_eq!(start.elapsed(), 2 * HOUR);
        };
        runtime.block_on(async { runtime.spawn(claim).await.unwrap() });
    });
}

/// The listeners are made on one thread outside, and so in one group after the other.
#[test]
fn a_signal_reaches_listeners_of_all_groups() {
    within("signals", || {
        let runtime = in_groups(4, 4).build().unwrap();
        let _guard = runtime.enter();
        let mut listeners: Vec<_> = (0..8)
            .map(|_| signal(SignalKind::user_defined2()).unwrap())
            .collect();
        for _ in 0..3 {
            let pid = std::process::id().to_string();
            let sent = std::process::Command::new("kill")
                .args(["-USR2", &pid])
                .status();
            assert!(sent.unwrap().success());
            runtime.block_on(async {
                for listener in &mut listeners {
                    listener.recv().await.unwrap();
                }
            });
        }
    });
}

#[test]
fn datagrams_arrive_in_whatever_group_the_socket_was_made() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut sockets = Vec::new();
            for _ in 0..6 {
                let made = runtime.spawn(UdpSocket::bind("127.0.0.1:0"));
                sockets.push(made.await.unwrap().unwrap());
            }
            let addresses: Vec<_> = sockets.iter().map(|s| s.local_addr().unwrap()).collect();
            let mut receivers = JoinSet::new();
            for socket in sockets {
                receivers.spawn(async move {
                    let mut buffer = [0; 8];
                    let (count, from) = socket.recv_from(&mut buffer).await.unwrap();
                    socket.send_to(&buffer[..count], from).await.unwrap();
                });
            }
            let asker = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            for address in addresses {
                asker.send_to(b"ask", address).await.unwrap();
                let mut buffer = [0; 8];
                let (count, from) = asker.recv_from(&mut buffer).await.unwrap();
                assert_eq!((&buffer[..count], from), (&b"ask"[..], address));
            }
            receivers.join_all().await;
        });
    });
}
