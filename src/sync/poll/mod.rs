//! Channels and semaphores for code that polls by hand: [`PollSender`] is a sink,
//! [`PollSemaphore`] a stream, and [`ReusableBoxFuture`] a box for one future after another.

mod reusable;
mod semaphore;
mod sender;

pub use reusable::ReusableBoxFuture;
pub use semaphore::PollSemaphore;
pub use sender::{PollSendError, PollSender};
