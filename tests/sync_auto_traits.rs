//! What may be sent, shared and moved: the auto traits of everything in `runtime::sync`.

use runtime::sync::futures::{Notified, OwnedNotified};
use runtime::sync::mpsc::{self, error::*};
use runtime::sync::{
    AcquireError, MappedMutexGuard, Mutex, MutexGuard, Notify, OwnedMappedMutexGuard,
    OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
    TryLockError, broadcast, mpmc, oneshot, watch,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
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

assert_impl_all!(Semaphore: Send, Sync, Unpin);
assert_impl_all!(SemaphorePermit<'static>: Send, Sync, Unpin);
assert_impl_all!(OwnedSemaphorePermit: Send, Sync, Unpin);
assert_impl_all!(AcquireError: Send, Sync, Unpin, std::error::Error);
assert_impl_all!(TryAcquireError: Send, Sync, Unpin, std::error::Error);

assert_impl_all!(Notify: Send, Sync, Unpin);
assert_impl_all!(Notified<'static>: Send, Sync);
assert_impl_all!(OwnedNotified: Send, Sync);

assert_impl_all!(Mutex<Sent>: Send, Sync);
assert_not_impl_any!(Mutex<Neither>: Send, Sync);
assert_not_impl_any!(Mutex<Shared>: Send, Sync);
assert_impl_all!(Mutex<i32>: Unpin);
assert_impl_all!(TryLockError: Send, Sync, std::error::Error);

assert_impl_all!(MutexGuard<'static, i32>: Send, Sync, Unpin);
assert_impl_all!(MutexGuard<'static, Sent>: Send);
assert_not_impl_any!(MutexGuard<'static, Sent>: Sync);
assert_not_impl_any!(MutexGuard<'static, Neither>: Send, Sync);
assert_not_impl_any!(MutexGuard<'static, Shared>: Send);

assert_impl_all!(OwnedMutexGuard<i32>: Send, Sync, Unpin);
assert_impl_all!(OwnedMutexGuard<Sent>: Send);
assert_not_impl_any!(OwnedMutexGuard<Sent>: Sync);
assert_not_impl_any!(OwnedMutexGuard<Neither>: Send, Sync);
assert_not_impl_any!(OwnedMutexGuard<Shared>: Send);

assert_impl_all!(MappedMutexGuard<'static, i32>: Send, Sync, Unpin);
assert_impl_all!(MappedMutexGuard<'static, Sent>: Send);
assert_not_impl_any!(MappedMutexGuard<'static, Sent>: Sync);
assert_not_impl_any!(MappedMutexGuard<'static, Neither>: Send, Sync);
assert_not_impl_any!(MappedMutexGuard<'static, Shared>: Send);

assert_impl_all!(OwnedMappedMutexGuard<i32, i32>: Send, Sync);
assert_impl_all!(OwnedMappedMutexGuard<i32, Sent>: Send);
assert_not_impl_any!(OwnedMappedMutexGuard<i32, Sent>: Sync);
assert_not_impl_any!(OwnedMappedMutexGuard<Neither, i32>: Send, Sync);
assert_not_impl_any!(OwnedMappedMutexGuard<i32, Neither>: Send, Sync);

assert_impl_all!(oneshot::Sender<Sent>: Send, Sync, Unpin);
assert_impl_all!(oneshot::Receiver<Sent>: Send, Sync, Unpin);
assert_impl_all!(oneshot::Receiver<PhantomPinned>: Unpin);
assert_not_impl_any!(oneshot::Sender<Neither>: Send, Sync);
assert_not_impl_any!(oneshot::Receiver<Neither>: Send, Sync);
assert_impl_all!(oneshot::error::RecvError: Send, Sync, std::error::Error);
assert_impl_all!(oneshot::error::TryRecvError: Send, Sync, std::error::Error);

assert_impl_all!(mpsc::Sender<Sent>: Send, Sync, Unpin, Clone);
assert_impl_all!(mpsc::WeakSender<Sent>: Send, Sync, Unpin, Clone);
assert_impl_all!(mpsc::Receiver<i32>: Send, Sync, Unpin);
assert_impl_all!(mpsc::Receiver<Sent>: Send, Sync);
assert_impl_all!(mpsc::Receiver<PhantomPinned>: Unpin);
assert_not_impl_any!(mpsc::Sender<Neither>: Send, Sync);
assert_not_impl_any!(mpsc::WeakSender<Neither>: Send, Sync);
assert_not_impl_any!(mpsc::Receiver<Neither>: Send, Sync);
assert_impl_all!(mpsc::UnboundedSender<Sent>: Send, Sync, Unpin, Clone);
assert_impl_all!(mpsc::WeakUnboundedSender<Sent>: Send, Sync, Unpin, Clone);
assert_impl_all!(mpsc::UnboundedReceiver<i32>: Send, Sync, Unpin);
assert_impl_all!(mpsc::UnboundedReceiver<Sent>: Send, Sync);
assert_impl_all!(mpsc::UnboundedReceiver<PhantomPinned>: Unpin);
assert_not_impl_any!(mpsc::UnboundedSender<Neither>: Send, Sync);
assert_not_impl_any!(mpsc::UnboundedReceiver<Neither>: Send, Sync);
assert_impl_all!(mpsc::Permit<'static, Sent>: Send, Sync, Unpin);
assert_impl_all!(mpsc::PermitIterator<'static, Sent>: Send, Sync, Unpin);
assert_impl_all!(mpsc::OwnedPermit<Sent>: Send, Sync, Unpin);
assert_not_impl_any!(mpsc::Permit<'static, Neither>: Send, Sync);
assert_not_impl_any!(mpsc::PermitIterator<'static, Neither>: Send, Sync);
assert_not_impl_any!(mpsc::OwnedPermit<Neither>: Send, Sync);
assert_impl_all!(SendError<i32>: Send, Sync, std::error::Error);
assert_impl_all!(TrySendError<i32>: Send, Sync, std::error::Error);
assert_impl_all!(mpsc::error::TryRecvError: Send, Sync, std::error::Error);
assert_impl_all!(mpsc::Sender<Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::WeakSender<Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::Receiver<Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::UnboundedSender<Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::WeakUnboundedSender<Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::UnboundedReceiver<Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::Permit<'static, Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::PermitIterator<'static, Neither>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpsc::OwnedPermit<Neither>: UnwindSafe, RefUnwindSafe);

assert_impl_all!(broadcast::Sender<Sent>: Send, Sync, Unpin, Clone);
assert_impl_all!(broadcast::WeakSender<Sent>: Send, Sync, Unpin, Clone);
assert_impl_all!(broadcast::Receiver<Sent>: Send, Sync, Unpin);
assert_impl_all!(broadcast::Receiver<PhantomPinned>: Unpin);
assert_not_impl_any!(broadcast::Receiver<Sent>: Clone);
assert_not_impl_any!(broadcast::Sender<Neither>: Send, Sync);
assert_not_impl_any!(broadcast::WeakSender<Neither>: Send, Sync);
assert_not_impl_any!(broadcast::Receiver<Neither>: Send, Sync);
assert_not_impl_any!(broadcast::Sender<Shared>: Send, Sync);
assert_not_impl_any!(broadcast::Receiver<Shared>: Send, Sync);
assert_impl_all!(broadcast::error::SendError<i32>: Send, Sync, Unpin, std::error::Error);
assert_impl_all!(broadcast::error::RecvError: Send, Sync, Unpin, Clone, Eq, std::error::Error);
assert_impl_all!(broadcast::error::TryRecvError: Send, Sync, Unpin, Clone, Eq, std::error::Error);

assert_impl_all!(watch::Sender<i32>: Send, Sync, Unpin, Clone, Default);
assert_impl_all!(watch::Receiver<i32>: Send, Sync, Unpin, Clone);
assert_impl_all!(watch::Receiver<PhantomPinned>: Unpin);
assert_not_impl_any!(watch::Sender<Sent>: Send, Sync);
assert_not_impl_any!(watch::Receiver<Sent>: Send, Sync);
assert_not_impl_any!(watch::Sender<Shared>: Send, Sync);
assert_not_impl_any!(watch::Receiver<Shared>: Send, Sync);
assert_impl_all!(watch::Ref<'static, i32>: Sync, Unpin, std::fmt::Debug);
assert_not_impl_any!(watch::Ref<'static, i32>: Send);
assert_not_impl_any!(watch::Ref<'static, Sent>: Sync);
assert_impl_all!(watch::error::SendError<i32>: Send, Sync, Unpin, Clone, Eq, std::error::Error);
assert_impl_all!(watch::error::RecvError: Send, Sync, Unpin, Clone, std::error::Error);

assert_impl_all!(mpmc::Sender<Sent>: Send, Sync, Unpin, Clone, UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpmc::Receiver<Sent>: Send, Sync, Unpin, Clone, UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpmc::WeakSender<Sent>: Send, Sync, Unpin, Clone, UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpmc::WeakReceiver<Sent>: Send, Sync, Unpin, Clone, UnwindSafe, RefUnwindSafe);
assert_impl_all!(mpmc::Receiver<PhantomPinned>: Unpin);
assert_not_impl_any!(mpmc::Sender<Neither>: Send, Sync);
assert_not_impl_any!(mpmc::Receiver<Neither>: Send, Sync);
assert_not_impl_any!(mpmc::WeakSender<Neither>: Send, Sync);
assert_not_impl_any!(mpmc::WeakReceiver<Neither>: Send, Sync);
assert_impl_all!(mpmc::error::RecvError: Send, Sync, Unpin, Copy, Eq, std::error::Error);

fn sent<T: Send>(_: &T) {}

#[test]
fn the_futures_may_be_sent() {
    let semaphore = Arc::new(Semaphore::new(1));
    sent(&semaphore.acquire());
    sent(&semaphore.acquire_many(2));
    sent(&semaphore.clone().acquire_owned());
    sent(&semaphore.clone().acquire_many_owned(2));
    let mutex = Arc::new(Mutex::new(Cell::new(1)));
    sent(&mutex.lock());
    sent(&mutex.clone().lock_owned());
    let (mut tx, rx) = oneshot::channel::<Cell<i32>>();
    sent(&tx.closed());
    sent(&rx);
    let (tx, mut rx) = mpsc::channel::<Cell<i32>>(1);
    sent(&tx.send(Cell::new(1)));
    sent(&tx.reserve());
    sent(&tx.reserve_many(1));
    sent(&tx.clone().reserve_owned());
    sent(&tx.closed());
    sent(&rx.recv());
    sent(&rx.recv_many(&mut Vec::new(), 1));
    let (tx, mut rx) = mpsc::unbounded_channel::<Cell<i32>>();
    sent(&tx.closed());
    sent(&rx.recv());
    let (tx, mut rx) = broadcast::channel::<Cell<i32>>(1);
    sent(&tx.closed());
    sent(&rx.recv());
    let (tx, mut rx) = watch::channel(1);
    sent(&tx.closed());
    sent(&rx.changed());
    sent(&rx.wait_for(|value| *value > 1));
    let (tx, rx) = mpmc::channel::<Cell<i32>>(1);
    sent(&tx.send(Cell::new(1)));
    sent(&tx.closed());
    sent(&rx.recv());
    sent(&rx.recv_many(&mut Vec::new(), 1));
    sent(&rx.closed());
}
