//! One of two types, where they do the same: [`Either`].

pub use crate::async_io::either::Either;
