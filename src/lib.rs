//! An async runtime.
mod base;
mod task;
mod wheel;
