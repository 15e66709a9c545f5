trait Program {
    #[runtime::main]
    async fn run();
}

fn main() {}
