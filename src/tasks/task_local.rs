//! Values that belong to a future and not to a thread.
//!
//! A [`LocalKey`] is a thread-local place that is nearly always empty. A future in a
//! [`scope`](LocalKey::scope) carries its value and swaps it with the place before each
//! poll, and back afterwards, also when the poll panics; and once more when the future is
//! dropped, so that its drop finds the value too. What lies in the place meanwhile, the value
//! of a scope further out, lies in the future: scopes nest, and a future that moves to
//! another thread takes its value along.

use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

/// A task-local value's name, declared by [`task_local!`](crate::task_local).
///
/// Unlike a thread-local it has no first value: it has one within a [`scope`](Self::scope),
/// and none elsewhere. A spawned task is in no scope of the one that spawned it.
///
/// # Examples
///
/// ```
/// runtime::task_local! {
///     static REQUEST: u32;
/// }
///
/// # futures::executor::block_on(async {
/// let handled = REQUEST.scope(7, async {
///     assert_eq!(REQUEST.get(), 7);
///     REQUEST.scope(8, async { REQUEST.get() }).await
/// });
/// assert_eq!(handled.await, 8);
/// assert!(REQUEST.try_get().is_err());
/// # });
/// ```
pub struct LocalKey<T: 'static> {
    place: &'static thread::LocalKey<RefCell<Option<T>>>,
}

/// Why a value cannot be swapped in.
enum Refused {
    Borrowed,
    ThreadEnds,
}

impl Refused {
    #[track_caller]
    fn panic(self) -> ! {
        match self {
            Refused::Borrowed => panic!(
                "a scope of a task-local was entered within a `with` of the same key; take what \
                 is needed out of the closure, and enter the scope after it"
            ),
            Refused::ThreadEnds => panic!(
                "a scope of a task-local was entered while the thread's locals are destroyed"
            ),
        }
    }
}

impl<T: 'static> LocalKey<T> {
    /// What `task_local!` calls.
    #[doc(hidden)]
    pub const fn new(place: &'static thread::LocalKey<RefCell<Option<T>>>) -> Self {
        LocalKey { place }
    }

    /// Gives the future the value: in its polls, and in its drop, the key has it.
    ///
    /// The value is dropped after the future, when the returned future is dropped;
    /// [`take_value`](TaskLocalFuture::take_value) takes it back.
    ///
    /// # Panics
    ///
    /// When it is polled within [`with`](Self::with) of the same key.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: it is as cancel safe as the future in it.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NAME: String;
    /// }
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let greeting = NAME.scope(String::from("Ada"), async {
    ///     runtime::task::yield_now().await;
    ///     NAME.with(|name| format!("Hello, {name}!"))
    /// });
    /// assert_eq!(greeting.await, "Hello, Ada!");
    /// # });
    /// ```
    pub fn scope<F>(&'static self, value: T, future: F) -> TaskLocalFuture<T, F>
    where
        F: Future,
    {
        TaskLocalFuture {
            key: self,
            value: Some(value),
            future: Some(future),
        }
    }

    /// Runs a function that has the value.
    ///
    /// # Panics
    ///
    /// Within [`with`](Self::with) of the same key, and if the function panics.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::task_local! {
    ///     static DEPTH: usize;
    /// }
    ///
    /// let deep = DEPTH.sync_scope(1, || DEPTH.sync_scope(DEPTH.get() + 1, || DEPTH.get()));
    /// assert_eq!(deep, 2);
    /// ```
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        let mut value = Some(value);
        match self.swapped_in(&mut value, f) {
            Ok(result) => result,
            Err(refused) => refused.panic(),
        }
    }

    /// Calls the function with the current value.
    ///
    /// # Panics
    ///
    /// Outside of a scope of this key.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::task_local! {
    ///     static WORDS: Vec<&'static str>;
    /// }
    ///
    /// let count = WORDS.sync_scope(vec!["two", "words"], || WORDS.with(|words| words.len()));
    /// assert_eq!(count, 2);
    /// ```
    #[track_caller]
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(f) {
            Ok(result) => result,
            Err(error) => panic!("{error}"),
        }
    }

    /// Calls the function with the current value, if there is one.
    ///
    /// # Errors
    ///
    /// Outside of a scope of this key.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::task_local! {
    ///     static USER: String;
    /// }
    ///
    /// assert!(USER.try_with(|user| user.len()).is_err());
    /// ```
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        let mut f = Some(f);
        let result = self.place.try_with(|place| {
            // Shared with other `with`s; never with a swap, which is over in a moment.
            let value = place.try_borrow().ok()?;
            Some((f.take()?)(value.as_ref()?))
        });
        result.ok().flatten().ok_or(AccessError { _private: () })
    }

    /// Runs `f` with the value swapped in, and swaps back, also if `f` panics.
    fn swapped_in<R>(
        &'static self,
        value: &mut Option<T>,
        f: impl FnOnce() -> R,
    ) -> Result<R, Refused> {
        struct SwapBack<'a, T: 'static>(&'static LocalKey<T>, &'a mut Option<T>);
        impl<T> Drop for SwapBack<'_, T> {
            fn drop(&mut self) {
                // It was there a moment ago, and whoever borrowed it since gave it back.
                let _ = self.0.swap(self.1);
            }
        }
        self.swap(value)?;
        let _back = SwapBack(self, value);
        Ok(f())
    }

    fn swap(&'static self, value: &mut Option<T>) -> Result<(), Refused> {
        let swapped = self.place.try_with(|place| match place.try_borrow_mut() {
            Ok(mut place) => {
                mem::swap(&mut *place, value);
                Ok(())
            }
            Err(_) => Err(Refused::Borrowed),
        });
        swapped.unwrap_or(Err(Refused::ThreadEnds))
    }
}

impl<T: Clone + 'static> LocalKey<T> {
    /// A clone of the current value.
    ///
    /// # Panics
    ///
    /// Outside of a scope of this key.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NUMBER: u8;
    /// }
    ///
    /// assert_eq!(NUMBER.sync_scope(1, || NUMBER.get()), 1);
    /// ```
    #[track_caller]
    pub fn get(&'static self) -> T {
        self.with(T::clone)
    }

    /// A clone of the current value, if there is one.
    ///
    /// # Errors
    ///
    /// Outside of a scope of this key.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NUMBER: u8;
    /// }
    ///
    /// assert!(NUMBER.try_get().is_err());
    /// assert_eq!(NUMBER.sync_scope(1, || NUMBER.try_get()), Ok(1));
    /// ```
    pub fn try_get(&'static self) -> Result<T, AccessError> {
        self.try_with(T::clone)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

pin_project! {
    /// A future that has the value of a task-local. Made by [`LocalKey::scope`].
    ///
    /// # Panics
    ///
    /// If it is polled again after it was done, and when it is polled within
    /// [`with`](LocalKey::with) of its key.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NUMBER: u8;
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let scope = NUMBER.scope(1, async { NUMBER.get() });
    /// assert_eq!(scope.await, 1);
    /// # });
    /// ```
    #[must_use = "a future does nothing unless it is polled"]
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        key: &'static LocalKey<T>,
        // While the future is polled, what was in the place before.
        value: Option<T>,
        #[pin]
        future: Option<F>,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            if this.future.is_some() {
                let mut this = this.project();
                let future = &mut this.future;
                // Where there is no place, the future is dropped without.
                let _ = this.key.swapped_in(this.value, || future.set(None));
            }
        }
    }
}

impl<T: 'static, F> TaskLocalFuture<T, F> {
    /// Takes the value out. `None` if that was done before.
    ///
    /// A future that is not done yet finds no value from then on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::pin::pin;
    ///
    /// runtime::task_local! {
    ///     static COUNT: Cell<u32>;
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let mut scope = pin!(COUNT.scope(Cell::new(1), async {
    ///     COUNT.with(|count| count.set(count.get() + 1));
    /// }));
    /// scope.as_mut().await;
    /// assert_eq!(scope.as_mut().take_value().unwrap().get(), 2);
    /// assert!(scope.take_value().is_none());
    /// # });
    /// ```
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().value.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut future = this.future;
        let polled = this.key.swapped_in(this.value, || {
            let running = future.as_mut().as_pin_mut()?;
            let polled = running.poll(cx);
            if polled.is_ready() {
                future.set(None);
            }
            Some(polled)
        });
        match polled {
            Ok(Some(polled)) => polled,
            Ok(None) => panic!("a `TaskLocalFuture` was polled after it was done"),
            Err(refused) => refused.panic(),
        }
    }
}

impl<T: fmt::Debug + 'static, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// The task-local has no value here.
///
/// Returned by [`LocalKey::try_with`] and [`LocalKey::try_get`].
///
/// # Examples
///
/// ```
/// runtime::task_local! {
///     static NUMBER: u8;
/// }
///
/// let error = NUMBER.try_get().unwrap_err();
/// assert!(error.to_string().contains("scope"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AccessError {
    _private: (),
}

impl fmt::Debug for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessError").finish()
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the task-local has no value here: it has one only within `scope` and `sync_scope`",
        )
    }
}

impl Error for AccessError {}
