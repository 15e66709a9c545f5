//! A `File` is read, written and moved in as one of std's, whether the cache of the system or
//! the pool does the work.

mod fs_support;
#[path = "common/panicking.rs"]
mod panicking;
#[path = "common/runtimes.rs"]
mod runtimes;

use fs_support::{Dir, pattern};
use runtime::fs::{File, OpenOptions};
use runtime::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};
use runtime::rt::{Builder, Runtime};
use runtimes::{on_each, within};
use std::io::{ErrorKind, IoSlice, Read, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

fn block_on<F: Future>(future: F) -> F::Output {
    Runtime::new().unwrap().block_on(future)
}

/// A file, and what makes it go to the pool for everything: somebody has its position too.
async fn both_ways(file: impl AsyncFn() -> File, claim: impl AsyncFn(File)) {
    claim(file().await).await;
    let file = file().await;
    let _clone = file.try_clone().await.unwrap();
    claim(file).await;
}

#[test]
fn everything_is_read_in_pieces_of_any_size() {
    on_each(|mut builder| {
        let dir = Dir::new();
        let bytes = pattern(700_001);
        let path = dir.with("file", &bytes);
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(both_ways(
            async || File::open(&path).await.unwrap(),
            async |mut file| {
                for size in [1000, 8192, 300_000, 1 << 20] {
                    file.rewind().await.unwrap();
                    let mut read = Vec::new();
                    let mut buf = vec![0; size];
                    loop {
                        match file.read(&mut buf).await.unwrap() {
                            0 => break,
                            n => read.extend_from_slice(&buf[..n]),
                        }
                    }
                    assert_eq!(read, bytes, "{size} bytes at a time");
                    assert_eq!(file.read(&mut buf).await.unwrap(), 0, "still the end");
                }
                file.rewind().await.unwrap();
                let mut read = Vec::new();
                assert_eq!(file.read_to_end(&mut read).await.unwrap(), bytes.len());
                assert_eq!(read, bytes);
                file.rewind().await.unwrap();
                let mut copied = Vec::new();
                runtime::io::copy(&mut file, &mut copied).await.unwrap();
                assert_eq!(copied, bytes);
                assert_eq!(file.read(&mut []).await.unwrap(), 0);
            },
        ));
    });
}

#[test]
fn what_is_written_in_pieces_of_any_size_is_there_after_a_flush() {
    on_each(|mut builder| {
        let dir = Dir::new();
        let bytes = pattern(300_001);
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(async {
            for size in [100, 8192, 300_001] {
                for max in [1, 1000, 2 << 20] {
                    let path = dir.at("file");
                    let mut file = File::create(&path).await.unwrap();
                    file.set_max_buf_size(max);
                    assert_eq!(file.max_buf_size(), max);
                    let bytes = if max == 1 { &bytes[..200] } else { &bytes };
                    for piece in bytes.chunks(size) {
                        file.write_all(piece).await.unwrap();
                    }
                    file.flush().await.unwrap();
                    assert_eq!(std::fs::read(&path).unwrap(), bytes, "{size}, {max}");
                }
            }
        });
    });
}

#[test]
fn reads_writes_and_seeks_in_turn_see_each_other() {
    let dir = Dir::new();
    block_on(both_ways(
        async || {
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(true);
            options.open(dir.at("file")).await.unwrap()
        },
        async |mut file| {
            file.write_all(b"hello world").await.unwrap();
            assert_eq!(file.seek(SeekFrom::Start(6)).await.unwrap(), 6);
            let mut word = [0; 2];
            file.read_exact(&mut word).await.unwrap();
            assert_eq!(&word, b"wo");
            file.write_all(b"RL").await.unwrap();
            assert_eq!(file.stream_position().await.unwrap(), 10);
            assert_eq!(file.seek(SeekFrom::Current(-4)).await.unwrap(), 6);
            let mut rest = String::new();
            file.read_to_string(&mut rest).await.unwrap();
            assert_eq!(rest, "woRLd");
            assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 10);
            file.write_all(b"D!").await.unwrap();
            assert_eq!(file.metadata().await.unwrap().len(), 12);
            file.set_len(5).await.unwrap();
            assert_eq!(std::fs::read(dir.at("file")).unwrap(), b"hello");
            let error = file.seek(SeekFrom::Current(-100)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(file.stream_position().await.unwrap(), 12, "it stayed");
            assert_eq!(file.seek(SeekFrom::Start(1 << 40)).await.unwrap(), 1 << 40);
            assert_eq!(file.read(&mut word).await.unwrap(), 0);
        },
    ));
}

#[test]
fn bytes_from_many_slices_are_written_in_order() {
    let dir = Dir::new();
    let path = dir.at("file");
    block_on(async {
        let mut file = File::create(&path).await.unwrap();
        let slices = [b"one ".as_slice(), b"", b"two ", b"three"].map(IoSlice::new);
        assert_eq!(file.write_vectored(&slices).await.unwrap(), 13);
        assert_eq!(file.write(&[]).await.unwrap(), 0);
        assert_eq!(file.write_vectored(&[]).await.unwrap(), 0);
        file.shutdown().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one two three");
        file.set_max_buf_size(5);
        assert_eq!(file.write_vectored(&slices).await.unwrap(), 5);
    });
}

#[test]
fn what_is_appended_goes_to_the_end_wherever_the_position_is() {
    let dir = Dir::new();
    let path = dir.with("file", b"start ");
    block_on(async {
        let mut options = OpenOptions::new();
        let mut one = options.append(true).read(true).open(&path).await.unwrap();
        let mut other = OpenOptions::from(std::fs::File::options().append(true).clone())
            .open(&path)
            .await
            .unwrap();
        one.write_all(b"one ").await.unwrap();
        one.flush().await.unwrap();
        other.write_all(b"other ").await.unwrap();
        other.flush().await.unwrap();
        one.rewind().await.unwrap();
        one.write_all(b"end").await.unwrap();
        one.rewind().await.unwrap();
        let mut all = String::new();
        one.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "start one other end");
    });
}

#[test]
fn the_position_is_the_descriptors() {
    let dir = Dir::new();
    let path = dir.with("file", &pattern(100_000));
    block_on(both_ways(
        async || File::open(&path).await.unwrap(),
        async |mut file| {
            let mut buf = [0; 1234];
            file.read_exact(&mut buf).await.unwrap();
            let duplicate = std::os::fd::AsFd::as_fd(&file)
                .try_clone_to_owned()
                .unwrap();
            let mut duplicate = std::fs::File::from(duplicate);
            assert_eq!(duplicate.stream_position().unwrap(), 1234);
            duplicate.read_exact(&mut buf).unwrap();
            assert_eq!(file.stream_position().await.unwrap(), 2468);
            let mut std = file.into_std().await;
            assert_eq!(std.stream_position().unwrap(), 2468);
        },
    ));
}

#[test]
fn a_file_goes_to_std_and_back() {
    let dir = Dir::new();
    let path = dir.at("file");
    block_on(async {
        let file = std::fs::File::create(&path).unwrap();
        let number = file.as_raw_fd();
        let mut file = File::from(file);
        assert_eq!(file.as_raw_fd(), number);
        file.write_all(&pattern(1 << 20)).await.unwrap();
        let mut std = file.into_std().await;
        assert_eq!(std.as_raw_fd(), number);
        assert_eq!(std.stream_position().unwrap(), 1 << 20, "written before");
        std.write_all(b"end").unwrap();
        let file = File::from(OwnedFd::from(std)).try_into_std().unwrap();
        #[allow(unsafe_code)]
        // SAFETY: the descriptor was just given up.
        let file = unsafe { File::from_raw_fd(file.into_raw_fd()) };
        assert_eq!(file.metadata().await.unwrap().len(), (1 << 20) + 3);
        assert!(format!("{file:?}").contains("file"));
    });
}

#[test]
fn a_write_that_went_wrong_is_told_by_the_next_call_that_waits() {
    within("/dev/full", || {
        block_on(async {
            let full = || {
                std::fs::File::options()
                    .read(true)
                    .write(true)
                    .open("/dev/full")
                    .unwrap()
            };
            let mut file = File::from_std(full());
            file.write_all(b"lost").await.unwrap();
            let error = file.flush().await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
            file.flush().await.expect("it is told once");

            file.write_all(b"lost").await.unwrap();
            assert_eq!(file.read(&mut [1; 4]).await.unwrap(), 4, "a read keeps it");
            assert_eq!(
                file.sync_all().await.unwrap_err().raw_os_error(),
                Some(libc::ENOSPC)
            );

            file.write_all(b"lost").await.unwrap();
            assert!(
                file.metadata().await.is_ok(),
                "it waits for the write, and keeps its error"
            );
            let error = file.write(b"more").await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
            file.flush()
                .await
                .expect("what came with the error was not accepted");
        });
    });
}

#[test]
fn errors_of_reading_and_writing_a_file_that_is_not_open_for_it() {
    let dir = Dir::new();
    let path = dir.with("file", b"bytes");
    block_on(async {
        let mut file = File::open(&path).await.unwrap();
        file.write_all(b"no").await.unwrap();
        let error = file.flush().await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        let error = file.write_at(b"no", 0).await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        let mut file = File::create(&path).await.unwrap();
        let error = file.read(&mut [0; 4]).await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        let error = file.read_at(&mut [0; 4], 0).await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        let mut folder = File::open(dir.path()).await.unwrap();
        let error = folder.read(&mut [0; 4]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
    });
}

#[test]
fn many_tasks_read_and_write_at_offsets_of_one_file() {
    let dir = Dir::new();
    let path = dir.at("file");
    block_on(async {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        let file = Arc::new(options.open(&path).await.unwrap());
        let tasks: Vec<_> = (0..64_u8)
            .map(|number| {
                let file = file.clone();
                runtime::spawn(async move {
                    let offset = u64::from(number) * 1000;
                    file.write_all_at(&[number; 1000], offset).await.unwrap();
                    let mut buf = [0; 1000];
                    file.read_exact_at(&mut buf, offset).await.unwrap();
                    assert_eq!(buf, [number; 1000]);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let mut file = Arc::into_inner(file).unwrap();
        assert_eq!(
            file.stream_position().await.unwrap(),
            0,
            "nobody has moved it"
        );
        assert_eq!(file.metadata().await.unwrap().len(), 64_000);
        assert_eq!(file.read_at(&mut [0; 2000], 63_500).await.unwrap(), 500);
        assert_eq!(file.read_at(&mut [0; 2000], 64_000).await.unwrap(), 0);
        assert_eq!(file.read_at(&mut [], 0).await.unwrap(), 0);
        let error = file
            .read_exact_at(&mut [0; 2000], 63_500)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        assert!(file.read_at(&mut [0], u64::MAX).await.is_err());
        assert!(file.write_at(&[0], u64::MAX).await.is_err());
        file.write_all(b"seen").await.unwrap();
        let mut seen = [0; 4];
        file.read_exact_at(&mut seen, 0).await.unwrap();
        assert_eq!(
            &seen, b"seen",
            "a write comes before what is asked for after it"
        );
    });
}

#[test]
fn files_that_have_no_length_are_read_to_their_end() {
    block_on(both_ways(
        async || File::open("/proc/self/status").await.unwrap(),
        async |mut file| {
            let mut text = String::new();
            file.read_to_string(&mut text).await.unwrap();
            assert!(text.contains("Pid:"));
        },
    ));
    block_on(both_ways(
        async || File::open("/dev/zero").await.unwrap(),
        async |mut file| {
            let mut bytes = vec![1; 1 << 20];
            file.read_exact(&mut bytes).await.unwrap();
            assert!(bytes.iter().all(|&byte| byte == 0));
        },
    ));
}

#[test]
fn a_file_that_grows_is_read_on() {
    let dir = Dir::new();
    let path = dir.with("log", b"one");
    block_on(both_ways(
        async || {
            std::fs::write(&path, "one").unwrap();
            File::open(&path).await.unwrap()
        },
        async |mut file| {
            let mut buf = [0; 8];
            assert_eq!(file.read(&mut buf).await.unwrap(), 3);
            assert_eq!(file.read(&mut buf).await.unwrap(), 0);
            let mut log = std::fs::File::options().append(true).open(&path).unwrap();
            log.write_all(b"two").unwrap();
            assert_eq!(file.read(&mut buf).await.unwrap(), 3);
            assert_eq!(&buf[..3], b"two");
        },
    ));
}

#[test]
fn what_is_not_in_the_cache_is_read_from_the_disk() {
    let dir = Dir::new();
    let bytes = pattern(3 << 20);
    let path = dir.with("file", &bytes);
    block_on(async {
        let mut file = File::open(&path).await.unwrap();
        file.sync_all().await.unwrap();
        #[allow(unsafe_code)]
        // SAFETY: a call with numbers only.
        let advised =
            unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
        assert_eq!(advised, 0);
        let mut read = Vec::new();
        file.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, bytes);
    });
}

#[test]
fn a_timeout_fires_around_a_file_that_never_ends() {
    within("reads and writes without end", || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let dir = Dir::new();
        let path = dir.with("file", &pattern(100_000));
        runtime.block_on(async {
            let limit = Duration::from_millis(5);
            let endless = async {
                let mut file = File::open(&path).await.unwrap();
                loop {
                    file.read(&mut [0; 100]).await.unwrap();
                    file.rewind().await.unwrap();
                }
            };
            assert!(runtime::time::timeout(limit, endless).await.is_err());
            let endless = async {
                let mut file = File::create("/dev/null").await.unwrap();
                loop {
                    file.write_all(&[0; 100]).await.unwrap();
                    file.flush().await.unwrap();
                }
            };
            assert!(runtime::time::timeout(limit, endless).await.is_err());
        });
    });
}

#[test]
fn one_read_reads_no_more_than_the_largest_buffer() {
    let dir = Dir::new();
    let path = dir.with("file", b"hello");
    block_on(both_ways(
        async || File::open(&path).await.unwrap(),
        async |mut file| {
            file.set_max_buf_size(2);
            let mut buf = [0; 10];
            assert_eq!(file.read(&mut buf).await.unwrap(), 2);
            let mut rest = String::new();
            file.read_to_string(&mut rest).await.unwrap();
            assert_eq!(rest, "llo");
        },
    ));
}

#[test]
fn a_largest_buffer_of_nothing_panics_at_the_callers_line() {
    let mut file = File::from_std(std::fs::File::open("Cargo.toml").unwrap());
    let message = panicking::panic_of(|| file.set_max_buf_size(0));
    assert!(
        message.contains("`max_buf_size` must be greater than 0"),
        "{message}"
    );
}
