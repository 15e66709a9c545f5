//! What does it cost to fork and join, with a task at each fork?

use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Which Fibonacci number is looked for.
pub const N: u64 = 18;

/// The `N`th Fibonacci number.
pub const FIBONACCI: u64 = 2_584;

/// How many tasks that takes: one less than the next Fibonacci number.
pub const FORKS: u64 = 4_180;

/// Computes a Fibonacci number: each call spawns the one half, and does the other itself.
pub fn fibonacci(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            sum += fork(N).await;
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, iterations * FIBONACCI);
        elapsed
    })
}

fn fork(n: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        if n < 2 {
            return n;
        }
        let half = subject::spawn(fork(n - 1));
        let other = fork(n - 2).await;
        half.await.unwrap() + other
    })
}
