//! Runtimes come and go and leave nothing behind. (Alone in its process, which it counts.)

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::rt::{Builder, Handle};
use runtime::task::spawn_blocking;
use runtime::time::{Duration, interval, sleep};
use runtimes::{soon, with_workers, within};
use std::future::pending;

fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// One of everything that a runtime may have when it ends.
async fn some_of_everything() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    let (mut server, _) = listener.accept().await.unwrap();
    client.write_all(b"12").await.unwrap();
    server.read_exact(&mut [0; 2]).await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();

    runtime::spawn(async move { server.read(&mut [0; 8]).await });
    runtime::spawn(async move { socket.recv(&mut [0; 8]).await });
    runtime::spawn(async move { listener.accept().await });
    runtime::spawn(sleep(Duration::from_secs(3600)));
    runtime::spawn(async {
        let mut ticks = interval(Duration::from_micros(50));
        loop {
            ticks.tick().await;
        }
    });
    let handle = Handle::current();
    runtime::spawn(async move {
        let _keeps_the_runtime = handle;
        let _keeps_the_socket = client;
        pending::<()>().await;
    });
    let job = || Handle::current().block_on(async { spawn_blocking(|| 1).await });
    assert_eq!(spawn_blocking(job).await.unwrap().unwrap(), 1);
}

#[test]
fn two_hundred_runtimes_in_a_row_leave_no_descriptor_and_no_thread() {
    let run = |rounds: usize| {
        for round in 0..rounds {
            let mut builder = match round % 3 {
                0 => Builder::new_current_thread(),
                workers => with_workers(workers),
            };
            within("a runtime in a row", move || {
                let runtime = builder.build().unwrap();
                let task = runtime.spawn(some_of_everything());
                runtime.block_on(task).unwrap();
                match round % 5 {
                    0 => runtime.shutdown_background(),
                    1 => runtime.shutdown_timeout(Duration::from_secs(20)),
                    _ => drop(runtime),
                }
            });
        }
    };
    let threads = count("/proc/self/task");
    run(6);
    soon("the first threads end", || {
        count("/proc/self/task") <= threads
    });
    let descriptors = count("/proc/self/fd");
    run(200);
    soon("all threads end", || count("/proc/self/task") <= threads);
    assert_eq!(count("/proc/self/fd"), descriptors);
}
