//! What a future on a file leaves behind when it is dropped, and a file when its runtime is.

mod fs_support;
#[path = "common/runtimes.rs"]
mod runtimes;
#[path = "common/waking.rs"]
mod waking;

use fs_support::{Dir, fifo, pattern};
use runtime::fs::File;
use runtime::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt, SeekFrom};
use runtime::rt::{Builder, Runtime};
use runtimes::{on_each, soon, within};
use std::io::{Read, Seek, Write};
use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use waking::{Count, poll, poll_with};

/// On a runtime whose pool has one thread.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut builder = Builder::new_multi_thread();
    builder.max_blocking_threads(1).enable_all();
    builder.build().unwrap().block_on(future)
}

/// Keeps the only thread of the pool busy until it is dropped.
fn busy() -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    runtime::task::spawn_blocking(move || {
        let _ = released.recv();
    });
    release
}

/// Polls it once, while the pool has no time, and drops it.
fn poll_and_drop<F: Future>(future: F) {
    let busy = busy();
    assert!(poll(pin!(future)).is_pending());
    drop(busy);
}

/// A file that goes to the pool for everything, and what makes it do so.
async fn hopping(file: std::fs::File) -> (File, File) {
    let file = File::from_std(file);
    let clone = file.try_clone().await.unwrap();
    (file, clone)
}

fn read_write(dir: &Dir, bytes: &[u8]) -> std::fs::File {
    let path = dir.with("file", bytes);
    let mut options = std::fs::File::options();
    options.read(true).write(true).open(path).unwrap()
}

#[test]
fn a_change_is_seen_by_the_read_after_one_that_was_dropped() {
    block_on(async {
        let dir = Dir::new();
        let (mut file, _clone) = hopping(read_write(&dir, b"old, old, old")).await;
        let mut buf = [0; 13];

        poll_and_drop(file.read(&mut buf));
        file.write_at(b"new", 0).await.unwrap();
        assert_eq!(file.read(&mut buf[..5]).await.unwrap(), 5);
        assert_eq!(&buf[..5], b"new, ");

        poll_and_drop(file.read(&mut buf));
        file.write_all_at(b"new", 5).await.unwrap();
        assert_eq!(file.read(&mut buf[..4]).await.unwrap(), 4);
        assert_eq!(&buf[..4], b"new,");

        poll_and_drop(file.read(&mut buf));
        file.set_len(2).await.unwrap();
        assert_eq!(file.read(&mut buf).await.unwrap(), 0);
        assert_eq!(file.stream_position().await.unwrap(), 9);
    });
}

#[test]
fn a_read_that_was_dropped_loses_no_byte() {
    on_each(|mut builder| {
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = Dir::new();
            let bytes = pattern(20_000);
            let (mut file, _clone) = hopping(read_write(&dir, &bytes)).await;
            let mut read = Vec::new();
            let mut buf = [0; 100];
            for round in 0.. {
                if round % 2 == 0 {
                    // Polled once and dropped, whether it was ready or not.
                    let mut future = pin!(file.read(&mut buf));
                    if let Poll::Ready(result) = poll(future.as_mut()) {
                        read.extend_from_slice(&buf[..result.unwrap()]);
                    }
                    continue;
                }
                match file.read(&mut buf[..60]).await.unwrap() {
                    0 => break,
                    n => read.extend_from_slice(&buf[..n]),
                }
            }
            assert_eq!(read, bytes);
        });
    });
}

#[test]
fn after_a_read_that_was_dropped_the_position_is_where_it_was() {
    block_on(async {
        let dir = Dir::new();
        let bytes = pattern(1000);
        for what in 0..5 {
            let (mut file, _clone) = hopping(read_write(&dir, &bytes)).await;
            let mut buf = [0; 10];
            file.read_exact(&mut buf).await.unwrap();
            poll_and_drop(file.read(&mut [0; 100]));
            match what {
                0 => assert_eq!(file.stream_position().await.unwrap(), 10),
                1 => assert_eq!(file.seek(SeekFrom::Current(5)).await.unwrap(), 15),
                2 => assert_eq!(file.into_std().await.stream_position().unwrap(), 10),
                3 => {
                    file.write_all(b"here").await.unwrap();
                    file.flush().await.unwrap();
                    assert_eq!(&std::fs::read(dir.at("file")).unwrap()[10..14], b"here");
                }
                _ => {
                    assert_eq!(file.read(&mut [0; 100]).await.unwrap(), 100);
                    let busy = busy();
                    assert!(poll(pin!(file.read(&mut [0; 100]))).is_pending());
                    assert!(file.try_into_std().is_err(), "something is under way");
                    drop(busy);
                }
            }
        }
    });
}

#[test]
fn a_seek_that_was_dropped_is_made_before_the_next_read_or_write() {
    block_on(async {
        let dir = Dir::new();
        let (mut file, _clone) = hopping(read_write(&dir, b"0123456789")).await;
        poll_and_drop(file.seek(SeekFrom::Start(5)));
        assert_eq!(file.read_u8().await.unwrap(), b'5');
        poll_and_drop(file.seek(SeekFrom::End(-1)));
        file.write_all(b"!").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(std::fs::read(dir.at("file")).unwrap(), b"012345678!");
        poll_and_drop(file.seek(SeekFrom::Start(1)));
        assert_eq!(file.seek(SeekFrom::Current(1)).await.unwrap(), 2);
    });
}

#[test]
fn two_seeks_at_once_are_refused() {
    block_on(async {
        use runtime::io::AsyncSeek;
        let dir = Dir::new();
        let mut file = File::from_std(read_write(&dir, b"0123456789"));
        Pin::new(&mut file).start_seek(SeekFrom::Start(1)).unwrap();
        let error = Pin::new(&mut file)
            .start_seek(SeekFrom::Start(2))
            .unwrap_err();
        assert!(error.to_string().contains("poll_complete"), "{error}");
        assert_eq!(file.read_u8().await.unwrap(), b'1');
    });
}

#[test]
fn what_was_accepted_is_written_though_nobody_asks_again() {
    on_each(|mut builder| {
        let dir = Dir::new();
        let runtime = builder.enable_all().build().unwrap();
        let path = dir.at("file");
        let bytes = pattern(100_000);
        runtime.block_on(async {
            let mut file = File::create(&path).await.unwrap();
            for piece in bytes.chunks(1000) {
                file.write_all(piece).await.unwrap();
            }
            assert!(
                poll(pin!(file.flush())).is_pending() || std::fs::read(&path).unwrap() == bytes
            );
            file.flush().await.unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
            for piece in bytes.chunks(1000) {
                file.write_all(piece).await.unwrap();
            }
        });
        soon("all that was written", || {
            std::fs::metadata(&path).unwrap().len() == 200_000
        });
    });
}

#[test]
fn the_end_of_the_runtime_waits_for_what_was_accepted() {
    on_each(|mut builder| {
        let dir = Dir::new();
        let path = dir.at("file");
        let bytes = pattern(3 << 20);
        for round in 0..10 {
            let runtime = builder
                .max_blocking_threads(1)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut file = File::create(&path).await.unwrap();
                // In some rounds the only thread is busy, so that the job is still in the queue.
                if round % 2 == 0 {
                    runtime::task::spawn_blocking(|| {
                        std::thread::sleep(std::time::Duration::from_millis(2));
                    });
                }
                for piece in bytes.chunks(1 << 20).take(2) {
                    file.write_all(piece).await.unwrap();
                }
            });
            drop(runtime);
            assert_eq!(
                std::fs::read(&path).unwrap(),
                bytes[..2 << 20],
                "round {round}"
            );
        }
    });
}

#[test]
fn a_file_waits_for_its_writes_before_anything_else() {
    block_on(async {
        let dir = Dir::new();
        for _ in 0..20 {
            let mut file = File::from_std(read_write(&dir, b""));
            file.write_all(&[1; 50_000]).await.unwrap();
            assert_eq!(file.metadata().await.unwrap().len(), 50_000);
            file.write_all(&[2; 50_000]).await.unwrap();
            file.set_len(60_000).await.unwrap();
            file.sync_data().await.unwrap();
            assert_eq!(std::fs::metadata(dir.at("file")).unwrap().len(), 60_000);
            file.write_all(&[3; 10]).await.unwrap();
            let mut clone = file.try_clone().await.unwrap();
            assert_eq!(clone.stream_position().await.unwrap(), 100_010);
            file.write_all(&[4; 10]).await.unwrap();
            assert_eq!(file.seek(SeekFrom::Current(0)).await.unwrap(), 100_020);
        }
    });
}

#[test]
fn a_write_waits_while_too_much_has_gathered_and_is_woken() {
    within("a pipe that is full", || {
        let dir = Dir::new();
        let path = dir.at("pipe");
        fifo(&path);
        let mut options = std::fs::File::options();
        // Open for both, so that neither opening nor writing waits for somebody else.
        let mut other = options.read(true).write(true).open(&path).unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let guard = runtime.enter();
        let mut file = File::from_std(other.try_clone().unwrap());
        file.set_max_buf_size(1000);
        let bytes = pattern(300_000);
        let (count, waker) = Count::new();
        let mut cx = Context::from_waker(&waker);
        let mut accepted = 0;
        // The pipe holds 64 KiB; then the drain blocks, and bytes gather.
        let waits = |file: &mut File, cx: &mut Context<'_>, accepted: &mut usize| {
            while let Poll::Ready(n) = Pin::new(&mut *file).poll_write(cx, &bytes[*accepted..]) {
                *accepted += n.unwrap();
            }
        };
        let mut wakes = count.get();
        waits(&mut file, &mut cx, &mut accepted);
        while accepted < 65_536 + 1 {
            soon("room", || count.get() > wakes);
            wakes = count.get();
            waits(&mut file, &mut cx, &mut accepted);
        }
        assert!(
            accepted <= 65_536 + 2000 + 4096,
            "{accepted} bytes gathered"
        );
        let flush = poll_with(pin!(file.flush()), Waker::noop());
        assert!(flush.is_pending());
        let mut read = vec![0; accepted];
        other.read_exact(&mut read).unwrap();
        assert_eq!(read, bytes[..accepted]);
        runtime.block_on(file.flush()).unwrap();
        drop(guard);
    });
}

#[test]
fn a_reader_of_a_pipe_can_be_dropped_and_asked_again() {
    within("a pipe", || {
        let dir = Dir::new();
        let path = dir.at("pipe");
        fifo(&path);
        let mut options = std::fs::File::options();
        let mut other = options.read(true).write(true).open(&path).unwrap();
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let mut file = File::from_std(other.try_clone().unwrap());
            for _ in 0..3 {
                let mut buf = [0; 16];
                let mut buf = runtime::io::ReadBuf::new(&mut buf);
                let mut cx = Context::from_waker(Waker::noop());
                assert!(
                    Pin::new(&mut file)
                        .poll_read(&mut cx, &mut buf)
                        .is_pending()
                );
            }
            other.write_all(b"bytes").unwrap();
            // A pipe has no position to go back to: the bytes stay for the next read.
            let mut buf = [0; 5];
            file.read_exact(&mut buf[..2]).await.unwrap();
            file.write_all(b"more").await.unwrap();
            file.flush().await.unwrap();
            file.read_exact(&mut buf[2..]).await.unwrap();
            assert_eq!(&buf, b"bytes");
            file.read_exact(&mut buf[..4]).await.unwrap();
            assert_eq!(&buf[..4], b"more");
        });
    });
}

#[test]
fn operations_that_were_dropped_go_on_and_hold_up_nobody() {
    block_on(async {
        let dir = Dir::new();
        let path = dir.with("file", b"bytes");
        for _ in 0..50 {
            let file = File::open(&path).await.unwrap();
            poll_and_drop(file.sync_all());
            poll_and_drop(file.metadata());
            let mut file = file.into_std().await;
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, "bytes");
        }
        let made = dir.at("made");
        poll_and_drop(runtime::fs::write(&made, "text"));
        soon("the file", || {
            std::fs::read(&made).is_ok_and(|bytes| bytes == b"text")
        });
    });
}

#[test]
fn a_read_under_a_runtime_that_is_shut_down_ends_with_an_error() {
    within("a runtime that is no more", || {
        let runtime = Runtime::new().unwrap();
        let handle = runtime.handle().clone();
        let dir = Dir::new();
        let (mut file, _clone) = runtime.block_on(hopping(read_write(&dir, b"bytes")));
        drop(runtime);
        let _guard = handle.enter();
        futures::executor::block_on(async {
            assert!(file.read(&mut [0; 4]).await.is_err());
            assert!(file.seek(SeekFrom::End(0)).await.is_err());
            file.rewind().await.unwrap_err();
            // What is accepted is written, then by the thread that asks.
            file.write_all(b"BYTES").await.unwrap();
            file.flush().await.unwrap();
            assert_eq!(std::fs::read(dir.at("file")).unwrap(), b"BYTES");
        });
    });
}
