//! `#[runtime::main]` and `#[runtime::test]` on the runtime itself.

#[runtime::main]
async fn on_workers() -> std::thread::ThreadId {
    runtime::spawn(async { std::thread::current().id() })
        .await
        .expect("the task does not panic")
}

#[test]
fn what_main_spawns_runs_on_a_worker() {
    assert_ne!(on_workers(), std::thread::current().id());
}

#[runtime::main(flavor = "current_thread")]
async fn on_this_thread() -> std::thread::ThreadId {
    runtime::spawn(async { std::thread::current().id() })
        .await
        .expect("the task does not panic")
}

#[test]
fn what_main_spawns_on_one_thread_runs_on_that_thread() {
    assert_eq!(on_this_thread(), std::thread::current().id());
}

#[runtime::main(worker_threads = 2)]
async fn sum(numbers: &[u32]) -> Result<u32, runtime::task::JoinError> {
    let mut sum = 0;
    for &number in numbers {
        sum += runtime::spawn(async move { number }).await?;
    }
    Ok(sum)
}

#[test]
fn a_function_that_is_not_main_may_have_parameters() {
    assert_eq!(sum(&[1, 2, 3]).ok(), Some(6));
}

#[runtime::test]
async fn a_test_has_a_current_runtime() {
    assert!(runtime::rt::Handle::try_current().is_ok());
}

#[runtime::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_test_may_have_workers() {
    let here = std::thread::current().id();
    let there = runtime::spawn(async { std::thread::current().id() }).await;
    assert_ne!(there.ok(), Some(here));
}

#[runtime::test(flavor = "multi_thread", worker_threads = 2, start_paused = true)]
async fn a_test_with_workers_may_pause_the_clock() {
    let start = runtime::time::Instant::now();
    let hour = runtime::time::Duration::from_secs(3600);
    runtime::time::sleep(hour).await;
    assert_eq!(start.elapsed(), hour);
}

#[runtime::test]
async fn a_test_may_return_a_result() -> Result<(), Box<dyn std::error::Error>> {
    let number: u32 = runtime::spawn(async { "17" }).await?.parse()?;
    assert_eq!(number, 17);
    Ok(())
}

#[runtime::test]
#[should_panic(expected = "as it should")]
async fn a_panic_in_a_test_fails_it() {
    panic!("as it should");
}
