//! What it teaches: the attribute, a task, and a timer.
//!
//! Run it:
//!     cargo run --release --example hello
//!
//! Expect: two lines, the second one a tenth of a second after the first, and the end.

use runtime::time::{Duration, Instant, sleep};

#[runtime::main]
async fn main() {
    let start = Instant::now();
    let greeting = runtime::spawn(async {
        println!("hello from {:?}", std::thread::current().name());
        sleep(Duration::from_millis(100)).await;
        "and good-bye"
    });
    match greeting.await {
        Ok(text) => println!("{text}, {} ms later", start.elapsed().as_millis()),
        Err(error) => eprintln!("{error}"),
    }
}
