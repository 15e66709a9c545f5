mod not_async {
    #[runtime::test]
    fn run() {}
}

mod workers_on_one_thread {
    #[runtime::test(worker_threads = 2)]
    async fn run() {}
}

mod with_parameters {
    #[runtime::test]
    async fn run(number: u32) {}
}

mod a_test_twice {
    #[runtime::test]
    #[test]
    async fn run() {}
}

fn main() {}
