use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// The width of a slot of `level`.
fn width(level: u32) -> u64 {
    1 << (GRAIN + level * SLOT_BITS)
}

fn drain(wheel: &mut Wheel, now: u64) -> Vec<u32> {
    std::iter::from_fn(|| wheel.pop_due(now)).collect()
}

#[test]
fn a_node_takes_24_bytes_and_a_wheel_little_more_than_4_kib() {
    assert_eq!(size_of::<Node<()>>(), 24);
    assert!(size_of::<Wheel<()>>() <= 4096 + 128);
}

#[test]
fn a_deadline_is_due_in_its_own_nanosecond_and_not_before() {
    for level in 0..LEVELS as u32 {
        for at in [width(level) - 1, width(level), width(level) + 1] {
            let mut wheel = Wheel::<()>::new();
            wheel.insert(0, at);
            assert_eq!(wheel.next_at(), Some(at));
            assert_eq!(wheel.next_tick(), Some(tick_of(at)));
            assert_eq!(wheel.pop_due(at - 1), None);
            assert!(wheel.is_linked(0));
            assert_eq!(wheel.next_at(), Some(at));
            assert_eq!(wheel.pop_due(at), Some(0));
            assert!(!wheel.is_linked(0) && wheel.is_empty());
            assert_eq!(wheel.pop_due(u64::MAX), None);
        }
    }
}

#[test]
fn the_end_of_time_is_a_deadline_like_others() {
    let mut wheel = Wheel::<()>::new();
    wheel.insert(7, u64::MAX);
    wheel.insert(3, u64::MAX - 1);
    assert_eq!(wheel.next_at(), Some(u64::MAX - 1));
    assert_eq!(wheel.pop_due(u64::MAX - 2), None);
    assert_eq!(drain(&mut wheel, u64::MAX - 1), [3]);
    assert_eq!(drain(&mut wheel, u64::MAX), [7]);
    wheel.insert(7, 5);
    assert_eq!(drain(&mut wheel, 5), [7], "time does not go back");
}

#[test]
fn a_passed_deadline_is_due_though_time_stands_still() {
    let mut wheel = Wheel::<()>::new();
    assert_eq!(wheel.pop_due(width(2) + 12_345), None);
    wheel.insert(0, 0);
    wheel.insert(1, width(2) + 12_345);
    wheel.insert(2, width(2) + 12_346);
    assert_eq!(drain(&mut wheel, width(2) + 12_345), [0, 1]);
    assert_eq!(drain(&mut wheel, 0), []);
    assert_eq!(drain(&mut wheel, width(2) + 12_346), [2]);
}

#[test]
fn within_a_tick_the_first_in_is_the_first_out_through_all_cascades() {
    let at = width(5) * 3 + width(3) * 9 + width(1) * 60;
    let mut wheel = Wheel::<()>::new();
    let mut expected = Vec::new();
    for (id, now) in [0, width(5) * 3, at - width(3), at - width(1), at - 1]
        .into_iter()
        .enumerate()
    {
        assert_eq!(wheel.pop_due(now), None);
        wheel.insert(id as u32, at + (5 - id as u64));
        expected.push(id as u32);
    }
    assert_eq!(drain(&mut wheel, at + width(0) - 1), expected);
}

#[test]
fn a_lone_far_entry_is_announced_by_its_own_tick_and_a_crowd_by_its_slot() {
    let mut wheel = Wheel::<()>::new();
    let at = width(3) * 2 + 77_777;
    for id in 0..LOOK as u32 {
        wheel.insert(id, at + u64::from(id) * width(0));
    }
    assert_eq!(wheel.next_tick(), Some(tick_of(at)));
    assert_eq!(wheel.next_at(), Some(at));
    wheel.insert(LOOK as u32, at + width(2));
    assert_eq!(wheel.next_tick(), Some(tick_of(width(3) * 2)));
    assert_eq!(wheel.pop_due(wheel.next_at().unwrap()), None);
    assert_eq!(wheel.next_at(), Some(at), "after the cascade");
}

#[test]
fn an_entry_is_removed_from_either_end_and_the_middle_of_a_list() {
    for gone in 0..3 {
        let mut wheel = Wheel::<()>::new();
        (0..3).for_each(|id| wheel.insert(id, 100));
        assert!(wheel.remove(gone));
        assert!(!wheel.remove(gone));
        assert!(!wheel.remove(99), "never seen");
        wheel.insert(gone, 100);
        assert!(wheel.remove(gone));
        let rest: Vec<u32> = (0..3).filter(|&id| id != gone).collect();
        assert_eq!(drain(&mut wheel, 100), rest);
    }
}

#[test]
fn what_is_put_off_is_due_at_its_last_deadline_and_moves_once() {
    for level in 0..LEVELS as u32 - 1 {
        let (first, last) = (width(level) * 5, width(level) * 9 + width(level + 1));
        let mut wheel = Wheel::<()>::new();
        wheel.insert(0, first);
        wheel.insert(1, last - 1);
        assert!(!wheel.put_off(0, first - 1), "earlier");
        assert!(!wheel.put_off(2, first), "not there");
        for by in 0..100 {
            assert!(wheel.put_off(0, last - 100 + by));
        }
        assert!(wheel.put_off(0, last));
        assert!(wheel.next_at().unwrap() < first + width(level), "one look");
        assert_eq!(wheel.pop_due(first + width(level)), None);
        assert_eq!(wheel.place(last), wheel.node(0).place as usize);
        assert_eq!(wheel.next_at(), Some(last - 1));
        assert_eq!(drain(&mut wheel, last - 1), [1]);
        assert_eq!(drain(&mut wheel, last), [0]);
        assert!(wheel.is_empty());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u32, u64),
    Remove(u32),
    Advance(u64),
    /// Takes out so many at most.
    Some(u64, usize),
    /// To the next deadline, as a clock does that stands still.
    Next,
    /// To the end of the next tick, as a clock does that runs.
    NextTick,
}

/// Distances that lie at, before and after the edges of all levels.
fn distance() -> impl Strategy<Value = u64> {
    let edges = (0..LEVELS as u32, 1..=64u64, -2..=2i64).prop_map(|(level, slots, off)| {
        width(level)
            .saturating_mul(slots)
            .saturating_add_signed(off)
    });
    let shifted = (any::<u64>(), 0..64u32).prop_map(|(bits, shift)| bits >> shift);
    let ends = prop::sample::select(vec![0, 1, u64::MAX - 1, u64::MAX]);
    prop_oneof![4 => edges, 4 => shifted, 1 => ends, 4 => 0..200_000u64]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..48u32, distance()).prop_map(|(id, d)| Step::Insert(id, d)),
        3 => (0..48u32).prop_map(Step::Remove),
        1 => distance().prop_map(Step::Advance),
        2 => (0..10_000_000u64).prop_map(Step::Advance),
        1 => (distance(), 0..4usize).prop_map(|(d, most)| Step::Some(d, most)),
        3 => Just(Step::Next),
        2 => Just(Step::NextTick),
    ];
    prop::collection::vec(step, 0..200)
}

/// What the wheel is to be: a tree sorted by tick and order of insertion.
#[derive(Default)]
struct Book {
    entries: BTreeMap<(u64, u64), (u32, u64)>,
    keys: HashMap<u32, (u64, u64)>,
    inserted: u64,
    elapsed: u64,
}

impl Book {
    fn insert(&mut self, id: u32, at: u64) {
        let at = at.max(self.elapsed);
        let key = (tick_of(at), self.inserted);
        self.inserted += 1;
        self.entries.insert(key, (id, at));
        self.keys.insert(id, key);
    }

    fn remove(&mut self, id: u32) -> bool {
        let key = self.keys.remove(&id);
        key.is_some_and(|key| self.entries.remove(&key).is_some())
    }

    fn pop_due(&mut self, now: u64) -> Option<u32> {
        let now = now.max(self.elapsed);
        let due = self.entries.values().find(|&&(_, at)| at <= now).copied();
        match due {
            Some((id, at)) => {
                self.elapsed = self.elapsed.max(tick_of(at) << GRAIN);
                self.remove(id);
                Some(id)
            }
            None => {
                self.elapsed = now;
                None
            }
        }
    }

    fn earliest(&self) -> Option<u64> {
        self.entries.values().map(|&(_, at)| at).min()
    }
}

fn compare(steps: Vec<Step>, origin: u64) -> Result<(), TestCaseError> {
    let (mut wheel, mut book) = (Wheel::<()>::new(), Book::default());
    let mut now = origin;
    for step in steps {
        let mut most = usize::MAX;
        match step {
            Step::Insert(id, distance) => {
                // Also deadlines that have passed.
                let at = if distance % 7 == 0 {
                    now.saturating_sub(distance)
                } else {
                    now.saturating_add(distance)
                };
                prop_assert_eq!(wheel.remove(id), book.remove(id));
                wheel.insert(id, at);
                book.insert(id, at);
                continue;
            }
            Step::Remove(id) => {
                prop_assert_eq!(wheel.remove(id), book.remove(id));
                continue;
            }
            Step::Advance(by) => now = now.saturating_add(by),
            Step::Some(by, limit) => {
                now = now.saturating_add(by);
                most = limit;
            }
            Step::Next => now = now.max(wheel.next_at().unwrap_or(0)),
            Step::NextTick => {
                let tick = wheel.next_tick().unwrap_or(0);
                now = now.max((tick << GRAIN) | (width(0) - 1));
            }
        }
        for _ in 0..most {
            let popped = wheel.pop_due(now);
            prop_assert_eq!(popped, book.pop_due(now));
            if popped.is_none() {
                break;
            }
        }
        check(&wheel, &book)?;
    }
    Ok(())
}

fn check(wheel: &Wheel, book: &Book) -> Result<(), TestCaseError> {
    prop_assert_eq!(wheel.elapsed, book.elapsed);
    prop_assert_eq!(wheel.is_empty(), book.entries.is_empty());
    for id in 0..48 {
        prop_assert_eq!(wheel.is_linked(id), book.keys.contains_key(&id));
    }
    for id in (0..wheel.nodes.len() as u32).filter(|&id| wheel.is_linked(id)) {
        let node = wheel.node(id);
        prop_assert_eq!(wheel.place(node.at), node.place as usize, "invariant 2");
    }
    let earliest = book.earliest();
    prop_assert_eq!(wheel.next_at().is_some(), earliest.is_some());
    prop_assert!(wheel.next_at() <= earliest);
    prop_assert!(wheel.next_tick() <= earliest.map(tick_of));
    if book.entries.len() <= LOOK {
        prop_assert_eq!(wheel.next_at(), earliest);
        prop_assert_eq!(wheel.next_tick(), earliest.map(tick_of));
    }
    Ok(())
}

/// With deadlines that are put off: each comes out in time, by tick, in whatever order within.
fn compare_put_off(steps: Vec<(u32, u64, u8)>) -> Result<(), TestCaseError> {
    let (mut wheel, mut book) = (Wheel::<()>::new(), HashMap::new());
    let mut now = 0u64;
    for (id, distance, what) in steps {
        let at = now.saturating_add(distance);
        match what {
            0..3 => {
                prop_assert_eq!(wheel.remove(id), book.remove(&id).is_some());
                wheel.insert(id, at);
                book.insert(id, at);
            }
            3..7 => {
                let later = book.get(&id).is_some_and(|&before| before <= at);
                prop_assert_eq!(wheel.put_off(id, at), later);
                if later {
                    book.insert(id, at);
                }
            }
            _ => {
                let next = wheel.next_at().unwrap_or(at);
                if let Some(&first) = book.values().min() {
                    prop_assert!(next <= first.max(now));
                    prop_assert!(wheel.next_tick() <= Some(tick_of(first.max(now))));
                }
                now = if what == 7 { now.max(next) } else { at };
                let mut ticks = Vec::new();
                for id in drain(&mut wheel, now) {
                    let at = book.remove(&id).expect("it was in");
                    prop_assert!(at <= now);
                    ticks.push(tick_of(at));
                }
                prop_assert!(ticks.is_sorted());
                prop_assert!(book.values().all(|&at| at > now));
                prop_assert!(
                    wheel.next_at().is_none_or(|next| next > now),
                    "time goes on"
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_is_put_off_comes_out_in_time(
        steps in prop::collection::vec((0..24u32, distance(), 0..10u8), 0..200),
    ) {
        compare_put_off(steps)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_it_a_wheel_is_a_sorted_book(
        steps in steps(),
        origin in prop_oneof![Just(0u64), distance()],
    ) {
        compare(steps, origin)?;
    }
}
