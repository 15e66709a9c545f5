//! Who takes turns: `runtime` and its peers, and the limit of the machine.
//!
//! Every question is put to `runtime` and to `tokio`. The others are asked where there is a
//! fair counterpart, and so the tables here name the questions that they are asked.

use crate::limit::LIMITS;
use crate::{Open, Question, go};
use std::time::Duration;

/// One of those that take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrant {
    /// `runtime`
    Runtime,
    /// `tokio`, which the others are compared to.
    Tokio,
    /// smol
    Smol,
    /// Go, in a process of its own.
    Go,
    /// No runtime at all: the same work by hand.
    Limit,
}

impl Entrant {
    /// All of them.
    pub const ALL: [Entrant; 5] = [
        Entrant::Runtime,
        Entrant::Tokio,
        Entrant::Smol,
        Entrant::Go,
        Entrant::Limit,
    ];

    /// A word for it, in tables.
    pub fn name(self) -> &'static str {
        match self {
            Entrant::Runtime => "runtime",
            Entrant::Tokio => "tokio",
            Entrant::Smol => "smol",
            Entrant::Go => "go",
            Entrant::Limit => "limit",
        }
    }

    /// The one of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// In one of how many rounds it takes part: at least in three where there are so many.
    pub fn stride(self, fewest: usize) -> usize {
        match self {
            Entrant::Go => (fewest / 3).clamp(1, 3),
            _ => 1,
        }
    }

    /// What answers the question, if it is asked.
    pub fn answers(self, question: &Question) -> Option<Open<Duration>> {
        match self {
            Entrant::Runtime => Some(question.workload.runtime),
            Entrant::Tokio => Some(question.workload.tokio),
            Entrant::Smol => named(SMOL, question.name),
            Entrant::Go => go::answers(question.name),
            Entrant::Limit => named(LIMITS, question.name),
        }
    }
}

fn named(table: &[(&str, Open<Duration>)], name: &str) -> Option<Open<Duration>> {
    let line = table.iter().find(|line| line.0 == name);
    line.map(|line| line.1)
}

/// The workload of that name, such as `spawn::one_at_a_time`.
macro_rules! smol {
    ($file:ident::$workload:ident) => {
        |workers| {
            use crate::on_smol::workloads;
            workloads::open(workers, workloads::$file::$workload)
        }
    };
}

/// Not asked of smol: what it has no counterpart for.
#[rustfmt::skip] // a table
const SMOL: &[(&str, Open<Duration>)] = &[
    ("spawn_join", smol!(spawn::one_at_a_time)),
    ("spawn_many_inside", smol!(spawn::many_from_inside)),
    ("spawn_many_outside", smol!(spawn::many_from_outside)),
    ("spawn_detached", smol!(spawn::detached)),
    ("chain", smol!(chain::chained)),
    ("yield", smol!(yields::take_turns)),
    ("ping_pong", smol!(ping_pong::pairs)),
    ("oneshot_alone", smol!(oneshot::alone)),
    ("oneshot_across", smol!(oneshot::across)),
    ("mpsc_bounded", smol!(channels::bounded)),
    ("mpsc_unbounded", smol!(channels::unbounded)),
    ("mpsc_1_to_1", smol!(channels::one_to_one)),
    ("mpsc_room_for_1", smol!(channels::room_for_one)),
    ("mutex_alone", smol!(locks::mutex_alone)),
    ("mutex_contended", smol!(locks::mutex_contended)),
    ("mutex_held", smol!(locks::mutex_held)),
    ("semaphore_contended", smol!(locks::semaphore_contended)),
    ("semaphore_held", smol!(locks::semaphore_held)),
    ("rwlock_alone", smol!(locks::rwlock_alone)),
    ("rwlock_readers", smol!(locks::rwlock_readers)),
    ("rwlock_mixed", smol!(locks::rwlock_mixed)),
    ("fork_join", smol!(fork_join::fibonacci)),
    ("timers_never_fire", smol!(timers::never_fire)),
    ("timers_fire", smol!(timers::fire)),
    ("timeout", smol!(timers::guard)),
    ("timer_reset", smol!(timers::reset)),
    ("sleep_zero", smol!(timers::sleep_for_no_time)),
    ("sleep_past", smol!(timers::sleep_until_the_past)),
    ("interval_median", smol!(punctuality::tick_median)),
    ("interval_p99", smol!(punctuality::tick_worst_but_one_in_a_hundred)),
    ("beside_blocking", smol!(punctuality::beside_one_that_blocks)),
    ("blocking_latency", smol!(blocking::median)),
    ("blocking_many", smol!(blocking::many)),
    ("blocking_in_flight", smol!(blocking::in_flight)),
    ("echo_1", smol!(echo::one)),
    ("echo_64", smol!(echo::some)),
    ("echo_1000", smol!(echo::many)),
    ("echo_median_64", smol!(echo::some_median)),
    ("echo_p99_64", smol!(echo::some_p99)),
    ("echo_median_1000", smol!(echo::many_median)),
    ("echo_p99_1000", smol!(echo::many_p99)),
    ("accept", smol!(accept::visits)),
    ("udp_1", smol!(udp::one)),
    ("udp_64", smol!(udp::some)),
    ("fs_small", smol!(files::small)),
    ("fs_read_64k", smol!(files::read_by_64k)),
    ("fs_read_1m", smol!(files::read_by_1m)),
    ("fs_write_64k", smol!(files::write_by_64k)),
    ("fs_write_1m", smol!(files::write_by_1m)),
    ("wake_median", smol!(wake::median)),
    ("wake_p99", smol!(wake::worst_but_one_in_a_hundred)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_leaves_rounds_out_takes_part_in_three() {
        for fewest in 3..20_usize {
            for entrant in Entrant::ALL {
                let turns = fewest.div_ceil(entrant.stride(fewest));
                assert!(turns >= 3, "{entrant:?} of {fewest}");
            }
        }
        assert_eq!(Entrant::Go.stride(1), 1);
    }

    #[test]
    fn those_who_are_asked_are_asked_a_question() {
        for table in [SMOL, go::GO, LIMITS] {
            for (i, (name, _)) in table.iter().enumerate() {
                assert!(Question::find(name).is_some(), "{name}");
                let again = table[..i].iter().any(|line| line.0 == *name);
                assert!(!again, "{name} is there twice");
            }
        }
    }
}
