//! An async runtime.
mod base;
