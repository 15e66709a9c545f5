//! What a task-local promises: within its scope, and in the drop of what is in it, it has its
//! value, on whatever thread; elsewhere it has none.

use runtime::rt::{Builder, Runtime};
use runtime::task::{self, LocalKey};
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

runtime::task_local! {
    /// With attributes, visibility, and several at once.
    #[allow(missing_docs)]
    pub static NUMBER: u32;
    pub(crate) static TEXT: String;
    static COUNT: Cell<u32>
}

runtime::task_local! {}

runtime::task_local! {
    static LOG: Rc<RefCell<Vec<&'static str>>>;
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_scope_has_its_value_across_threads_and_its_neighbours_have_theirs() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..50)
            .map(|i| {
                runtime::spawn(NUMBER.scope(i, async move {
                    for _ in 0..20 {
                        assert_eq!(NUMBER.get(), i);
                        task::yield_now().await;
                    }
                    TEXT.scope(i.to_string(), async { TEXT.with(String::len) })
                        .await
                }))
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert!(NUMBER.try_get().is_err());
    });
}

#[test]
fn scopes_nest_and_the_outer_value_comes_back_even_after_a_panic() {
    let seen = NUMBER.sync_scope(1, || {
        let inner = catch_unwind(|| {
            NUMBER.sync_scope(2, || {
                assert_eq!(NUMBER.get(), 2);
                panic!("in the inner scope");
            })
        });
        assert!(inner.is_err());
        let mut future = Box::pin(NUMBER.scope(3, async { panic!("in the inner future") }));
        let polled = catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut())));
        assert!(polled.is_err());
        NUMBER.get()
    });
    assert_eq!(seen, 1);
    assert!(NUMBER.try_get().is_err());
}

#[test]
fn the_value_is_there_only_during_a_poll() {
    let mut scope = pin!(NUMBER.scope(5, async {
        assert_eq!(NUMBER.get(), 5);
        task::yield_now().await;
        NUMBER.get()
    }));
    assert!(poll_once(scope.as_mut()).is_pending());
    assert!(NUMBER.try_get().is_err());
    let polled = NUMBER.sync_scope(6, || {
        let polled = poll_once(scope.as_mut());
        assert_eq!(NUMBER.get(), 6);
        polled
    });
    assert_eq!(polled, Poll::Ready(5));
}

#[test]
fn a_future_that_is_dropped_finds_its_value_finished_or_not() {
    struct Reads;
    impl Drop for Reads {
        fn drop(&mut self) {
            LOG.with(|log| log.borrow_mut().push("dropped in scope"));
        }
    }
    for polls in 0..3 {
        let log = Rc::new(RefCell::new(Vec::new()));
        let reads = Reads;
        let mut scope = Box::pin(LOG.scope(log.clone(), async move {
            let _reads = reads;
            task::yield_now().await;
        }));
        for _ in 0..polls {
            let _ = poll_once(scope.as_mut());
        }
        drop(scope);
        assert_eq!(*log.borrow(), ["dropped in scope"]);
        assert_eq!(Rc::strong_count(&log), 1);
    }
}

#[test]
fn a_task_that_is_aborted_is_dropped_in_its_scope() {
    struct Reads(std::sync::mpsc::Sender<Option<u32>>);
    impl Drop for Reads {
        fn drop(&mut self) {
            self.0.send(NUMBER.try_get().ok()).unwrap();
        }
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let runtime = Runtime::new().unwrap();
    let reads = Reads(sender);
    let task = runtime.spawn(NUMBER.scope(9, async move {
        let _reads = reads;
        pending::<()>().await;
    }));
    task.abort();
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
    assert_eq!(receiver.recv().unwrap(), Some(9));
}

#[test]
fn a_future_whose_drop_panics_leaves_the_place_as_it_was() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }
    let panics = Panics;
    let scope = Box::pin(NUMBER.scope(1, async move {
        let _panics = panics;
        pending::<()>().await;
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(scope))).is_err());
    assert!(NUMBER.try_get().is_err());
}

#[test]
fn the_value_can_be_taken_before_and_after_the_end_once() {
    futures::executor::block_on(async {
        let mut scope = pin!(COUNT.scope(Cell::new(1), async {
            COUNT.with(|count| count.set(count.get() + 1));
        }));
        scope.as_mut().await;
        assert_eq!(
            scope.as_mut().take_value().map(|count| count.get()),
            Some(2)
        );
        assert!(scope.as_mut().take_value().is_none());
    });
    let mut scope = Box::pin(NUMBER.scope(1, async { NUMBER.try_get() }));
    assert_eq!(scope.as_mut().take_value(), Some(1));
    assert!(matches!(poll_once(scope.as_mut()), Poll::Ready(Err(_))));
}

#[test]
fn misuse_panics_in_the_users_line_and_says_what_to_do() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let theirs = seen.clone();
    let me = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == me {
            let line = info.location().map(|place| place.line());
            theirs.lock().unwrap().push((line, info.to_string()));
        }
    }));
    let line = line!();
    let outcomes = [
        catch_unwind(|| NUMBER.with(|_| ())).is_err(),
        catch_unwind(|| NUMBER.get()).is_err(),
        catch_unwind(|| NUMBER.sync_scope(1, || NUMBER.with(|_| NUMBER.sync_scope(2, || ()))))
            .is_err(),
    ];
    let mut scope = Box::pin(NUMBER.scope(1, async {}));
    assert!(poll_once(scope.as_mut()).is_ready());
    let again = catch_unwind(AssertUnwindSafe(|| poll_once(scope.as_mut())));
    drop(std::panic::take_hook());
    assert_eq!(outcomes, [true; 3]);
    assert!(again.is_err());
    let seen = seen.lock().unwrap();
    let lines: Vec<u32> = seen.iter().filter_map(|(line, _)| *line).collect();
    assert_eq!(lines[..2], [line + 2, line + 3]);
    assert!(seen[0].1.contains("`scope`"), "{}", seen[0].1);
    assert!(seen[2].1.contains("`with`"), "{}", seen[2].1);
    assert!(seen[3].1.contains("after it was done"), "{}", seen[3].1);
}

#[test]
fn withs_of_one_key_nest_and_the_scope_is_pollable_after_one() {
    NUMBER.sync_scope(1, || {
        assert_eq!(NUMBER.with(|one| NUMBER.with(|same| one + same)), 2);
    });
    let mut scope = Box::pin(NUMBER.scope(2, async { NUMBER.get() }));
    NUMBER.sync_scope(1, || {
        let within = AssertUnwindSafe(|| NUMBER.with(|_| poll_once(scope.as_mut())));
        assert!(catch_unwind(within).is_err());
    });
    assert_eq!(
        poll_once(scope.as_mut()),
        Poll::Ready(2),
        "nothing was lost"
    );
}

#[test]
fn a_scope_in_a_thread_locals_destructor_is_dropped_without_a_panic() {
    struct Holder(RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>);
    thread_local! {
        static HOLDER: Holder = const { Holder(RefCell::new(None)) };
    }
    std::thread::spawn(|| {
        HOLDER.with(|holder| {
            let mut scope = Box::pin(TEXT.scope(String::from("text"), pending()));
            assert!(poll_once(scope.as_mut()).is_pending());
            *holder.0.borrow_mut() = Some(scope);
        });
    })
    .join()
    .unwrap();
}

#[test]
fn a_key_and_a_scope_can_be_printed() {
    let key: &LocalKey<u32> = &NUMBER;
    assert_eq!(format!("{key:?}"), "LocalKey { .. }");
    let scope = NUMBER.scope(7, poll_fn(|_| Poll::<()>::Pending));
    assert_eq!(
        format!("{scope:?}"),
        "TaskLocalFuture { value: Some(7), .. }"
    );
    let error = NUMBER.try_get().unwrap_err();
    assert_eq!(error, TEXT.try_get().unwrap_err());
    assert_eq!(format!("{error:?}"), "AccessError");
}
