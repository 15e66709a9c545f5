//! An async runtime.
mod base;
mod blocking;
mod driver;
mod tasks;
pub mod time;
mod wheel;
