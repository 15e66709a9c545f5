//! An async runtime.
mod base;
mod tasks;
