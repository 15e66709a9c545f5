//! What may be sent, shared, moved when pinned, and carried over a panic: the locks, the
//! cells, the tokens and what is polled by hand, as the field has it.

use runtime::future::FutureExt;
use runtime::sync::{
    Barrier, BarrierWaitResult, CancellationToken, DropGuard, DropGuardRef, MappedMutexGuard,
    MutexGuard, Notify, OnceCell, OwnedMappedMutexGuard, OwnedMutexGuard,
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, PollSemaphore,
    PollSendError, PollSender, ReusableBoxFuture, RwLock, RwLockMappedWriteGuard, RwLockReadGuard,
    RwLockWriteGuard, SetError, SetOnce, SetOnceError, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::error::Error;
use std::hash::Hash;
use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::Arc;

/// Neither sent nor shared.
type Neither = Rc<i32>;
/// Sent, not shared.
type Sent = Cell<i32>;
/// Shared, not sent.
type Shared = std::sync::MutexGuard<'static, i32>;

assert_impl_all!(RwLock<i32>: Send, Sync, Unpin, Default, From<i32>);
assert_impl_all!(RwLock<Sent>: Send);
assert_not_impl_any!(RwLock<Sent>: Sync);
assert_not_impl_any!(RwLock<Shared>: Send, Sync);
assert_not_impl_any!(RwLock<PhantomPinned>: Unpin);

assert_impl_all!(RwLockReadGuard<'static, i32>: Send, Sync, Unpin);
assert_impl_all!(RwLockReadGuard<'static, PhantomPinned>: Unpin);
assert_not_impl_any!(RwLockReadGuard<'static, Sent>: Send, Sync);
assert_not_impl_any!(RwLockReadGuard<'static, Neither>: Send, Sync);
assert_impl_all!(RwLockWriteGuard<'static, i32>: Send, Sync, Unpin);
assert_impl_all!(RwLockWriteGuard<'static, PhantomPinned>: Unpin);
assert_not_impl_any!(RwLockWriteGuard<'static, Sent>: Send, Sync);
assert_not_impl_any!(RwLockWriteGuard<'static, Shared>: Send);
assert_not_impl_any!(RwLockWriteGuard<'static, Neither>: Send, Sync);
assert_impl_all!(RwLockMappedWriteGuard<'static, i32>: Send, Sync, Unpin);
assert_not_impl_any!(RwLockMappedWriteGuard<'static, Sent>: Sync);
assert_not_impl_any!(RwLockMappedWriteGuard<'static, Shared>: Send);
assert_not_impl_any!(RwLockMappedWriteGuard<'static, Neither>: Send, Sync);

assert_impl_all!(OwnedRwLockReadGuard<i32, i32>: Send, Sync, Unpin);
assert_impl_all!(OwnedRwLockReadGuard<PhantomPinned>: Unpin);
assert_not_impl_any!(OwnedRwLockReadGuard<i32, Sent>: Send, Sync);
assert_not_impl_any!(OwnedRwLockReadGuard<Sent, i32>: Send, Sync);
assert_not_impl_any!(OwnedRwLockReadGuard<Shared, i32>: Send, Sync);
assert_impl_all!(OwnedRwLockWriteGuard<i32>: Send, Sync, Unpin);
assert_not_impl_any!(OwnedRwLockWriteGuard<Sent>: Send, Sync);
assert_not_impl_any!(OwnedRwLockWriteGuard<Shared>: Send, Sync);
assert_impl_all!(OwnedRwLockMappedWriteGuard<i32, i32>: Send, Sync, Unpin);
assert_not_impl_any!(OwnedRwLockMappedWriteGuard<i32, Sent>: Sync);
assert_not_impl_any!(OwnedRwLockMappedWriteGuard<i32, Shared>: Send);
assert_not_impl_any!(OwnedRwLockMappedWriteGuard<Sent, i32>: Send, Sync);

// The mutex's guards are moved when pinned, whatever they guard.
assert_impl_all!(MutexGuard<'static, PhantomPinned>: Unpin);
assert_impl_all!(MappedMutexGuard<'static, PhantomPinned>: Unpin);
assert_impl_all!(OwnedMutexGuard<PhantomPinned>: Unpin);
assert_impl_all!(OwnedMappedMutexGuard<PhantomPinned, PhantomPinned>: Unpin);
assert_not_impl_any!(MappedMutexGuard<'static, Sent>: Sync);
assert_not_impl_any!(OwnedMappedMutexGuard<i32, Shared>: Send);

assert_impl_all!(Notify: UnwindSafe, RefUnwindSafe);
assert_impl_all!(Barrier: Send, Sync, Unpin);
assert_impl_all!(BarrierWaitResult: Send, Sync, Unpin, Clone, UnwindSafe, RefUnwindSafe);

assert_impl_all!(OnceCell<i32>: Send, Sync, Unpin, Clone, Default, Eq, From<i32>);
assert_impl_all!(OnceCell<Sent>: Send);
assert_not_impl_any!(OnceCell<Sent>: Sync);
assert_not_impl_any!(OnceCell<Shared>: Send, Sync);
assert_impl_all!(SetError<i32>: Send, Sync, Unpin, Error, Eq);
assert_impl_all!(SetOnce<i32>: Send, Sync, Unpin, Clone, Default, Eq, From<i32>, UnwindSafe);
assert_impl_all!(SetOnce<Sent>: Send);
assert_not_impl_any!(SetOnce<Sent>: Sync);
assert_not_impl_any!(SetOnce<Shared>: Send, Sync);
assert_impl_all!(SetOnceError<i32>: Send, Sync, Unpin, Error, Eq, UnwindSafe, RefUnwindSafe);

assert_impl_all!(CancellationToken: Send, Sync, Unpin, Clone, Default, Eq, Hash);
assert_impl_all!(CancellationToken: UnwindSafe, RefUnwindSafe);
assert_impl_all!(DropGuard: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_impl_all!(DropGuardRef<'static>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_impl_all!(WaitForCancellationFuture<'static>: Send, Sync);
assert_impl_all!(WaitForCancellationFutureOwned: Send, Sync);

assert_impl_all!(PollSemaphore: Send, Sync, Unpin, Clone, AsRef<runtime::sync::Semaphore>);
assert_impl_all!(PollSender<Sent>: Send, Sync, Unpin, Clone);
assert_impl_all!(PollSender<PhantomPinned>: Unpin);
assert_not_impl_any!(PollSender<Neither>: Send, Sync);
assert_impl_all!(PollSendError<i32>: Send, Sync, Unpin, Error, UnwindSafe, RefUnwindSafe);
assert_impl_all!(ReusableBoxFuture<'static, Neither>: Send, Sync, Unpin);

fn sent<T: Send>(_: &T) {}
fn sent_and_shared<T: Send + Sync>(_: &T) {}

#[test]
fn the_futures_may_be_sent() {
    let lock = Arc::new(RwLock::new(1));
    sent(&lock.read());
    sent(&lock.write());
    sent(&lock.clone().read_owned());
    sent(&lock.clone().write_owned());
    sent_and_shared(&Barrier::new(1).wait());
    let cell = OnceCell::new();
    sent(&cell.get_or_init(|| async { 1 }));
    sent(&cell.get_or_try_init(|| async { Ok::<_, ()>(1) }));
    sent(&SetOnce::<i32>::new().wait());
    let token = CancellationToken::new();
    sent_and_shared(&token.run_until_cancelled(std::future::ready(1)));
    sent_and_shared(
        &token
            .clone()
            .run_until_cancelled_owned(std::future::ready(1)),
    );
    sent_and_shared(&std::future::ready(1).with_cancellation_token(&token));
}
