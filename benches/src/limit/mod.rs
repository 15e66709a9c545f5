//! What the machine allows: the same work, by hand, without a runtime.
//!
//! Each does and asserts what its question does, with what std and epoll have, and nothing that
//! only a runtime needs: no wakers, no stealing, no handles. Most are a loop on one thread, and so
//! the number of workers means nothing to them.

mod files;
mod locks;
mod sockets;
mod tasks;
mod threads;
mod timers;

use crate::Open;
use crate::demand::Figure;
use std::time::Duration;

/// What a question asks, by hand: with so many threads, so many times.
macro_rules! by_hand {
    ($file:ident::$function:ident) => {
        |workers| Box::new(move |iterations| $file::$function(workers, iterations))
    };
}

/// A server on one thread, with that many connections.
macro_rules! served {
    ($talk:ident, $figure:ident $(, $connections:literal)?) => {
        |_| Box::new(|iterations| sockets::$talk($($connections,)? Figure::$figure, iterations))
    };
}

/// Which questions have one.
#[rustfmt::skip] // a table
pub(crate) const LIMITS: &[(&str, Open<Duration>)] = &[
    ("spawn_join", by_hand!(tasks::one_at_a_time)),
    ("spawn_many_inside", by_hand!(tasks::many)),
    ("spawn_many_outside", by_hand!(threads::many_from_outside)),
    ("spawn_detached", by_hand!(tasks::many)),
    ("chain", by_hand!(tasks::chained)),
    ("yield", by_hand!(tasks::take_turns)),
    ("ping_pong", by_hand!(tasks::pairs)),
    ("mpsc_bounded", by_hand!(tasks::bounded)),
    ("mpsc_unbounded", by_hand!(tasks::unbounded)),
    ("oneshot_alone", by_hand!(locks::oneshot_alone)),
    ("mutex_alone", by_hand!(locks::mutex_alone)),
    ("mutex_contended", by_hand!(locks::mutex_contended)),
    ("semaphore_contended", by_hand!(locks::semaphore_contended)),
    ("rwlock_alone", by_hand!(locks::rwlock_alone)),
    ("rwlock_readers", by_hand!(locks::rwlock_readers)),
    ("rwlock_mixed", by_hand!(locks::rwlock_mixed)),
    ("notify", by_hand!(tasks::flags)),
    ("fork_join", by_hand!(tasks::fibonacci)),
    ("timers_never_fire", by_hand!(timers::never_fire)),
    ("timers_fire", by_hand!(timers::fire)),
    ("timeout", by_hand!(timers::guard)),
    ("timer_reset", by_hand!(timers::reset)),
    ("sleep_zero", by_hand!(timers::is_over)),
    ("sleep_past", by_hand!(timers::is_over)),
    ("interval_median", by_hand!(timers::tick_median)),
    ("interval_p99", by_hand!(timers::tick_worst_but_one_in_a_hundred)),
    ("blocking_latency", by_hand!(threads::median)),
    ("blocking_many", by_hand!(threads::many)),
    ("blocking_in_flight", by_hand!(threads::in_flight)),
    ("echo_1", served!(messages, Time, 1)),
    ("echo_64", served!(messages, Time, 64)),
    ("echo_1000", served!(messages, Time, 1000)),
    ("echo_median_64", served!(messages, Median, 64)),
    ("echo_p99_64", served!(messages, P99, 64)),
    ("echo_median_1000", served!(messages, Median, 1000)),
    ("echo_p99_1000", served!(messages, P99, 1000)),
    ("accept", served!(visits, Time)),
    ("udp_1", served!(datagrams, Time, 1)),
    ("udp_64", served!(datagrams, Time, 64)),
    ("fs_small", by_hand!(files::small)),
    ("fs_read_64k", by_hand!(files::read_by_64k)),
    ("fs_read_1m", by_hand!(files::read_by_1m)),
    ("fs_write_64k", by_hand!(files::write_by_64k)),
    ("fs_write_1m", by_hand!(files::write_by_1m)),
    ("wake_median", by_hand!(threads::wake_median)),
    ("wake_p99", by_hand!(threads::wake_worst_but_one_in_a_hundred)),
];
