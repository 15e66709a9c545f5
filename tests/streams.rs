//! Streams: what the methods promise, that they starve nobody, and that giving up a wait
//! loses nothing.

use futures::executor::block_on;
use futures::{FutureExt, channel::mpsc, poll};
use proptest::prelude::*;
use runtime::rt::{Builder, Runtime};
use runtime::stream::{self, Stream, StreamExt, StreamMap, StreamNotifyClose};
use runtime::time::{Duration, Instant, interval, sleep, timeout};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// A runtime whose clock stands still until nothing else can be done.
fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

/// Always ready, and knows no budget.
struct Endless;

impl Stream for Endless {
    type Item = u64;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        Poll::Ready(Some(1))
    }
}

/// Ends, and begins anew when it is asked again.
struct Blinking(bool);

impl Stream for Blinking {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        self.0 = !self.0;
        Poll::Ready(self.0.then_some(1))
    }
}

#[test]
fn a_stream_that_is_always_ready_lets_a_timeout_fire() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_millis(1);
    runtime.block_on(async {
        let next = async {
            let mut endless = Endless;
            while endless.next().await.is_some() {}
        };
        assert!(timeout(limit, next).await.is_err());
        assert!(
            timeout(limit, Endless.fold(0_u64, u64::wrapping_add))
                .await
                .is_err()
        );
        assert!(
            timeout(limit, Endless.filter(|_| false).next())
                .await
                .is_err()
        );
        assert!(
            timeout(limit, Endless.filter_map(|_| None::<u64>).next())
                .await
                .is_err()
        );
        assert!(
            timeout(limit, Endless.skip_while(|_| true).next())
                .await
                .is_err()
        );
        assert!(
            timeout(limit, Endless.skip(usize::MAX).next())
                .await
                .is_err()
        );
        assert!(timeout(limit, Endless.all(|_| true)).await.is_err());
        assert!(timeout(limit, Endless.any(|_| false)).await.is_err());
        assert!(
            timeout(limit, Endless.map(drop).collect::<()>())
                .await
                .is_err()
        );
        assert!(
            timeout(limit, stream::iter(std::iter::repeat(())).collect::<()>())
                .await
                .is_err()
        );
        let foreign = futures::StreamExt::fold(stream::iter(0_u64..), 0, |_, i| async move { i });
        assert!(timeout(limit, foreign).await.is_err());
        let mut map = StreamMap::new();
        map.insert(1, Endless);
        map.insert(2, Endless);
        let all = async {
            let mut pairs = Vec::new();
            while map.next_many(&mut pairs, 100).await > 0 {
                pairs.clear();
            }
        };
        assert!(timeout(limit, all).await.is_err());
    });
}

#[test]
fn waiting_for_the_next_value_can_be_given_up() {
    block_on(async {
        let (sender, receiver) = mpsc::unbounded::<i32>();
        let mut stream = receiver.filter(|i| i % 2 == 0).map(|i| i * 10).peekable();
        assert!(stream.next().now_or_never().is_none());
        for i in [1, 2, 3] {
            sender.unbounded_send(i).unwrap();
        }
        assert_eq!(stream.peek().now_or_never(), Some(Some(&20)));
        assert_eq!(stream.next().await, Some(20));
        assert!(stream.peek().now_or_never().is_none());
        sender.unbounded_send(4).unwrap();
        assert_eq!(stream.next().await, Some(40));
    });
}

#[test]
fn a_future_under_then_is_gone_on_with_and_not_begun_anew() {
    paused().block_on(async {
        let begun = Cell::new(0);
        let stream = stream::iter([1, 2]).then(|i| {
            begun.set(begun.get() + 1);
            async move {
                sleep(Duration::from_millis(10)).await;
                i
            }
        });
        let mut stream = pin!(stream);
        assert!(
            timeout(Duration::from_millis(4), stream.next())
                .await
                .is_err()
        );
        assert!(
            timeout(Duration::from_millis(4), stream.next())
                .await
                .is_err()
        );
        assert_eq!(stream.next().await, Some(1));
        assert_eq!(begun.get(), 1);
        assert_eq!(stream.size_hint(), (1, Some(1)));
    });
}

#[test]
fn an_end_can_be_made_to_last() {
    block_on(async {
        let mut blinking = Blinking(false);
        assert_eq!(blinking.next().await, Some(1));
        assert_eq!(blinking.next().await, None);
        assert_eq!(blinking.next().await, Some(1));
        let mut fused = Blinking(false).fuse();
        assert_eq!(fused.next().await, Some(1));
        assert_eq!(fused.next().await, None);
        assert_eq!(fused.next().await, None);
        let mut merged = Blinking(false).merge(stream::empty());
        assert_eq!(merged.next().await, Some(1));
        assert_eq!(merged.next().await, None);
        assert_eq!(merged.next().await, None);
        let mut chained = Blinking(false).chain(stream::once(2));
        assert_eq!(chained.next().await, Some(1));
        assert_eq!(chained.next().await, Some(2));
        assert_eq!(chained.next().await, None);
        let mut some = Blinking(false).take_while(|_| false);
        assert_eq!(some.next().await, None);
        assert_eq!(some.next().await, None);
        let mut some = Blinking(true).map_while(Some);
        assert_eq!(some.next().await, None);
        assert_eq!(some.next().await, None);
    });
}

#[test]
fn whoever_stops_early_tells_that_it_has_ended_over_any_stream() {
    use futures::stream::FusedStream;

    block_on(async {
        let mut some = stream::iter([1, 9, 1]).map_while(|i| (i < 5).then_some(i));
        assert_eq!(some.next().await, Some(1));
        assert!(!some.is_terminated());
        assert_eq!(some.next().await, None);
        assert!(some.is_terminated());
        assert_eq!(some.size_hint(), (0, Some(0)));
        assert_eq!(some.next().await, None);

        let mut some = stream::iter([1, 9, 1]).take_while(|i| *i < 5);
        assert_eq!(some.next().await, Some(1));
        assert!(!some.is_terminated());
        assert_eq!(some.next().await, None);
        assert!(some.is_terminated());

        let mut some = stream::iter([1, 9, 1]).take(1);
        assert!(!some.is_terminated());
        assert_eq!(some.next().await, Some(1));
        assert!(some.is_terminated());
    });
}

#[test]
fn merging_is_fair_and_one_that_waits_holds_up_nobody() {
    block_on(async {
        let both = stream::iter(std::iter::repeat(1)).merge(stream::iter(std::iter::repeat(2)));
        let sum = both.take(1000).fold(0, |sum, i| sum + i).await;
        assert_eq!(sum, 1500);
        let mut stream = stream::pending()
            .merge(stream::once(1))
            .merge(stream::pending());
        assert_eq!(stream.next().await, Some(1));
        assert!(stream.next().now_or_never().is_none());
    });
}

#[test]
fn the_wakers_of_all_merged_streams_are_kept() {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (one, ones) = mpsc::unbounded();
        let (two, twos) = mpsc::unbounded();
        let mut map = StreamMap::new();
        map.insert("ones", ones);
        map.insert("twos", twos);
        for i in 0..100 {
            let sender = if i % 3 == 0 { one.clone() } else { two.clone() };
            let thread = std::thread::spawn(move || sender.unbounded_send(i).unwrap());
            let (key, value) = map.next().await.unwrap();
            assert_eq!((key == "ones", value), (i % 3 == 0, i));
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_map_asks_all_its_streams_although_some_end_meanwhile() {
    block_on(async {
        for ends in 0..64_u32 {
            let mut map = StreamMap::new();
            let mut senders = Vec::new();
            for key in 0..6 {
                let (sender, receiver) = mpsc::unbounded();
                if ends & (1 << key) == 0 {
                    senders.push((key, sender));
                }
                map.insert(key, receiver);
            }
            if senders.is_empty() {
                assert_eq!(map.next().await, None);
                continue;
            }
            // Everyone is asked, those that have ended go; each that is left wakes us.
            assert!(poll!(pin!(map.next())).is_pending());
            assert_eq!(map.len(), senders.len());
            let mut waiting = pin!(map.next());
            for (key, sender) in &senders {
                assert!(poll!(waiting.as_mut()).is_pending());
                sender.unbounded_send(*key).unwrap();
                let got = waiting.as_mut().await.unwrap();
                assert_eq!(got, (*key, *key));
            }
        }
    });
}

#[test]
fn many_values_of_a_map_whose_streams_never_rest_are_no_more_than_the_budget() {
    Runtime::new().unwrap().block_on(async {
        let mut map = StreamMap::from_iter([(1, Endless), (2, Endless)]);
        let mut buffer = Vec::new();
        for _ in 0..3 {
            let added = map.next_many(&mut buffer, usize::MAX).await;
            assert!(added > 0);
            assert_eq!(std::mem::take(&mut buffer).len(), added);
        }
        assert_eq!(map.next_many(&mut buffer, 5).await, 5);
    });
}

#[test]
fn a_map_asks_no_stream_again_that_had_ended_when_another_one_panicked() {
    // Which of the two is asked first is random.
    for _ in 0..32 {
        let mut asked = 0;
        let ends_once = futures::stream::poll_fn(move |_| {
            asked += 1;
            assert_eq!(asked, 1, "asked after its end");
            Poll::Ready(None::<i32>)
        });
        let mut calm = false;
        let panics_once = futures::stream::poll_fn(move |_| {
            assert!(std::mem::replace(&mut calm, true), "on purpose");
            Poll::Ready(Some(7))
        });
        let mut map: StreamMap<_, Pin<Box<dyn Stream<Item = i32>>>> = StreamMap::new();
        map.insert("ends", Box::pin(ends_once));
        map.insert("panics", Box::pin(panics_once));
        let first = catch_unwind(AssertUnwindSafe(|| block_on(map.next())));
        assert!(first.is_err());
        assert_eq!(block_on(map.next()), Some(("panics", 7)));
    }
}

#[test]
fn a_map_goes_on_after_it_was_empty_and_gives_back_what_is_replaced() {
    block_on(async {
        let mut map = StreamMap::new();
        assert_eq!(map.next().await, None::<(i32, i32)>);
        assert!(map.insert(1, stream::once(1)).is_none());
        let replaced = map.insert(1, stream::once(2)).unwrap();
        assert_eq!(replaced.collect::<Vec<_>>().await, [1]);
        assert_eq!(map.next().await, Some((1, 2)));
        assert_eq!(map.next().await, None);
        assert!(map.is_empty());

        let mut pairs = vec![(0, 0)];
        map.extend([(1, stream::once(1)), (2, stream::once(2))]);
        assert_eq!(map.next_many(&mut pairs, 0).await, 0);
        assert_eq!(map.next_many(&mut pairs, 1).await, 1);
        assert_eq!(map.next_many(&mut pairs, 9).await, 1);
        assert_eq!(map.next_many(&mut pairs, 9).await, 0);
        pairs.sort_unstable();
        assert_eq!(pairs, [(0, 0), (1, 1), (2, 2)]);
    });
}

#[test]
fn which_stream_of_a_map_has_ended_can_be_known() {
    block_on(async {
        let mut map = StreamMap::new();
        map.insert("a", StreamNotifyClose::new(stream::once(1)));
        assert_eq!(map.next().await, Some(("a", Some(1))));
        assert_eq!(map.next().await, Some(("a", None)));
        assert_eq!(map.next().await, None);
    });
}

#[test]
fn a_late_value_is_told_once_and_the_limit_holds_again_after_it() {
    paused().block_on(async {
        let slow = stream::iter([1, 30, 30, 1]).then(|wait| async move {
            sleep(Duration::from_millis(wait)).await;
            wait
        });
        let mut slow = pin!(slow.timeout(Duration::from_millis(10)));
        let mut seen = Vec::new();
        while let Some(value) = slow.next().await {
            seen.push(value.ok());
        }
        assert_eq!(seen, [Some(1), None, Some(30), None, Some(30), Some(1)]);
    });
}

#[test]
fn lateness_is_told_at_each_tick_and_a_value_puts_the_next_tick_off() {
    paused().block_on(async {
        let slow = stream::iter([35, 9, 25]).then(|wait| async move {
            sleep(Duration::from_millis(wait)).await;
            wait
        });
        let mut ticks = interval(Duration::from_millis(10));
        ticks.tick().await;
        let mut slow = pin!(slow.timeout_repeating(ticks));
        let mut seen = Vec::new();
        while let Some(value) = slow.next().await {
            seen.push(value.ok());
        }
        assert_eq!(
            seen,
            [None, None, None, Some(35), Some(9), None, None, Some(25)]
        );
    });
}

#[test]
fn values_are_apart_by_the_pause_and_without_one_not_at_all() {
    paused().block_on(async {
        let begin = Instant::now();
        let slow = stream::iter([1, 2, 3]).throttle(Duration::from_millis(10));
        assert_eq!(slow.collect::<Vec<_>>().await, [1, 2, 3]);
        // The end is waited for as well: nobody knows that it is one.
        assert_eq!(begin.elapsed(), Duration::from_millis(30));
        let begin = Instant::now();
        stream::iter([1, 2, 3])
            .throttle(Duration::ZERO)
            .collect::<Vec<_>>()
            .await;
        assert_eq!(begin.elapsed(), Duration::ZERO);
        let mut never = pin!(stream::iter([1, 2]).throttle(Duration::MAX));
        assert_eq!(never.next().await, Some(1));
        assert!(
            timeout(Duration::from_secs(1000), never.next())
                .await
                .is_err()
        );
    });
}

#[test]
fn a_group_ends_when_it_is_full_when_its_time_is_over_and_at_the_end() {
    paused().block_on(async {
        let values = stream::iter([0, 0, 0, 7, 7, 7, 0]).then(|wait| async move {
            sleep(Duration::from_millis(wait)).await;
            wait
        });
        let groups = values.chunks_timeout(3, Duration::from_millis(10));
        let groups: Vec<Vec<u64>> = groups.collect().await;
        assert_eq!(groups, [vec![0, 0, 0], vec![7, 7], vec![7, 0]]);
    });
}

#[test]
fn collecting_stops_at_the_first_error_and_leaves_the_rest() {
    block_on(async {
        let taken = Cell::new(0);
        let values = stream::iter([Ok(1), Err("no"), Ok(2)]).map(|value| {
            taken.set(taken.get() + 1);
            value
        });
        let all: Result<Box<[i32]>, &str> = values.collect().await;
        assert_eq!((all, taken.get()), (Err("no"), 2));
        let text: Result<String, ()> = stream::iter([Ok("a"), Ok("b")]).collect().await;
        assert_eq!(text.unwrap(), "ab");
        let huge: Vec<i32> = SizedWrong.collect().await;
        assert!(huge.is_empty());
    });
}

/// Promises what no memory has room for.
struct SizedWrong;

impl Stream for SizedWrong {
    type Item = i32;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<i32>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

proptest! {
    #[test]
    fn the_methods_do_what_those_of_iterators_do(
        values in prop::collection::vec(0_i32..10, 0..20),
        n in 0_usize..24,
        limit in 0_i32..10,
    ) {
        let iter = || values.iter().copied();
        let all = |stream: Pin<Box<dyn Stream<Item = i32>>>| block_on(stream.collect::<Vec<_>>());
        let stream = || stream::iter(values.clone());
        prop_assert_eq!(all(Box::pin(stream().take(n))), iter().take(n).collect::<Vec<_>>());
        prop_assert_eq!(all(Box::pin(stream().skip(n))), iter().skip(n).collect::<Vec<_>>());
        let small = move |i: &i32| *i < limit;
        prop_assert_eq!(all(Box::pin(stream().filter(small))), iter().filter(small).collect::<Vec<_>>());
        prop_assert_eq!(all(Box::pin(stream().take_while(small))), iter().take_while(small).collect::<Vec<_>>());
        prop_assert_eq!(all(Box::pin(stream().skip_while(small))), iter().skip_while(small).collect::<Vec<_>>());
        prop_assert_eq!(block_on(stream().all(|i| i < limit)), iter().all(|i| i < limit));
        prop_assert_eq!(block_on(stream().any(|i| i < limit)), iter().any(|i| i < limit));
        let hint = stream().skip(n).take(limit as usize).chain(stream::once(1)).size_hint();
        let expected = iter().skip(n).take(limit as usize).chain(std::iter::once(1)).size_hint();
        prop_assert_eq!(hint, expected);
    }
}

#[test]
fn each_collection_of_std_collects_its_values_or_pairs() {
    use std::collections::{
        BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque,
    };

    block_on(async {
        let values = || stream::iter([2, 1, 2]);
        assert_eq!(values().collect::<VecDeque<_>>().await, [2, 1, 2]);
        assert_eq!(values().collect::<LinkedList<_>>().await, [2, 1, 2].into());
        assert_eq!(values().collect::<BTreeSet<_>>().await, [1, 2].into());
        assert_eq!(values().collect::<HashSet<_>>().await, [1, 2].into());
        let heap: BinaryHeap<_> = values().collect().await;
        assert_eq!(heap.into_sorted_vec(), [1, 2, 2]);
        let pairs = || stream::iter([(1, "a"), (2, "b"), (1, "c")]);
        let last = [(1, "c"), (2, "b")];
        assert_eq!(pairs().collect::<BTreeMap<_, _>>().await, last.into());
        assert_eq!(pairs().collect::<HashMap<_, _>>().await, last.into());
        let all: Result<HashSet<i32>, ()> = values().map(Ok).collect().await;
        assert_eq!(all, Ok([1, 2].into()));
    });
}

#[test]
fn how_much_a_closed_channel_will_give_at_most_is_told() {
    use runtime::stream::wrappers::{ReceiverStream, UnboundedReceiverStream};
    use runtime::sync::mpsc;

    block_on(async {
        let (sender, receiver) = mpsc::channel(4);
        sender.try_send(1).unwrap();
        let (kept, given_up) = (sender.try_reserve(), sender.try_reserve());
        let mut bounded = ReceiverStream::new(receiver);
        assert_eq!(bounded.size_hint(), (1, None));
        bounded.close();
        assert_eq!(bounded.size_hint(), (1, Some(3)));
        drop(given_up);
        assert_eq!(bounded.size_hint(), (1, Some(2)));
        kept.unwrap().send(2);
        assert_eq!(bounded.size_hint(), (2, Some(2)));
        assert_eq!(bounded.next().await, Some(1));
        assert_eq!(bounded.next().await, Some(2));
        assert_eq!(bounded.size_hint(), (0, Some(0)));

        let (sender, receiver) = mpsc::unbounded_channel();
        sender.send(1).unwrap();
        let mut unbounded = UnboundedReceiverStream::new(receiver);
        assert_eq!(unbounded.size_hint(), (1, None));
        drop(sender);
        assert_eq!(unbounded.size_hint(), (1, Some(1)));
        assert_eq!(unbounded.next().await, Some(1));
        assert_eq!(unbounded.size_hint(), (0, Some(0)));
    });
}

#[test]
fn a_wrapped_channel_gives_what_is_in_it_and_then_ends() {
    use runtime::stream::wrappers::{BroadcastStream, ReceiverStream, WatchStream};
    use runtime::stream::wrappers::{UnboundedReceiverStream, errors::BroadcastStreamRecvError};
    use runtime::sync::{broadcast, mpsc, watch};

    block_on(async {
        let (sender, receiver) = mpsc::channel(4);
        let mut bounded = ReceiverStream::from(receiver);
        assert!(bounded.next().now_or_never().is_none());
        sender.try_send(1).unwrap();
        bounded.close();
        assert!(sender.try_send(2).is_err());
        assert_eq!(bounded.collect::<Vec<_>>().await, [1]);

        let (sender, receiver) = mpsc::unbounded_channel();
        sender.send(1).unwrap();
        let mut unbounded = UnboundedReceiverStream::from(receiver);
        assert_eq!(unbounded.size_hint(), (1, None));
        assert_eq!(unbounded.as_mut().recv().await, Some(1));
        assert!(unbounded.next().now_or_never().is_none());

        let (sender, receiver) = broadcast::channel(2);
        let mut shared = BroadcastStream::from(receiver);
        for i in 0..4 {
            sender.send(i).unwrap();
        }
        drop(sender);
        let lagged = BroadcastStreamRecvError::Lagged(2);
        assert_eq!(shared.next().await, Some(Err(lagged)));
        assert_eq!(shared.next().await, Some(Ok(2)));
        assert_eq!(shared.next().await, Some(Ok(3)));
        assert_eq!(shared.next().await, None);
        assert_eq!(shared.next().await, None);

        let (sender, receiver) = watch::channel(1);
        let mut changes = WatchStream::from_changes(receiver.clone());
        let mut values = WatchStream::new(receiver);
        assert_eq!(values.next().await, Some(1));
        assert!(changes.next().now_or_never().is_none());
        sender.send(2).unwrap();
        sender.send(3).unwrap();
        assert_eq!(values.next().await, Some(3));
        assert_eq!(changes.next().await, Some(3));
        drop(sender);
        assert_eq!(values.next().await, None);
        assert_eq!(changes.next().await, None);
    });
}

#[test]
fn a_broadcast_as_a_stream_is_woken_from_other_threads_and_loses_nothing_when_given_up() {
    use runtime::stream::wrappers::BroadcastStream;
    use runtime::sync::broadcast;

    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (sender, receiver) = broadcast::channel(256);
        let mut stream = BroadcastStream::new(receiver);
        let thread = std::thread::spawn(move || {
            for i in 0..200 {
                sender.send(i).unwrap();
            }
        });
        let mut expected = 0;
        loop {
            match timeout(Duration::from_micros(50), stream.next()).await {
                Ok(Some(value)) => {
                    assert_eq!(value, Ok(expected));
                    expected += 1;
                }
                Ok(None) => break,
                Err(_) => {}
            }
        }
        assert_eq!(expected, 200);
        thread.join().unwrap();
    });
}

#[test]
fn a_stream_of_a_set_ends_when_all_its_tasks_have_and_tells_of_panics() {
    use runtime::stream::wrappers::JoinSetStream;
    use runtime::task::JoinSet;

    Runtime::new().unwrap().block_on(async {
        let mut set = JoinSet::new();
        set.spawn(async { 1 });
        set.spawn(async { panic!("one of them") });
        let results: Vec<_> = JoinSetStream::new(set).collect().await;
        assert_eq!(results.len(), 2);
        assert!(
            results
                .iter()
                .any(|result| result.as_ref().is_err_and(|error| error.is_panic()))
        );
        let empty = JoinSetStream::new(JoinSet::<()>::new());
        assert_eq!(empty.size_hint(), (0, Some(0)));
        assert!(empty.collect::<Vec<_>>().await.is_empty());
    });
}
