//! Which of the types around tasks, budgets, metrics and queues of time may be sent, shared,
//! moved when pinned, and carried over a panic: as the field has it.

use futures::Stream;
use runtime::rt::{
    HistogramConfiguration, Id, InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder,
    RngSeed, TaskMeta,
};
use runtime::sync::mpsc::error::SendTimeoutError;
use runtime::task::coop::{Coop, RestoreOnPending, Unconstrained};
use runtime::task::task_tracker::{
    TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture, TrackedFuture,
};
use runtime::task::{
    AbortOnDrop, AbortOnDropHandle, JoinHandle, JoinMap, JoinMapKeys, JoinQueue, JoinSet,
};
use runtime::time::delay_queue::{DelayQueue, Expired, Key};
use runtime::time::error;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::Ready;
use std::hash::Hash;
use std::iter::FusedIterator;
use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

assert_impl_all!(AbortOnDrop: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_impl_all!(AbortOnDropHandle<Cell<u8>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_impl_all!(AbortOnDropHandle<u8>: AsRef<JoinHandle<u8>>, Future);
assert_impl_all!(AbortOnDropHandle<PhantomPinned>: Unpin);
assert_not_impl_any!(AbortOnDropHandle<Rc<u8>>: Send, Sync);

assert_impl_all!(TaskTracker: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Default, Debug);
assert_impl_all!(TaskTrackerToken: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Debug);
assert_impl_all!(TrackedFuture<Ready<u8>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_not_impl_any!(TrackedFuture<PhantomPinned>: Unpin);
assert_not_impl_any!(TrackedFuture<Rc<u8>>: Send, Sync);
assert_impl_all!(TaskTrackerWaitFuture<'static>: Send, Sync, Debug, Future);

assert_impl_all!(JoinMap<u8, u8>: Send, Sync, Unpin, Default, Debug);
assert_impl_all!(JoinMap<u8, Cell<u8>>: Send, Sync);
assert_impl_all!(JoinMap<Cell<u8>, u8>: Send);
assert_not_impl_any!(JoinMap<Cell<u8>, u8>: Sync);
assert_not_impl_any!(JoinMap<u8, Rc<u8>>: Send, Sync);
assert_not_impl_any!(JoinMap<Rc<u8>, u8>: Send, Sync);
assert_impl_all!(JoinMapKeys<'static, u8, u8>: Send, Sync, Unpin, Clone, Debug);
assert_impl_all!(JoinMapKeys<'static, u8, u8>: ExactSizeIterator, FusedIterator);
assert_not_impl_any!(JoinMapKeys<'static, Cell<u8>, u8>: Send, Sync);
assert_not_impl_any!(JoinMapKeys<'static, u8, Cell<u8>>: Send, Sync);

assert_impl_all!(JoinQueue<Cell<u8>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Default, Debug);
assert_not_impl_any!(JoinQueue<Rc<u8>>: Send, Sync);
assert_impl_all!(JoinSet<Cell<u8>>: Send, Sync, Unpin, Extend<Ready<Cell<u8>>>);

assert_impl_all!(Coop<Ready<u8>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug, Future);
assert_impl_all!(Unconstrained<Ready<u8>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Future);
assert_not_impl_any!(Unconstrained<PhantomPinned>: Unpin);
assert_not_impl_any!(Unconstrained<Rc<u8>>: Send, Sync);
assert_impl_all!(RestoreOnPending: Unpin, UnwindSafe, Debug);
assert_not_impl_any!(RestoreOnPending: Send, Sync, RefUnwindSafe);

assert_impl_all!(DelayQueue<u8>: Send, Sync, Unpin, Default, Debug, Stream);
assert_impl_all!(DelayQueue<PhantomPinned>: Unpin);
assert_impl_all!(DelayQueue<Cell<u8>>: Send);
assert_not_impl_any!(DelayQueue<Cell<u8>>: Sync);
assert_not_impl_any!(DelayQueue<Rc<u8>>: Send, Sync);
assert_impl_all!(Expired<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_impl_all!(Key: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, Eq, Hash, Debug);

assert_impl_all!(SendTimeoutError<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, Eq);
assert_impl_all!(SendTimeoutError<Rc<u8>>: Error);
assert_impl_all!(error::Error: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, Error);

assert_impl_all!(Id: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, Eq, Hash, Debug, Display);
assert_impl_all!(TaskMeta<'static>: Send, Sync, Unpin, Debug);
assert_impl_all!(RngSeed: Send, Sync, Clone, Debug);
assert_impl_all!(HistogramConfiguration: Send, Sync, Clone, Default, Debug);
assert_impl_all!(LogHistogram: Send, Sync, Copy, Default, Eq, From<LogHistogramBuilder>);
assert_impl_all!(InvalidHistogramConfiguration: Send, Sync, Error);

fn send<T: Send>(_: T) {}
fn send_sync<T: Send + Sync>(_: T) {}

/// Asserted by the compiler alone.
#[allow(dead_code)]
fn futures_of_functions(
    map: &mut JoinMap<u8, Cell<u8>>,
    queue: &mut JoinQueue<Cell<u8>>,
    sender: &runtime::sync::mpsc::Sender<u8>,
) {
    send_sync(runtime::task::consume_budget());
    send(map.join_next());
    send(map.shutdown());
    send(queue.join_next());
    send(queue.shutdown());
    send(JoinQueue::<u8>::new().join_all());
    send(sender.send_timeout(1, std::time::Duration::ZERO));
}

#[test]
fn it_compiles() {}
