//! Ways for tasks to work together: channels, locks, permits and notifications.
//!
//! | to | use |
//! |---|---|
//! | send many values to one task | [`mpsc`] |
//! | share many values out among several tasks | [`mpmc`] |
//! | send each value to all of several tasks | [`broadcast`] |
//! | tell the newest value to whoever wants to know | [`watch`] |
//! | send one value once | [`oneshot`] |
//! | have one task at a time at a value, across awaits | [`Mutex`] |
//! | have many readers or one writer at a value | [`RwLock`] |
//! | make a value when it is asked for first | [`OnceCell`] |
//! | give a value once, and wait for it | [`SetOnce`] |
//! | bound how many of something happen at once | [`Semaphore`] |
//! | tell others that something happened | [`Notify`] |
//! | go on together | [`Barrier`] |
//! | ask tasks to end | [`CancellationToken`] |
//! | poll channels and semaphores by hand | [`PollSender`], [`PollSemaphore`] |
//!
//! None of them needs a runtime: they work in any executor, and between any two of them.
//! All of them serve who waits in the order in which they came, hand on what was granted
//! to a future that is dropped, and wake, clone and drop wakers (which is foreign code)
//! with no lock held. Each spends the cooperative budget of the task that polls it.

mod barrier;
mod blocking;
pub mod broadcast;
mod cancellation;
mod guard;
mod handles;
mod lines;
pub mod mpmc;
pub mod mpsc;
mod mutex;
mod notify;
mod once;
pub mod oneshot;
mod permits;
mod poll;
mod rwlock;
mod semaphore;
#[cfg(not(all(test, loom)))]
mod statics;
#[cfg(all(test, not(loom)))]
mod tests;
pub mod watch;

pub use barrier::{Barrier, BarrierWaitResult};
pub use cancellation::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
pub use mutex::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, TryLockError,
};
pub use notify::Notify;
pub use once::{OnceCell, SetError, SetOnce, SetOnceError};
pub use poll::{PollSemaphore, PollSendError, PollSender, ReusableBoxFuture};
pub use rwlock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
pub use semaphore::{
    AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
};

/// The futures that `sync` returns.
pub mod futures {
    pub use super::cancellation::{WithCancellationTokenFuture, WithCancellationTokenFutureOwned};
    pub use super::notify::{Notified, OwnedNotified};
}
