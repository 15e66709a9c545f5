//! Positions near their wrap, against a model: a deque and a count for each receiver.

use super::chan::Chan;
use super::error::TryRecvError;
use super::*;
use proptest::prelude::*;

fn starting_at(capacity: usize, start: u64) -> (Sender<u64>, Receiver<u64>) {
    let sender = Sender::over(Chan::new(capacity, start));
    let receiver = sender.subscribe();
    (sender, receiver)
}

#[test]
fn values_go_on_across_the_wrap_of_positions() {
    for before in 0..9 {
        let (tx, mut rx) = starting_at(4, u64::MAX - before);
        let mut slow = tx.subscribe();
        for i in 0..20 {
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
            assert_eq!(tx.send(i).expect("two receivers"), 2);
            assert_eq!(rx.len(), 1);
            assert_eq!(rx.try_recv(), Ok(i));
        }
        assert_eq!((slow.len(), tx.len()), (20, 4));
        assert_eq!(slow.try_recv(), Err(TryRecvError::Lagged(16)));
        for i in 16..20 {
            assert_eq!(slow.try_recv(), Ok(i));
        }
        assert_eq!(slow.try_recv(), Err(TryRecvError::Empty));
        assert!(tx.is_empty());
    }
}

#[derive(Clone, Debug)]
enum Op {
    Send,
    Receive(usize),
    Subscribe,
    Leave(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Send),
        6 => any::<usize>().prop_map(Op::Receive),
        1 => Just(Op::Subscribe),
        1 => any::<usize>().prop_map(Op::Leave),
    ]
}

proptest! {
    #[test]
    fn a_receiver_gets_what_a_list_of_all_values_says(
        ops in prop::collection::vec(op(), 0..150),
        before in 0..40u64,
        bits in 0..4u32,
    ) {
        let capacity = 1 << bits;
        let (tx, first) = starting_at(capacity, u64::MAX - before);
        // Each receiver, and the next value that it is to receive.
        let mut receivers = vec![(first, 0)];
        let mut sent = 0u64;
        for op in ops {
            match op {
                Op::Send => {
                    prop_assert_eq!(tx.send(sent).is_ok(), !receivers.is_empty());
                    if !receivers.is_empty() {
                        sent += 1;
                    }
                }
                Op::Subscribe => receivers.push((tx.subscribe(), sent)),
                Op::Leave(at) if !receivers.is_empty() => {
                    drop(receivers.swap_remove(at % receivers.len()));
                }
                Op::Receive(at) if !receivers.is_empty() => {
                    let at = at % receivers.len();
                    let (receiver, next) = &mut receivers[at];
                    prop_assert_eq!(receiver.len() as u64, sent - *next);
                    let missed = (sent - *next).saturating_sub(capacity as u64);
                    let expected = match missed {
                        0 if *next == sent => Err(TryRecvError::Empty),
                        0 => Ok(*next),
                        missed => Err(TryRecvError::Lagged(missed)),
                    };
                    prop_assert_eq!(receiver.try_recv(), expected.clone());
                    *next += match expected {
                        Ok(_) => 1,
                        Err(TryRecvError::Lagged(missed)) => missed,
                        Err(_) => 0,
                    };
                }
                Op::Leave(_) | Op::Receive(_) => {}
            }
            let most = receivers.iter().map(|(_, next)| sent - next).max().unwrap_or(0);
            prop_assert_eq!(tx.len() as u64, most.min(capacity as u64));
        }
    }
}
