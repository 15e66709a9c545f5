//! [`ReusableBoxFuture`]: one allocation for many futures.
//!
//! # Safety argument for the unsafe code in this file
//! To put a new future in the place of the old one, the box is taken apart into its pointer.
//! Meanwhile the struct has none, so whatever panics, nothing is dropped twice. The old future is dropped in place, as a pinned value must be; then the memory has
//! no content, and is either freed (if that drop panics) or filled with a new future that has
//! the same layout, which is compared before: so the box that is made of it frees it with
//! the layout that it was allocated with. The new future was not pinned before, and is not
//! moved afterwards.
//!
//! The box is `Sync` without asking the future: `&ReusableBoxFuture` gives no access to it.

#![allow(unsafe_code)]

use std::alloc::{Layout, dealloc};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A boxed future that another one can take the place of, in the same allocation if it
/// fits.
///
/// # Examples
/// ```
/// use runtime::sync::ReusableBoxFuture;
/// # futures::executor::block_on(async {
/// let mut future = ReusableBoxFuture::new(async { 1 });
/// assert_eq!(future.get_pin().await, 1);
/// future.set(async { 2 });
/// assert_eq!(future.get_pin().await, 2);
/// # });
/// ```
pub struct ReusableBoxFuture<'a, T> {
    /// None only if the drop of a future panicked while another was to take its place.
    boxed: Option<Boxed<'a, T>>,
}

// SAFETY: a shared reference to the struct leads to nothing in the box.
unsafe impl<T> Sync for ReusableBoxFuture<'_, T> {}

impl<'a, T> ReusableBoxFuture<'a, T> {
    /// Boxes the future.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::ReusableBoxFuture;
    /// # futures::executor::block_on(async {
    /// assert_eq!(ReusableBoxFuture::new(async { 1 }).await, 1);
    /// # });
    /// ```
    pub fn new<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'a,
    {
        ReusableBoxFuture {
            boxed: Some(Box::pin(future)),
        }
    }

    /// Drops the future that is there and puts this one in its place: into the same
    /// allocation if it has the same size and alignment, else into a new one.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::ReusableBoxFuture;
    /// # futures::executor::block_on(async {
    /// let mut future = ReusableBoxFuture::new(std::future::pending());
    /// future.set(async { 1 });
    /// assert_eq!(future.await, 1);
    /// # });
    /// ```
    pub fn set<F>(&mut self, future: F)
    where
        F: Future<Output = T> + Send + 'a,
    {
        if let Err(future) = self.try_set(future) {
            *self = ReusableBoxFuture::new(future);
        }
    }

    /// Drops the future that is there and puts this one in its place, if it fits into the
    /// same allocation.
    ///
    /// # Errors
    /// The new future, if its size or alignment is another. The old one is still there then.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::ReusableBoxFuture;
    /// use std::future::{pending, ready};
    /// let mut future = ReusableBoxFuture::new(ready(1));
    /// assert!(future.try_set(ready(2)).is_ok());
    /// assert!(future.try_set(pending()).is_err());
    /// ```
    pub fn try_set<F>(&mut self, future: F) -> Result<(), F>
    where
        F: Future<Output = T> + Send + 'a,
    {
        let layout = Layout::new::<F>();
        let fits = |old: &mut Boxed<'a, T>| Layout::for_value(&**old) == layout;
        let Some(old) = self.boxed.take_if(fits) else {
            return Err(future);
        };
        // SAFETY: the future is not moved: it is dropped where it is.
        let memory = Box::into_raw(unsafe { Pin::into_inner_unchecked(old) });
        let free = FreeOnPanic(memory.cast(), layout);
        // SAFETY: the pointer came from the box, and what it leads to is not used again.
        unsafe { ptr::drop_in_place(memory) };
        std::mem::forget(free);
        let place = memory.cast::<F>();
        // SAFETY: the memory has the layout of `F` and no content; it is a box's memory, if
        // `F` has a size, or a pointer that is good for a type without one.
        let boxed = unsafe {
            place.write(future);
            Box::from_raw(place)
        };
        self.boxed = Some(Box::into_pin(boxed));
        Ok(())
    }

    /// The future, to be polled.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::ReusableBoxFuture;
    /// # futures::executor::block_on(async {
    /// let mut future = ReusableBoxFuture::new(async { 1 });
    /// assert_eq!(future.get_pin().await, 1);
    /// # });
    /// ```
    pub fn get_pin(&mut self) -> Pin<&mut (dyn Future<Output = T> + Send)> {
        match &mut self.boxed {
            Some(boxed) => boxed.as_mut(),
            None => panic!("the future panicked when it was dropped: put another one in its place"),
        }
    }

    /// Polls the future.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::ReusableBoxFuture;
    /// use std::task::{Context, Poll, Waker};
    /// let mut future = ReusableBoxFuture::new(async { 1 });
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert_eq!(future.poll(&mut cx), Poll::Ready(1));
    /// ```
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        self.get_pin().poll(cx)
    }
}

/// Frees the memory of a box whose content is being dropped, if that panics.
struct FreeOnPanic(*mut u8, Layout);

impl Drop for FreeOnPanic {
    fn drop(&mut self) {
        if self.1.size() > 0 {
            // SAFETY: a box was allocated there with this layout, and was taken apart.
            unsafe { dealloc(self.0, self.1) };
        }
    }
}

impl<T> Future for ReusableBoxFuture<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.get_pin().poll(cx)
    }
}

impl<T> fmt::Debug for ReusableBoxFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReusableBoxFuture").finish_non_exhaustive()
    }
}
