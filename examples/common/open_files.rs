//! How many files and sockets this process may have open, and how to get more.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process has open beside its connections: its standard streams, the reactor, the
/// pipe of the signals, and some spare ones.
const OTHERS: u64 = 32;

/// Raises the soft limit as far as `connections` need, and returns how many of them fit.
/// Where that is fewer, it says what the limit is and what raises it.
pub(crate) fn make_room(connections: usize, files_each: u64) -> usize {
    let wanted = connections as u64 * files_each + OTHERS;
    let limit = getrlimit(Resource::Nofile);
    let ceiling = limit.maximum.unwrap_or(u64::MAX);
    let mut current = limit.current.unwrap_or(u64::MAX);
    if current < wanted.min(ceiling) {
        let raised = Rlimit {
            current: Some(wanted.min(ceiling)),
            maximum: limit.maximum,
        };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => current = wanted.min(ceiling),
            Err(error) => eprintln!("the limit of open files stays at {current}: {error}"),
        }
    }
    if current >= wanted {
        return connections;
    }
    let fitting = (current.saturating_sub(OTHERS) / files_each).max(1) as usize;
    eprintln!(
        "this process may have {current} files open, so {fitting} connections fit, not \
         {connections}. Say `ulimit -n {wanted}` before it; where the hard limit forbids \
         that, `sudo prlimit --pid $$ --nofile={wanted}:{wanted}` raises it for the shell."
    );
    fitting
}
