//! Proportions with confidence intervals.

use serde::Serialize;

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A part of a whole, with the interval that holds the true proportion with 95 % confidence (Wilson's score
/// interval, which is right for small numbers and at the ends, too).
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Rate {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub whole: u64,
    /// The proportion, 0 to 1.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Rate {
    /// `None` when the whole is nothing. A part greater than the whole is the whole.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        if whole == 0 {
            return None;
        }
        let part = part.min(whole);
        let (n, p, z2) = (whole as f64, part as f64 / whole as f64, Z * Z);
        let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        // Exact at the ends, where rounding leaves a trace.
        let low = if part == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high = if part == whole { 1.0 } else { (middle + half).min(1.0) };
        Some(Self { part, whole, value: p, low, high })
    }

    /// By how many standard errors another rate is above this one (pooled two-proportion z statistic).
    pub(crate) fn z_above(&self, other: &Self) -> f64 {
        let (n, m) = (self.whole as f64, other.whole as f64);
        let pooled = (self.part + other.part) as f64 / (n + m);
        let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        if error > 0.0 { (other.value - self.value) / error } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_literature() {
        // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (part, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let rate = Rate::of(part, whole).unwrap();
            assert!((rate.low - low).abs() < 5e-5 && (rate.high - high).abs() < 5e-5, "{rate:?}");
        }
    }

    #[test]
    fn the_ends_stay_within_bounds() {
        assert_eq!(Rate::of(0, 0), None);
        let all = Rate::of(7, 7).unwrap();
        assert_eq!((all.value, all.high), (1.0, 1.0));
        assert!(all.low > 0.6 && all.low < 0.7);
        assert_eq!(all.z_above(&all), 0.0);
    }
}
