//! What the histograms of a runtime look like.

use crate::scheduler::Bounds;
use std::fmt;
use std::time::Duration;

/// How many bits of a time tell its bucket, at the most.
const MAX_PRECISION: u32 = 10;

/// The buckets of a histogram of times: all of one width, or wider and wider.
///
/// For [`Builder::metrics_poll_time_histogram_configuration`](super::Builder::metrics_poll_time_histogram_configuration).
///
/// # Examples
///
/// ```
/// use runtime::rt::{Builder, HistogramConfiguration};
/// use std::time::Duration;
///
/// let runtime = Builder::new_current_thread()
///     .enable_metrics_poll_time_histogram()
///     .metrics_poll_time_histogram_configuration(HistogramConfiguration::linear(
///         Duration::from_micros(100),
///         10,
///     ))
///     .build()?;
/// assert_eq!(runtime.metrics().poll_time_histogram_num_buckets(), 10);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HistogramConfiguration {
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    Linear { width: u64, count: usize },
    Log(LogHistogram),
}

impl HistogramConfiguration {
    /// So many buckets of one width. The last has no end.
    ///
    /// # Panics
    ///
    /// If the width or the number is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::HistogramConfiguration;
    /// use std::time::Duration;
    ///
    /// let configuration = HistogramConfiguration::linear(Duration::from_millis(1), 5);
    /// assert!(format!("{configuration:?}").contains("Linear"));
    /// ```
    #[track_caller]
    pub fn linear(bucket_width: Duration, num_buckets: usize) -> HistogramConfiguration {
        assert!(!bucket_width.is_zero(), "`bucket_width` must be above zero");
        assert!(num_buckets > 0, "`num_buckets` must be at least 1");
        HistogramConfiguration {
            shape: Shape::Linear {
                width: nanos(bucket_width),
                count: num_buckets,
            },
        }
    }

    /// Buckets whose width grows with the time, so that what is told of a time is wrong by a
    /// share of it at most.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::{HistogramConfiguration, LogHistogram};
    ///
    /// let configuration = HistogramConfiguration::log(LogHistogram::default());
    /// assert!(format!("{configuration:?}").contains("Log"));
    /// ```
    pub fn log(configuration: impl Into<LogHistogram>) -> HistogramConfiguration {
        HistogramConfiguration {
            shape: Shape::Log(configuration.into()),
        }
    }

    pub(super) fn bounds(&self) -> Bounds {
        match &self.shape {
            Shape::Linear { width, count } => (0..*count as u64)
                .map(|bucket| width.saturating_mul(bucket))
                .collect(),
            Shape::Log(log) => log.bounds().into(),
        }
    }
}

impl Default for HistogramConfiguration {
    fn default() -> Self {
        HistogramConfiguration::log(LogHistogram::default())
    }
}

/// A histogram whose buckets get wider with the time.
///
/// Below `min_value` there is one bucket, from `max_value` on another. Between them each
/// doubling of the time is divided into the same number of buckets, a power of two, which
/// [`max_error`](LogHistogramBuilder::max_error) decides.
///
/// # Examples
///
/// ```
/// use runtime::rt::LogHistogram;
/// use std::time::Duration;
///
/// let histogram = LogHistogram::builder()
///     .min_value(Duration::from_micros(1))
///     .max_value(Duration::from_secs(1))
///     .max_error(0.25)
///     .build();
/// assert_ne!(histogram, LogHistogram::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHistogram {
    min: u64,
    max: u64,
    precision: u32,
}

impl LogHistogram {
    /// A builder with the defaults: from 100 ns to 68 s, wrong by a quarter at most.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::LogHistogram;
    ///
    /// assert_eq!(LogHistogram::builder().build(), LogHistogram::default());
    /// ```
    pub fn builder() -> LogHistogramBuilder {
        LogHistogramBuilder {
            histogram: LogHistogram::default(),
        }
    }

    /// Where the buckets begin: at 0, at `min`, then `2^precision` to a doubling, up to `max`.
    fn bounds(&self) -> Vec<u64> {
        let parts = 1_u128 << self.precision;
        let mut bounds = vec![0];
        let doublings = (0..u64::BITS).map(|shift| u128::from(self.min) << shift);
        let begins =
            doublings.flat_map(|low| (parts..2 * parts).map(move |part| low * part / parts));
        for begin in begins.take_while(|&begin| begin < u128::from(self.max)) {
            // Below `parts` nanoseconds, some of them are the same.
            if bounds.last() != Some(&(begin as u64)) {
                bounds.push(begin as u64);
            }
        }
        bounds.push(self.max);
        bounds
    }
}

impl Default for LogHistogram {
    fn default() -> Self {
        LogHistogram {
            min: 100,
            max: 68_000_000_000,
            precision: 2,
        }
    }
}

impl From<LogHistogramBuilder> for LogHistogram {
    fn from(builder: LogHistogramBuilder) -> Self {
        builder.build()
    }
}

/// Builds a [`LogHistogram`]. Made by [`LogHistogram::builder`].
///
/// # Examples
///
/// ```
/// use runtime::rt::LogHistogram;
/// use std::time::Duration;
///
/// let histogram = LogHistogram::builder().min_value(Duration::from_micros(1)).build();
/// assert!(format!("{histogram:?}").contains("LogHistogram"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHistogramBuilder {
    histogram: LogHistogram,
}

impl LogHistogramBuilder {
    /// How wrong a bucket may be about a time, as a share of the time; 0.25 by default. The
    /// next power of two below is taken.
    ///
    /// # Panics
    ///
    /// If it is not above 0 and at most 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::LogHistogram;
    ///
    /// assert_eq!(
    ///     LogHistogram::builder().max_error(0.25).build(),
    ///     LogHistogram::default(),
    /// );
    /// ```
    #[track_caller]
    pub fn max_error(&mut self, max_error: f64) -> LogHistogramBuilder {
        assert!(
            max_error > 0.0 && max_error <= 1.0,
            "`max_error` must be above 0 and at most 1"
        );
        let precision = (0..MAX_PRECISION).find(|&p| 0.5_f64.powi(p as i32) <= max_error);
        self.histogram.precision = precision.unwrap_or(MAX_PRECISION);
        *self
    }

    /// Divides each doubling into `2^precision` buckets.
    ///
    /// # Panics
    ///
    /// If it is above 10.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::LogHistogram;
    ///
    /// let histogram = LogHistogram::builder().precision_exact(0).build();
    /// assert_ne!(histogram, LogHistogram::default());
    /// ```
    #[track_caller]
    pub fn precision_exact(&mut self, precision: u32) -> LogHistogramBuilder {
        assert!(
            precision <= MAX_PRECISION,
            "`precision` must be at most {MAX_PRECISION}"
        );
        self.histogram.precision = precision;
        *self
    }

    /// Below which times need not be told apart; 100 ns by default.
    ///
    /// # Panics
    ///
    /// If it is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::LogHistogram;
    /// use std::time::Duration;
    ///
    /// let histogram = LogHistogram::builder().min_value(Duration::from_micros(1)).build();
    /// assert_ne!(histogram, LogHistogram::default());
    /// ```
    #[track_caller]
    pub fn min_value(&mut self, duration: Duration) -> LogHistogramBuilder {
        assert!(!duration.is_zero(), "`min_value` must be above zero");
        self.histogram.min = nanos(duration);
        *self
    }

    /// From where on times need not be told apart; 68 s by default.
    ///
    /// # Panics
    ///
    /// If it is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::LogHistogram;
    /// use std::time::Duration;
    ///
    /// let histogram = LogHistogram::builder().max_value(Duration::from_secs(1)).build();
    /// assert_ne!(histogram, LogHistogram::default());
    /// ```
    #[track_caller]
    pub fn max_value(&mut self, duration: Duration) -> LogHistogramBuilder {
        assert!(!duration.is_zero(), "`max_value` must be above zero");
        self.histogram.max = nanos(duration);
        *self
    }

    /// Builds the histogram with at most so many buckets.
    ///
    /// # Errors
    ///
    /// If the settings need more.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::LogHistogram;
    ///
    /// assert!(LogHistogram::builder().max_buckets(200).is_ok());
    /// assert!(LogHistogram::builder().max_buckets(10).is_err());
    /// ```
    pub fn max_buckets(
        &mut self,
        max_buckets: usize,
    ) -> Result<LogHistogram, InvalidHistogramConfiguration> {
        let histogram = self.build();
        let needed = histogram.bounds().len();
        if needed > max_buckets {
            return Err(InvalidHistogramConfiguration {
                needed,
                max_buckets,
            });
        }
        Ok(histogram)
    }

    /// Builds the histogram.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::LogHistogram;
    ///
    /// assert_eq!(LogHistogram::builder().build(), LogHistogram::default());
    /// ```
    pub fn build(&self) -> LogHistogram {
        self.histogram
    }
}

/// A histogram would need more buckets than it may have.
///
/// Returned by [`LogHistogramBuilder::max_buckets`].
///
/// # Examples
///
/// ```
/// use runtime::rt::{InvalidHistogramConfiguration, LogHistogram};
///
/// let result = LogHistogram::builder().max_error(1e-9).max_buckets(2);
/// let error: InvalidHistogramConfiguration = result.unwrap_err();
/// assert!(!error.to_string().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidHistogramConfiguration {
    needed: usize,
    max_buckets: usize,
}

impl fmt::Display for InvalidHistogramConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the histogram needs {} buckets and may have {}: raise `min_value` or `max_error`, or \
             lower `max_value`",
            self.needed, self.max_buckets
        )
    }
}

impl std::error::Error for InvalidHistogramConfiguration {}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_divides_each_doubling_into_four() {
        let bounds = LogHistogram::default().bounds();
        assert_eq!(bounds[..7], [0, 100, 125, 150, 175, 200, 250]);
        assert_eq!(bounds.last(), Some(&68_000_000_000));
    }

    proptest! {
        #[test]
        fn buckets_follow_each_other_and_none_is_wider_than_promised(
            min in 1..1_000_000u64,
            max in 1..u64::MAX,
            precision in 0..=MAX_PRECISION,
        ) {
            let bounds = LogHistogram { min, max, precision }.bounds();
            for pair in bounds.windows(2) {
                prop_assert!(pair[0] < pair[1]);
                let width = pair[1] - pair[0];
                let most = (pair[0] >> precision) + 1;
                prop_assert!(pair[0] == 0 || width <= most, "{pair:?}");
            }
        }
    }
}
