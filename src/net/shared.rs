//! A stream that two halves share: who ends what, and when. One for all kinds of streams.

use std::io;
use std::ops::Deref;
use std::sync::Arc;

/// A stream whose direction for writing can be ended by itself.
pub(super) trait EndWriting {
    /// Ends it. That it has ended already, or the connection is gone, is as good.
    fn end_writing(&self) -> io::Result<()>;
}

/// The half that reads.
#[derive(Debug)]
pub(super) struct Reading<S> {
    stream: Arc<S>,
}

/// The half that writes, whose drop ends that direction.
#[derive(Debug)]
pub(super) struct Writing<S: EndWriting> {
    stream: Arc<S>,
    ends_on_drop: bool,
}

pub(super) fn share<S: EndWriting>(stream: S) -> (Reading<S>, Writing<S>) {
    let stream = Arc::new(stream);
    let reading = Reading {
        stream: stream.clone(),
    };
    let writing = Writing {
        stream,
        ends_on_drop: true,
    };
    (reading, writing)
}

/// The stream, if they are halves of one.
pub(super) fn reunite<S: EndWriting>(
    reading: Reading<S>,
    writing: Writing<S>,
) -> Result<S, (Reading<S>, Writing<S>)> {
    if !Arc::ptr_eq(&reading.stream, &writing.stream) {
        return Err((reading, writing));
    }
    writing.forget();
    // PANIC: there are two halves, one was given up, and neither can be cloned.
    Ok(Arc::into_inner(reading.stream).expect("the other half was given up"))
}

impl<S: EndWriting> Writing<S> {
    pub(super) fn forget(mut self) {
        self.ends_on_drop = false;
    }

    /// Ends the direction now. The drop tries again if that fails.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let result = self.stream.end_writing();
        if result.is_ok() {
            self.ends_on_drop = false;
        }
        result
    }
}

impl<S: EndWriting> Drop for Writing<S> {
    fn drop(&mut self) {
        if self.ends_on_drop {
            // An error means that the connection is gone.
            let _ = self.stream.end_writing();
        }
    }
}

impl<S> Deref for Reading<S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.stream
    }
}

impl<S: EndWriting> Deref for Writing<S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.stream
    }
}
