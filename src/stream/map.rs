//! [`StreamMap`].

use super::Stream;
use crate::base::{budget, rng};
use std::borrow::Borrow;
use std::fmt;
use std::future::poll_fn;
use std::hash::Hash;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Many streams under their keys, polled as one, which may come and go.
///
/// Its values are pairs of a key and that stream's value. A stream that ends goes out of the
/// map (a [`StreamNotifyClose`](super::StreamNotifyClose) tells which); the map ends when it
/// is empty, and goes on after an insertion. Which stream is asked first is random, so none
/// is always last, and there is no order between values of different streams.
///
/// Each poll asks the streams one after the other, so it is for tens of them. Hundreds are
/// better off as tasks that send into one channel.
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, StreamExt, StreamMap};
///
/// # futures::executor::block_on(async {
/// let mut map = StreamMap::new();
/// map.insert("low", stream::iter([1, 2]));
/// map.insert("high", stream::iter([101, 102]));
/// let mut seen = Vec::new();
/// while let Some((key, value)) = map.next().await {
///     assert_eq!(key == "high", value > 100);
///     seen.push(value);
/// }
/// seen.sort();
/// assert_eq!(seen, [1, 2, 101, 102]);
/// # });
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct StreamMap<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> StreamMap<K, V> {
    /// An empty map.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{Pending, StreamMap};
    ///
    /// assert!(StreamMap::<&str, Pending<()>>::new().is_empty());
    /// ```
    pub fn new() -> StreamMap<K, V> {
        StreamMap::with_capacity(0)
    }

    /// An empty map with room for `capacity` streams.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{Pending, StreamMap};
    ///
    /// assert!(StreamMap::<&str, Pending<()>>::with_capacity(8).capacity() >= 8);
    /// ```
    pub fn with_capacity(capacity: usize) -> StreamMap<K, V> {
        StreamMap {
            entries: Vec::with_capacity(capacity),
        }
    }

    /// The streams with their keys, in no order.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// assert_eq!(map.iter().count(), 1);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.entries.iter()
    }

    /// The streams with their keys, in no order, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let mut map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// for (_key, stream) in map.iter_mut() {
    ///     *stream = stream::once(2);
    /// }
    /// ```
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut (K, V)> {
        self.entries.iter_mut()
    }

    /// The keys, in no order.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// assert_eq!(map.keys().collect::<Vec<_>>(), [&"a"]);
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The streams, in no order.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// assert_eq!(map.values().count(), 1);
    /// ```
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, stream)| stream)
    }

    /// The streams, in no order, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let mut map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// for stream in map.values_mut() {
    ///     *stream = stream::once(2);
    /// }
    /// ```
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, stream)| stream)
    }

    /// For how many streams there is room.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{Pending, StreamMap};
    ///
    /// assert_eq!(StreamMap::<&str, Pending<()>>::new().capacity(), 0);
    /// ```
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// How many streams there are.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{Pending, StreamMap};
    ///
    /// assert!(StreamMap::<&str, Pending<()>>::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Drops all streams and keeps the room.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let mut map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// map.clear();
    /// assert!(map.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Puts a stream in, and gives back the one that had this key before. Whoever waits for
    /// the map meanwhile, through a lock, has to be woken by somebody else: a stream that
    /// was not polled yet wakes nobody.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let mut map = StreamMap::new();
    /// assert!(map.insert("a", stream::once(1)).is_none());
    /// assert!(map.insert("a", stream::once(2)).is_some());
    /// ```
    pub fn insert(&mut self, k: K, stream: V) -> Option<V>
    where
        K: Hash + Eq,
    {
        let old = self.remove(&k);
        self.entries.push((k, stream));
        old
    }

    /// Takes the stream with this key out.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let mut map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// assert!(map.remove("a").is_some());
    /// assert!(map.remove("a").is_none());
    /// ```
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, k: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let index = self.entries.iter().position(|(key, _)| key.borrow() == k)?;
        Some(self.entries.swap_remove(index).1)
    }

    /// Whether there is a stream with this key.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// let map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// assert!(map.contains_key("a") && !map.contains_key("b"));
    /// ```
    pub fn contains_key<Q: Hash + Eq + ?Sized>(&self, k: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.keys().any(|key| key.borrow() == k)
    }
}

impl<K: Unpin, V: Stream + Unpin> StreamMap<K, V> {
    /// Asks each stream once, beginning anywhere, until `take` has enough; those that have
    /// ended go out.
    fn poll_each(&mut self, cx: &mut Context<'_>, mut take: impl FnMut(&K, V::Item) -> bool) {
        let count = self.entries.len();
        let Some(bound) = u32::try_from(count).ok().filter(|count| *count > 0) else {
            return;
        };
        let start = rng::thread_below(bound) as usize;
        // They leave their places only when all have been asked: one that is moved into
        // another's place would be asked twice, or not at all.
        let mut ended = Vec::new();
        for index in (start..count).chain(0..start) {
            let (key, stream) = &mut self.entries[index];
            match Pin::new(stream).poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    if !take(key, item) {
                        break;
                    }
                }
                Poll::Ready(None) => ended.push(index),
                Poll::Pending => {}
            }
        }
        ended.sort_unstable();
        for index in ended.into_iter().rev() {
            drop(self.entries.swap_remove(index));
        }
    }
}

impl<K: Clone + Unpin, V: Stream + Unpin> StreamMap<K, V> {
    /// Appends up to `limit` pairs to `buffer`, as many as there are now, and at least one
    /// unless the map or the limit is empty; tells how many.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    ///
    /// # futures::executor::block_on(async {
    /// let mut map: StreamMap<_, _> = [("a", stream::once(1)), ("b", stream::once(2))]
    ///     .into_iter()
    ///     .collect();
    /// let mut pairs = Vec::new();
    /// assert_eq!(map.next_many(&mut pairs, 8).await, 2);
    /// assert_eq!(map.next_many(&mut pairs, 8).await, 0);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub fn next_many<'a>(
        &'a mut self,
        buffer: &'a mut Vec<(K, V::Item)>,
        limit: usize,
    ) -> impl Future<Output = usize> + 'a {
        poll_fn(move |cx| self.poll_next_many(cx, buffer, limit))
    }

    /// [`next_many`](Self::next_many) as a poll.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamMap};
    /// use std::future::poll_fn;
    ///
    /// # futures::executor::block_on(async {
    /// let mut map: StreamMap<_, _> = [("a", stream::once(1))].into_iter().collect();
    /// let mut pairs = Vec::new();
    /// assert_eq!(poll_fn(|cx| map.poll_next_many(cx, &mut pairs, 8)).await, 1);
    /// assert_eq!(pairs, [("a", 1)]);
    /// # });
    /// ```
    pub fn poll_next_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<(K, V::Item)>,
        limit: usize,
    ) -> Poll<usize> {
        if limit == 0 || self.is_empty() {
            return Poll::Ready(0);
        }
        let spent = ready!(budget::poll_proceed(cx));
        let mut added = 0;
        while added < limit {
            let before = added;
            self.poll_each(cx, |key, item| {
                buffer.push((key.clone(), item));
                added += 1;
                added < limit
            });
            if added == before {
                break;
            }
        }
        if added == 0 && !self.is_empty() {
            return Poll::Pending;
        }
        spent.made_progress();
        Poll::Ready(added)
    }
}

impl<K: Clone + Unpin, V: Stream + Unpin> Stream for StreamMap<K, V> {
    type Item = (K, V::Item);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut next = None;
        self.poll_each(cx, |key, item| {
            next = Some((key.clone(), item));
            false
        });
        if next.is_none() && !self.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let hints = self.values().map(Stream::size_hint);
        hints.fold((0, Some(0)), super::sum)
    }
}

impl<K, V> Default for StreamMap<K, V> {
    fn default() -> StreamMap<K, V> {
        StreamMap::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for StreamMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.iter().map(|(key, stream)| (key, stream));
        f.debug_map().entries(entries).finish()
    }
}

impl<K: Hash + Eq, V> FromIterator<(K, V)> for StreamMap<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(iter: T) -> StreamMap<K, V> {
        let mut map = StreamMap::new();
        map.extend(iter);
        map
    }
}

impl<K: Hash + Eq, V> Extend<(K, V)> for StreamMap<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, iter: T) {
        for (key, stream) in iter {
            self.insert(key, stream);
        }
    }
}
