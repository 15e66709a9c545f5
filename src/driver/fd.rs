//! [`Fd`]: whatever has a descriptor, as something to make a [`Source`](super::Source) of.

use mio::event;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use std::io;
use std::os::fd::AsRawFd;

/// An object that is registered by its descriptor.
///
/// It is asked for the descriptor each time, also when it is deregistered: if the object
/// was replaced meanwhile, the old descriptor is closed (and thereby deregistered) and its
/// number may be somebody else's. Deregistering the new one fails, which does no harm.
#[derive(Debug)]
pub(crate) struct Fd<T>(pub(crate) T);

impl<T: AsRawFd> event::Source for Fd<T> {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interest)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}
