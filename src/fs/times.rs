//! [`FileTimes`]: when a file was read and changed, to be set.

use std::time::SystemTime;

/// Times for [`File::set_times`](super::File::set_times). What isn't named here stays.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let path = std::env::temp_dir().join(format!("fs-filetimes-{}", std::process::id()));
/// use runtime::fs::{File, FileTimes};
/// use std::time::{Duration, SystemTime};
///
/// let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
/// let file = File::create(&path).await?;
/// file.set_times(FileTimes::new().set_accessed(then).set_modified(then)).await?;
/// assert_eq!(file.metadata().await?.modified()?, then);
/// # runtime::fs::remove_file(&path).await
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct FileTimes(pub(super) std::fs::FileTimes);

impl FileTimes {
    /// No times: nothing would change.
    ///
    /// # Examples
    ///
    /// ```
    /// let times = runtime::fs::FileTimes::new();
    /// # drop(times);
    /// ```
    pub fn new() -> Self {
        FileTimes::default()
    }

    /// With `time` as the last time of reading.
    ///
    /// # Examples
    ///
    /// ```
    /// let times = runtime::fs::FileTimes::new().set_accessed(std::time::SystemTime::now());
    /// # drop(times);
    /// ```
    #[must_use]
    pub fn set_accessed(self, time: SystemTime) -> Self {
        FileTimes(self.0.set_accessed(time))
    }

    /// With `time` as the last time of a change.
    ///
    /// # Examples
    ///
    /// ```
    /// let times = runtime::fs::FileTimes::new().set_modified(std::time::SystemTime::now());
    /// # drop(times);
    /// ```
    #[must_use]
    pub fn set_modified(self, time: SystemTime) -> Self {
        FileTimes(self.0.set_modified(time))
    }
}
