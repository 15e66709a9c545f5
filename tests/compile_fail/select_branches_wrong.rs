async fn nothing() {
    runtime::select! {}
}

async fn nothing_but_biased() {
    runtime::select! { biased; }
}

async fn biased_with_a_comma() {
    runtime::select! {
        biased,
        _ = std::future::ready(()) => {}
    }
}

async fn no_pattern() {
    runtime::select! {
        std::future::ready(()) => {}
    }
}

async fn no_pattern_before_the_sign() {
    runtime::select! {
        = std::future::ready(()) => {}
    }
}

async fn two_patterns() {
    runtime::select! {
        a, b = std::future::ready((1, 2)) => {}
    }
}

async fn no_future() {
    runtime::select! {
        _ = => {}
    }
}

async fn no_condition() {
    runtime::select! {
        _ = std::future::ready(()), if => {}
    }
}

async fn no_arrow() {
    runtime::select! {
        _ = std::future::ready(())
    }
}

async fn no_arrow_after_the_condition() {
    runtime::select! {
        _ = std::future::ready(()), if true
    }
}

async fn no_handler() {
    runtime::select! {
        _ = std::future::ready(()) =>
    }
}

async fn no_comma() {
    runtime::select! {
        x = std::future::ready(1) => x + 1
        x = std::future::ready(2) => x + 2
    };
}

async fn else_before_others() {
    runtime::select! {
        else => {}
        _ = std::future::ready(()) => {}
    }
}

async fn else_twice() {
    runtime::select! {
        _ = std::future::ready(()) => {}
        else => {}
        else => {}
    }
}

async fn else_without_an_arrow() {
    runtime::select! {
        _ = std::future::ready(()) => {}
        else {}
    }
}

fn main() {}
