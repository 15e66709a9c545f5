//! What the machine allows: the same work, by hand, without a runtime.
//!
//! Each does and asserts what its question does, with what std and epoll have, and nothing that
//! only a runtime needs: no wakers, no stealing, no handles. Most are a loop on one thread, and so
//! the number of workers means nothing to them.

mod echo;
mod tasks;
mod threads;
mod timers;

use crate::Open;
use std::time::Duration;

/// What a question asks, by hand: with so many threads, so many times.
macro_rules! by_hand {
    ($file:ident::$function:ident) => {
        |workers| Box::new(move |iterations| $file::$function(workers, iterations))
    };
}

/// Which questions have one.
#[rustfmt::skip] // a table
pub(crate) const LIMITS: &[(&str, Open<Duration>)] = &[
    ("spawn_join", by_hand!(tasks::one_at_a_time)),
    ("spawn_many_inside", by_hand!(tasks::many)),
    ("spawn_many_outside", by_hand!(threads::many_from_outside)),
    ("chain", by_hand!(tasks::chained)),
    ("yield", by_hand!(tasks::take_turns)),
    ("ping_pong", by_hand!(tasks::pairs)),
    ("mpsc_bounded", by_hand!(tasks::bounded)),
    ("mpsc_unbounded", by_hand!(tasks::unbounded)),
    ("fork_join", by_hand!(tasks::fibonacci)),
    ("timers_never_fire", by_hand!(timers::never_fire)),
    ("timers_fire", by_hand!(timers::fire)),
    ("timeout", by_hand!(timers::guard)),
    ("blocking_latency", by_hand!(threads::median)),
    ("blocking_many", by_hand!(threads::many)),
    ("blocking_in_flight", by_hand!(threads::in_flight)),
    ("echo_1", by_hand!(echo::one)),
    ("echo_64", by_hand!(echo::some)),
    ("echo_1000", by_hand!(echo::many)),
    ("wake_median", by_hand!(threads::wake_median)),
    ("wake_p99", by_hand!(threads::wake_worst_but_one_in_a_hundred)),
];
