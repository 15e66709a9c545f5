//! What a panic says, and where it says that it happened.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The message of the panic of `f`, which must be located in the caller's file. The hook is
/// set once for the process and keeps a place for each thread, so tests may run together.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            let place = info.location().map_or("", Location::file);
            PLACE.with(|slot| *slot.borrow_mut() = place.to_owned());
            before(info);
        }));
    });
    let panic = catch_unwind(AssertUnwindSafe(|| drop(f()))).expect_err("it panics");
    assert_eq!(PLACE.take(), Location::caller().file());
    match panic.downcast_ref::<String>() {
        Some(message) => message.clone(),
        None => panic.downcast_ref::<&str>().expect("a message").to_string(),
    }
}
