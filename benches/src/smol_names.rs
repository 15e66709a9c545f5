//! smol, by the names that the workloads use.
//!
//! This is no layer: what has a counterpart is that counterpart, and a wrapper adds no allocation,
//! no task and no hop. The executor's threads are those of smol's own `spawn`: each polls the
//! executor inside of `smol::block_on`, so that it turns the reactor when there is nothing else
//! to do. (smol's own cannot be ended, and its number of threads is set once for the process.)
//!
//! smol has no oneshot; what its users take is a channel with room for one.

use smol::{Executor, Task, channel};
use std::cell::OnceCell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread;

thread_local! {
    /// The executor that this thread polls.
    static CURRENT: OnceCell<Arc<Executor<'static>>> = const { OnceCell::new() };
}

/// An executor, and its threads.
pub struct Runtime {
    executor: Arc<Executor<'static>>,
    /// Nothing is sent: the threads end when it is closed.
    end: channel::Sender<Infallible>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Runtime {
    /// Spawns a task.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle(Some(self.executor.spawn(future)))
    }

    /// Parks this thread until the future is ready.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        smol::future::block_on(future)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.end.close();
        for thread in self.threads.drain(..) {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "a worker panicked");
        }
    }
}

/// What makes an executor with threads.
pub struct Builder {
    threads: usize,
}

impl Builder {
    /// One thread.
    pub fn new_multi_thread() -> Self {
        Builder { threads: 1 }
    }

    /// So many threads.
    pub fn worker_threads(&mut self, threads: usize) -> &mut Self {
        self.threads = threads;
        self
    }

    /// All is there anyway.
    pub fn enable_all(&mut self) -> &mut Self {
        self
    }

    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// If the system starts no thread.
    pub fn build(&mut self) -> std::io::Result<Runtime> {
        let executor = Arc::new(Executor::new());
        let (end, ended) = channel::bounded(1);
        let start = |_| {
            let (executor, ended) = (executor.clone(), ended.clone());
            thread::Builder::new().spawn(move || {
                CURRENT.with(|current| current.set(executor.clone())).ok();
                let ended = smol::block_on(executor.run(ended.recv()));
                assert!(ended.is_err(), "nothing is sent");
            })
        };
        let threads = (0..self.threads)
            .map(start)
            .collect::<std::io::Result<_>>()?;
        Ok(Runtime {
            executor,
            end,
            threads,
        })
    }
}

/// Spawns a task from a task.
///
/// # Panics
///
/// If this is not the thread of a [`Runtime`].
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    CURRENT.with(|current| {
        let executor = current.get().expect("a thread of a runtime");
        JoinHandle(Some(executor.spawn(future)))
    })
}

/// A task that goes on when its handle is dropped.
pub struct JoinHandle<T>(Option<Task<T>>);

impl<T> Future for JoinHandle<T> {
    /// A panic goes on in the task that joins.
    type Output = Result<T, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let task = self.0.as_mut().expect("it is there until the drop");
        Poll::Ready(Ok(ready!(Pin::new(task).poll(cx))))
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

/// What concerns tasks.
pub mod task {
    use super::JoinHandle;
    pub use smol::future::yield_now;

    /// Runs the job on smol's threads for such jobs.
    pub fn spawn_blocking<T, F>(job: F) -> JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        JoinHandle(Some(smol::unblock(job)))
    }
}

/// What tasks share.
pub mod sync {
    pub use smol::lock::{Mutex, RwLock};

    /// A semaphore that is never closed.
    pub struct Semaphore(smol::lock::Semaphore);

    impl Semaphore {
        /// With so many permits.
        pub fn new(permits: usize) -> Self {
            Semaphore(smol::lock::Semaphore::new(permits))
        }

        /// Waits for a permit.
        ///
        /// # Errors
        ///
        /// None.
        pub async fn acquire(
            &self,
        ) -> Result<smol::lock::SemaphoreGuard<'_>, std::convert::Infallible> {
            Ok(self.0.acquire().await)
        }

        /// How many are there: it takes them, and gives them back.
        pub fn available_permits(&self) -> usize {
            let taken: Vec<_> = std::iter::from_fn(|| self.0.try_acquire()).collect();
            taken.len()
        }
    }

    /// Channels with one receiver.
    pub mod mpsc {
        use smol::channel::{self, Send, SendError, TrySendError};

        /// Sends to a bounded channel.
        pub struct Sender<T>(channel::Sender<T>);

        /// Receives from either.
        pub struct Receiver<T>(channel::Receiver<T>);

        /// Sends to an unbounded channel.
        pub struct UnboundedSender<T>(channel::Sender<T>);

        /// With room for so many.
        pub fn channel<T>(room: usize) -> (Sender<T>, Receiver<T>) {
            let (sender, receiver) = channel::bounded(room);
            (Sender(sender), Receiver(receiver))
        }

        /// With room for all.
        pub fn unbounded_channel<T>() -> (UnboundedSender<T>, Receiver<T>) {
            let (sender, receiver) = channel::unbounded();
            (UnboundedSender(sender), Receiver(receiver))
        }

        impl<T> Sender<T> {
            /// Waits for room. [`SendError`] if nobody receives.
            pub fn send(&self, value: T) -> Send<'_, T> {
                let sent: Send<'_, T> = self.0.send(value);
                sent
            }
        }

        impl<T> Clone for Sender<T> {
            fn clone(&self) -> Self {
                Sender(self.0.clone())
            }
        }

        impl<T> UnboundedSender<T> {
            /// Sends.
            ///
            /// # Errors
            ///
            /// If nobody receives.
            pub fn send(&self, value: T) -> Result<(), SendError<T>> {
                self.0.try_send(value).map_err(|error| match error {
                    TrySendError::Full(value) | TrySendError::Closed(value) => SendError(value),
                })
            }
        }

        impl<T> Clone for UnboundedSender<T> {
            fn clone(&self) -> Self {
                UnboundedSender(self.0.clone())
            }
        }

        impl<T> Receiver<T> {
            /// The next message, or none if there will be none.
            pub async fn recv(&mut self) -> Option<T> {
                self.0.recv().await.ok()
            }
        }
    }

    /// A channel for one message.
    pub mod oneshot {
        use pin_project_lite::pin_project;
        use smol::channel::{self, RecvError};
        use smol::stream::Stream;
        use std::future::Future;
        use std::pin::Pin;
        use std::task::{Context, Poll, ready};

        /// Sends it.
        #[derive(Debug)]
        pub struct Sender<T>(channel::Sender<T>);

        pin_project! {
            /// Receives it.
            pub struct Receiver<T> {
                #[pin]
                inner: channel::Receiver<T>,
            }
        }

        /// Makes one.
        pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
            let (sender, inner) = channel::bounded(1);
            (Sender(sender), Receiver { inner })
        }

        impl<T> Sender<T> {
            /// Sends.
            ///
            /// # Errors
            ///
            /// The message, if nobody receives.
            pub fn send(self, value: T) -> Result<(), T> {
                self.0.try_send(value).map_err(|error| error.into_inner())
            }
        }

        impl<T> Future for Receiver<T> {
            type Output = Result<T, RecvError>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let received = ready!(self.project().inner.poll_next(cx));
                Poll::Ready(received.ok_or(RecvError))
            }
        }
    }
}

/// Clocks.
pub mod time {
    use smol::stream::StreamExt;
    use smol::{Timer, future};
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;
    pub use std::time::Instant;

    /// Waits for a deadline.
    pub struct Sleep {
        timer: Timer,
        deadline: Instant,
    }

    /// Waits for so long.
    pub fn sleep(duration: Duration) -> Sleep {
        sleep_until(Instant::now() + duration)
    }

    /// Waits until then.
    pub fn sleep_until(deadline: Instant) -> Sleep {
        Sleep {
            timer: Timer::at(deadline),
            deadline,
        }
    }

    impl Sleep {
        /// Moves the deadline.
        pub fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
            self.deadline = deadline;
            self.timer.set_at(deadline);
        }

        /// Until when it waits.
        pub fn deadline(&self) -> Instant {
            self.deadline
        }
    }

    impl Future for Sleep {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            Pin::new(&mut self.timer).poll(cx).map(drop)
        }
    }

    /// The time is over.
    #[derive(Debug)]
    pub struct Elapsed;

    /// Awaits the future for so long.
    ///
    /// # Errors
    ///
    /// If the time was over before.
    pub async fn timeout<F: Future>(duration: Duration, future: F) -> Result<F::Output, Elapsed> {
        let timer = async {
            Timer::after(duration).await;
            Err(Elapsed)
        };
        future::or(async { Ok(future.await) }, timer).await
    }

    /// Ticks.
    pub struct Interval(Timer);

    /// At once, and then after each period.
    pub fn interval(period: Duration) -> Interval {
        Interval(Timer::interval_at(Instant::now(), period))
    }

    impl Interval {
        /// The next tick: when it was due.
        pub async fn tick(&mut self) -> Instant {
            self.0.next().await.expect("it does not end")
        }
    }
}

pub use smol::{fs, io, net};
