//! What can be said of shares that were seen in a few trials.

/// The value of the normal distribution that 2.5 % of it exceed.
const Z: f64 = 1.959_963_984_540_054;

/// The interval of Wilson (1927) for a share, 95 %: from where to where the true one lies when so many of so many
/// passed. From 0 to 1 when there were none.
pub fn wilson(passed: u64, all: u64) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, seen) = (all as f64, passed.min(all) as f64 / all as f64);
    let spread = Z * Z / n;
    let middle = (seen + spread / 2.0) / (1.0 + spread);
    let half = (Z / (1.0 + spread)) * (seen * (1.0 - seen) / n + spread / (4.0 * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// The exact test of McNemar (1947), two-sided: how likely pairs differ so much when neither of two ways is better.
/// `first_only`, `second_only`: pairs of which only one passed.
pub fn mcnemar(first_only: u64, second_only: u64) -> f64 {
    let all = first_only + second_only;
    // Half of the binomial distribution's tail; logarithms, for its terms are small.
    let mut log_term = -(all as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for at in 0..=first_only.min(second_only) {
        tail += log_term.exp();
        log_term += ((all - at) as f64 / (at + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 0.000_5
    }

    #[test]
    fn bounds_of_shares_are_those_of_the_tables() {
        // Newcombe 1998, table I, method 3.
        for (passed, all, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (a, b) = wilson(passed, all);
            assert!(near(a, low) && near(b, high), "{passed} of {all}: {a} to {b}");
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn pairs_that_differ_are_judged_exactly() {
        assert!(near(mcnemar(0, 0), 1.0));
        assert!(near(mcnemar(3, 3), 1.0));
        // Two times the tail of a fair coin: (1 + 10) / 2^10, 2 / 2^6.
        assert!(near(mcnemar(1, 9), 22.0 / 1024.0));
        assert!(near(mcnemar(6, 0), 2.0 / 64.0));
        assert!(near(mcnemar(0, 5), 0.0625));
    }

    proptest! {
        #[test]
        fn a_share_lies_in_its_bounds(all in 1u64..5_000, part in 0.0..=1.0f64) {
            let passed = (all as f64 * part) as u64;
            let (low, high) = wilson(passed, all);
            let seen = passed as f64 / all as f64;
            prop_assert!(0.0 <= low && low <= seen + 1e-12 && seen <= high + 1e-12 && high <= 1.0);
        }

        #[test]
        fn a_chance_is_one(first in 0u64..2_000, second in 0u64..2_000) {
            let chance = mcnemar(first, second);
            prop_assert!((0.0..=1.0).contains(&chance) && near(chance, mcnemar(second, first)));
        }
    }
}
