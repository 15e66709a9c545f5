//! What can go wrong with time.

use std::fmt;
use std::io;

/// Why a timer could not be had.
///
/// No function of this crate returns it: timers have no limit to their number, and one whose
/// runtime was shut down panics. It is here for programs that name it.
///
/// # Examples
///
/// ```
/// use runtime::time::error::Error;
///
/// assert!(Error::shutdown().is_shutdown());
/// assert!(Error::at_capacity().is_at_capacity());
/// assert!(Error::invalid().is_invalid());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Error(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shutdown,
    AtCapacity,
    Invalid,
}

impl Error {
    /// The timer's runtime was shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::error::Error;
    ///
    /// assert_eq!(Error::shutdown().to_string(), "the timer's runtime was shut down");
    /// ```
    pub fn shutdown() -> Error {
        Error(Kind::Shutdown)
    }

    /// Whether the timer's runtime was shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!runtime::time::error::Error::invalid().is_shutdown());
    /// ```
    pub fn is_shutdown(&self) -> bool {
        self.0 == Kind::Shutdown
    }

    /// There are too many timers.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(runtime::time::error::Error::at_capacity().is_at_capacity());
    /// ```
    pub fn at_capacity() -> Error {
        Error(Kind::AtCapacity)
    }

    /// Whether there were too many timers.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!runtime::time::error::Error::invalid().is_at_capacity());
    /// ```
    pub fn is_at_capacity(&self) -> bool {
        self.0 == Kind::AtCapacity
    }

    /// The deadline is none that a timer can have.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(runtime::time::error::Error::invalid().is_invalid());
    /// ```
    pub fn invalid() -> Error {
        Error(Kind::Invalid)
    }

    /// Whether the deadline was none that a timer can have.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!runtime::time::error::Error::shutdown().is_invalid());
    /// ```
    pub fn is_invalid(&self) -> bool {
        self.0 == Kind::Invalid
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Shutdown => "the timer's runtime was shut down",
            Kind::AtCapacity => "there are too many timers",
            Kind::Invalid => "the deadline is none that a timer can have",
        })
    }
}

impl std::error::Error for Error {}

/// A [`timeout`](super::timeout()) passed.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, timeout};
///
/// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
/// let limited = timeout(Duration::from_secs(5), std::future::pending::<()>());
/// let error = std::io::Error::from(limited.await.unwrap_err());
/// assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
/// # });
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl Elapsed {
    pub(super) fn new() -> Self {
        Elapsed(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(error: Elapsed) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, error)
    }
}
