//! Ctrl-C, or a polite `kill`, as a future.

use runtime::signal::unix::{SignalKind, signal};
use std::io;

/// Completes at the first SIGINT (Ctrl-C) or SIGTERM after this call, whether it is awaited
/// yet or not. After that the default action is back: the second one ends the process.
pub(crate) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        runtime::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
