//! A tracker lets through who waits when it is closed and empty, and only then; handles that
//! abort on drop take their task down.

#[path = "common/runtimes.rs"]
mod runtimes;
#[path = "common/waking.rs"]
mod waking;

use runtime::rt::{Builder, Runtime};
use runtime::sync::oneshot;
use runtime::task::{AbortOnDrop, AbortOnDropHandle, TaskTracker, yield_now};
use runtimes::{Census, on_each, soon};
use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use waking::{Count, poll, poll_with};

#[test]
fn a_wait_ends_when_the_tracker_is_closed_and_empty_and_not_before() {
    let tracker = TaskTracker::new();
    let mut wait = pin!(tracker.wait());
    let (count, waker) = Count::new();
    assert!(poll_with(wait.as_mut(), &waker).is_pending(), "open");
    let token = tracker.token();
    assert!(tracker.close());
    assert!(poll_with(wait.as_mut(), &waker).is_pending(), "not empty");
    assert_eq!(count.get(), 0, "there was nothing to tell");
    drop(token);
    assert_eq!(count.get(), 1);
    assert!(poll_with(wait.as_mut(), &waker).is_ready());
    assert!(poll_with(wait.as_mut(), &waker).is_ready(), "and stays so");
}

#[test]
fn an_open_tracker_lets_nobody_through_though_it_is_empty() {
    let tracker = TaskTracker::new();
    drop(tracker.token());
    let mut wait = pin!(tracker.wait());
    assert!(poll(wait.as_mut()).is_pending());
    tracker.close();
    assert!(poll(wait.as_mut()).is_ready());
}

#[test]
fn a_wait_that_was_made_before_hears_of_it_though_it_is_polled_later() {
    let tracker = TaskTracker::new();
    let token = tracker.token();
    tracker.close();
    let wait = tracker.wait();
    drop(token);
    tracker.reopen();
    let _token = tracker.token();
    assert!(poll(pin!(wait)).is_ready(), "it was over once");
    assert!(poll(pin!(tracker.wait())).is_pending(), "and is not now");
}

#[test]
fn a_wait_made_while_it_is_over_ends_though_the_tracker_is_opened_again() {
    let tracker = TaskTracker::new();
    tracker.close();
    let wait = tracker.wait();
    tracker.reopen();
    let _token = tracker.token();
    assert!(poll(pin!(wait)).is_ready());
}

#[test]
fn all_who_wait_are_let_through() {
    let tracker = TaskTracker::new();
    let token = tracker.token();
    let counts: Vec<_> = (0..100).map(|_| Count::new()).collect();
    let mut waits: Vec<_> = (0..100).map(|_| Box::pin(tracker.wait())).collect();
    for (wait, (_, waker)) in waits.iter_mut().zip(&counts) {
        assert!(poll_with(wait.as_mut(), waker).is_pending());
    }
    tracker.close();
    drop(token);
    for (wait, (count, waker)) in waits.iter_mut().zip(&counts) {
        assert_eq!(count.get(), 1);
        assert!(poll_with(wait.as_mut(), waker).is_ready());
    }
}

#[test]
fn closing_and_opening_say_whether_they_changed_anything() {
    let tracker = TaskTracker::new();
    assert!(!tracker.reopen());
    assert!(tracker.close() && !tracker.close());
    assert!(tracker.is_closed());
    assert!(tracker.reopen() && !tracker.reopen());
    assert!(!tracker.is_closed());
}

#[test]
fn tokens_count_and_so_do_their_clones() {
    let tracker = TaskTracker::default();
    let token = tracker.token();
    let other = token.clone();
    assert_eq!((tracker.len(), tracker.is_empty()), (2, false));
    assert!(TaskTracker::ptr_eq(token.task_tracker(), &tracker));
    assert!(!TaskTracker::ptr_eq(&TaskTracker::new(), &tracker));
    drop((token, other));
    assert_eq!((tracker.len(), tracker.is_empty()), (0, true));
    assert!(format!("{tracker:?}").contains("TaskTracker"));
}

#[test]
fn a_task_counts_until_its_future_is_dropped_however_it_ends() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        let tracker = TaskTracker::new();
        let thing = census.make();
        let panics = tracker.spawn_on(
            async move {
                let _thing = thing;
                panic!("as it should")
            },
            runtime.handle(),
        );
        let thing = census.make();
        let aborted = tracker.spawn_on(
            async move {
                let _thing = thing;
                pending::<()>().await;
            },
            runtime.handle(),
        );
        let job = tracker.spawn_blocking_on(|| 1, runtime.handle());
        aborted.abort();
        tracker.close();
        runtime.block_on(async {
            tracker.wait().await;
            census.assert_over();
            assert!(panics.await.unwrap_err().is_panic());
            assert!(aborted.await.unwrap_err().is_cancelled());
            assert_eq!(job.await.unwrap(), 1);
            tracker.reopen();
            let a = tracker.spawn(async { 2 });
            let b = tracker.spawn_blocking(|| 3);
            assert_eq!(a.await.unwrap() + b.await.unwrap(), 5);
        });
        soon("the job's token goes", || tracker.is_empty());
    });
}

#[test]
fn a_shutdown_of_the_runtime_lets_everybody_through() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let tracker = TaskTracker::new();
        for _ in 0..10 {
            tracker.spawn_on(pending::<()>(), runtime.handle());
        }
        tracker.close();
        drop(runtime);
        let late = Runtime::new().unwrap();
        late.block_on(tracker.wait());
        drop(late);
    });
}

#[test]
fn a_tracked_future_is_dropped_before_it_is_uncounted() {
    struct Looks(TaskTracker, Arc<Mutex<Vec<usize>>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0.len());
        }
    }
    let tracker = TaskTracker::new();
    let seen = Arc::default();
    let looks = Looks(tracker.clone(), Arc::clone(&seen));
    let tracked = tracker.track_future(async move {
        let _looks = looks;
        pending::<()>().await;
    });
    drop(tracked);
    assert_eq!(*seen.lock().unwrap(), [1]);
    assert!(tracker.is_empty());
}

#[test]
fn tokens_that_go_on_many_threads_tell_once_and_for_all() {
    for _ in 0..200 {
        let tracker = TaskTracker::new();
        let tokens: Vec<_> = (0..4).map(|_| tracker.token()).collect();
        let threads: Vec<_> = tokens
            .into_iter()
            .map(|token| std::thread::spawn(move || drop(token)))
            .collect();
        tracker.close();
        futures::executor::block_on(tracker.wait());
        assert!(tracker.is_empty());
        threads.into_iter().for_each(|one| one.join().unwrap());
    }
}

#[test]
fn a_handle_that_aborts_on_drop_does_and_one_that_is_detached_does_not() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let census = Census::default();
            let thing = census.make();
            let task = runtime::spawn(async move {
                let _thing = thing;
                pending::<()>().await;
            });
            let abort = task.abort_handle();
            drop(AbortOnDropHandle::new(task));
            while !abort.is_finished() {
                yield_now().await;
            }
            census.assert_over();

            let (send, receive) = oneshot::channel::<u8>();
            let task = AbortOnDropHandle::new(runtime::spawn(receive));
            let detached = task.detach();
            send.send(7).unwrap();
            assert_eq!(detached.await.unwrap(), Ok(7));

            let task = runtime::spawn(pending::<()>());
            let guard = AbortOnDrop::new(task.abort_handle());
            drop(guard.detach());
            yield_now().await;
            assert!(!task.is_finished());
            drop(AbortOnDrop::new(task.abort_handle()));
            assert!(task.await.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn a_handle_that_aborts_on_drop_is_awaited_like_any_other() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let task = AbortOnDropHandle::new(runtime::spawn(async { 1 }));
        assert_eq!(task.as_ref().id(), task.abort_handle().id());
        assert!(format!("{task:?}").contains("JoinHandle"));
        assert_eq!(task.await.unwrap(), 1);
        let task = AbortOnDropHandle::new(runtime::spawn(pending::<()>()));
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn tracking_without_a_runtime_panics_and_says_why() {
    let spawned = std::panic::catch_unwind(|| TaskTracker::new().spawn(async {}));
    let payload = spawned.unwrap_err();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(text.contains("no runtime"), "{text}");
}
