//! A map joins its tasks with their keys, one for each key; a queue joins in the order of
//! spawning.

#[path = "common/runtimes.rs"]
mod runtimes;
#[path = "common/waking.rs"]
mod waking;

use futures::FutureExt;
use runtime::rt::Builder;
use runtime::sync::oneshot;
use runtime::task::{JoinMap, JoinQueue, JoinSet, yield_now};
use runtimes::{Census, on_each};
use std::collections::HashSet;
use std::future::pending;
use std::hash::{BuildHasherDefault, Hasher};
use std::pin::pin;
use waking::poll;

/// All keys have the same hash.
#[derive(Clone, Copy, Default)]
struct Same;

impl Hasher for Same {
    fn write(&mut self, _: &[u8]) {}
    fn finish(&self) -> u64 {
        7
    }
}

fn current_thread(claim: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(claim);
}

#[test]
fn each_task_is_joined_once_with_its_key() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut map = JoinMap::new();
            for i in 0..100 {
                map.spawn(i, async move { i * 2 });
            }
            assert_eq!(map.len(), 100);
            let mut seen = HashSet::new();
            while let Some((key, result)) = map.join_next().await {
                assert_eq!(result.unwrap(), key * 2);
                assert!(!map.contains_key(&key));
                assert!(seen.insert(key));
            }
            assert_eq!((seen.len(), map.len()), (100, 0));
        });
    });
}

#[test]
fn a_task_that_is_replaced_is_aborted_and_never_joined() {
    current_thread(async {
        let census = Census::default();
        let mut map = JoinMap::new();
        for round in 0..50 {
            let thing = census.make();
            map.spawn("key", async move {
                let _thing = thing;
                if round < 49 {
                    pending::<()>().await;
                }
                round
            });
            assert_eq!(map.len(), 1);
        }
        let (key, result) = map.join_next().await.unwrap();
        assert_eq!((key, result.unwrap()), ("key", 49));
        assert!(map.join_next().await.is_none());
        while census.dropped() < 50 {
            yield_now().await;
        }
    });
}

#[test]
fn a_task_that_had_ended_when_it_was_replaced_is_not_joined_either() {
    current_thread(async {
        let mut map = JoinMap::new();
        map.spawn("key", async { 1 });
        yield_now().await;
        map.spawn("key", async { 2 });
        assert_eq!(map.join_next().await.unwrap().1.unwrap(), 2);
        assert!(map.try_join_next().is_none() && map.is_empty());
    });
}

#[test]
fn keys_whose_hashes_are_the_same_are_told_apart() {
    current_thread(async {
        let mut map = JoinMap::with_hasher(BuildHasherDefault::<Same>::default());
        for round in 0..3 {
            for key in 0..8 {
                map.spawn(key, pending::<()>());
            }
            assert_eq!(map.len(), 8, "round {round}");
        }
        for key in [3, 0, 7, 4] {
            assert!(map.contains_key(&key));
            assert!(map.abort(&key));
            let (joined, result) = map.join_next().await.unwrap();
            assert_eq!(joined, key);
            assert!(result.unwrap_err().is_cancelled());
            assert!(!map.contains_key(&key) && !map.abort(&key));
        }
        let left: HashSet<_> = map.keys().copied().collect();
        assert_eq!(left, HashSet::from([1, 2, 5, 6]));
        map.spawn(1, pending());
        map.shutdown().await;
        assert!(map.is_empty());
    });
}

/// Against std's map, with all keys in a few lines of the same hash.
#[test]
fn the_map_does_what_a_map_does() {
    use proptest::prelude::*;
    #[derive(Clone, Debug)]
    enum Op {
        Spawn(u8),
        Abort(u8),
        Join,
    }
    let op = prop_oneof![
        4 => (0..12u8).prop_map(Op::Spawn),
        2 => (0..12u8).prop_map(Op::Abort),
        1 => Just(Op::Join),
    ];
    proptest!(ProptestConfig::with_cases(64), |(ops in prop::collection::vec(op, 0..80))| {
        current_thread(async {
            let mut map = JoinMap::with_hasher(BuildHasherDefault::<Same>::default());
            let mut alive = HashSet::new();
            let mut aborted = HashSet::new();
            for op in ops {
                match op {
                    Op::Spawn(key) => {
                        map.spawn(key, pending::<()>());
                        alive.insert(key);
                        aborted.remove(&key);
                    }
                    Op::Abort(key) => {
                        assert_eq!(map.abort(&key), alive.contains(&key) || aborted.contains(&key));
                        if alive.remove(&key) {
                            aborted.insert(key);
                        }
                    }
                    Op::Join => {
                        for _ in 0..aborted.len() {
                            let (key, result) = map.join_next().await.unwrap();
                            assert!(result.unwrap_err().is_cancelled());
                            assert!(aborted.remove(&key), "{key}");
                        }
                    }
                }
                let keys: HashSet<u8> = map.keys().copied().collect();
                assert_eq!(keys, &alive | &aborted);
                assert_eq!((map.len(), map.keys().len()), (keys.len(), keys.len()));
            }
        });
    });
}

#[test]
fn join_next_can_be_given_up_and_nothing_is_lost() {
    current_thread(async {
        let mut map = JoinMap::new();
        let (send, receive) = oneshot::channel::<u8>();
        map.spawn("key", receive);
        for _ in 0..10 {
            assert!(map.join_next().now_or_never().is_none());
        }
        send.send(3).unwrap();
        assert_eq!(map.join_next().await.unwrap().1.unwrap(), Ok(3));
    });
}

#[test]
fn dropping_a_map_aborts_and_detaching_does_not() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let census = Census::default();
            let mut map = JoinMap::new();
            for key in 0..10 {
                let thing = census.make();
                map.spawn(key, async move {
                    let _thing = thing;
                    pending::<()>().await;
                });
            }
            drop(map);
            while census.dropped() < 10 {
                yield_now().await;
            }
            let (send, receive) = oneshot::channel::<u8>();
            let (back, hear) = oneshot::channel();
            let mut map = JoinMap::new();
            map.spawn("key", async move { back.send(receive.await).unwrap() });
            map.detach_all();
            assert!(map.is_empty() && !map.contains_key("key"));
            assert!(map.join_next().await.is_none());
            map.spawn("key", async {});
            assert_eq!(map.join_next().await.unwrap().0, "key");
            drop(map);
            send.send(5).unwrap();
            assert_eq!(hear.await.unwrap(), Ok(5));
        });
    });
}

#[test]
fn tasks_are_found_by_id_and_aborted_by_what_their_keys_say() {
    current_thread(async {
        let mut map = JoinMap::new();
        let (send, ids) = std::sync::mpsc::channel();
        for key in 0..4 {
            let send = send.clone();
            map.spawn(key, async move {
                send.send((key, runtime::task::id())).unwrap();
                pending::<()>().await;
            });
        }
        yield_now().await;
        let ids: Vec<_> = ids.try_iter().collect();
        assert!(ids.iter().all(|(_, id)| map.contains_task(id)));
        map.abort_matching(|key| key % 2 == 1);
        for _ in 0..2 {
            let (key, result) = map.join_next().await.unwrap();
            let error = result.unwrap_err();
            assert_eq!((key % 2, error.is_cancelled()), (1, true));
            assert!(!map.contains_task(&error.id()));
        }
        assert!(poll(pin!(map.join_next())).is_pending());
        assert!(format!("{map:?}").starts_with("JoinMap"));
    });
}

#[test]
fn room_is_made_and_given_back() {
    let mut map = JoinMap::<u8, u8>::with_capacity(100);
    assert!(map.capacity() >= 100);
    map.shrink_to(50);
    assert!((50..100).contains(&map.capacity()) || map.capacity() >= 50);
    map.shrink_to_fit();
    assert!(map.capacity() < 50);
    map.reserve(200);
    assert!(map.capacity() >= 200);
}

#[test]
fn a_queue_joins_in_the_order_of_spawning() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut queue = JoinQueue::new();
            let (send, receive) = oneshot::channel::<u8>();
            let first = queue.spawn(async move { receive.await.unwrap() }).id();
            queue.spawn(async { 2 });
            queue.spawn_blocking(|| 3);
            assert!(queue.try_join_next().is_none(), "the first has not ended");
            assert!(queue.join_next().now_or_never().is_none());
            send.send(1).unwrap();
            assert_eq!(
                queue.join_next_with_id().await.unwrap().unwrap(),
                (first, 1)
            );
            assert_eq!(queue.len(), 2);
            assert_eq!(queue.join_all().await, [2, 3]);
        });
    });
}

#[test]
fn a_queue_aborts_its_members_when_it_is_dropped_and_joins_them_in_a_shutdown() {
    current_thread(async {
        let census = Census::default();
        let mut queue = JoinQueue::with_capacity(4);
        let spawn = |queue: &mut JoinQueue<()>| {
            let thing = census.make();
            queue.spawn(async move {
                let _thing = thing;
                pending::<()>().await;
            });
        };
        (0..10).for_each(|_| spawn(&mut queue));
        queue.shutdown().await;
        assert!(queue.is_empty() && queue.join_next().await.is_none());
        census.assert_over();
        (0..10).for_each(|_| spawn(&mut queue));
        drop(queue);
        while census.dropped() < 20 {
            yield_now().await;
        }
    });
}

#[test]
fn a_panic_of_a_member_comes_out_of_join_all_and_aborts_the_others() {
    current_thread(async {
        let census = Census::default();
        let mut queue = JoinQueue::new();
        queue.spawn(async { panic!("the member's") });
        let thing = census.make();
        queue.spawn(async move {
            let _thing = thing;
            pending::<()>().await;
        });
        let joined = std::panic::AssertUnwindSafe(queue.join_all())
            .catch_unwind()
            .await;
        assert_eq!(joined.unwrap_err().downcast_ref(), Some(&"the member's"));
        while census.dropped() < 1 {
            yield_now().await;
        }
    });
}

#[test]
fn a_set_takes_futures_from_an_iterator() {
    current_thread(async {
        let mut set: JoinSet<u32> = (0..3).map(|i| async move { i }).collect();
        set.extend((3..6).map(|i| async move { i }));
        let mut outputs = set.join_all().await;
        outputs.sort_unstable();
        assert_eq!(outputs, [0, 1, 2, 3, 4, 5]);
    });
}

#[test]
fn a_task_whose_key_panics_does_not_live_on_outside_of_the_map() {
    #[derive(PartialEq, Eq)]
    struct Bad;
    impl std::hash::Hash for Bad {
        fn hash<H: Hasher>(&self, _: &mut H) {
            panic!("the key's");
        }
    }
    current_thread(async {
        let mut map = JoinMap::new();
        let census = Census::default();
        let thing = census.make();
        let task = async move {
            let _thing = thing;
            pending::<()>().await
        };
        let spawned = std::panic::AssertUnwindSafe(|| map.spawn(Bad, task));
        assert!(std::panic::catch_unwind(spawned).is_err());
        assert!(map.is_empty());
        yield_now().await;
        census.assert_over();
    });
}
