//! Signals: who hears of them, and what the process does when nobody listens any more.
//! (Each claim in a process of its own, which it may be the end of.)

#![allow(unsafe_code)] // a fork, and a look at a handler: std has neither

use futures::executor::block_on;
use futures::{FutureExt, StreamExt, stream};
use runtime::rt::{Builder, Runtime};
use runtime::signal::ctrl_c;
use runtime::signal::unix::{Signal, SignalKind, signal};
use signal_hook::low_level::raise;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::panic::{Location, catch_unwind};
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;

const VARIABLE: &str = "RUNTIME_TEST_CLAIM";

/// Runs `claim` in a process of its own, which is this test once more.
fn end_of(name: &str, claim: impl FnOnce()) -> ExitStatus {
    if std::env::var_os(VARIABLE).is_some() {
        claim();
        std::process::exit(0);
    }
    Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(VARIABLE, "1")
        .output()
        .map(|output| {
            if output.status.code() == Some(101) {
                eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            }
            output.status
        })
        .unwrap()
}

fn alone(name: &str, claim: impl FnOnce()) {
    let status = end_of(name, claim);
    assert!(status.success(), "{name}: {status}");
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

const USR1: SignalKind = SignalKind::user_defined1();

fn is_pending(signal: &mut Signal) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    signal.poll_recv(&mut cx).is_pending()
}

#[test]
fn each_kind_is_heard() {
    alone("each_kind_is_heard", || {
        Runtime::new().unwrap().block_on(async {
            let kinds = [
                SignalKind::alarm(),
                SignalKind::child(),
                SignalKind::hangup(),
                SignalKind::interrupt(),
                SignalKind::io(),
                SignalKind::pipe(),
                SignalKind::quit(),
                SignalKind::terminate(),
                SignalKind::user_defined1(),
                SignalKind::user_defined2(),
                SignalKind::window_change(),
                SignalKind::from_raw(libc::SIGCONT),
                SignalKind::from_raw(libc::SIGRTMIN()),
                SignalKind::from_raw(libc::SIGRTMAX()),
            ];
            let mut listeners: Vec<_> = kinds.map(|kind| signal(kind).unwrap()).into();
            for (at, kind) in kinds.into_iter().enumerate() {
                raise(kind.as_raw_value()).unwrap();
                assert_eq!(listeners[at].recv().await, Some(()), "{kind:?}");
                assert!(listeners.iter_mut().all(is_pending));
            }
        });
    });
}

#[test]
fn all_listeners_hear_and_many_signals_are_one() {
    alone("all_listeners_hear_and_many_signals_are_one", || {
        current_thread().block_on(async {
            let mut one = signal(USR1).unwrap();
            let mut two = signal(USR1).unwrap();
            for _ in 0..5 {
                raise(libc::SIGUSR1).unwrap();
            }
            let mut late = signal(USR1).unwrap();
            assert_eq!(one.recv().await, Some(()));
            assert!(is_pending(&mut one));
            assert_eq!(two.recv().await, Some(()));
            assert!(is_pending(&mut two));
            assert!(is_pending(&mut late), "that was before its time");
        });
    });
}

#[test]
fn a_signal_that_comes_while_nobody_asks_is_kept() {
    alone("a_signal_that_comes_while_nobody_asks_is_kept", || {
        current_thread().block_on(async {
            let mut signal = signal(USR1).unwrap();
            assert!(signal.recv().now_or_never().is_none()); // given up
            raise(libc::SIGUSR1).unwrap();
            assert_eq!(signal.recv().await, Some(()));
            raise(libc::SIGUSR1).unwrap();
            drop(signal.recv()); // never polled
            assert_eq!(signal.recv().await, Some(()));
            assert!(is_pending(&mut signal));
        });
    });
}

#[test]
fn each_of_a_thousand_signals_wakes() {
    alone("each_of_a_thousand_signals_wakes", || {
        for workers in [1, 2] {
            let runtime = Builder::new_multi_thread()
                .worker_threads(workers)
                .build()
                .unwrap();
            let (heard, is_heard) = mpsc::channel();
            let mut listener = runtime.block_on(async { signal(USR1).unwrap() });
            runtime.spawn(async move {
                while listener.recv().await.is_some() && heard.send(()).is_ok() {}
            });
            for _ in 0..1000 {
                raise(libc::SIGUSR1).unwrap();
                is_heard.recv().unwrap();
            }
        }
    });
}

#[test]
fn signals_from_many_threads_at_once_are_heard() {
    alone("signals_from_many_threads_at_once_are_heard", || {
        let mut listener = current_thread_listener(USR1);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..2000).for_each(|_| raise(libc::SIGUSR1).unwrap()));
            }
        });
        listener.0.block_on(async {
            assert_eq!(listener.1.recv().await, Some(()));
            assert!(is_pending(&mut listener.1));
        });
    });
}

fn current_thread_listener(kind: SignalKind) -> (Runtime, Signal) {
    let runtime = current_thread();
    let listener = runtime.block_on(async { signal(kind).unwrap() });
    (runtime, listener)
}

#[test]
fn what_cannot_be_heard_is_refused() {
    let runtime = current_thread();
    let _context = runtime.enter();
    let refused = [
        libc::SIGKILL,
        libc::SIGSTOP,
        libc::SIGSEGV,
        libc::SIGILL,
        libc::SIGFPE,
        0,
        -1,
        32, // the C library's own
        65,
        i32::MAX,
        i32::MIN,
    ];
    for number in refused {
        let error = signal(SignalKind::from_raw(number)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}: {error}");
    }
}

#[test]
fn the_default_action_comes_back_with_the_last_listener() {
    let name = "the_default_action_comes_back_with_the_last_listener";
    let end = end_of(name, || {
        current_thread().block_on(async {
            let one = signal(SignalKind::terminate()).unwrap();
            let mut two = signal(SignalKind::terminate()).unwrap();
            drop(one);
            raise(libc::SIGTERM).unwrap();
            two.recv().await;
            drop(two);
            raise(libc::SIGTERM).unwrap();
            unreachable!("this process has ended");
        });
    });
    assert_eq!(end.signal(), Some(libc::SIGTERM), "{end}");
}

#[test]
fn the_second_ctrl_c_ends_the_process() {
    let end = end_of("the_second_ctrl_c_ends_the_process", || {
        // A background job of a shell begins with it being ignored, and that would come back.
        // SAFETY: no handler is installed, and nobody else is in this process.
        unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
        current_thread().block_on(async {
            let mut pressed = std::pin::pin!(ctrl_c());
            assert!(pressed.as_mut().now_or_never().is_none());
            raise(libc::SIGINT).unwrap();
            pressed.await.unwrap();
        });
        // The shutdown hangs.
        raise(libc::SIGINT).unwrap();
        unreachable!("this process has ended");
    });
    assert_eq!(end.signal(), Some(libc::SIGINT), "{end}");
}

#[test]
fn the_end_of_a_runtime_brings_the_default_action_back() {
    let end = end_of(
        "the_end_of_a_runtime_brings_the_default_action_back",
        || {
            let runtime = Runtime::new().unwrap();
            let (listens, is_listening) = mpsc::channel();
            runtime.spawn(async move {
                let mut listener = signal(SignalKind::terminate()).unwrap();
                listens.send(()).unwrap();
                listener.recv().await
            });
            is_listening.recv().unwrap();
            drop(runtime);
            raise(libc::SIGTERM).unwrap();
            unreachable!("this process has ended");
        },
    );
    assert_eq!(end.signal(), Some(libc::SIGTERM), "{end}");
}

#[test]
fn a_signal_that_was_ignored_is_ignored_again() {
    alone("a_signal_that_was_ignored_is_ignored_again", || {
        let (runtime, mut listener) = current_thread_listener(SignalKind::pipe());
        raise(libc::SIGPIPE).unwrap();
        runtime.block_on(listener.recv()).unwrap();
        drop(listener);
        assert_eq!(action(libc::SIGPIPE).sa_sigaction, libc::SIG_IGN);
        raise(libc::SIGPIPE).unwrap();
    });
}

/// What the process does on a signal.
fn action(number: i32) -> libc::sigaction {
    // SAFETY: zeroes are a valid `sigaction`, and a null pointer asks only.
    unsafe {
        let mut action = std::mem::zeroed();
        let result = libc::sigaction(number, std::ptr::null(), &mut action);
        assert_eq!(result, 0);
        action
    }
}

/// A foreign handler, which says that it was called.
struct Foreign(Arc<AtomicBool>);

impl Foreign {
    fn install() -> Self {
        let called = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(libc::SIGUSR1, called.clone()).unwrap();
        Foreign(called)
    }

    fn was_called(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

#[test]
fn an_earlier_handler_is_called_too_and_comes_back() {
    alone("an_earlier_handler_is_called_too_and_comes_back", || {
        let foreign = Foreign::install();
        let theirs = action(libc::SIGUSR1).sa_sigaction;
        for _ in 0..3 {
            let (runtime, mut listener) = current_thread_listener(USR1);
            assert_ne!(action(libc::SIGUSR1).sa_sigaction, theirs);
            raise(libc::SIGUSR1).unwrap();
            assert!(foreign.was_called());
            runtime.block_on(listener.recv()).unwrap();
            drop(listener);
            assert_eq!(action(libc::SIGUSR1).sa_sigaction, theirs);
            raise(libc::SIGUSR1).unwrap();
            assert!(foreign.was_called());
        }
    });
}

#[test]
fn a_later_handler_stays_and_may_call_ours() {
    alone("a_later_handler_stays_and_may_call_ours", || {
        let (runtime, mut listener) = current_thread_listener(USR1);
        let foreign = Foreign::install(); // calls ours
        raise(libc::SIGUSR1).unwrap();
        assert!(foreign.was_called());
        runtime.block_on(listener.recv()).unwrap();
        drop(listener);
        raise(libc::SIGUSR1).unwrap();
        assert!(foreign.was_called());

        // Now ours calls theirs, which calls ours: not again and again.
        for _ in 0..3 {
            let mut listener = runtime.block_on(async { signal(USR1).unwrap() });
            raise(libc::SIGUSR1).unwrap();
            assert!(foreign.was_called());
            runtime.block_on(listener.recv()).unwrap();
            assert!(is_pending(&mut listener));
        }
        raise(libc::SIGUSR1).unwrap();
        assert!(foreign.was_called());
    });
}

#[test]
fn a_system_call_goes_on_and_errno_stays() {
    alone("a_system_call_goes_on_and_errno_stays", || {
        let _listening = current_thread_listener(USR1);
        let flags = libc::SA_RESTART | libc::SA_ONSTACK | libc::SA_SIGINFO;
        assert_eq!(action(libc::SIGUSR1).sa_flags & flags, flags);
        for _ in 0..2000 {
            // Beyond what the bell holds, the handler has errors of its own.
            // SAFETY: it is this thread's.
            let errno = unsafe { &mut *libc::__errno_location() };
            *errno = 77;
            // SAFETY: it takes a number.
            unsafe { libc::raise(libc::SIGUSR1) };
            assert_eq!(*errno, 77);
        }
    });
}

#[test]
fn runtimes_side_by_side_all_hear() {
    alone("runtimes_side_by_side_all_hear", || {
        let barrier = std::sync::Barrier::new(5);
        let wait = |runtime: Runtime| {
            runtime.block_on(async {
                let mut listener = signal(USR1).unwrap();
                barrier.wait();
                listener.recv().await.unwrap();
            });
        };
        thread::scope(|scope| {
            scope.spawn(|| wait(current_thread()));
            scope.spawn(|| wait(current_thread()));
            scope.spawn(|| wait(Runtime::new().unwrap()));
            scope.spawn(|| wait(Runtime::new().unwrap()));
            barrier.wait();
            raise(libc::SIGUSR1).unwrap();
        });
    });
}

#[test]
fn the_last_of_more_signals_than_the_bell_holds_is_heard_by_all() {
    let name = "the_last_of_more_signals_than_the_bell_holds_is_heard_by_all";
    alone(name, || {
        for _ in 0..20 {
            let is_last = AtomicBool::new(false);
            let ready = std::sync::Barrier::new(5);
            let hear = |runtime: Runtime| {
                runtime.block_on(async {
                    let mut listener = signal(USR1).unwrap();
                    ready.wait();
                    while !is_last.load(Ordering::SeqCst) {
                        listener.recv().await.unwrap();
                    }
                });
            };
            thread::scope(|scope| {
                scope.spawn(|| hear(current_thread()));
                scope.spawn(|| hear(current_thread()));
                let raiser = || {
                    ready.wait();
                    (0..1000).for_each(|_| raise(libc::SIGUSR1).unwrap());
                };
                let raisers = [scope.spawn(raiser), scope.spawn(raiser)];
                ready.wait();
                for raiser in raisers {
                    raiser.join().unwrap();
                }
                is_last.store(true, Ordering::SeqCst);
                raise(libc::SIGUSR1).unwrap();
            });
        }
    });
}

#[test]
fn runtimes_in_a_row_hear_and_leave_nothing_behind() {
    alone("runtimes_in_a_row_hear_and_leave_nothing_behind", || {
        let round = || {
            let (runtime, mut listener) = current_thread_listener(USR1);
            raise(libc::SIGUSR1).unwrap();
            runtime.block_on(listener.recv()).unwrap();
        };
        let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        round();
        let before = descriptors();
        (0..100).for_each(|_| round());
        assert_eq!(descriptors(), before);
    });
}

#[test]
fn a_listener_ends_with_its_runtime() {
    alone("a_listener_ends_with_its_runtime", || {
        let (runtime, mut listener) = current_thread_listener(USR1);
        let (other, mut unharmed) = current_thread_listener(USR1);
        let mut pressed = Box::pin(ctrl_c());
        runtime.block_on(async { assert!(pressed.as_mut().now_or_never().is_none()) });
        let waiting = thread::spawn(move || {
            assert_eq!(block_on(listener.recv()), None);
            assert_eq!(block_on(listener.recv()), None);
            assert!(block_on(pressed).is_err());
        });
        drop(runtime);
        waiting.join().unwrap();
        raise(libc::SIGUSR1).unwrap();
        assert_eq!(other.block_on(unharmed.recv()), Some(()));
    });
}

#[test]
fn a_signal_of_a_fork_does_not_reach_its_parent() {
    alone("a_signal_of_a_fork_does_not_reach_its_parent", || {
        let (runtime, mut listener) = current_thread_listener(USR1);
        in_a_fork(|| raise(libc::SIGUSR1).unwrap());
        assert!(is_pending(&mut listener));
        in_a_fork(|| {
            // It listens anew, and hears only what is its own.
            let (runtime, mut own) = current_thread_listener(USR1);
            assert!(is_pending(&mut own));
            raise(libc::SIGUSR1).unwrap();
            runtime.block_on(own.recv()).unwrap();
        });
        runtime.block_on(async { assert!(is_pending(&mut listener)) });
        raise(libc::SIGUSR1).unwrap();
        runtime.block_on(listener.recv()).unwrap();
    });
}

/// Runs `claim` in a fork, and waits for its end.
fn in_a_fork(claim: impl FnOnce()) {
    // SAFETY: the fork runs what a fork of one thread may run, and ends without cleaning up;
    // the other thread, the test harness's, waits and holds no lock that is needed.
    unsafe {
        let pid = libc::fork();
        assert!(pid >= 0);
        if pid == 0 {
            let claim = std::panic::AssertUnwindSafe(claim);
            libc::_exit(catch_unwind(claim).is_err().into());
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(pid, &mut status, 0), pid);
        assert_eq!(status, 0);
    }
}

#[test]
fn a_listener_is_a_stream_by_its_poll() {
    alone("a_listener_is_a_stream_by_its_poll", || {
        current_thread().block_on(async {
            let mut listener = signal(USR1).unwrap();
            let mut signals = stream::poll_fn(move |cx| listener.poll_recv(cx));
            for _ in 0..3 {
                raise(libc::SIGUSR1).unwrap();
                assert_eq!(signals.next().await, Some(()));
            }
        });
    });
}

#[test]
fn without_a_runtime_it_panics_at_the_callers_line() {
    let (sender, receiver) = mpsc::channel();
    std::panic::set_hook(Box::new(move |info| {
        let _ = sender.send(info.location().map(Location::line));
    }));
    let line = line!() + 1;
    assert!(catch_unwind(|| signal(SignalKind::hangup())).is_err());
    assert_eq!(receiver.recv().unwrap(), Some(line));
    let payload = catch_unwind(|| block_on(ctrl_c())).unwrap_err();
    let _ = std::panic::take_hook();
    let message = payload.downcast_ref::<String>().unwrap();
    assert!(message.contains("tests/signal.rs"), "{message}");
    assert!(message.contains("Runtime::block_on"), "{message}");
}

#[test]
fn a_poll_of_nothing_is_pending_and_tells_the_kind() {
    let (runtime, mut listener) = current_thread_listener(SignalKind::window_change());
    assert!(is_pending(&mut listener));
    assert!(format!("{listener:?}").contains("28"));
    runtime.block_on(async {
        let mut cx = Context::from_waker(Waker::noop());
        assert_eq!(listener.poll_recv(&mut cx), Poll::Pending);
    });
}
