//! How does `runtime` compare to `tokio`, question by question?
//!
//! `cargo run --release --bin ratios -- [--quick] [--cpu] [--null] [question..]`
//!
//! The two take turns, in an order that turns around from round to round, each time on a
//! runtime of its own that ran one iteration to warm up. Both run the same number of
//! iterations. What is printed is the median over the rounds, the ratio of the medians, and
//! in brackets the quartiles of the ratios of the single rounds: how far to trust it.

use runtime_bench::{Question, Subject, questions::QUESTIONS, stopwatch};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const USAGE: &str =
    "usage: ratios [--quick] [--cpu] [--null] [--rounds N] [--workers N] [question..]

  --quick      shorter rounds, and fewer: under 3 minutes for all questions
  --cpu        compare processor time instead of wall time
  --null       compare tokio to itself: what is measured then is the noise
  --rounds N   turns of each crate, at least 1
  --workers N  only with so many workers, instead of 1 and 2
  question     only that, or those whose names begin so; by default all of them:";

fn main() -> ExitCode {
    runtime_bench::load::be_one_if_asked();
    let plan = match Plan::from_arguments(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(what) => {
            eprintln!("{what}\n{USAGE}");
            for question in QUESTIONS {
                eprintln!("    {:20} {}", question.name, question.figure);
            }
            return ExitCode::FAILURE;
        }
    };
    if plan.processor_time {
        stopwatch::measure_processor_time();
    }
    println!(
        "{:20} {:>7} {:>12} {:>12}  {:>5} (quartiles)",
        "question",
        "workers",
        plan.subjects[0].name(),
        plan.subjects[1].name(),
        "ratio"
    );
    for question in plan.questions() {
        for &workers in &plan.workers {
            let row = measure(question, workers, &plan);
            println!("{:20} {workers:>7} {row}", question.name);
        }
    }
    ExitCode::SUCCESS
}

/// What to measure, and how long.
struct Plan {
    rounds: usize,
    /// How long a round of either crate should take.
    round: Duration,
    processor_time: bool,
    /// Who is compared to whom.
    subjects: [Subject; 2],
    workers: Vec<usize>,
    names: Vec<String>,
}

impl Plan {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Plan {
            rounds: 15,
            round: Duration::from_millis(400),
            processor_time: false,
            subjects: Subject::ALL,
            workers: vec![1, 2],
            names: Vec::new(),
        };
        let mut rounds = None;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => (plan.rounds, plan.round) = (7, Duration::from_millis(100)),
                "--null" => plan.subjects = [Subject::Tokio; 2],
                "--cpu" => plan.processor_time = true,
                "--rounds" => rounds = Some(number(arguments.next())?),
                "--workers" => plan.workers = vec![number(arguments.next())?],
                name if QUESTIONS.iter().any(|question| means(name, question)) => {
                    plan.names.push(argument);
                }
                _ => return Err(format!("{argument}: no such option or question")),
            }
        }
        plan.rounds = rounds.unwrap_or(plan.rounds);
        Ok(plan)
    }

    fn questions(&self) -> impl Iterator<Item = &'static Question> {
        QUESTIONS.iter().filter(|question| {
            let mut names = self.names.iter();
            self.names.is_empty() || names.any(|name| means(name, question))
        })
    }
}

/// A name means the question of that name, or else those whose names begin so.
fn means(name: &str, question: &Question) -> bool {
    match Question::find(name) {
        Some(exact) => exact.name == question.name,
        None => question.name.starts_with(name),
    }
}

fn number(argument: Option<String>) -> Result<usize, String> {
    let number = argument.as_ref().and_then(|text| text.parse().ok());
    number
        .filter(|&number| number > 0)
        .ok_or_else(|| String::from("a number above 0 is missing"))
}

/// Lets both crates take turns, and returns their line of the table.
fn measure(question: &Question, workers: usize, plan: &Plan) -> String {
    let iterations = iterations(question, workers, plan);
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..plan.rounds {
        for turn in 0..2 {
            let which = (turn + round) % 2;
            let mut workload = question.workload.of(plan.subjects[which])(workers);
            if plan.warms_up(iterations) {
                workload(1);
            }
            times[which].push(workload(iterations).as_nanos() as f64);
        }
    }
    let ratios = times[0].iter().zip(&times[1]).map(|(a, b)| a / b).collect();
    let count = (iterations * question.operations) as f64;
    let [ours, theirs] = times.map(|times| quantile(times, 0.5));
    let [low, high] = [0.25, 0.75].map(|q| quantile(Vec::clone(&ratios), q));
    format!(
        "{:>12} {:>12}  {:>5.2} ({low:.2} to {high:.2})",
        time(ours / count),
        time(theirs / count),
        ours / theirs
    )
}

impl Plan {
    /// Where one iteration makes a round, a second one to warm up would only double it.
    fn warms_up(&self, iterations: u64) -> bool {
        iterations > 1
    }
}

/// How many iterations make a round, for the slower of the two.
fn iterations(question: &Question, workers: usize, plan: &Plan) -> u64 {
    let slower = plan.subjects.map(|subject| {
        let mut workload = question.workload.of(subject)(workers);
        workload(1);
        let start = Instant::now();
        workload(1);
        start.elapsed()
    });
    let slower = slower.into_iter().max().unwrap_or_default();
    let fit = plan.round.as_nanos() / slower.as_nanos().max(1);
    fit.clamp(1, 100_000) as u64
}

/// The value that such a share of the values stays within.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = (values.len() - 1) as f64;
    values[(last * share).round() as usize]
}

/// In a unit that fits.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.1} ns"),
        n if n < 1e6 => format!("{:.2} us", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}
