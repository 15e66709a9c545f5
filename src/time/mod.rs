//! Time: what waits for it, and what counts it.
//!
//! [`sleep()`] waits for a while, [`timeout()`] limits how long a future may take, [`interval()`]
//! ticks. All of them are timers in the wheel of the worker that polls them first; one that is
//! never polled costs nothing. In tests, [`pause()`] makes time stand still, and it moves on by
//! itself when nothing else can be done.
//!
//! # Examples
//!
//! ```
//! use runtime::time::{Duration, sleep, timeout};
//!
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! let slow = sleep(Duration::from_secs(60));
//! assert!(timeout(Duration::from_millis(2), slow).await.is_err());
//! # });
//! ```

pub mod delay_queue;
pub mod error;
mod future_ext;
mod instant;
mod interval;
mod missed;
mod pause;
mod send_timeout;
mod sleep;
mod timeout;

#[doc(inline)]
pub use delay_queue::DelayQueue;
pub use future_ext::FutureExt;
pub use instant::Instant;
pub use interval::{Interval, interval, interval_at};
pub use missed::MissedTickBehavior;
pub use pause::{advance, pause, resume};
pub use sleep::{Sleep, sleep, sleep_until};
#[doc(no_inline)]
pub use std::time::Duration;
pub use timeout::{Timeout, timeout, timeout_at};
