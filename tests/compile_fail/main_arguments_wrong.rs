mod flavor_unknown {
    #[runtime::main(flavor = "single")]
    async fn run() {}
}

mod flavor_not_a_string {
    #[runtime::main(flavor = current_thread)]
    async fn run() {}
}

mod no_workers {
    #[runtime::main(worker_threads = 0)]
    async fn run() {}
}

mod workers_in_words {
    #[runtime::main(worker_threads = "four")]
    async fn run() {}
}

mod paused_by_a_number {
    #[runtime::test(start_paused = 1)]
    async fn run() {}
}

mod name_that_is_blank {
    #[runtime::main(name = " ")]
    async fn run() {}
}

mod name_not_a_string {
    #[runtime::main(name = 7)]
    async fn run() {}
}

mod no_path {
    #[runtime::main(crate = "a path")]
    async fn run() {}
}

mod no_value {
    #[runtime::main(flavor)]
    async fn run() {}
}

mod no_value_after_the_sign {
    #[runtime::main(worker_threads =)]
    async fn run() {}
}

mod no_comma {
    #[runtime::main(flavor = "multi_thread" worker_threads = 2)]
    async fn run() {}
}

mod no_name {
    #[runtime::main("multi_thread")]
    async fn run() {}
}

mod twice {
    #[runtime::main(worker_threads = 1, worker_threads = 2)]
    async fn run() {}
}

fn main() {}
