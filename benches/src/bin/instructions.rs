//! How many instructions does an operation take?
//!
//! `cargo run --release --bin instructions -- [question..]`
//!
//! Each question that does the same thing each time is run with one worker under valgrind's
//! callgrind, which counts instructions, once with few and once with more iterations: the
//! difference has no start-up in it. Neither neighbours nor the clock have a part in that, and
//! one run is enough. Instructions are not time: an atomic one takes twenty times as long as
//! another, a system call counts as one here, and a cache miss as none.

use runtime_bench::report::line;
use runtime_bench::{Question, Subject, figures};
use std::process::{Command, ExitCode};

/// Those that do the same thing each time.
const DETERMINISTIC: [&str; 29] = [
    "spawn_join",
    "spawn_many_inside",
    "spawn_detached",
    "spawn_local",
    "join_set",
    "abort",
    "chain",
    "yield",
    "ping_pong",
    "oneshot_alone",
    "oneshot_across",
    "mpsc_bounded",
    "mpsc_unbounded",
    "mpsc_1_to_1",
    "mpsc_room_for_1",
    "mutex_alone",
    "mutex_contended",
    "mutex_held",
    "semaphore_contended",
    "rwlock_alone",
    "rwlock_readers",
    "notify",
    "broadcast",
    "watch",
    "select",
    "join",
    "fork_join",
    "timeout",
    "timer_reset",
];

/// Operations of the shorter run, if an iteration is not longer.
const OPERATIONS: u64 = 5_000;

/// Tells this program to run one question: which, on which crate, how many times.
const RUN: &str = "--run";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [RUN, question, subject, iterations] => {
            run(question, subject, iterations).expect("orders of ours");
            ExitCode::SUCCESS
        }
        [] => compare(&DETERMINISTIC),
        ref names => compare(names),
    }
}

fn run(question: &str, subject: &str, iterations: &str) -> Option<()> {
    let mut subjects = Subject::ALL.into_iter();
    let subject = subjects.find(|it| it.name() == subject)?;
    let mut workload = Question::find(question)?.workload.of(subject)(1);
    workload(iterations.parse().ok()?);
    Some(())
}

fn compare(names: &[&str]) -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("valgrind is not there: install it (apt-get install valgrind), and come back");
        return ExitCode::FAILURE;
    }
    println!("{}", line(&["question", "", "runtime", "tokio", "ratio"]));
    for name in names {
        let Some(question) = Question::find(name) else {
            eprintln!("{name}: no such question");
            return ExitCode::FAILURE;
        };
        let counts = Subject::ALL.map(|subject| per_operation(question, subject));
        let [Some(ours), Some(theirs)] = counts else {
            eprintln!("{name}: it has failed under callgrind");
            return ExitCode::FAILURE;
        };
        println!(
            "{}",
            line(&[
                name.to_string(),
                String::new(),
                format!("{ours:.1}"),
                format!("{theirs:.1}"),
                figures::ratio(ours / theirs),
            ])
        );
    }
    ExitCode::SUCCESS
}

/// The difference between a run and one with three times as many iterations.
fn per_operation(question: &Question, subject: Subject) -> Option<f64> {
    let few = OPERATIONS.div_ceil(question.operations);
    let [short, long] = [few, 3 * few].map(|iterations| count(question, subject, iterations));
    let operations = (2 * few * question.operations) as f64;
    Some((long? as f64 - short? as f64) / operations)
}

/// All instructions of a run.
fn count(question: &Question, subject: Subject, iterations: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .args([RUN, question.name, subject.name(), &iterations.to_string()])
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    collected(&String::from_utf8_lossy(&output.stderr))
}

/// What callgrind says: `==123== Collected : 456`.
fn collected(report: &str) -> Option<u64> {
    let line = report.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_the_report() {
        let report = "==7== Events    : Ir\n==7== Collected : 1234\n==7==\n";
        assert_eq!(collected(report), Some(1234));
        assert_eq!(collected("==7== no such tool"), None);
    }

    #[test]
    fn all_that_is_counted_is_a_question() {
        for name in DETERMINISTIC {
            assert!(Question::find(name).is_some(), "{name}");
        }
    }
}
