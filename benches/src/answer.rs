//! Puts a question through criterion.

use crate::{Question, Subject};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::time::Duration;

/// The main function of a bench: both crates, each with one worker and with two.
///
/// # Panics
///
/// If there is no question of that name.
pub fn answer(names: &[&str]) {
    crate::load::be_one_if_asked();
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    for name in names {
        let question = Question::find(name).expect("a question of that name");
        put(question, &mut criterion);
    }
    criterion.final_summary();
}

fn put(question: &Question, criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(question.name);
    group.throughput(Throughput::Elements(question.operations));
    for workers in [1, 2] {
        for subject in Subject::ALL {
            let id = BenchmarkId::new(subject.name(), workers);
            group.bench_function(id, |bencher| {
                bencher.iter_custom(question.workload.of(subject)(workers));
            });
        }
    }
    group.finish();
}
