//! An async runtime.
mod base;
mod driver;
mod tasks;
pub mod time;
mod wheel;
