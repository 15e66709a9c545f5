//! An async runtime.
mod base;
mod driver;
mod registry;
