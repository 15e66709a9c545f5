//! The one way from async to blocking in this module: every `blocking_*` comes by here.

use crate::base::{block_on, region};
use std::future::Future;

/// Runs `future` to its end on this thread, which is blocked meanwhile.
///
/// # Panics
/// On a thread that is polling async code, at the caller's line: `what` is called there, and
/// `instead` is what to call.
#[track_caller]
pub(super) fn block_on<F: Future>(what: &str, future: F) -> F::Output {
    region::refuse_in_async(what);
    block_on::block_on(future)
}
