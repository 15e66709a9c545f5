//! An async runtime.
mod base;
mod driver;
mod task;
mod wheel;
