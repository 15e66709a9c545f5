//! The driver.
pub(crate) mod timers;
