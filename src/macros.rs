//! The macros: `pin!`, `join!`, `try_join!`, `select!`, and `task_local!`, which declares
//! task-locals ([`LocalKey`](crate::task::LocalKey)).
//!
//! What the others share is that several futures run inside of the task that they stand in:
//! nothing is spawned, nothing is allocated, and what the futures borrow may be the
//! locals around them. Each future is pinned where it stands by `std::pin::pin!`, and
//! one `poll_fn` polls them; so there is no unsafe code here or in what the macros
//! expand to.
//!
//! * `select!` is written by `runtime_macros::select` (its essay tells how), because a
//!   branch has too many shapes for `macro_rules!`; the macro here only tells it where
//!   this crate is.
//! * `join!` and `try_join!` hand their list to a hidden macro that gives each future
//!   a name, one step of recursion a future: the names are all `future`, and differ by
//!   the expansion that they come from.
//!
//! The budget is not spent here, but by the leaves. A branch that is always ready
//! cannot starve the others: `select!` starts each round at a random branch, and
//! `join!` one branch further than before.

#[doc(hidden)]
pub mod __private;

/// # Examples
///
/// ```
/// #[runtime::main]
/// async fn main() -> Result<(), std::num::ParseIntError> {
///     let number: u32 = runtime::spawn(async { "17" }).await.unwrap().parse()?;
///     assert_eq!(number, 17);
///     Ok(())
/// }
/// ```
///
/// On another function than `main`, with two workers:
///
/// ```
/// #[runtime::main(worker_threads = 2)]
/// async fn sum(numbers: &[u32]) -> u32 {
///     let mut sum = 0;
///     for &number in numbers {
///         sum += runtime::spawn(async move { number }).await.unwrap();
///     }
///     sum
/// }
///
/// assert_eq!(sum(&[1, 2, 3]), 6);
/// ```
#[cfg(feature = "macros")]
pub use runtime_macros::main;

/// # Examples
///
/// The clock of this test does not wait for the hour to pass:
///
/// ```
/// # mod hidden {
/// #[runtime::test(start_paused = true)]
/// async fn an_hour_is_short() {
///     runtime::time::sleep(std::time::Duration::from_secs(3600)).await;
/// }
/// # }
/// ```
#[cfg(feature = "macros")]
pub use runtime_macros::test;

/// Pins a local variable, so that the future in it can be polled by reference.
///
/// `pin!(future)` takes the variable's value and binds the same name to a
/// `Pin<&mut _>`; there may be several names. `pin! { let future = expression; }` makes
/// the variable too. Inside of an expression, use [`std::pin::pin!`].
///
/// # Examples
///
/// A future that is polled in several rounds of a loop must stay where it is:
///
/// ```
/// # futures::executor::block_on(async {
/// let job = async { 7 };
/// runtime::pin!(job);
/// let answer = loop {
///     runtime::select! {
///         answer = &mut job => break answer,
///         _ = async { /* something else to do meanwhile */ } => {}
///     }
/// };
/// assert_eq!(answer, 7);
///
/// runtime::pin! {
///     let first = async { 1 };
///     let second = async { 2 };
/// }
/// assert_eq!(first.await + second.await, 3);
/// # });
/// ```
#[macro_export]
macro_rules! pin {
    ($($name:ident),* $(,)?) => {
        $(
            #[allow(unused_mut)]
            let mut $name = $crate::__private::pin!($name);
        )*
    };
    ($(let $name:ident = $init:expr;)*) => {
        $(
            #[allow(unused_mut)]
            let mut $name = $crate::__private::pin!($init);
        )*
    };
    ($($other:tt)*) => {
        ::core::compile_error! {
            "expected the names of local variables, as in `pin!(future)`, or `pin! { let future = \
             expression; }`; for a pinned expression, use `std::pin::pin!`"
        }
    };
}

/// Declares task-locals: each becomes a [`LocalKey`](crate::task::LocalKey), to which
/// [`scope`](crate::task::LocalKey::scope) gives a value.
///
/// Attributes and visibility may stand before each of them, as with `thread_local!`.
///
/// # Examples
///
/// ```
/// runtime::task_local! {
///     /// Who asks.
///     pub static USER: String;
///     static ATTEMPT: u32;
/// }
///
/// # futures::executor::block_on(async {
/// let scope = USER.scope(String::from("Ada"), ATTEMPT.scope(3, async {
///     format!("{} for the {}rd time", USER.get(), ATTEMPT.get())
/// }));
/// assert_eq!(scope.await, "Ada for the 3rd time");
/// # });
/// ```
#[macro_export]
macro_rules! task_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty; $($rest:tt)*) => {
        $crate::task_local! { $(#[$attribute])* $visibility static $name: $type }
        $crate::task_local! { $($rest)* }
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty) => {
        $(#[$attribute])*
        $visibility static $name: $crate::task::LocalKey<$type> = {
            ::std::thread_local! {
                static PLACE: ::std::cell::RefCell<::std::option::Option<$type>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::task::LocalKey::new(&PLACE)
        };
    };
}

/// Waits until all of several futures are complete, and returns their outputs as a
/// tuple.
///
/// The futures run by turns inside of the current task; for one that is to run on
/// another worker at the same time, join the handle of a spawned task. All are waited
/// for, even if one completes with an error; [`try_join!`](crate::try_join) does not.
///
/// Each time the task is woken, another of the futures is polled first: the one after
/// that which was first before. With `biased;` in front of the list, they are always
/// polled in the order in which they are written. That saves a few instructions, and
/// asks you to see to it that a future that has always something to do is written
/// last.
///
/// The expressions may be anything that is [`IntoFuture`]. A future is dropped when
/// it completes, its output is kept.
///
/// # Examples
///
/// ```
/// async fn pages() -> u32 {
///     3
/// }
/// async fn title() -> &'static str {
///     "Ways"
/// }
///
/// # futures::executor::block_on(async {
/// let (pages, title) = runtime::join!(pages(), title());
/// assert_eq!((pages, title), (3, "Ways"));
///
/// let (first, second) = runtime::join!(biased; async { 1 }, async { 2 });
/// assert_eq!(first + second, 3);
/// # });
/// ```
///
/// # Cancel safety
///
/// Not cancel safe: the outputs of the futures that have completed are lost, and the
/// others are cancelled.
#[macro_export]
macro_rules! join {
    (biased; $($future:expr),* $(,)?) => {
        $crate::__join!(join biased [] $([$future])*)
    };
    ($($future:expr),* $(,)?) => {
        $crate::__join!(join fair [] $([$future])*)
    };
}

/// Waits until all of several futures have succeeded, or one has failed, and returns
/// the values as a tuple in `Ok`, or the error.
///
/// It is [`join!`](crate::join) for futures whose output is a `Result`, all with the
/// same type of error. With the first error the other futures are dropped as they are.
/// The order of polling, and `biased;`, are those of `join!`.
///
/// # Examples
///
/// ```
/// async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(runtime::try_join!(parse("1"), parse("2")), Ok((1, 2)));
/// assert!(runtime::try_join!(parse("1"), parse("two")).is_err());
/// # });
/// ```
///
/// # Cancel safety
///
/// Not cancel safe: the values of the futures that have succeeded are lost, and the
/// others are cancelled; the same is true when one of them fails.
#[macro_export]
macro_rules! try_join {
    (biased; $($future:expr),* $(,)?) => {
        $crate::__join!(try_join biased [] $([$future])*)
    };
    ($($future:expr),* $(,)?) => {
        $crate::__join!(try_join fair [] $([$future])*)
    };
}

/// Names the futures one by one, then writes the round.
#[doc(hidden)]
#[macro_export]
macro_rules! __join {
    (join $order:ident []) => {
        ()
    };
    (try_join $order:ident []) => {
        ::core::result::Result::Ok(())
    };
    ($kind:ident $order:ident [$($named:tt)*] [$future:expr] $($rest:tt)*) => {
        $crate::__join!($kind $order [$($named)* (future $future)] $($rest)*)
    };
    (join $order:ident [$(($name:ident $future:expr))+]) => {{
        $(let mut $name = $crate::__private::pin!($crate::__private::MaybeDone::new($future));)+
        let mut rotation =
            $crate::__private::Rotation::<{ [$(::core::stringify!($name)),+].len() }>::$order();
        $crate::__private::poll_fn(|cx| {
            let mut pending = false;
            let mut round = rotation.round();
            loop {
                $(if round.has_turn() {
                    pending |= $name.as_mut().poll(cx).is_pending();
                })+
                if !round.goes_on() {
                    break;
                }
            }
            if pending {
                $crate::__private::Poll::Pending
            } else {
                $crate::__private::Poll::Ready(($($name.as_mut().take(),)+))
            }
        })
        .await
    }};
    (try_join $order:ident [$(($name:ident $future:expr))+]) => {{
        $(let mut $name = $crate::__private::pin!($crate::__private::MaybeDone::new($future));)+
        let mut rotation =
            $crate::__private::Rotation::<{ [$(::core::stringify!($name)),+].len() }>::$order();
        $crate::__private::poll_fn(|cx| {
            let mut pending = false;
            let mut round = rotation.round();
            loop {
                $(if round.has_turn() {
                    match $name.as_mut().try_poll(cx) {
                        $crate::__private::Poll::Pending => pending = true,
                        $crate::__private::Poll::Ready(::core::result::Result::Ok(())) => {}
                        $crate::__private::Poll::Ready(::core::result::Result::Err(error)) => {
                            return $crate::__private::Poll::Ready(::core::result::Result::Err(error));
                        }
                    }
                })+
                if !round.goes_on() {
                    break;
                }
            }
            if pending {
                $crate::__private::Poll::Pending
            } else {
                $crate::__private::Poll::Ready(::core::result::Result::Ok(($($name.as_mut().take(),)+)))
            }
        })
        .await
    }};
}

/// Waits until the first of several futures is complete, drops the others, and runs
/// the handler of that branch.
///
/// ```text
/// select! {
///     biased;                                      // optional
///     pattern = future => handler,
///     pattern = future, if condition => handler,   // up to 64 branches
///     else => handler,                             // optional
/// }
/// ```
///
/// What happens, in this order:
///
/// 1. All conditions are evaluated. A branch whose condition is false is disabled.
/// 2. All future expressions are evaluated, those of disabled branches too (but these
///    futures are never polled). They may be anything that is [`IntoFuture`].
/// 3. The futures of the enabled branches are polled by turns, inside of the current
///    task, until one of them is complete.
/// 4. If its output does not match the pattern, the branch is disabled, and the
///    waiting goes on with the others.
/// 5. If it matches, all futures are dropped, the handler runs, and its value is the
///    value of the whole expression.
/// 6. If all branches are disabled, the handler of `else` runs instead.
///
/// A branch that was disabled is enabled again when the `select!` is entered anew, in
/// the next round of a loop.
///
/// The handlers, the conditions and the future expressions stand in the scope around
/// the macro: `?`, `return`, `break`, `continue` and `.await` work in them. When a
/// handler runs the futures are gone, so it may use what they had borrowed. A handler
/// that is a block needs no comma after it.
///
/// # Fairness
///
/// Each round of polling starts at a random branch, so that of several futures that
/// are always ready each has its share. With `biased;` the branches are polled in the
/// order in which they are written. Use it where the order means something (look for
/// the end of the program before more work is taken); a branch that is always ready
/// then hides those after it.
///
/// A task that has spent its budget gives way before a `select!` polls anything, also if a
/// branch is ready that spends none.
///
/// # Examples
///
/// The first message of two sources, and the end of both:
///
/// ```
/// use futures::stream::{self, StreamExt};
///
/// # futures::executor::block_on(async {
/// let mut left = stream::iter([1, 2, 3]);
/// let mut right = stream::iter([10, 20]);
/// let mut sum = 0;
/// loop {
///     runtime::select! {
///         Some(value) = left.next() => sum += value,
///         Some(value) = right.next() => sum += value,
///         else => break,
///     }
/// }
/// assert_eq!(sum, 36);
/// # });
/// ```
///
/// A condition keeps a future that is complete from being polled again:
///
/// ```
/// # futures::executor::block_on(async {
/// let (one, two) = (async { 1 }, async { 2 });
/// runtime::pin!(one, two);
/// let (mut first, mut second) = (None, None);
/// while first.is_none() || second.is_none() {
///     runtime::select! {
///         value = &mut one, if first.is_none() => first = Some(value),
///         value = &mut two, if second.is_none() => second = Some(value),
///     }
/// }
/// assert_eq!((first, second), (Some(1), Some(2)));
/// # });
/// ```
///
/// # Panics
///
/// With the place of the `select!`, if all branches are disabled and there is no
/// `else`.
///
/// # Cancel safety
///
/// Not cancel safe: the futures that were not the first are dropped in each call, and
/// what they had taken by then is lost, unless they say of themselves that nothing is.
/// A future that must not be dropped is made and pinned before the loop, and selected
/// by `&mut`.
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! select {
    ($($branches:tt)*) => {
        $crate::__private::select! { { $crate } $($branches)* }
    };
}
