//! Which of the runtime's and the tasks' types may be sent, shared, moved when pinned, and
//! carried over a panic: as the field has it.

use runtime::rt::TryCurrentError;
use runtime::rt::{Builder, EnterGuard, Handle, Runtime, RuntimeFlavor, RuntimeMetrics};
use runtime::task::{AbortHandle, Id, JoinError, JoinHandle, JoinSet};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::error::Error;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

assert_impl_all!(Runtime: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Handle: Send, Sync, Unpin, Clone, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Builder: Send, Sync, Unpin);
assert_impl_all!(RuntimeFlavor: Send, Sync, Unpin, Copy, UnwindSafe, RefUnwindSafe);
assert_impl_all!(RuntimeMetrics: Send, Sync, Unpin, Clone);
assert_impl_all!(TryCurrentError: Send, Sync, Unpin, Error, UnwindSafe, RefUnwindSafe);

// A guard ends what it began on its own thread; a reference to one does no harm elsewhere.
assert_impl_all!(EnterGuard<'static>: Sync, Unpin);
assert_not_impl_any!(EnterGuard<'static>: Send);

// A handle gives the output away, so that is what has to be `Send`, and nothing more.
assert_impl_all!(JoinHandle<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_impl_all!(JoinHandle<Cell<u8>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(JoinHandle<Rc<u8>>: Send, Sync);
assert_impl_all!(JoinHandle<Rc<u8>>: Unpin);
assert_impl_all!(JoinHandle<std::marker::PhantomPinned>: Unpin);

assert_impl_all!(AbortHandle: Send, Sync, Unpin, Clone, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Id: Send, Sync, Unpin, Copy, UnwindSafe, RefUnwindSafe);
assert_impl_all!(JoinError: Send, Sync, Unpin, Error);
assert_not_impl_any!(JoinError: UnwindSafe);

assert_impl_all!(JoinSet<u8>: Send, Sync, Unpin);
assert_impl_all!(JoinSet<Cell<u8>>: Send, Sync, Unpin);
assert_not_impl_any!(JoinSet<Rc<u8>>: Send, Sync);

fn send<T: Send>(_: T) {}
fn send_sync<T: Send + Sync>(_: T) {}

/// Asserted by the compiler alone.
#[allow(dead_code)]
fn futures_of_functions(set: &mut JoinSet<Cell<u8>>, other: &mut JoinSet<u8>) {
    send_sync(runtime::task::yield_now());
    send(set.join_next());
    send(set.join_next_with_id());
    send(set.shutdown());
    send_sync(other.join_next());
    send(JoinSet::<u8>::new().join_all());
}

#[test]
fn it_compiles() {}
