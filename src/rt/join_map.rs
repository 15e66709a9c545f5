//! A map of tasks: members with keys, joined as they end.
//!
//! The members lie in [`Members`], each with its key as the tag. Where the member of a key is
//! tells an index from the key's hash to the place of the first member with that hash; those
//! that share a hash are linked from place to place. So a key is kept once, and needs no
//! `Clone`. A task that was replaced by another of the same key stays among the members until
//! it ends, without a key, and is then forgotten.

use super::abort_on_drop::AbortOnDropHandle;
use super::handle::Handle;
use super::local::{LocalSet, spawn_local};
use super::members::{Joined, Members};
use super::spawn::{spawn, spawn_blocking};
use crate::base::{budget, wait};
use crate::tasks::{Id, JoinError, JoinHandle, Origin};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::panic::Location;
use std::task::{Context, Poll, ready};

/// Tasks of one output type, each with a key, to be joined in the order in which they end.
///
/// There is at most one task for a key: spawning another one aborts and forgets the first.
/// Dropping the map aborts its members; [`detach_all`](Self::detach_all) lets them run on.
///
/// # Examples
///
/// ```
/// use runtime::task::JoinMap;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut map = JoinMap::new();
/// map.spawn("answer", async { 6 * 7 });
/// map.spawn("endless", std::future::pending());
/// assert!(map.abort("endless"));
/// while let Some((key, result)) = map.join_next().await {
///     match key {
///         "answer" => assert_eq!(result.unwrap(), 42),
///         _ => assert!(result.unwrap_err().is_cancelled()),
///     }
/// }
/// # });
/// ```
pub struct JoinMap<K, V, S = RandomState> {
    members: Members<V, Option<Entry<K>>>,
    /// From the hash of a key to the first place with it.
    places: HashMap<u64, usize, BuildHasherDefault<Mixer>>,
    /// From the id of a task with a key to its place.
    ids: HashMap<Id, usize, BuildHasherDefault<Mixer>>,
    hasher: S,
}

/// What a member has while it is the task of its key.
struct Entry<K> {
    key: K,
    hash: u64,
    /// The next place with this hash.
    next: Option<usize>,
}

/// Hashes one number that is a hash already, or counts up.
#[derive(Clone, Copy, Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<K, V> JoinMap<K, V> {
    /// A map without members.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = runtime::task::JoinMap::<u8, u8>::new();
    /// assert!(map.is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_hasher(RandomState::new())
    }

    /// A map without members, and with room for so many.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = runtime::task::JoinMap::<u8, u8>::with_capacity(10);
    /// assert!(map.capacity() >= 10);
    /// ```
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::new())
    }
}

impl<K, V, S> JoinMap<K, V, S> {
    /// A map that hashes its keys with `hasher`.
    ///
    /// # Examples
    ///
    /// ```
    /// let hasher = std::hash::RandomState::new();
    /// let map = runtime::task::JoinMap::<u8, u8, _>::with_hasher(hasher);
    /// assert_eq!(map.len(), 0);
    /// ```
    #[must_use]
    pub fn with_hasher(hasher: S) -> Self {
        Self::with_capacity_and_hasher(0, hasher)
    }

    /// A map that hashes its keys with `hasher`, and with room for so many members.
    ///
    /// # Examples
    ///
    /// ```
    /// let hasher = std::hash::RandomState::new();
    /// let map = runtime::task::JoinMap::<u8, u8, _>::with_capacity_and_hasher(10, hasher);
    /// assert!(map.capacity() >= 10);
    /// ```
    #[must_use]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        JoinMap {
            members: Members::new(),
            places: HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default()),
            ids: HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default()),
            hasher,
        }
    }

    /// The number of keys, those of ended tasks that were not joined yet included.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", async {});
    /// assert_eq!(map.len(), 1);
    /// # });
    /// ```
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no keys.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", async {});
    /// assert!(!map.is_empty());
    /// # });
    /// ```
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many keys there is room for.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = runtime::task::JoinMap::<u8, u8>::with_capacity(100);
    /// assert!(map.capacity() >= 100);
    /// ```
    pub fn capacity(&self) -> usize {
        self.ids.capacity().min(self.places.capacity())
    }
}

impl<K, V, S> JoinMap<K, V, S>
where
    V: 'static,
{
    /// Aborts all members. They stay in the map, to be joined as cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", std::future::pending::<()>());
    /// map.abort_all();
    /// assert!(map.join_next().await.unwrap().1.is_err());
    /// # });
    /// ```
    pub fn abort_all(&mut self) {
        self.members.abort_all();
    }

    /// Takes all members out without aborting them.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// let (send, receive) = runtime::sync::oneshot::channel();
    /// map.spawn("a", async move { send.send(1).unwrap() });
    /// map.detach_all();
    /// assert!(map.is_empty());
    /// assert_eq!(receive.await, Ok(1));
    /// # });
    /// ```
    pub fn detach_all(&mut self) {
        self.places.clear();
        self.ids.clear();
        self.members.detach_all();
    }
}

impl<K, V, S> JoinMap<K, V, S>
where
    K: Hash + Eq,
    V: 'static,
    S: BuildHasher,
{
    /// Spawns a task onto the current runtime, for `key`. If there is one for it already, that
    /// one is aborted and forgotten.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", std::future::pending());
    /// map.spawn("a", async { 2 });
    /// let (key, result) = map.join_next().await.unwrap();
    /// assert_eq!((key, result.unwrap()), ("a", 2));
    /// assert!(map.join_next().await.is_none());
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&mut self, key: K, task: F)
    where
        F: Future<Output = V> + Send + 'static,
        V: Send,
    {
        self.insert(key, spawn(task));
    }

    /// Spawns a task onto the runtime of `handle`, for `key`. See [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn_on("a", async { 1 }, runtime.handle());
    /// assert_eq!(runtime.block_on(map.join_next()).unwrap().1.unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_on<F>(&mut self, key: K, task: F, handle: &Handle)
    where
        F: Future<Output = V> + Send + 'static,
        V: Send,
    {
        self.insert(key, handle.spawn_from(task, Origin::here()));
    }

    /// Runs a function that may block on the current runtime's pool, for `key`. It can be
    /// aborted only before it starts.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn_blocking("a", || 1);
    /// assert_eq!(map.join_next().await.unwrap().1.unwrap(), 1);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, key: K, function: F)
    where
        F: FnOnce() -> V + Send + 'static,
        V: Send,
    {
        self.insert(key, spawn_blocking(function));
    }

    /// Runs a function that may block on the pool of the runtime of `handle`, for `key`.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn_blocking_on("a", || 1, runtime.handle());
    /// assert_eq!(runtime.block_on(map.join_next()).unwrap().1.unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, key: K, function: F, handle: &Handle)
    where
        F: FnOnce() -> V + Send + 'static,
        V: Send,
    {
        self.insert(key, handle.spawn_blocking(function));
    }

    /// Spawns a task that stays on the current thread, for `key`. See
    /// [`spawn_local`](crate::task::spawn_local()) and [`spawn`](Self::spawn).
    ///
    /// # Panics
    ///
    /// Outside of a [`LocalSet`] and of a [`LocalRuntime`](crate::rt::LocalRuntime).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// runtime::rt::LocalRuntime::new()?.block_on(async {
    ///     let mut map = runtime::task::JoinMap::new();
    ///     map.spawn_local("a", async { Rc::new(1) });
    ///     assert_eq!(*map.join_next().await.unwrap().1.unwrap(), 1);
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&mut self, key: K, task: F)
    where
        F: Future<Output = V> + 'static,
    {
        self.insert(key, spawn_local(task));
    }

    /// Spawns a task into the given set of local tasks, for `key`. It runs when that set is
    /// polled.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let local = runtime::task::LocalSet::new();
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn_local_on("a", async { 1 }, &local);
    /// let joined = local.run_until(map.join_next()).await;
    /// assert_eq!(joined.unwrap().1.unwrap(), 1);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, key: K, task: F, local_set: &LocalSet)
    where
        F: Future<Output = V> + 'static,
    {
        self.insert(key, local_set.spawn_local(task));
    }

    fn insert(&mut self, key: K, task: JoinHandle<V>) {
        let id = task.id();
        // The key's code may panic: a task that does not come in must not live on outside.
        let task = AbortOnDropHandle::new(task);
        let hash = self.hasher.hash_one(&key);
        let replaced = self.find(hash, &key);
        let task = task.detach();
        let place = match replaced {
            None => {
                let entry = Entry {
                    key,
                    hash,
                    next: self.places.get(&hash).copied(),
                };
                let place = self.members.insert(task, Some(entry));
                self.places.insert(hash, place);
                place
            }
            Some(old) => self.replace(old, task),
        };
        self.ids.insert(id, place);
    }

    /// Takes `task` in, for the key of the member at `old`, which is aborted.
    fn replace(&mut self, old: usize, task: JoinHandle<V>) -> usize {
        let old_id = self.members.abort_handle(old).id();
        self.ids.remove(&old_id);
        let entry = self.forget(old);
        let hash = entry.hash;
        let entry = Entry {
            next: self.places.get(&hash).copied(),
            ..entry
        };
        let place = self.members.insert(task, Some(entry));
        self.places.insert(hash, place);
        self.members.abort(old);
        place
    }

    /// Takes the member's key away from it, and it out of the index.
    fn forget(&mut self, place: usize) -> Entry<K> {
        // PANIC: only members with a key are in the index, which is where `place` is from.
        let entry = self.members.tag_mut(place).take().expect("it has a key");
        self.unlink(place, &entry);
        entry
    }

    /// Takes the member that was at `place` out of the line of those with its hash.
    fn unlink(&mut self, place: usize, entry: &Entry<K>) {
        let first = self.places.get(&entry.hash).copied();
        if first == Some(place) {
            match entry.next {
                Some(next) => self.places.insert(entry.hash, next),
                None => self.places.remove(&entry.hash),
            };
            return;
        }
        let mut before = first;
        while let Some(at) = before {
            let Some(other) = self.members.tag_mut(at) else {
                return;
            };
            if other.next == Some(place) {
                other.next = entry.next;
                return;
            }
            before = other.next;
        }
    }

    /// The place of the member with this key.
    fn find<Q>(&self, hash: u64, key: &Q) -> Option<usize>
    where
        Q: ?Sized + Eq,
        K: Borrow<Q>,
    {
        let mut next = self.places.get(&hash).copied();
        while let Some(place) = next {
            let entry = self.members.tag(place).as_ref()?;
            if entry.key.borrow() == key {
                return Some(place);
            }
            next = entry.next;
        }
        None
    }

    fn find_key<Q>(&self, key: &Q) -> Option<usize>
    where
        Q: ?Sized + Hash + Eq,
        K: Borrow<Q>,
    {
        self.find(self.hasher.hash_one(key), key)
    }

    /// A member was taken out. `None` if its key belongs to another one by now.
    fn joined(&mut self, joined: Joined<V, Option<Entry<K>>>) -> Option<KeyAndResult<K, V>> {
        let entry = joined.tag?;
        self.unlink(joined.place, &entry);
        self.ids.remove(&joined.id);
        Some((entry.key, joined.result))
    }

    /// Waits for the next member to end, and takes it out. `None` if there are no members.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", async { 1 });
    /// let (key, result) = map.join_next().await.unwrap();
    /// assert_eq!((key, result.unwrap()), ("a", 1));
    /// # });
    /// ```
    #[track_caller]
    pub fn join_next(&mut self) -> impl Future<Output = Option<KeyAndResult<K, V>>> + '_ {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll_next(cx)))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<KeyAndResult<K, V>>> {
        while !self.is_empty() {
            let next = ready!(self.members.poll_next(cx));
            if let Some(joined) = next.and_then(|next| self.joined(next)) {
                return Poll::Ready(Some(joined));
            }
        }
        // Who was replaced is not waited for.
        ready!(budget::poll_proceed(cx)).made_progress();
        Poll::Ready(None)
    }

    /// Takes a member out that has ended, if there is one.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", std::future::pending::<()>());
    /// assert!(map.try_join_next().is_none());
    /// # });
    /// ```
    pub fn try_join_next(&mut self) -> Option<KeyAndResult<K, V>> {
        loop {
            let next = self.members.try_next()?;
            if let Some(joined) = self.joined(next) {
                return Some(joined);
            }
        }
    }

    /// Aborts all members and waits for their end.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost. What was not joined yet stays in the map.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", std::future::pending::<()>());
    /// map.shutdown().await;
    /// assert!(map.is_empty());
    /// # });
    /// ```
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> + '_ {
        self.abort_all();
        let here = Location::caller();
        poll_fn(move |cx| {
            wait::at(here, || {
                while ready!(self.poll_next(cx)).is_some() {}
                Poll::Ready(())
            })
        })
    }

    /// Aborts the task of `key`. False if there is none. It stays in the map, to be joined.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn(String::from("a"), std::future::pending::<()>());
    /// assert!(map.abort("a"));
    /// assert!(!map.abort("b"));
    /// # });
    /// ```
    pub fn abort<Q>(&mut self, key: &Q) -> bool
    where
        Q: ?Sized + Hash + Eq,
        K: Borrow<Q>,
    {
        let place = self.find_key(key);
        place.inspect(|&place| self.members.abort(place)).is_some()
    }

    /// Aborts all tasks whose keys match. They stay in the map, to be joined.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// for i in 0..4 {
    ///     map.spawn(i, std::future::pending::<()>());
    /// }
    /// map.abort_matching(|key| key % 2 == 0);
    /// for _ in 0..2 {
    ///     assert_eq!(map.join_next().await.unwrap().0 % 2, 0);
    /// }
    /// assert_eq!(map.len(), 2);
    /// # });
    /// ```
    pub fn abort_matching(&mut self, mut predicate: impl FnMut(&K) -> bool) {
        for (_, (member, entry)) in self.members.iter() {
            if entry.as_ref().is_some_and(|entry| predicate(&entry.key)) {
                member.abort();
            }
        }
    }

    /// The keys, in no particular order, those of ended tasks that were not joined yet
    /// included.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", async {});
    /// assert_eq!(map.keys().collect::<Vec<_>>(), [&"a"]);
    /// # });
    /// ```
    pub fn keys(&self) -> JoinMapKeys<'_, K, V> {
        JoinMapKeys {
            members: self.members.iter(),
            left: self.len(),
            _outputs: PhantomData,
        }
    }

    /// Whether there is a task for `key` that was not joined yet.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn(String::from("a"), async {});
    /// assert!(map.contains_key("a"));
    /// map.join_next().await;
    /// assert!(!map.contains_key("a"));
    /// # });
    /// ```
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: ?Sized + Hash + Eq,
        K: Borrow<Q>,
    {
        self.find_key(key).is_some()
    }

    /// Whether the task with this id is in the map.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut map = runtime::task::JoinMap::new();
    /// map.spawn("a", async { runtime::task::id() });
    /// let id = map.join_next().await.unwrap().1.unwrap();
    /// assert!(!map.contains_task(&id), "it was joined");
    /// # });
    /// ```
    pub fn contains_task(&self, task: &Id) -> bool {
        self.ids.contains_key(task)
    }

    /// Makes room for so many more keys.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = runtime::task::JoinMap::<u8, u8>::new();
    /// map.reserve(10);
    /// assert!(map.capacity() >= 10);
    /// ```
    pub fn reserve(&mut self, additional: usize) {
        self.places.reserve(additional);
        self.ids.reserve(additional);
    }

    /// Gives back room that is not needed.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = runtime::task::JoinMap::<u8, u8>::with_capacity(1000);
    /// map.shrink_to_fit();
    /// assert!(map.capacity() < 1000);
    /// ```
    pub fn shrink_to_fit(&mut self) {
        self.shrink_to(0);
    }

    /// Gives back room that is not needed, but keeps room for so many keys.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = runtime::task::JoinMap::<u8, u8>::with_capacity(1000);
    /// map.shrink_to(10);
    /// assert!((10..1000).contains(&map.capacity()));
    /// ```
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.places.shrink_to(min_capacity);
        self.ids.shrink_to(min_capacity);
    }
}

/// A key and the result of its task.
type KeyAndResult<K, V> = (K, Result<V, JoinError>);

impl<K, V> Default for JoinMap<K, V> {
    fn default() -> Self {
        JoinMap::new()
    }
}

impl<K: fmt::Debug, V, S> fmt::Debug for JoinMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Keys<'a, K, V>(&'a Members<V, Option<Entry<K>>>);
        impl<K: fmt::Debug, V> fmt::Debug for Keys<'_, K, V> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let entries = self.0.iter().map(|(_, (task, entry))| (task, entry));
                let named = entries.filter_map(|(task, entry)| Some((&entry.as_ref()?.key, task)));
                f.debug_map()
                    .entries(named.map(|(key, task)| (key, task.id())))
                    .finish()
            }
        }
        f.debug_tuple("JoinMap")
            .field(&Keys(&self.members))
            .finish()
    }
}

/// The keys of a [`JoinMap`].
///
/// Made by [`JoinMap::keys`].
///
/// # Examples
///
/// ```
/// use runtime::task::JoinMap;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut map = JoinMap::new();
/// map.spawn("one", async { 1 });
/// map.spawn("two", async { 2 });
/// let mut keys: Vec<_> = map.keys().copied().collect();
/// keys.sort();
/// assert_eq!(keys, ["one", "two"]);
/// # });
/// ```
pub struct JoinMapKeys<'a, K, V> {
    members: slab::Iter<'a, (JoinHandle<V>, Option<Entry<K>>)>,
    left: usize,
    _outputs: PhantomData<&'a V>,
}

impl<'a, K, V> Iterator for JoinMapKeys<'a, K, V> {
    type Item = &'a K;

    fn next(&mut self) -> Option<&'a K> {
        let entry = self.members.find_map(|(_, (_, entry))| entry.as_ref())?;
        self.left -= 1;
        Some(&entry.key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, V> ExactSizeIterator for JoinMapKeys<'_, K, V> {
    fn len(&self) -> usize {
        self.left
    }
}

impl<K, V> FusedIterator for JoinMapKeys<'_, K, V> {}

impl<K, V> Clone for JoinMapKeys<'_, K, V> {
    fn clone(&self) -> Self {
        JoinMapKeys {
            members: self.members.clone(),
            left: self.left,
            _outputs: PhantomData,
        }
    }
}

impl<K: fmt::Debug, V> fmt::Debug for JoinMapKeys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
