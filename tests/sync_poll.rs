//! Promises of what is polled by hand: the sender, the semaphore, and the box for futures.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use futures::{SinkExt, StreamExt};
use runtime::sync::{PollSemaphore, PollSender, ReusableBoxFuture, Semaphore, mpsc};
use std::cell::Cell;
use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use waking::Count;

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[test]
fn a_sink_sends_in_order_and_closes() {
    let (tx, mut rx) = mpsc::channel(2);
    let mut sender = PollSender::new(tx);
    block_on(async {
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        sender.close();
        assert!(sender.get_ref().is_none() && sender.is_closed());
        assert_eq!(sender.send(3).await.unwrap_err().into_inner(), None);
        assert_eq!(rx.recv().await, Some(1));
        assert_eq!(rx.recv().await, Some(2));
        assert_eq!(rx.recv().await, None);
    });
}

#[test]
fn a_sender_waits_for_a_slot_again_and_again() {
    let (tx, mut rx) = mpsc::channel(1);
    let mut sender = PollSender::new(tx);
    let (count, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    for i in 0..20 {
        assert!(sender.poll_reserve(&mut cx).is_ready());
        assert!(
            sender.poll_reserve(&mut cx).is_ready(),
            "it has one already"
        );
        sender.send_item(i).unwrap();
        assert!(sender.poll_reserve(&mut cx).is_pending());
        assert_eq!(rx.try_recv(), Ok(i));
        assert_eq!(count.get(), i + 1);
    }
}

#[test]
fn what_is_aborted_gives_its_slot_or_its_place_back() {
    let (tx, mut rx) = mpsc::channel(1);
    let (mut one, mut two) = (PollSender::new(tx.clone()), PollSender::new(tx));
    assert!(one.poll_reserve(&mut cx()).is_ready());
    let mut third = one.clone();
    assert!(two.poll_reserve(&mut cx()).is_pending());
    assert!(third.poll_reserve(&mut cx()).is_pending());
    assert!(two.abort_send());
    assert!(one.abort_send());
    assert!(!one.abort_send());
    assert!(third.poll_reserve(&mut cx()).is_ready());
    third.close();
    third
        .send_item(3)
        .expect("a slot that was reserved is still good");
    assert_eq!(rx.try_recv(), Ok(3));
    assert_eq!(third.send_item(4).unwrap_err().into_inner(), Some(4));
}

#[test]
fn a_channel_that_is_closed_is_told_and_nothing_is_lost() {
    let (tx, rx) = mpsc::channel(1);
    let (mut one, mut two) = (PollSender::new(tx.clone()), PollSender::new(tx));
    assert!(one.poll_reserve(&mut cx()).is_ready());
    assert!(two.poll_reserve(&mut cx()).is_pending());
    drop(rx);
    assert!(matches!(two.poll_reserve(&mut cx()), Poll::Ready(Err(_))));
    assert!(two.is_closed());
    let value = Arc::new(());
    let _ = one.send_item(value.clone());
    drop(one);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn sending_without_a_slot_panics_and_says_what_to_do() {
    let (tx, _rx) = mpsc::channel(1);
    let mut sender = PollSender::new(tx);
    let outcome = catch_unwind(AssertUnwindSafe(|| sender.send_item(1)));
    let message = *outcome.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("poll_reserve"), "{message}");
}

#[test]
fn values_with_a_lifetime_can_be_sent() {
    let text = String::from("borrowed");
    let (tx, mut rx) = mpsc::channel(1);
    let mut sender = PollSender::new(tx);
    assert!(sender.poll_reserve(&mut cx()).is_ready());
    sender.send_item(text.as_str()).unwrap();
    assert!(sender.poll_reserve(&mut cx()).is_pending());
    assert_eq!(rx.try_recv(), Ok("borrowed"));
}

#[test]
fn a_stream_of_permits_ends_when_the_semaphore_is_closed() {
    let mut permits = PollSemaphore::new(Arc::new(Semaphore::new(1)));
    block_on(async {
        let permit = permits.next().await.unwrap();
        assert!(Arc::ptr_eq(permit.semaphore(), &permits.clone_inner()));
        assert!(permits.poll_acquire(&mut cx()).is_pending());
        permits.close();
        assert!(permits.next().await.is_none());
        drop(permit);
    });
}

#[test]
fn another_number_begins_anew_and_a_drop_gives_the_place_up() {
    let semaphore = Arc::new(Semaphore::new(1));
    let mut large = PollSemaphore::new(semaphore.clone());
    assert!(large.poll_acquire_many(&mut cx(), 3).is_pending());
    assert_eq!(large.available_permits(), 0, "the first in line has it");
    let mut other = large.clone();
    assert!(other.poll_acquire(&mut cx()).is_pending());
    assert!(large.poll_acquire_many(&mut cx(), 2).is_pending());
    assert!(other.poll_acquire(&mut cx()).is_ready());
    semaphore.add_permits(1);
    drop(large);
    assert_eq!(semaphore.available_permits(), 2);
    assert_eq!(Arc::strong_count(&other.into_inner()), 2);
}

#[test]
fn the_permit_goes_to_the_last_waker_that_polled() {
    let mut permits = PollSemaphore::new(Arc::new(Semaphore::new(0)));
    let ((old, first), (new, second)) = (Count::new(), Count::new());
    assert!(
        permits
            .poll_acquire(&mut Context::from_waker(&first))
            .is_pending()
    );
    assert!(
        permits
            .poll_acquire(&mut Context::from_waker(&second))
            .is_pending()
    );
    permits.add_permits(1);
    assert_eq!((old.get(), new.get()), (0, 1));
    assert!(permits.poll_acquire(&mut cx()).is_ready());
}

/// Counts its drops, and panics in them if it was told to.
struct Noisy<'a, const SIZE: usize>(&'a AtomicUsize, bool, [u64; SIZE]);

impl<const SIZE: usize> Future for Noisy<'_, SIZE> {
    type Output = usize;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<usize> {
        Poll::Ready(self.2.len())
    }
}

impl<const SIZE: usize> Drop for Noisy<'_, SIZE> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        assert!(!self.1, "dropping it panics");
    }
}

#[test]
fn a_future_takes_the_place_of_another_and_each_is_dropped_once() {
    let drops = AtomicUsize::new(0);
    let mut future = ReusableBoxFuture::new(Noisy(&drops, false, [0; 2]));
    let place = std::ptr::from_ref(&*future.get_pin()).addr();
    assert!(future.try_set(Noisy(&drops, false, [1; 2])).is_ok());
    assert_eq!(std::ptr::from_ref(&*future.get_pin()).addr(), place);
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert!(future.try_set(Noisy(&drops, false, [0; 3])).is_err());
    assert_eq!(drops.load(Ordering::Relaxed), 2, "the new one came back");
    future.set(Noisy(&drops, false, [0; 3]));
    assert_eq!(drops.load(Ordering::Relaxed), 3);
    assert_eq!(block_on(future), 3);
    assert_eq!(drops.load(Ordering::Relaxed), 4);
}

#[test]
fn a_future_whose_drop_panics_is_not_dropped_again() {
    let drops = AtomicUsize::new(0);
    let mut future = ReusableBoxFuture::new(Noisy(&drops, true, [0; 2]));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        future.set(Noisy(&drops, false, [0; 2]));
    }));
    assert!(outcome.is_err());
    assert_eq!(drops.load(Ordering::Relaxed), 2, "both, once each");
    assert!(catch_unwind(AssertUnwindSafe(|| future.poll(&mut cx()))).is_err());
    future.set(ready(5));
    assert_eq!(future.poll(&mut cx()), Poll::Ready(5));
    assert_eq!(drops.load(Ordering::Relaxed), 2);
}

#[test]
fn futures_without_a_size_are_fine() {
    let mut future = ReusableBoxFuture::<()>::new(pending());
    assert!(future.poll(&mut cx()).is_pending());
    future.try_set(pending()).expect("the same layout");
    future.set(async {});
    assert!(future.poll(&mut cx()).is_ready());
    let polled = poll_fn(|_| Poll::Ready(()));
    future.set(polled);
    assert!(future.poll(&mut cx()).is_ready());
    assert_eq!(format!("{future:?}"), "ReusableBoxFuture { .. }");
}

#[test]
fn the_output_need_not_be_sent() {
    struct Local;
    impl Future for Local {
        type Output = Rc<Cell<i32>>;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Rc<Cell<i32>>> {
            Poll::Ready(Rc::new(Cell::new(1)))
        }
    }
    assert_eq!(block_on(ReusableBoxFuture::new(Local)).get(), 1);
}
