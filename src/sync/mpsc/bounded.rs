//! The sending half of the bounded channel: sending waits for a slot.

use super::chan::{Chan, NoSlots, Tx, WeakTx};
use super::error::{SendError, TrySendError};
use super::permit::{OwnedPermit, Permit, PermitIterator};
use super::receiver::Receiver;
use super::wait::SlotWait;
use crate::sync::blocking;
use crate::sync::lines::ClosedWait;
use std::fmt;
use std::future::poll_fn;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// More slots than this cannot be counted.
const MAX_SLOTS: usize = usize::MAX >> 3;

/// A channel that holds up to `buffer` values; who sends more waits.
///
/// Senders get free slots in the order in which they asked.
///
/// # Panics
/// If `buffer` is 0, or more than [`Semaphore::MAX_PERMITS`](crate::sync::Semaphore).
///
/// # Examples
/// ```
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = runtime::sync::mpsc::channel(100);
/// std::thread::spawn(move || (0..10).for_each(|i| tx.blocking_send(i).unwrap()));
/// let mut sum = 0;
/// while let Some(i) = rx.recv().await {
///     sum += i;
/// }
/// assert_eq!(sum, 45);
/// # });
/// ```
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(
        buffer > 0,
        "a bounded channel needs room for a value: make `buffer` at least 1"
    );
    assert!(
        buffer <= MAX_SLOTS,
        "a bounded channel holds up to {MAX_SLOTS} values: use `unbounded_channel`"
    );
    let chan = Chan::new(buffer);
    let sender = Sender::from_tx(Tx::new(chan.clone()));
    (sender, Receiver::new(chan))
}

/// Sends to a bounded channel. Made by [`channel`].
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// let (tx, _rx): (mpsc::Sender<u8>, _) = mpsc::channel(1);
/// assert!(tx.try_send(1).is_ok());
/// assert!(tx.try_send(2).is_err()); // full
/// ```
pub struct Sender<T> {
    tx: Tx<T>,
}

/// A sender that does not keep the channel open. Made by [`Sender::downgrade`].
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// let (tx, rx) = mpsc::channel::<u8>(1);
/// let weak: mpsc::WeakSender<u8> = tx.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// assert!(rx.is_closed());
/// ```
pub struct WeakSender<T> {
    tx: WeakTx<T>,
}

impl<T> Sender<T> {
    /// Sends, waiting for a slot.
    ///
    /// # Errors
    /// [`SendError`] with the value, if the receiver is closed or dropped.
    ///
    /// # Cancel safety
    /// Not cancel safe: the value is lost, but it is certain that it was not sent. Use
    /// [`reserve`](Self::reserve) to keep it.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// tx.send(3).await.unwrap();
    /// assert_eq!(rx.recv().await, Some(3));
    /// # });
    /// ```
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        let mut wait = SlotWait::new(&self.tx.chan, 1, Location::caller());
        let mut value = Some(value);
        poll_fn(move |cx| {
            wait.poll_send(cx, &mut value).map_err(|_| {
                // PANIC: an error leaves the value where it was.
                SendError(value.take().expect("not sent"))
            })
        })
    }

    /// Sends if there is a free slot now.
    ///
    /// # Errors
    /// [`TrySendError`] with the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::mpsc::{channel, error::TrySendError};
    /// let (tx, rx) = channel(1);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// drop(rx);
    /// assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.tx
            .chan
            .try_send(value)
            .map_err(|(why, value)| match why {
                NoSlots::Full => TrySendError::Full(value),
                NoSlots::Closed => TrySendError::Closed(value),
            })
    }

    /// Sends from code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`SendError`] with the value, if the receiver is closed or dropped.
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`send`](Self::send) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// std::thread::spawn(move || tx.blocking_send(3));
    /// assert_eq!(rx.blocking_recv(), Some(3));
    /// ```
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        blocking::block_on("Sender::blocking_send", self.send(value))
    }

    /// Waits for a slot, and holds it.
    ///
    /// # Errors
    /// [`SendError`] if the receiver is closed or dropped.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// let permit = tx.reserve().await.unwrap();
    /// assert!(tx.try_send(1).is_err());
    /// permit.send(2);
    /// assert_eq!(rx.recv().await, Some(2));
    /// # });
    /// ```
    #[track_caller]
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        let wait = SlotWait::new(&self.tx.chan, 1, Location::caller());
        async move {
            reserved(wait).await?;
            Ok(Permit::new(&self.tx.chan))
        }
    }

    /// Waits for `n` slots, and holds them.
    ///
    /// # Errors
    /// [`SendError`] if the receiver is closed or dropped, or if `n` is more than
    /// [`max_capacity`](Self::max_capacity).
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(2);
    /// for (i, permit) in tx.reserve_many(2).await.unwrap().enumerate() {
    ///     permit.send(i);
    /// }
    /// assert_eq!(rx.recv().await, Some(0));
    /// assert_eq!(rx.recv().await, Some(1));
    /// # });
    /// ```
    #[track_caller]
    pub fn reserve_many(
        &self,
        n: usize,
    ) -> impl Future<Output = Result<PermitIterator<'_, T>, SendError<()>>> {
        let wait = SlotWait::new(&self.tx.chan, n, Location::caller());
        async move {
            if n > self.max_capacity() {
                return Err(SendError(()));
            }
            reserved(wait).await?;
            Ok(PermitIterator::new(&self.tx.chan, n))
        }
    }

    /// Waits for a slot, and holds it together with this sender.
    ///
    /// # Errors
    /// [`SendError`] if the receiver is closed or dropped.
    ///
    /// # Cancel safety
    /// Not cancel safe: this sender is lost; give a clone of it.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// let permit = tx.reserve_owned().await.unwrap();
    /// let tx = permit.send(3);
    /// assert_eq!(rx.recv().await, Some(3));
    /// # drop(tx);
    /// # });
    /// ```
    #[track_caller]
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        let at = Location::caller();
        async move {
            reserved(SlotWait::new(&self.tx.chan, 1, at)).await?;
            Ok(OwnedPermit::new(self.tx))
        }
    }

    /// Holds a slot if there is a free one now.
    ///
    /// # Errors
    /// [`TrySendError`].
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(1);
    /// let permit = tx.try_reserve().unwrap();
    /// assert!(tx.try_reserve().is_err());
    /// # drop((permit, rx));
    /// ```
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        self.tx.chan.try_reserve(1).map_err(no_slots)?;
        Ok(Permit::new(&self.tx.chan))
    }

    /// Holds `n` slots if they are free now.
    ///
    /// # Errors
    /// [`TrySendError`]; it is `Full` if `n` is more than
    /// [`max_capacity`](Self::max_capacity).
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(2);
    /// assert_eq!(tx.try_reserve_many(2).unwrap().len(), 2);
    /// assert!(tx.try_reserve_many(3).is_err());
    /// # drop(rx);
    /// ```
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        self.tx.chan.try_reserve(n).map_err(no_slots)?;
        Ok(PermitIterator::new(&self.tx.chan, n))
    }

    /// Holds a slot together with this sender, if there is a free one now.
    ///
    /// # Errors
    /// [`TrySendError`] with the sender.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(1);
    /// let permit = tx.clone().try_reserve_owned().unwrap();
    /// assert!(tx.try_reserve_owned().is_err());
    /// # drop((permit, rx));
    /// ```
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.tx.chan.try_reserve(1) {
            Ok(()) => Ok(OwnedPermit::new(self.tx)),
            Err(NoSlots::Full) => Err(TrySendError::Full(self)),
            Err(NoSlots::Closed) => Err(TrySendError::Closed(self)),
        }
    }

    /// How many more values fit now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel(5);
    /// tx.try_send(1).unwrap();
    /// assert_eq!((tx.capacity(), tx.max_capacity()), (4, 5));
    /// # drop(rx);
    /// ```
    pub fn capacity(&self) -> usize {
        self.tx.chan.capacity()
    }

    /// How many values fit at all.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert_eq!(tx.max_capacity(), 5);
    /// # drop(rx);
    /// ```
    pub fn max_capacity(&self) -> usize {
        self.tx.chan.max
    }

    /// Waits until the receiver is closed or dropped.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// assert!(tx.is_closed());
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        ClosedWait::new(&*self.tx.chan, Location::caller())
    }

    /// Whether the receiver was closed or dropped.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert!(!tx.is_closed());
    /// drop(rx);
    /// assert!(tx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.tx.chan.is_closed()
    }

    /// Whether both senders send to the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert!(tx.same_channel(&tx.clone()));
    /// # drop(rx);
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.same_channel(&other.tx)
    }

    /// A sender that does not keep the channel open.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// let weak = tx.downgrade();
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            tx: self.tx.downgrade(),
        }
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert_eq!(tx.clone().strong_count(), 2);
    /// # drop(rx);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.tx.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// let weak = tx.downgrade();
    /// assert_eq!(tx.weak_count(), 1);
    /// # drop((weak, rx));
    /// ```
    pub fn weak_count(&self) -> usize {
        self.tx.chan.senders.weak()
    }

    pub(super) fn from_tx(tx: Tx<T>) -> Self {
        Sender { tx }
    }

    pub(super) fn tx(&self) -> &Tx<T> {
        &self.tx
    }
}

async fn reserved<T>(mut wait: SlotWait<'_, T>) -> Result<(), SendError<()>> {
    poll_fn(|cx| wait.poll_reserve(cx))
        .await
        .map_err(|_| SendError(()))
}

fn no_slots(why: NoSlots) -> TrySendError<()> {
    match why {
        NoSlots::Full => TrySendError::Full(()),
        NoSlots::Closed => TrySendError::Closed(()),
    }
}

impl<T> WeakSender<T> {
    /// A sender, if there is one left.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(1);
    /// let weak = tx.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(tx);
    /// assert!(weak.upgrade().is_none());
    /// # drop(rx);
    /// ```
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.tx.upgrade().map(Sender::from_tx)
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert_eq!(tx.downgrade().strong_count(), 1);
    /// # drop(rx);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.tx.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert_eq!(tx.downgrade().weak_count(), 1);
    /// # drop(rx);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.tx.chan.senders.weak()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender::from_tx(self.tx.clone())
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender {
            tx: self.tx.clone(),
        }
    }
}

// A panic leaves no channel in a state that shows.
impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}
impl<T> UnwindSafe for WeakSender<T> {}
impl<T> RefUnwindSafe for WeakSender<T> {}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
