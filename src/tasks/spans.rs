//! With the feature `tracing`: a span for each task and each blocking job.
//!
//! The spans are named `runtime.spawn`, at level TRACE, with the target `runtime::task` and the
//! fields `kind` (see [`Schedule::KIND`](super::Schedule::KIND)), `task.name` (empty if it has
//! none), `loc.file`, `loc.line` and `loc.col` (where it was spawned). One is entered around
//! each poll and around the drop of the future; what is spawned within it has it as its parent.
//! They are for the user's own events to stand in; the runtime keeps its own records elsewhere
//! and writes none of them here.

use super::origin::Origin;
use tracing::instrument::{Instrument, Instrumented};
use tracing::trace_span;

/// The future, in a span of its own.
pub(super) fn within<F>(future: F, kind: &'static str, origin: &Origin) -> Instrumented<F> {
    let place = origin.spawned_at();
    future.instrument(trace_span!(
        target: "runtime::task",
        "runtime.spawn",
        kind,
        task.name = origin.name().unwrap_or_default(),
        loc.file = place.file(),
        loc.line = place.line(),
        loc.col = place.column(),
    ))
}
