fn main() {
    runtime::pin!(async {});
}
