//! What it teaches: all of the library in a few seconds, a section each: tasks, time, several
//! futures in one task, channels and locks, sockets, streams of bytes, a clock that does not
//! wait, and the end of a program.
//!
//! Run it:
//!     cargo run --release --example tour
//!
//! Expect: a line or two from each section, some of which name the worker threads, and the end
//! after about a second. What the lines say is asserted before it is printed.

use runtime::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy, duplex};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::rt::Builder;
use runtime::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};
use runtime::task::{JoinSet, block_in_place, spawn_blocking, yield_now};
use runtime::time::{Duration, Instant, interval, sleep, timeout};
use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;

type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    let workers = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("worker")
        .enable_all()
        .build()?;
    let start = Instant::now();
    workers.block_on(async {
        tasks().await?;
        panics_and_aborts().await?;
        blocking().await?;
        time().await?;
        several_futures_in_one_task().await?;
        channels().await?;
        locks().await?;
        tcp().await?;
        udp().await?;
        bytes().await
    })?;
    paused_clock()?;
    shutdown(workers)?;
    println!("the end, after {} ms", start.elapsed().as_millis());
    Ok(())
}

/// Where this code runs: the name of the thread, and which of several it is.
fn here() -> String {
    let current = thread::current();
    format!("{} {:?}", current.name().unwrap_or("?"), current.id())
}

/// A task is a future that runs beside the others; its handle is a future of its result.
async fn tasks() -> Done {
    let answer = runtime::spawn(async { 6 * 7 }).await?;
    assert_eq!(answer, 42);

    let mut set = JoinSet::new();
    for number in 0..100_u64 {
        set.spawn(async move {
            // Enough to do that the other worker comes and takes its share.
            black_box((0..200_000).map(black_box).sum::<u64>());
            // Between two polls a task may move to another worker.
            yield_now().await;
            (number, here())
        });
    }
    let mut sum = 0;
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(result) = set.join_next().await {
        let (number, place) = result?;
        sum += number;
        *ran.entry(place).or_default() += 1;
    }
    assert_eq!(sum, 4950);
    assert_eq!(ran.values().sum::<usize>(), 100);
    println!("tasks: the answer is {answer}; 100 more added up to {sum}");
    for (place, count) in ran {
        println!("    {count} of them ended on {place}");
    }
    Ok(())
}

/// A panic stays in its task and reaches who awaits the handle. An abort drops the future at its
/// next `await`.
async fn panics_and_aborts() -> Done {
    let broken = runtime::spawn(async {
        // `resume_unwind` does not print a message, as `panic!` would.
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    let error = broken.await.err().ok_or("the panic was lost")?;
    assert!(error.is_panic());
    let payload = error.into_panic();
    let message = payload.downcast_ref::<&str>();
    assert_eq!(message, Some(&"on purpose"));
    println!("panics: a task ended {}", message.unwrap_or(&"?"));

    let endless = runtime::spawn(std::future::pending::<()>());
    endless.abort();
    let error = endless.await.err().ok_or("the abort was lost")?;
    assert!(error.is_cancelled());
    println!("aborts: a task that would never end was cancelled");
    Ok(())
}

/// What blocks goes to a thread of the blocking pool, or says so where it stands.
async fn blocking() -> Done {
    let place = spawn_blocking(|| {
        thread::sleep(Duration::from_millis(10));
        here()
    })
    .await?;
    println!("blocking: spawn_blocking slept on {place}");

    let sum = runtime::spawn(async {
        // The other tasks of this worker move to another thread meanwhile.
        block_in_place(|| (1..=1_000_000_u64).sum::<u64>())
    })
    .await?;
    assert_eq!(sum, 500_000_500_000);
    println!("blocking: block_in_place added up to {sum}");
    Ok(())
}

/// Timers never fire early.
async fn time() -> Done {
    let start = Instant::now();
    sleep(Duration::from_millis(20)).await;
    let slept = start.elapsed();
    assert!(slept >= Duration::from_millis(20));

    let mut ticks = interval(Duration::from_millis(10));
    for _ in 0..5 {
        ticks.tick().await;
    }
    // The first tick comes at once.
    let ticked = start.elapsed() - slept;
    assert!(ticked >= Duration::from_millis(39));

    let late = timeout(Duration::from_millis(10), std::future::pending::<()>()).await;
    assert!(late.is_err());
    let in_time = timeout(Duration::from_secs(10), async { "here" }).await?;
    assert_eq!(in_time, "here");
    println!(
        "time: slept {slept:.1?}, five ticks took {ticked:.1?}, one timeout struck and one did not"
    );
    Ok(())
}

/// `join!` waits for all of its futures, `select!` for the first one, and drops the others.
async fn several_futures_in_one_task() -> Done {
    let start = Instant::now();
    let (first, second) = runtime::join!(after(20, "one"), after(20, "other"));
    assert_eq!((first, second), ("one", "other"));
    let both = start.elapsed();
    assert!(both >= Duration::from_millis(20));

    let winner = runtime::select! {
        word = after(5, "the hare") => word,
        word = after(60_000, "the tortoise") => word,
    };
    assert_eq!(winner, "the hare");
    println!("in one task: join! slept 20 ms twice in {both:.1?}, select! says {winner} won");
    Ok(())
}

async fn after(millis: u64, word: &'static str) -> &'static str {
    sleep(Duration::from_millis(millis)).await;
    word
}

/// A bounded channel holds its senders back; a oneshot brings one answer back.
async fn channels() -> Done {
    let (jobs, mut inbox) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(4);
    let squarer = runtime::spawn(async move {
        let mut served = 0;
        while let Some((number, answer)) = inbox.recv().await {
            // Whoever asked may have gone: that is no concern of ours.
            let _ = answer.send(number * number);
            served += 1;
        }
        served
    });
    let mut sum = 0;
    for number in 1..=10 {
        let (answer, answered) = oneshot::channel();
        jobs.send((number, answer)).await?;
        sum += answered.await?;
    }
    // The last sender is gone: the receiver gets `None`, and the task ends.
    drop(jobs);
    let served = squarer.await?;
    assert_eq!((sum, served), (385, 10));
    println!("channels: {served} squares add up to {sum}");
    Ok(())
}

/// These may be held across an `await`, and are handed on in the order of asking.
async fn locks() -> Done {
    let total = Arc::new(Mutex::new(0));
    let doors = Arc::new(Semaphore::new(2));
    let all_in = Arc::new(Notify::new());
    let mut set = JoinSet::new();
    for _ in 0..10 {
        let (total, doors, all_in) = (total.clone(), doors.clone(), all_in.clone());
        set.spawn(async move {
            let _door = doors.acquire().await;
            let mut total = total.lock().await;
            let before = *total;
            // Nobody gets in between, although this gives the worker away.
            yield_now().await;
            *total = before + 1;
            if *total == 10 {
                all_in.notify_one();
            }
        });
    }
    all_in.notified().await;
    set.join_all().await;
    assert_eq!(*total.lock().await, 10);
    assert_eq!(doors.available_permits(), 2);
    println!("locks: ten tasks went through two doors and counted to 10");
    Ok(())
}

/// The usual server: a task for each connection.
async fn tcp() -> Done {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = runtime::spawn(async move {
        let (mut stream, _peer) = listener.accept().await?;
        let (mut reader, mut writer) = stream.split();
        copy(&mut reader, &mut writer).await
    });

    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"there and back").await?;
    // Says that nothing follows; the other direction stays open.
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let copied = server.await??;
    assert_eq!((answer.as_str(), copied), ("there and back", 14));
    println!("tcp: {copied} bytes went {answer}");
    Ok(())
}

async fn udp() -> Done {
    let server = UdpSocket::bind("127.0.0.1:0").await?;
    let client = UdpSocket::bind("127.0.0.1:0").await?;
    client.send_to(b"ping", server.local_addr()?).await?;
    let mut buffer = [0; 16];
    let (length, peer) = server.recv_from(&mut buffer).await?;
    assert_eq!(&buffer[..length], b"ping");
    assert_eq!(peer, client.local_addr()?);
    println!("udp: {length} bytes came from their sender");
    Ok(())
}

/// A pipe in memory, read line by line.
async fn bytes() -> Done {
    let (mut near, far) = duplex(16);
    let writer = runtime::spawn(async move {
        // More than the pipe holds: it waits for the reader.
        near.write_all(b"a line\nanother line\nand the last one")
            .await
    });
    let mut lines = BufReader::new(far).lines();
    let mut all = Vec::new();
    while let Some(line) = lines.next_line().await? {
        all.push(line);
    }
    writer.await??;
    assert_eq!(all, ["a line", "another line", "and the last one"]);
    println!("bytes: {} lines came through a pipe of 16 bytes", all.len());
    Ok(())
}

/// For tests: where nothing can run, the clock goes on to the next timer by itself.
fn paused_clock() -> Done {
    let start = std::time::Instant::now();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()?;
    let slept = runtime.block_on(async {
        let start = Instant::now();
        sleep(Duration::from_secs(3600)).await;
        start.elapsed()
    });
    let real = start.elapsed();
    assert!(slept >= Duration::from_secs(3600));
    assert!(real < Duration::from_secs(60));
    println!("paused clock: slept {} s", slept.as_secs());
    Ok(())
}

/// A runtime that is shut down drops what its tasks still hold.
fn shutdown(workers: runtime::rt::Runtime) -> Done {
    let (held, mut dropped) = mpsc::channel::<()>(1);
    let endless = workers.spawn(async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    workers.shutdown_timeout(Duration::from_secs(5));
    assert!(endless.is_finished());
    assert_eq!(
        dropped.try_recv(),
        Err(mpsc::error::TryRecvError::Disconnected)
    );
    println!("shutdown: the task that was still there let go of what it held");
    Ok(())
}
