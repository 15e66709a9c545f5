//! What the paused clock promises who pauses the first one of the process. (So there is one test.)

use runtime::rt::Builder;
use runtime::sync::oneshot;
use runtime::time::{self, Duration, Instant, sleep};
use std::thread;

#[test]
fn time_stands_in_the_poll_that_pauses_the_clock_and_in_the_next_one() {
    const HOUR: Duration = Duration::from_secs(3600);
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    // None of these is counted for a paused clock, as there is none.
    assert_eq!(runtime.block_on(async { 7 }), 7);
    runtime.block_on(async {
        let sleeper = runtime::spawn(sleep(HOUR));
        time::pause();
        let start = Instant::now();
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(5));
            assert_eq!(start.elapsed(), Duration::ZERO, "time passed in a poll");
            let (send, receive) = oneshot::channel();
            runtime::spawn(async move { send.send(()).unwrap() });
            receive.await.unwrap();
        }
        sleeper.await.unwrap();
        assert!(start.elapsed() >= HOUR - Duration::from_secs(60));
    });
    assert_eq!(runtime.block_on(async { 7 }), 7);
    runtime.block_on(async {
        let start = Instant::now();
        sleep(HOUR).await;
        assert_eq!(start.elapsed(), HOUR);
    });
}
