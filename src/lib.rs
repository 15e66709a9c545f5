//! An async runtime.
mod base;
mod task;
