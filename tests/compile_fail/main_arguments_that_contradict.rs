#[runtime::main(flavor = "current_thread", worker_threads = 2)]
async fn workers_on_one_thread() {}

#[runtime::main(start_paused = true)]
async fn paused_with_workers() {}

#[runtime::main(flavor = "multi_thread", start_paused = true)]
async fn paused_with_workers_said_twice() {}

fn main() {}
