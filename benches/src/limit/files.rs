//! Files: std, on one thread, with the same buffers.

use crate::ground::{CHUNK, LARGE, SMALL, ground, read_large};
use crate::stopwatch::Stopwatch;
use std::fs::File;
use std::io::Write;
use std::time::Duration;

/// Reads the large file, 64 KiB at a time.
pub(super) fn read_by_64k(_: usize, iterations: u64) -> Duration {
    read_by(64 << 10, iterations)
}

/// Reads the large file, 1 MiB at a time.
pub(super) fn read_by_1m(_: usize, iterations: u64) -> Duration {
    read_by(1 << 20, iterations)
}

fn read_by(size: usize, iterations: u64) -> Duration {
    let mut buf = vec![0; size];
    ground(); // before the time counts
    let start = Stopwatch::start();
    for _ in 0..iterations {
        read_large(&mut buf);
    }
    start.elapsed()
}

/// Writes a large file, 64 KiB at a time.
pub(super) fn write_by_64k(_: usize, iterations: u64) -> Duration {
    write_by(iterations, 64 << 10)
}

/// Writes a large file, 1 MiB at a time.
pub(super) fn write_by_1m(_: usize, iterations: u64) -> Duration {
    write_by(iterations, 1 << 20)
}

fn write_by(iterations: u64, size: usize) -> Duration {
    let ground = ground();
    let start = Stopwatch::start();
    for _ in 0..iterations {
        let mut file = File::create(&ground.written).unwrap();
        for _ in 0..LARGE / size {
            file.write_all(&CHUNK[..size]).unwrap();
        }
    }
    start.elapsed()
}

/// Reads all the small files.
pub(super) fn small(_: usize, iterations: u64) -> Duration {
    let ground = ground();
    let start = Stopwatch::start();
    for _ in 0..iterations {
        for path in &ground.small {
            assert_eq!(std::fs::read(path).unwrap().len(), SMALL);
        }
    }
    start.elapsed()
}
