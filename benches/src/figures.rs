//! Numbers: medians, quartiles, ratios, and how they read.

/// A number, and the quartiles around it: half of what was measured lies between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// A quarter lies below.
    pub low: f64,
    /// The number itself.
    pub middle: f64,
    /// A quarter lies above.
    pub high: f64,
}

impl Spread {
    /// The median of the ratios of the single rounds, and their quartiles.
    ///
    /// # Panics
    ///
    /// If there are no rounds.
    pub fn of_ratios(these: &[f64], those: &[f64]) -> Self {
        let ratios: Vec<f64> = these.iter().zip(those).map(|(a, b)| a / b).collect();
        Spread {
            low: quantile(&ratios, 0.25),
            middle: quantile(&ratios, 0.5),
            high: quantile(&ratios, 0.75),
        }
    }
}

/// The value that such a share of the values stays within.
///
/// # Panics
///
/// If there are no values.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let last = (values.len() - 1) as f64;
    values[(last * share).round() as usize]
}

/// Nanoseconds, in a unit that fits.
pub fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.1} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}

/// A ratio, with two digits that mean something.
pub fn ratio(ratio: f64) -> String {
    match ratio {
        r if r < 0.1 => format!("{r:.3}"),
        r if r < 10.0 => format!("{r:.2}"),
        r => format!("{r:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 0.25), 2.0);
        assert_eq!(quantile(&values, 0.5), 3.0);
        assert_eq!(quantile(&values, 1.0), 5.0);
        assert_eq!(quantile(&[7.0], 0.75), 7.0);
    }

    #[test]
    fn a_ratio_is_that_of_what_was_measured_in_the_same_round() {
        let spread = Spread::of_ratios(&[1.0, 2.0, 3.0], &[4.0, 2.0, 4.0]);
        assert_eq!(spread.middle, 0.75);
        assert_eq!((spread.low, spread.high), (0.75, 1.0));
    }

    #[test]
    fn numbers_read_in_the_unit_that_fits() {
        assert_eq!(time(12.34), "12.3 ns");
        assert_eq!(time(12_340.0), "12.34 µs");
        assert_eq!(time(12_340_000.0), "12.34 ms");
        assert_eq!(ratio(0.0712), "0.071");
        assert_eq!(ratio(0.712), "0.71");
        assert_eq!(ratio(71.2), "71");
    }
}
