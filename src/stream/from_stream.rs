//! [`FromStream`]: what [`collect`](super::StreamExt::collect) collects into.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::Hash;

/// A collection that can be made of a stream's values: std's, of values or of pairs of key and
/// value, `Box<[T]>`, `String`, `()` for streams of `()`, and a `Result` of one of these for
/// streams of `Result`s, which stops at the first error.
///
/// It cannot be implemented elsewhere.
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, StreamExt};
///
/// # futures::executor::block_on(async {
/// let numbers: Vec<i32> = stream::iter(0..3).collect().await;
/// assert_eq!(numbers, [0, 1, 2]);
/// let text: String = stream::iter(["he", "llo"]).collect().await;
/// assert_eq!(text, "hello");
/// let first: Result<Vec<i32>, &str> = stream::iter([Ok(1), Err("no"), Ok(2)]).collect().await;
/// assert_eq!(first, Err("no"));
/// # });
/// ```
pub trait FromStream<T>: Sized + sealed::Sealed<T> {
    /// What it is until it is complete.
    #[doc(hidden)]
    type Collecting;

    /// Begins, with room for so many.
    #[doc(hidden)]
    fn start(lower: usize) -> Self::Collecting;

    /// Takes another one; `false` if no more are wanted.
    #[doc(hidden)]
    fn push(collecting: &mut Self::Collecting, item: T) -> bool;

    #[doc(hidden)]
    fn finish(collecting: Self::Collecting) -> Self;
}

mod sealed {
    pub trait Sealed<T> {}
}

/// A stream may promise more than memory has room for.
const MOST_AT_ONCE: usize = 1024;

impl sealed::Sealed<()> for () {}

impl FromStream<()> for () {
    type Collecting = ();

    fn start(_: usize) {}

    fn push((): &mut (), (): ()) -> bool {
        true
    }

    fn finish((): ()) {}
}

impl<T> sealed::Sealed<T> for Vec<T> {}

impl<T> FromStream<T> for Vec<T> {
    type Collecting = Vec<T>;

    fn start(lower: usize) -> Vec<T> {
        Vec::with_capacity(lower.min(MOST_AT_ONCE))
    }

    fn push(collecting: &mut Vec<T>, item: T) -> bool {
        collecting.push(item);
        true
    }

    fn finish(collecting: Vec<T>) -> Vec<T> {
        collecting
    }
}

impl<T> sealed::Sealed<T> for Box<[T]> {}

impl<T> FromStream<T> for Box<[T]> {
    type Collecting = Vec<T>;

    fn start(lower: usize) -> Vec<T> {
        Vec::start(lower)
    }

    fn push(collecting: &mut Vec<T>, item: T) -> bool {
        <Vec<T> as FromStream<T>>::push(collecting, item)
    }

    fn finish(collecting: Vec<T>) -> Box<[T]> {
        collecting.into_boxed_slice()
    }
}

impl<T: AsRef<str>> sealed::Sealed<T> for String {}

impl<T: AsRef<str>> FromStream<T> for String {
    type Collecting = String;

    fn start(_: usize) -> String {
        String::new()
    }

    fn push(collecting: &mut String, item: T) -> bool {
        collecting.push_str(item.as_ref());
        true
    }

    fn finish(collecting: String) -> String {
        collecting
    }
}

impl<T, U: FromStream<T>, E> sealed::Sealed<Result<T, E>> for Result<U, E> {}

impl<T, U: FromStream<T>, E> FromStream<Result<T, E>> for Result<U, E> {
    type Collecting = Result<U::Collecting, E>;

    fn start(lower: usize) -> Self::Collecting {
        Ok(U::start(lower))
    }

    fn push(collecting: &mut Self::Collecting, item: Result<T, E>) -> bool {
        match (collecting, item) {
            (Ok(collecting), Ok(item)) => U::push(collecting, item),
            (failed, Err(error)) => {
                *failed = Err(error);
                false
            }
            (Err(_), Ok(_)) => false,
        }
    }

    fn finish(collecting: Self::Collecting) -> Result<U, E> {
        collecting.map(U::finish)
    }
}

/// std's collections, which can be extended.
macro_rules! collections {
    ($($item:ty => $collection:ty, [$($generics:tt)*], $start:expr;)*) => {$(
        impl<$($generics)*> sealed::Sealed<$item> for $collection {}

        impl<$($generics)*> FromStream<$item> for $collection {
            type Collecting = Self;

            fn start(lower: usize) -> Self {
                $start(lower.min(MOST_AT_ONCE))
            }

            fn push(collecting: &mut Self, item: $item) -> bool {
                collecting.extend([item]);
                true
            }

            fn finish(collecting: Self) -> Self {
                collecting
            }
        }
    )*};
}

collections! {
    T => VecDeque<T>, [T], VecDeque::with_capacity;
    T => LinkedList<T>, [T], |_| LinkedList::new();
    T => BinaryHeap<T>, [T: Ord], BinaryHeap::with_capacity;
    T => BTreeSet<T>, [T: Ord], |_| BTreeSet::new();
    T => HashSet<T>, [T: Eq + Hash], HashSet::with_capacity;
    (K, V) => BTreeMap<K, V>, [K: Ord, V], |_| BTreeMap::new();
    (K, V) => HashMap<K, V>, [K: Eq + Hash, V], HashMap::with_capacity;
}
