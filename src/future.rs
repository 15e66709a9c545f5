//! More to do with any future: [`FutureExt`].
//!
//! # Examples
//!
//! ```
//! use runtime::future::FutureExt;
//! use std::time::Duration;
//!
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! assert_eq!(async { 1 }.timeout(Duration::from_secs(5)).await, Ok(1));
//! # });
//! ```

// A face: no logic here.

pub use crate::sync::futures::{WithCancellationTokenFuture, WithCancellationTokenFutureOwned};
#[doc(inline)]
pub use crate::time::FutureExt;
