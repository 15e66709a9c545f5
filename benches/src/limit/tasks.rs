//! Tasks: futures in boxes, in a queue that one loop polls. Channels: a queue.

use crate::on_runtime::workloads::{chain, channels, fork_join, news, ping_pong, spawn, yields};
use crate::stopwatch::Stopwatch;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

type Task<T> = Pin<Box<dyn Future<Output = T>>>;

/// Polls all there is until it is ready, each in its turn.
fn run<T>(queue: &RefCell<VecDeque<Task<T>>>, mut done: impl FnMut(T)) {
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        let Some(mut task) = queue.borrow_mut().pop_front() else {
            return;
        };
        match task.as_mut().poll(&mut cx) {
            Poll::Ready(output) => done(output),
            Poll::Pending => queue.borrow_mut().push_back(task),
        }
    }
}

/// Makes a task and polls it, then the next.
pub(super) fn one_at_a_time(_: usize, iterations: u64) -> Duration {
    let count = iterations * spawn::ONE_AT_A_TIME;
    let queue = RefCell::new(VecDeque::<Task<u64>>::new());
    let start = Stopwatch::start();
    let mut sum = 0;
    for i in 0..count {
        queue.borrow_mut().push_back(Box::pin(async move { i }));
        run(black_box(&queue), |i| sum += i);
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, count * (count - 1) / 2);
    elapsed
}

/// Makes many tasks, then polls them all.
pub(super) fn many(_: usize, iterations: u64) -> Duration {
    let queue = RefCell::new(VecDeque::<Task<u64>>::with_capacity(spawn::MANY as usize));
    let start = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..iterations {
        for i in 0..spawn::MANY {
            queue.borrow_mut().push_back(Box::pin(async move { i }));
        }
        run(black_box(&queue), |i| sum += i);
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, iterations * (spawn::MANY * (spawn::MANY - 1) / 2));
    elapsed
}

/// A queue that its tasks can reach.
type Shared = Rc<RefCell<VecDeque<Task<()>>>>;

/// Each task makes the next.
pub(super) fn chained(_: usize, iterations: u64) -> Duration {
    fn link(queue: &Shared, depth: u64, links: Rc<Cell<u64>>) {
        links.set(depth);
        if depth < chain::DEPTH {
            let next = queue.clone();
            let task = Box::pin(async move { link(&next, depth + 1, links) });
            queue.borrow_mut().push_back(task);
        }
    }
    let queue = Shared::default();
    let start = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..iterations {
        let links = Rc::new(Cell::new(0));
        link(&queue, 0, links.clone());
        run(&queue, drop);
        sum += links.get();
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, iterations * chain::DEPTH);
    elapsed
}

/// Pending once.
async fn turn_over() {
    let mut turned = false;
    poll_fn(|_| match std::mem::replace(&mut turned, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

/// Tasks that take turns.
pub(super) fn take_turns(_: usize, iterations: u64) -> Duration {
    let queue = RefCell::new(VecDeque::<Task<u64>>::new());
    let start = Stopwatch::start();
    let mut turns = 0;
    for _ in 0..iterations {
        for _ in 0..yields::TASKS {
            queue.borrow_mut().push_back(Box::pin(async {
                let mut turns = 0;
                while turns < yields::YIELDS {
                    turn_over().await;
                    turns += 1;
                }
                turns
            }));
        }
        run(&queue, |it| turns += it);
    }
    let elapsed = start.elapsed();
    assert_eq!(turns, iterations * yields::TASKS * yields::YIELDS);
    elapsed
}

/// Pairs of tasks that send each other a value through a cell.
pub(super) fn pairs(_: usize, iterations: u64) -> Duration {
    async fn take(cell: &Cell<Option<u64>>) -> u64 {
        poll_fn(|_| cell.take().map_or(Poll::Pending, Poll::Ready)).await
    }
    let queue = Shared::default();
    let sum = Rc::new(Cell::new(0));
    let start = Stopwatch::start();
    for _ in 0..iterations {
        for i in 0..ping_pong::PAIRS {
            let (inner, sum) = (queue.clone(), sum.clone());
            queue.borrow_mut().push_back(Box::pin(async move {
                let cells = Rc::new((Cell::new(None), Cell::new(None)));
                let theirs = cells.clone();
                inner.borrow_mut().push_back(Box::pin(async move {
                    theirs.1.set(Some(take(&theirs.0).await + 1));
                }));
                cells.0.set(Some(i));
                let answer = take(&cells.1).await;
                sum.set(sum.get() + answer);
            }));
        }
        run(&queue, drop);
    }
    let elapsed = start.elapsed();
    let pairs = ping_pong::PAIRS;
    assert_eq!(sum.get(), iterations * (pairs * (pairs + 1) / 2));
    elapsed
}

/// Two tasks that set each other's flag.
pub(super) fn flags(_: usize, iterations: u64) -> Duration {
    async fn take(flag: &Cell<bool>) {
        poll_fn(|_| match flag.take() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }
    let trips = iterations * news::ROUND_TRIPS;
    let queue = RefCell::new(VecDeque::<Task<u64>>::new());
    let flags = Rc::new((Cell::new(false), Cell::new(false)));
    let theirs = flags.clone();
    let start = Stopwatch::start();
    queue.borrow_mut().push_back(Box::pin(async move {
        for _ in 0..trips {
            flags.0.set(true);
            take(&flags.1).await;
        }
        trips
    }));
    queue.borrow_mut().push_back(Box::pin(async move {
        for _ in 0..trips {
            take(&theirs.0).await;
            theirs.1.set(true);
        }
        trips
    }));
    let mut sum = 0;
    run(&queue, |trips| sum += trips);
    let elapsed = start.elapsed();
    assert_eq!(sum, 2 * trips);
    elapsed
}

/// A queue with as much room as the channel, filled and emptied in turns.
pub(super) fn bounded(_: usize, iterations: u64) -> Duration {
    through(iterations, channels::ROOM)
}

/// A queue that grows.
pub(super) fn unbounded(_: usize, iterations: u64) -> Duration {
    through(iterations, usize::MAX)
}

fn through(iterations: u64, room: usize) -> Duration {
    let start = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..iterations {
        let mut queue = VecDeque::new();
        for _ in 0..channels::SENDERS {
            for i in 0..channels::MESSAGES {
                if queue.len() == room {
                    sum += black_box(&mut queue).drain(..).sum::<u64>();
                }
                queue.push_back(i);
            }
        }
        sum += black_box(&mut queue).drain(..).sum::<u64>();
    }
    let elapsed = start.elapsed();
    let (senders, messages) = (channels::SENDERS, channels::MESSAGES);
    assert_eq!(sum, iterations * senders * (messages * (messages - 1) / 2));
    elapsed
}

/// Each fork is a future in a box, which is polled where it is joined.
pub(super) fn fibonacci(_: usize, iterations: u64) -> Duration {
    fn fork(n: u64) -> Task<u64> {
        Box::pin(async move {
            if n < 2 {
                return n;
            }
            let half = black_box(fork(n - 1));
            let other = fork(n - 2).await;
            half.await + other
        })
    }
    let start = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..iterations {
        let task = pin!(fork(fork_join::N));
        match task.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(number) => sum += number,
            Poll::Pending => unreachable!("nothing waits"),
        }
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, iterations * fork_join::FIBONACCI);
    elapsed
}
