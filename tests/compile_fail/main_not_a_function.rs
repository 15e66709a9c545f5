#[runtime::main]
struct Program;

fn main() {}
