//! What do files cost, beside plain std and tokio?
//!
//! `cargo run --release --bin files -- [--rounds N] [question..]`
//!
//! All three take turns, from round to round in another order. Everything that is read is in
//! the system's cache: the disk is not what is measured. Std's column is one thread with blocking
//! calls, and buffers as large as those of the other two.
//!
//! There are three lines to a question: the median of the rounds, the shortest, and the median of
//! the processor time of the whole process, which tells less of the neighbours and nothing of
//! waiting. (Building a runtime and ending it is in the processor time.)

use runtime_bench::ground::{CHUNK, Ground, LARGE, ground, read_large};
use runtime_bench::stopwatch::processor_time;
use runtime_bench::{Open, on_runtime, on_tokio};
use std::fs::File;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

const WORKERS: usize = 2;

struct Question {
    name: &'static str,
    runtime: Open<Duration>,
    tokio: Open<Duration>,
    std: fn(),
}

macro_rules! question {
    ($workload:ident, $std:expr) => {
        Question {
            name: stringify!($workload),
            runtime: |workers| {
                use on_runtime::workloads::{files, open};
                open(workers, files::$workload)
            },
            tokio: |workers| {
                use on_tokio::workloads::{files, open};
                open(workers, files::$workload)
            },
            std: $std,
        }
    };
}

const QUESTIONS: [Question; 10] = [
    question!(read_by_32k, || read_by(32 << 10)),
    question!(read_by_64k, || read_by(64 << 10)),
    question!(read_by_1m, || read_by(1 << 20)),
    question!(read_to_end, read_to_end),
    question!(copy, copy),
    question!(write_by_8k, || write_by(8 << 10)),
    question!(write_by_64k, || write_by(64 << 10)),
    question!(write_by_1m, || write_by(1 << 20)),
    question!(small, small),
    question!(small_in_turn, small),
];

fn read_by(size: usize) {
    let mut buf = vec![0; size];
    read_large(&mut buf);
}

fn read_to_end() {
    let mut bytes = Vec::new();
    let mut file = File::open(&ground().large).unwrap();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len(), LARGE);
}

fn copy() {
    let mut file = File::open(&ground().large).unwrap();
    assert_eq!(io::copy(&mut file, &mut io::sink()).unwrap(), LARGE as u64);
}

fn write_by(size: usize) {
    let mut file = File::create(&ground().written).unwrap();
    for _ in 0..LARGE / size {
        file.write_all(&CHUNK[..size]).unwrap();
    }
}

fn small() {
    for path in &ground().small {
        assert_eq!(std::fs::read(path).unwrap().len(), 4 << 10);
    }
}

fn main() {
    let mut rounds = 9;
    let mut names = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--rounds" {
            let number = arguments.next().and_then(|text| text.parse().ok());
            rounds = number.expect("a number of rounds");
        } else {
            names.push(argument);
        }
    }
    println!(
        "{:20} {:>10} {:>10} {:>10}  {:>6} {:>6}",
        "question", "std", "runtime", "tokio", "/std", "/tokio"
    );
    for question in &QUESTIONS {
        if names.is_empty() || names.iter().any(|name| question.name.starts_with(&**name)) {
            measure(question, rounds);
        }
    }
    Ground::clear();
}

/// Lets all of them take turns, and prints their lines of the table.
fn measure(question: &Question, rounds: usize) {
    let mut walls = [const { Vec::new() }; 3];
    let mut processors = [const { Vec::new() }; 3];
    for round in 0..=rounds {
        for turn in 0..3 {
            let which = (turn + round) % 3;
            let before = processor_time();
            let wall = match which {
                0 => {
                    let start = Instant::now();
                    (question.std)();
                    start.elapsed()
                }
                1 => (question.runtime)(WORKERS)(1),
                _ => (question.tokio)(WORKERS)(1),
            };
            // The first round warms up.
            if round > 0 {
                walls[which].push(wall);
                processors[which].push(processor_time() - before);
            }
        }
    }
    walls.iter_mut().for_each(|times| times.sort());
    processors.iter_mut().for_each(|times| times.sort());
    line(
        question.name,
        "",
        walls.each_ref().map(|times| times[times.len() / 2]),
    );
    line("", "shortest", walls.each_ref().map(|times| times[0]));
    line(
        "",
        "processor",
        processors.each_ref().map(|times| times[times.len() / 2]),
    );
}

fn line(name: &str, what: &str, times: [Duration; 3]) {
    let [std, runtime, tokio] = times.map(|time| time.as_secs_f64() * 1e3);
    println!(
        "{:20} {std:>7.1} ms {runtime:>7.1} ms {tokio:>7.1} ms  {:>6.2} {:>6.2}",
        format!("{name:14}{what}"),
        runtime / std,
        runtime / tokio
    );
}
