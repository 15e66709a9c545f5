//! An async runtime.
mod base;
mod driver;
mod task;
pub mod time;
mod wheel;
