//! The macros of the crate `runtime`; use them through that crate.
