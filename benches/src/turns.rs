//! Lets those who are asked take turns, within the time that there is for a question.
//!
//! Each turn is on a runtime of its own, that ran one iteration to warm up. The order goes around
//! from round to round, forth and back. How many iterations a turn has is found out first,
//! from what setting up and an iteration take: all turns are to take about as long as each other;
//! `runtime` and tokio always run the same number. Some are not in each round
//! ([`Entrant::stride`]), and are compared in those that they are in.

use crate::figures::Spread;
use crate::report::{Entry, Row, Unit};
use crate::{Entrant, Open, Question, stopwatch};
use std::time::{Duration, Instant};

/// How long a question may take.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// All of it, as far as the fewest rounds allow.
    pub total: Duration,
    /// One turn at most, if an iteration is shorter than that.
    pub turn: Duration,
    /// The fewest rounds.
    pub fewest: usize,
    /// The most rounds.
    pub most: usize,
}

/// Where the second of the two crates stands, which all are compared to.
const REFERENCE: usize = 1;

/// Asks all of them, tokio being the second, with so many workers.
pub fn ask(question: &Question, workers: usize, entrants: &[Entrant], frame: Frame) -> Row {
    let start = Instant::now();
    let mut stands: Vec<Stand> = entrants
        .iter()
        .filter_map(|&entrant| Stand::prepare(question, workers, entrant, frame.fewest))
        .collect();
    let left = frame.total.saturating_sub(start.elapsed());
    let rounds = share_out(&mut stands, left, frame);
    let count = stands.len();
    let mut held = 0;
    while held < rounds {
        let late = start.elapsed() > frame.total + frame.total / 4;
        if late && held >= frame.fewest {
            break;
        }
        for turn in 0..count {
            let stand = &mut stands[place(held, turn, count)];
            if held % stand.stride == 0 {
                stand.take_turn(workers);
            }
        }
        held += 1;
    }
    Row {
        question: question.name.into(),
        figure: question.figure.into(),
        workers,
        unit: Unit::Nanoseconds,
        rounds: held,
        entries: entries(&stands, question.operations as f64),
    }
}

/// Whose turn it is: another one begins each round, and every second round goes back.
fn place(round: usize, turn: usize, count: usize) -> usize {
    match (round / count) % 2 {
        0 => (round + turn) % count,
        _ => (round + count - turn) % count,
    }
}

/// Sets the iterations of all of them, and returns the number of rounds.
fn share_out(stands: &mut [Stand], left: Duration, frame: Frame) -> usize {
    let shortest: Duration = stands
        .iter()
        .map(|stand| stand.pace.turn(1) / stand.stride as u32)
        .sum();
    let fit = left.as_nanos() / shortest.as_nanos().max(1);
    let rounds = (fit as usize).clamp(frame.fewest, frame.most);
    let turns = stands.iter().map(|stand| rounds.div_ceil(stand.stride));
    let turn = (left / turns.sum::<usize>() as u32).min(frame.turn);
    for stand in stands.iter_mut() {
        stand.iterations = stand.pace.iterations(turn);
    }
    let same = stands[..=REFERENCE].iter().map(|stand| stand.iterations);
    let same = same.min().expect("there are two");
    stands[..=REFERENCE]
        .iter_mut()
        .for_each(|stand| stand.iterations = same);
    rounds
}

fn entries(stands: &[Stand], operations: f64) -> Vec<Entry> {
    let each = |stand: &Stand, times: &[f64]| -> Vec<f64> {
        let count = stand.iterations as f64 * operations;
        times.iter().map(|time| time / count).collect()
    };
    let reference = &stands[REFERENCE];
    let answers = each(reference, &reference.answers);
    let processors = each(reference, &reference.processors);
    let entry = |stand: &Stand| {
        let own = each(stand, &stand.answers);
        let own_processors = each(stand, &stand.processors);
        let same_rounds =
            |times: &[f64]| -> Vec<f64> { times.iter().step_by(stand.stride).copied().collect() };
        let [answers, processors] = [&answers, &processors].map(|times| same_rounds(times));
        let measured = [&own_processors, &processors].map(|times| times.len() == own.len());
        Entry {
            entrant: stand.entrant,
            median: crate::figures::quantile(&own, 0.5),
            ratio: Spread::of_ratios(&own, &answers),
            processor: (measured == [true; 2])
                .then(|| Spread::of_ratios(&own_processors, &processors)),
        }
    };
    stands.iter().map(entry).collect()
}

/// One of those who take turns.
struct Stand {
    entrant: Entrant,
    open: Open<Duration>,
    /// It takes part in one of so many rounds, and in the first.
    stride: usize,
    pace: Pace,
    iterations: u64,
    /// What the workload returned, in nanoseconds, turn by turn.
    answers: Vec<f64>,
    /// The time of the processor, where the workload measured it.
    processors: Vec<f64>,
}

impl Stand {
    fn prepare(
        question: &Question,
        workers: usize,
        entrant: Entrant,
        fewest: usize,
    ) -> Option<Self> {
        let open = entrant.answers(question)?;
        Some(Stand {
            entrant,
            open,
            stride: entrant.stride(fewest),
            pace: Pace::of(open, workers),
            iterations: 1,
            answers: Vec::new(),
            processors: Vec::new(),
        })
    }

    fn take_turn(&mut self, workers: usize) {
        let mut workload = (self.open)(workers);
        // Where one iteration makes a turn, another one to warm up would double it.
        if self.iterations > 1 {
            workload(1);
        }
        stopwatch::take_processor_time();
        self.answers.push(nanoseconds(workload(self.iterations)));
        if let Some(time) = stopwatch::take_processor_time() {
            self.processors.push(nanoseconds(time));
        }
    }
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

/// What a turn takes on the clock.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// To set up a runtime, to warm it up, and to end it.
    fixed: Duration,
    /// For each iteration.
    iteration: Duration,
}

impl Pace {
    fn of(open: Open<Duration>, workers: usize) -> Self {
        const SHORT: Duration = Duration::from_millis(40);
        let start = Instant::now();
        let mut workload = open(workers);
        let one = timed(|| workload(1));
        let mut measured = one;
        let mut iteration = one;
        if one < SHORT {
            let three = timed(|| workload(3));
            // What an iteration sets up for itself is not multiplied by their number.
            iteration = (three.saturating_sub(one) / 2).max(three / 10);
            measured += three;
        }
        drop(workload);
        Pace {
            fixed: start.elapsed().saturating_sub(measured) + one.saturating_sub(iteration),
            iteration: iteration.max(Duration::from_nanos(1)),
        }
    }

    fn turn(&self, iterations: u64) -> Duration {
        self.fixed + self.iteration.mul_f64(iterations as f64)
    }

    /// So many fit into a turn.
    fn iterations(&self, turn: Duration) -> u64 {
        let fit = turn.saturating_sub(self.fixed).as_nanos() / self.iteration.as_nanos();
        // One of them warms up.
        (fit.saturating_sub(1)).clamp(1, 100_000) as u64
    }
}

fn timed(run: impl FnOnce() -> Duration) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_every_place_in_the_order() {
        for count in 2..5 {
            let mut first = vec![0; count];
            let mut seen = vec![0; count];
            for round in 0..2 * count {
                first[place(round, 0, count)] += 1;
                (0..count).for_each(|turn| seen[place(round, turn, count)] += 1);
            }
            assert_eq!(first, vec![2; count]);
            assert_eq!(seen, vec![2 * count; count]);
        }
    }

    #[test]
    fn a_turn_has_as_many_iterations_as_fit_and_one_at_least() {
        let ms = Duration::from_millis;
        let pace = Pace {
            fixed: ms(20),
            iteration: ms(10),
        };
        assert_eq!(pace.iterations(ms(100)), 7);
        assert_eq!(pace.iterations(ms(10)), 1);
        assert_eq!(pace.turn(3), ms(50));
    }

    fn stand(entrant: Entrant, pace: Pace) -> Stand {
        Stand {
            entrant,
            open: |_| Box::new(|_| Duration::ZERO),
            stride: 1,
            pace,
            iterations: 1,
            answers: vec![8.0, 10.0, 12.0],
            processors: vec![1.0; 3],
        }
    }

    #[test]
    fn both_crates_run_as_many_iterations_as_the_slower_can() {
        let pace = |iteration| Pace {
            fixed: Duration::ZERO,
            iteration: Duration::from_millis(iteration),
        };
        let mut stands = [
            stand(Entrant::Runtime, pace(1)),
            stand(Entrant::Tokio, pace(4)),
        ];
        let frame = Frame {
            total: Duration::from_secs(10),
            turn: Duration::from_millis(100),
            fewest: 3,
            most: 7,
        };
        assert_eq!(share_out(&mut stands, frame.total, frame), 7);
        assert_eq!(stands.each_ref().map(|stand| stand.iterations), [24, 24]);
        let heavy = [pace(5_000), pace(5_000)];
        stands[0].pace = heavy[0];
        stands[1].pace = heavy[1];
        assert_eq!(share_out(&mut stands, frame.total, frame), 3);
        assert_eq!(stands[0].iterations, 1);
    }

    #[test]
    fn costs_are_those_of_one_operation() {
        let pace = Pace {
            fixed: Duration::ZERO,
            iteration: Duration::from_millis(1),
        };
        let mut stands = [stand(Entrant::Runtime, pace), stand(Entrant::Tokio, pace)];
        stands[0].iterations = 2;
        let entries = entries(&stands, 5.0);
        assert_eq!(entries[0].median, 1.0);
        assert_eq!(entries[1].median, 2.0);
        assert_eq!(entries[0].ratio.middle, 0.5);
        assert_eq!(entries[0].processor.unwrap().middle, 0.5);
        stands[1].processors.clear();
        assert_eq!(super::entries(&stands, 5.0)[0].processor, None);
    }

    #[test]
    fn whoever_leaves_rounds_out_is_compared_in_those_that_it_was_in() {
        let pace = Pace {
            fixed: Duration::ZERO,
            iteration: Duration::from_millis(1),
        };
        let mut go = stand(Entrant::Go, pace);
        go.stride = 2;
        go.answers = vec![16.0, 24.0];
        go.processors = vec![3.0; 2];
        let stands = [
            stand(Entrant::Runtime, pace),
            stand(Entrant::Tokio, pace),
            go,
        ];
        let entries = entries(&stands, 1.0);
        let Spread { low, high, .. } = entries[2].ratio;
        assert_eq!((low, high), (2.0, 2.0));
        assert_eq!(entries[2].processor.unwrap().middle, 3.0);
    }
}
