//! Time: what waits for it, and what counts it.

mod missed;

pub use missed::MissedTickBehavior;
