//! [`Search`]: looking for the end of a message that ends with a sign, once over each
//! byte, and within a limit.

use bytes::{Buf, BytesMut};

/// Where a search stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Search {
    /// From where on nobody has looked yet.
    next: usize,
    /// What a message may have at most, in bytes without its sign; `usize::MAX` is no limit.
    pub(super) max: usize,
    /// The rest of a message that was too long is to be dropped.
    is_discarding: bool,
}

/// A message was longer than the limit.
#[derive(Debug)]
pub(super) struct TooLong;

impl Search {
    pub(super) fn with_max(max: usize) -> Search {
        Search {
            next: 0,
            max,
            is_discarding: false,
        }
    }

    /// Takes what stands before the next byte that `find` finds out of `src`, with that byte.
    pub(super) fn take(
        &mut self,
        src: &mut BytesMut,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<Option<BytesMut>, TooLong> {
        loop {
            // One more than the limit, for the sign itself.
            let until = self.max.saturating_add(1).min(src.len());
            // Fewer bytes than were searched: the user has put others in their place.
            if self.next > until {
                self.next = 0;
            }
            let found = find(&src[self.next..until]);
            match (self.is_discarding, found) {
                (true, Some(offset)) => {
                    src.advance(self.next + offset + 1);
                    self.is_discarding = false;
                    self.next = 0;
                }
                (true, None) => {
                    src.advance(until);
                    self.next = 0;
                    if src.is_empty() {
                        return Ok(None);
                    }
                }
                (false, Some(offset)) => {
                    let end = self.next + offset + 1;
                    self.next = 0;
                    return Ok(Some(src.split_to(end)));
                }
                (false, None) if src.len() > self.max => {
                    self.is_discarding = true;
                    return Err(TooLong);
                }
                (false, None) => {
                    self.next = until;
                    return Ok(None);
                }
            }
        }
    }

    /// Takes all that is left, once there will be no more.
    pub(super) fn take_rest(&mut self, src: &mut BytesMut) -> Option<BytesMut> {
        self.next = 0;
        let is_rest_of_a_dropped_one = std::mem::take(&mut self.is_discarding);
        let rest = src.split();
        (!rest.is_empty() && !is_rest_of_a_dropped_one).then_some(rest)
    }
}
