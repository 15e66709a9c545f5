//! What do files cost?
//!
//! Each reads or writes what [`Ground`](crate::ground::Ground) has laid out, once an iteration.

use super::{Runtime, inside, subject};
use crate::ground::{CHUNK, LARGE, SMALL, SMALL_FILES, ground};
use crate::stopwatch::Stopwatch;
use std::time::Duration;
use subject::fs::File;
use subject::io::{AsyncReadExt, AsyncWriteExt};

/// How many small files are on their way at once.
const IN_FLIGHT: usize = 64;

async fn open() -> File {
    File::open(&ground().large).await.unwrap()
}

fn read_by(runtime: &Runtime, iterations: u64, size: usize) -> Duration {
    inside(runtime, async move {
        let mut buf = vec![0; size];
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let mut file = open().await;
            let mut total = 0;
            loop {
                match file.read(&mut buf).await.unwrap() {
                    0 => break,
                    read => total += read,
                }
            }
            assert_eq!(total, LARGE);
        }
        start.elapsed()
    })
}

/// Reads the large file, 32 KiB at a time.
pub fn read_by_32k(runtime: &Runtime, iterations: u64) -> Duration {
    read_by(runtime, iterations, 32 << 10)
}

/// Reads the large file, 64 KiB at a time.
pub fn read_by_64k(runtime: &Runtime, iterations: u64) -> Duration {
    read_by(runtime, iterations, 64 << 10)
}

/// Reads the large file, 1 MiB at a time.
pub fn read_by_1m(runtime: &Runtime, iterations: u64) -> Duration {
    read_by(runtime, iterations, 1 << 20)
}

/// Reads the large file into a vector.
pub fn read_to_end(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let mut bytes = Vec::new();
            open().await.read_to_end(&mut bytes).await.unwrap();
            assert_eq!(bytes.len(), LARGE);
        }
        start.elapsed()
    })
}

/// Copies the large file into nothing.
pub fn copy(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let mut sink = subject::io::sink();
            let copied = subject::io::copy(&mut open().await, &mut sink)
                .await
                .unwrap();
            assert_eq!(copied, LARGE as u64);
        }
        start.elapsed()
    })
}

fn write_by(runtime: &Runtime, iterations: u64, size: usize) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let mut file = File::create(&ground().written).await.unwrap();
            for _ in 0..LARGE / size {
                file.write_all(&CHUNK[..size]).await.unwrap();
            }
            file.flush().await.unwrap();
        }
        start.elapsed()
    })
}

/// Writes a large file, 8 KiB at a time.
pub fn write_by_8k(runtime: &Runtime, iterations: u64) -> Duration {
    write_by(runtime, iterations, 8 << 10)
}

/// Writes a large file, 64 KiB at a time.
pub fn write_by_64k(runtime: &Runtime, iterations: u64) -> Duration {
    write_by(runtime, iterations, 64 << 10)
}

/// Writes a large file, 1 MiB at a time.
pub fn write_by_1m(runtime: &Runtime, iterations: u64) -> Duration {
    write_by(runtime, iterations, 1 << 20)
}

/// Reads all the small files, many at a time.
pub fn small(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let tasks: Vec<_> = (0..IN_FLIGHT)
                .map(|first| {
                    subject::spawn(async move {
                        for path in ground().small[first..].iter().step_by(IN_FLIGHT) {
                            let bytes = subject::fs::read(path).await.unwrap();
                            assert_eq!(bytes.len(), SMALL);
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(ground().small.len(), SMALL_FILES);
        elapsed
    })
}

/// Reads all the small files, one after the other.
pub fn small_in_turn(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            for path in &ground().small {
                let bytes = subject::fs::read(path).await.unwrap();
                assert_eq!(bytes.len(), SMALL);
            }
        }
        start.elapsed()
    })
}
