//! Does an operation still cost the same when there is much of everything?
//!
//! `cargo run --release --bin scale -- [load|workers]`
//!
//! The first table: nanoseconds for one operation as what there is grows from ten to a million,
//! with two workers; and what one with the most costs beside one with a thousand. The second:
//! questions with more workers than this machine has cores, as a ratio to the same with two.
//! Both crates take turns; the numbers are medians.

use runtime_bench::figures::{self, Spread, quantile};
use runtime_bench::report::line;
use runtime_bench::{Both, Question, Subject, load, on_runtime, on_tokio};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What there is much of.
struct Load {
    name: &'static str,
    counts: [u64; 4],
    workload: Both<f64>,
}

macro_rules! load {
    ($name:literal, $workload:ident, $counts:expr) => {
        Load {
            name: $name,
            counts: $counts,
            workload: Both {
                runtime: |workers| {
                    use on_runtime::workloads::{open, scale};
                    open(workers, scale::$workload)
                },
                tokio: |workers| {
                    use on_tokio::workloads::{open, scale};
                    open(workers, scale::$workload)
                },
            },
        }
    };
}

const TO_A_MILLION: [u64; 4] = [10, 1_000, 100_000, 1_000_000];

/// Connections are limited by the number of open files, of which both ends need some.
const LOADS: [Load; 5] = [
    load!("spawn so many, join", spawned, TO_A_MILLION),
    load!("so many yield", yielding, TO_A_MILLION),
    load!("spawn, so many wait", beside_waiting, TO_A_MILLION),
    load!("timeout, so many armed", beside_sleeping, TO_A_MILLION),
    load!(
        "echo, so many connected",
        connected,
        [10, 1_000, 5_000, 19_000]
    ),
];

/// What is asked with more workers.
const ASKED: [&str; 12] = [
    "spawn_join",
    "spawn_many_inside",
    "spawn_many_outside",
    "yield",
    "ping_pong",
    "fork_join",
    "mpsc_bounded",
    "mutex_contended",
    "timers_never_fire",
    "blocking_many",
    "echo_64",
    "wake_median",
];

const WORKERS: [usize; 3] = [2, 8, 64];
const LOAD_ROUNDS: usize = 3;
const WORKER_ROUNDS: usize = 7;
const TURN: Duration = Duration::from_millis(60);

fn main() -> ExitCode {
    load::be_one_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            with_loads();
            with_workers();
        }
        ["load"] => with_loads(),
        ["workers"] => with_workers(),
        _ => {
            eprintln!("usage: scale [load|workers]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn with_loads() {
    println!("nanoseconds for one operation, 2 workers");
    println!(
        "{}",
        line(&["", "", "few", "1,000", "many", "most", "ratio"])
    );
    for load in &LOADS {
        let mut medians = [[0.0; 4]; 2];
        for (i, &count) in load.counts.iter().enumerate() {
            let costs = costs(load, count);
            for (medians, costs) in medians.iter_mut().zip(costs) {
                medians[i] = quantile(&costs, 0.5);
            }
        }
        for (subject, medians) in Subject::ALL.into_iter().zip(medians) {
            let mut cells = vec![load.name.to_string(), subject.name().to_string()];
            cells.extend(medians.map(figures::time));
            cells.push(figures::ratio(medians[3] / medians[1]));
            println!("{}", line(&cells));
        }
    }
}

/// What an operation costs either crate, round by round.
fn costs(load: &Load, count: u64) -> [Vec<f64>; 2] {
    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..LOAD_ROUNDS {
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let mut workload = load.workload.of(Subject::ALL[which])(WORKERS[0]);
            // It warms up with a few.
            workload(10);
            costs[which].push(workload(count));
        }
    }
    costs
}

fn with_workers() {
    println!("ratio to the cost with 2 workers");
    println!(
        "{}",
        line(&["", "", "2 workers", "", "8 workers", "64 workers"])
    );
    for name in ASKED {
        let question = Question::find(name).expect("a question of that name");
        for subject in Subject::ALL {
            let times = times(question, subject);
            let two = quantile(&times[0], 0.5) / question.operations as f64;
            let ratio = |times: &[f64], base: &[f64]| {
                let Spread { low, middle, high } = Spread::of_ratios(times, base);
                let [low, middle, high] = [low, middle, high].map(figures::ratio);
                format!("{middle} ({low} to {high})")
            };
            println!(
                "{}",
                line(&[
                    name.to_string(),
                    subject.name().to_string(),
                    figures::time(two),
                    String::new(),
                    ratio(&times[1], &times[0]),
                    ratio(&times[2], &times[0]),
                ])
            );
        }
    }
}

/// For one iteration, with each number of workers, round by round.
fn times(question: &Question, subject: Subject) -> [Vec<f64>; 3] {
    let open = question.workload.of(subject);
    let mut workload = open(WORKERS[0]);
    workload(1);
    let start = Instant::now();
    workload(1);
    let fit = TURN.as_nanos() / start.elapsed().as_nanos().max(1);
    let iterations = fit.clamp(1, 100_000) as u64;
    drop(workload);
    let mut times = [const { Vec::new() }; 3];
    for round in 0..WORKER_ROUNDS {
        for turn in 0..WORKERS.len() {
            let which = (round + turn) % WORKERS.len();
            let mut workload = open(WORKERS[which]);
            workload(1);
            let time = workload(iterations).as_nanos() as f64;
            times[which].push(time / iterations as f64);
        }
    }
    times
}
