//! The questions, each with its workload for either crate.

use crate::on_runtime::workloads::{chain, channels, fork_join, ping_pong, spawn, yields};
use crate::{on_runtime, on_tokio};
use std::time::Duration;

/// What is asked of both crates.
pub struct Question {
    /// Its name: of the bench, and for `ratios`.
    pub name: &'static str,
    /// In a few words, what the figure is: the cost of what.
    pub figure: &'static str,
    /// How many times that happens in an iteration.
    pub operations: u64,
    /// The workload on `runtime`.
    pub runtime: Open,
    /// The workload on `tokio`.
    pub tokio: Open,
}

/// Builds a runtime with so many workers, and returns what runs the workload on it: so many
/// iterations, which took so long.
pub type Open = fn(usize) -> Box<dyn FnMut(u64) -> Duration>;

/// One of the two crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `runtime`
    Runtime,
    /// `tokio`
    Tokio,
}

impl Subject {
    /// Both of them.
    pub const ALL: [Subject; 2] = [Subject::Runtime, Subject::Tokio];

    /// The name of the crate.
    pub fn name(self) -> &'static str {
        match self {
            Subject::Runtime => "runtime",
            Subject::Tokio => "tokio",
        }
    }
}

impl Question {
    /// The question of that name.
    pub fn find(name: &str) -> Option<&'static Question> {
        QUESTIONS.iter().find(|question| question.name == name)
    }

    /// The workload on one of the crates.
    pub fn of(&self, subject: Subject) -> Open {
        match subject {
            Subject::Runtime => self.runtime,
            Subject::Tokio => self.tokio,
        }
    }
}

/// The same workload for both crates.
macro_rules! both {
    ($name:literal, $figure:literal, $file:ident::$workload:ident, $operations:expr) => {
        Question {
            name: $name,
            figure: $figure,
            operations: $operations,
            runtime: |workers| {
                use on_runtime::workloads;
                workloads::open(workers, workloads::$file::$workload)
            },
            tokio: |workers| {
                use on_tokio::workloads;
                workloads::open(workers, workloads::$file::$workload)
            },
        }
    };
}

/// All of them.
#[rustfmt::skip] // a table
pub const QUESTIONS: &[Question] = &[
    both!("spawn_join", "task spawned and joined, one at a time", spawn::one_at_a_time, spawn::ONE_AT_A_TIME),
    both!("spawn_many_inside", "task of 100,000 spawned from a task, then joined", spawn::many_from_inside, spawn::MANY),
    both!("spawn_many_outside", "task of 100,000 spawned from a thread outside", spawn::many_from_outside, spawn::MANY),
    both!("chain", "task of a chain of 1,000, each spawned by the one before", chain::chained, chain::DEPTH),
    both!("yield", "yield, 200 tasks yielding 100 times each", yields::take_turns, yields::TASKS * yields::YIELDS),
    both!("ping_pong", "question and answer over oneshots, 1,000 pairs of tasks", ping_pong::pairs, ping_pong::PAIRS),
    both!("mpsc_bounded", "message through a bounded channel, 5 senders to 1", channels::bounded, channels::SENDERS * channels::MESSAGES),
    both!("mpsc_unbounded", "message through an unbounded channel, 5 senders to 1", channels::unbounded, channels::SENDERS * channels::MESSAGES),
    both!("fork_join", "task of 4,180 in a recursive Fibonacci number", fork_join::fibonacci, fork_join::FORKS),
    both!("wake_median", "wake-up of a sleeping runtime by a foreign thread, median", wake::median, 1),
    both!("wake_p99", "wake-up of a sleeping runtime by a foreign thread, 99 in 100 within", wake::worst_but_one_in_a_hundred, 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workload_does_its_work_on_either_crate() {
        for question in QUESTIONS {
            for workers in [1, 2] {
                for subject in Subject::ALL {
                    let elapsed = question.of(subject)(workers)(1);
                    assert!(!elapsed.is_zero(), "{} took no time", question.name);
                }
            }
        }
    }

    #[test]
    fn no_two_questions_have_one_name() {
        for question in QUESTIONS {
            let found = Question::find(question.name).unwrap();
            assert_eq!(found.figure, question.figure);
        }
    }
}
