//! Which threads the types of time may go to, and which may move: as in the field.

use runtime::time::error::Elapsed;
use runtime::time::{Instant, Interval, MissedTickBehavior, Sleep, Timeout};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::rc::Rc;

assert_impl_all!(Sleep: Send, Sync);
assert_not_impl_any!(Sleep: Unpin, Clone);
assert_impl_all!(Interval: Send, Sync, Unpin);
assert_impl_all!(Instant: Send, Sync, Unpin, Copy, Ord, std::hash::Hash);
assert_impl_all!(Elapsed: Send, Sync, Unpin, std::error::Error);
assert_impl_all!(MissedTickBehavior: Send, Sync, Unpin, Copy, Default);
assert_impl_all!(Timeout<()>: Send, Sync);
assert_not_impl_any!(Timeout<()>: Unpin);
assert_not_impl_any!(Timeout<Rc<()>>: Send, Sync);

fn is_send<T: Send>(_: T) {}

#[test]
fn what_awaits_time_can_be_spawned() {
    is_send(async {
        runtime::time::sleep(runtime::time::Duration::ZERO).await;
        let mut ticks = runtime::time::interval(runtime::time::Duration::MAX);
        ticks.tick().await;
        runtime::time::advance(runtime::time::Duration::ZERO).await;
    });
}
