//! The driver: a reactor that turns readiness of sources into wake-ups.

pub(crate) mod reactor;
pub(crate) mod source;
