//! The sync switch: one door for everything that a model must be able to replace.
//!
//! Locks, atomics, cells, threads and the work-stealing deque are taken from here
//! and from nowhere else in the crate. An ordinary build gets parking_lot, std and
//! crossbeam (`real.rs`); `RUSTFLAGS="--cfg loom" cargo test --lib` gets loom's
//! doubles and a deque behind a lock (`model.rs`), so that each hand-over in the
//! crate can be explored by a model that sits beside its code.
//!
//! Both files offer the same names:
//!
//! | name | what it is |
//! |---|---|
//! | [`Mutex`], [`MutexGuard`], [`Condvar`] | locks without poisoning |
//! | [`RwLock`], [`RwLockReadGuard`] | the same for many readers or one writer |
//! | [`Arc`] | counted pointer whose ordering a model sees; use std's for `dyn` and `Weak` |
//! | [`atomic`] | the atomics, and `Ordering` |
//! | [`UnsafeCell`] | a cell that is entered by `with_mut` |
//! | [`heap`] | the allocator; a model sees what is freed twice or never |
//! | [`thread`] | spawn, park, current |
//! | [`deque`] | `Worker`, `Stealer`, `Injector`, `Steal` |
//! | [`local!`](local) | a thread-local without a destructor |
//! | [`load_in_order`] | a load in the single order of SeqCst operations |
//! | [`IS_MODEL`] | whether this is the position for models |
//! | [`spin_hint`] | a pause in a retry loop (a yield in a model) |
//! | [`spin_until`] | a moment awake (over at once in a model) |
//!
//! Statics cannot be modelled (loom's atomics are not `const`): those are std's and
//! say so where they stand. They may hold counters and flags that no hand-over
//! depends on.

#[cfg(all(loom, test))]
#[path = "model.rs"]
mod imp;
#[cfg(not(all(loom, test)))]
#[path = "real.rs"]
mod imp;

pub(crate) use imp::*;
