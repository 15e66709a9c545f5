//! Who fires nothing as long as the current thread waits for something else.

use super::worker::{self, Held};
use super::{Scheduler, held_here};
use crate::driver::is_counted_here;
use std::sync::Arc;

impl Scheduler {
    /// Whether no timer of this scheduler fires while the current thread waits in the context
    /// of another runtime: it has no threads, and nobody runs it or this thread does, further
    /// out; or its clock is paused, and this thread is something [under
    /// way](crate::driver::UnderWay) for it; or it was shut down.
    ///
    /// Asked by who waits for a timer, so what is asked first is true nearly always.
    #[inline]
    pub(crate) fn is_stopped_here(self: &Arc<Self>) -> bool {
        worker::index_in(self).is_none() && self.is_stopped_beside()
    }

    /// The same on a thread that is not a worker of this scheduler.
    #[inline(never)]
    fn is_stopped_beside(self: &Arc<Self>) -> bool {
        let has_threads = self.config.launch.is_some();
        let runs_here = || matches!(held_here(self), Some(Held::ByBlockOn(_)));
        self.is_closed()
            || (!has_threads && (!self.lobby.lock().cores.is_empty() || runs_here()))
            || (self.driver.clock.is_paused() && is_counted_here(&self.driver))
    }
}
