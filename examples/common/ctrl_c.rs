//! Ctrl-C as a future, until the library has signals of its own.

use runtime::sync::Notify;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;
use std::thread;

/// Completes at the first SIGINT (Ctrl-C) or SIGTERM after this call; whether it is awaited
/// yet or not. The second one ends the process at once, for a graceful end that takes too long.
pub(crate) fn ctrl_c() -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let first = Arc::new(Notify::new());
    let notify = first.clone();
    thread::Builder::new()
        .name(String::from("signals"))
        .spawn(move || {
            let mut signals = signals.forever();
            if signals.next().is_some() {
                // Where nobody awaits it yet, the notification is kept.
                notify.notify_one();
            }
            if let Some(signal) = signals.next() {
                std::process::exit(128 + signal);
            }
        })?;
    Ok(async move { first.notified().await })
}
