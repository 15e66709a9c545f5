#[runtime::main(flavor = "current_thread", worker_threads = 2)]
async fn workers_on_one_thread() {}

fn main() {}
