//! The questions, each with its workload for both crates.

use crate::on_runtime::workloads::{
    accept, blocking, branches, chain, channels, echo, fork_join, http, locks, news, oneshot,
    ping_pong, spawn, tasks, timers, udp, yields,
};
use crate::{Both, both, ground};
use std::time::Duration;

/// What is asked of both crates.
pub struct Question {
    /// Its name: of the bench, and for `ratios`.
    pub name: &'static str,
    /// In a few words, what the figure is: the cost of what.
    pub figure: &'static str,
    /// How many times that happens in an iteration.
    pub operations: u64,
    /// The workload: so many iterations, which took so long.
    pub workload: Both<Duration>,
}

impl Question {
    /// The question of that name.
    pub fn find(name: &str) -> Option<&'static Question> {
        QUESTIONS.iter().find(|question| question.name == name)
    }
}

const fn ask(
    name: &'static str,
    figure: &'static str,
    workload: Both<Duration>,
    operations: u64,
) -> Question {
    Question {
        name,
        figure,
        operations,
        workload,
    }
}

/// All of them.
#[rustfmt::skip] // a table
pub const QUESTIONS: &[Question] = &[
    ask("spawn_join", "task spawned and joined, one at a time", both!(spawn::one_at_a_time), spawn::ONE_AT_A_TIME),
    ask("spawn_many_inside", "task of 100,000 spawned from a task, then joined", both!(spawn::many_from_inside), spawn::MANY),
    ask("spawn_many_outside", "task of 100,000 spawned from a thread outside", both!(spawn::many_from_outside), spawn::MANY),
    ask("spawn_detached", "task of 100,000 spawned from a task and never joined", both!(spawn::detached), spawn::MANY),
    ask("spawn_local", "task of 1,000 spawned in a LocalSet, then joined", both!(tasks::local), tasks::LOCAL),
    ask("join_set", "task of a JoinSet of 1,000, spawned and joined", both!(tasks::join_set), tasks::SET),
    ask("abort", "task spawned, aborted while it waits, and joined", both!(tasks::abort), tasks::ABORTED),
    ask("block_on", "block_on with a future that is ready", both!(tasks::block_on), tasks::BLOCKED_ON),
    ask("chain", "task of a chain of 1,000, each spawned by the one before", both!(chain::chained), chain::DEPTH),
    ask("yield", "yield, 200 tasks yielding 100 times each", both!(yields::take_turns), yields::TASKS * yields::YIELDS),
    ask("ping_pong", "question and answer over oneshots, 1,000 pairs of tasks", both!(ping_pong::pairs), ping_pong::PAIRS),
    ask("oneshot_alone", "oneshot made, sent and received in a task", both!(oneshot::alone), oneshot::ALONE),
    ask("oneshot_across", "oneshot from task to task, which take turns", both!(oneshot::across), oneshot::ACROSS),
    ask("mpsc_bounded", "message through a bounded channel, 5 senders to 1", both!(channels::bounded), channels::SENDERS * channels::MESSAGES),
    ask("mpsc_unbounded", "message through an unbounded channel, 5 senders to 1", both!(channels::unbounded), channels::SENDERS * channels::MESSAGES),
    ask("mpsc_1_to_1", "message through a bounded channel, 1 sender to 1", both!(channels::one_to_one), channels::FROM_ONE),
    ask("mpsc_room_for_1", "message through a channel with room for one, 1 sender to 1", both!(channels::room_for_one), channels::FROM_ONE),
    ask("mutex_alone", "mutex taken by one task", both!(locks::mutex_alone), locks::TAKEN),
    ask("mutex_contended", "mutex taken, 8 tasks", both!(locks::mutex_contended), locks::TAKEN),
    ask("mutex_held", "mutex taken and held across a yield, 8 tasks", both!(locks::mutex_held), locks::TAKEN),
    ask("semaphore_contended", "permit of 2 acquired, 8 tasks", both!(locks::semaphore_contended), locks::TAKEN),
    ask("semaphore_held", "permit of 2 acquired and held across a yield, 8 tasks", both!(locks::semaphore_held), locks::TAKEN),
    ask("rwlock_alone", "RwLock read by one task", both!(locks::rwlock_alone), locks::TAKEN),
    ask("rwlock_readers", "RwLock read, 8 tasks", both!(locks::rwlock_readers), locks::TAKEN),
    ask("rwlock_mixed", "RwLock read, or one in 10 times written, 8 tasks", both!(locks::rwlock_mixed), locks::TAKEN),
    ask("notify", "Notify there and back, 2 tasks", both!(news::ping_pong), news::ROUND_TRIPS),
    ask("broadcast", "message broadcast to 8 receivers", both!(news::broadcast), news::MESSAGES),
    ask("watch", "change seen by 8 receivers of a watch", both!(news::watch), news::CHANGES),
    ask("once_cell", "value of a OnceCell got", both!(news::once_cell), news::GETS),
    ask("select", "message of two channels that have one, by select!", both!(branches::select), 2 * branches::MESSAGES),
    ask("join", "message of each of two channels that have one, by join!", both!(branches::join), branches::MESSAGES),
    ask("fork_join", "task of 4,180 in a recursive Fibonacci number", both!(fork_join::fibonacci), fork_join::FORKS),
    ask("timers_never_fire", "timer armed and dropped", both!(timers::never_fire), timers::UNFIRED),
    ask("timers_fire", "sleeping task of 100,000 that wake up within half a second: processor time", both!(timers::fire), timers::FIRED),
    ask("timeout", "timeout around a future that is ready at its second poll", both!(timers::guard), timers::GUARDED),
    ask("timer_reset", "timer put off and polled", both!(timers::reset), timers::RESET),
    ask("sleep_zero", "sleep for no time", both!(timers::sleep_for_no_time), timers::OVER),
    ask("sleep_past", "sleep until a deadline that has passed", both!(timers::sleep_until_the_past), timers::OVER),
    ask("interval_median", "lateness of a tick each millisecond, median", both!(punctuality::tick_median), 1),
    ask("interval_p99", "lateness of a tick each millisecond, 99 in 100 within", both!(punctuality::tick_worst_but_one_in_a_hundred), 1),
    ask("beside_blocking", "lateness of 100 sleeping tasks beside one that blocks for 5 ms at a time, 99 in 100 within", both!(punctuality::beside_one_that_blocks), 1),
    ask("blocking_latency", "empty blocking job and back, median of 500, one at a time", both!(blocking::median), 1),
    ask("blocking_many", "empty blocking job of 10,000 from a task, then joined", both!(blocking::many), blocking::MANY),
    ask("blocking_in_flight", "empty blocking job and back, 64 tasks at a time", both!(blocking::in_flight), blocking::IN_FLIGHT),
    ask("echo_1", "message answered over TCP, 1 connection", both!(echo::one), echo::MESSAGES),
    ask("echo_64", "message answered over TCP, 64 connections", both!(echo::some), echo::MESSAGES),
    ask("echo_1000", "message answered over TCP, 1,000 connections", both!(echo::many), echo::MANY_MESSAGES),
    ask("echo_median_64", "answer over TCP, 64 connections, median as the client sees it", both!(echo::some_median), 1),
    ask("echo_p99_64", "answer over TCP, 64 connections, 99 in 100 within", both!(echo::some_p99), 1),
    ask("echo_median_1000", "answer over TCP, 1,000 connections, median as the client sees it", both!(echo::many_median), 1),
    ask("echo_p99_1000", "answer over TCP, 1,000 connections, 99 in 100 within", both!(echo::many_p99), 1),
    ask("accept", "connection accepted and closed, 64 clients", both!(accept::visits), accept::VISITS),
    ask("udp_1", "datagram answered, 1 client", both!(udp::one), udp::DATAGRAMS),
    ask("udp_64", "datagram answered, 64 clients", both!(udp::some), udp::DATAGRAMS),
    ask("http_1", "HTTP request answered through hyper, 1 connection", both!(http::one), http::REQUESTS),
    ask("http_64", "HTTP request answered through hyper, 64 connections", both!(http::some), http::REQUESTS),
    ask("http_p99_64", "answer through hyper, 64 connections, 99 in 100 within", both!(http::some_p99), 1),
    ask("fs_small", "file of 10,000 read, of 4 KiB, 64 at a time", both!(files::small), ground::SMALL_FILES as u64),
    ask("fs_read_64k", "MiB of 256 read from a file, 64 KiB at a time", both!(files::read_by_64k), ground::LARGE as u64 >> 20),
    ask("fs_read_1m", "MiB of 256 read from a file, 1 MiB at a time", both!(files::read_by_1m), ground::LARGE as u64 >> 20),
    ask("fs_write_64k", "MiB of 256 written to a file in memory, 64 KiB at a time", both!(files::write_by_64k), ground::LARGE as u64 >> 20),
    ask("fs_write_1m", "MiB of 256 written to a file in memory, 1 MiB at a time", both!(files::write_by_1m), ground::LARGE as u64 >> 20),
    ask("wake_median", "wake-up of a sleeping runtime by a foreign thread, median", both!(wake::median), 1),
    ask("wake_p99", "wake-up of a sleeping runtime by a foreign thread, 99 in 100 within", both!(wake::worst_but_one_in_a_hundred), 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_questions_have_one_name() {
        for question in QUESTIONS {
            let found = Question::find(question.name).unwrap();
            assert_eq!(found.figure, question.figure);
        }
    }
}
