//! Percentiles that can be added up: counts in buckets whose width grows with the value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Buckets in every doubling: a quantile is at most 1/64 (1.6 %) off.
const STEPS: u32 = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// The distribution of many numbers. Values below 64 are exact.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sketch {
    buckets: BTreeMap<u16, u64>,
}

impl Sketch {
    /// Counts one value.
    pub fn record(&mut self, value: u64) {
        *self.buckets.entry(bucket(value)).or_default() += 1;
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.buckets.values().fold(0, |sum, count| sum.wrapping_add(*count))
    }

    /// The value that a share of all values, 0 to 1, is not above. `None` when there are none.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let count = self.count();
        let rank = ((share.clamp(0.0, 1.0) * count as f64).ceil() as u64).clamp(1, count.max(1));
        let mut seen = 0_u64;
        let reached = self.buckets.iter().find(|(_, count)| {
            seen = seen.saturating_add(**count);
            seen >= rank
        });
        reached.map(|(bucket, _)| middle(*bucket))
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            let mine = self.buckets.entry(*bucket).or_default();
            *mine = mine.wrapping_add(*count);
        }
    }

    /// Takes away what was added before.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            let mine = self.buckets.entry(*bucket).or_default();
            *mine = mine.wrapping_sub(*count);
        }
        self.buckets.retain(|_, count| *count != 0);
    }
}

fn bucket(value: u64) -> u16 {
    let length = u64::BITS - value.leading_zeros();
    let shift = length.saturating_sub(STEP_BITS + 1);
    // Below 64 the shift is 0 and the bucket the value.
    let bucket = shift * STEPS + (value >> shift) as u32;
    bucket as u16
}

/// The number in the middle of a bucket.
fn middle(bucket: u16) -> u64 {
    let bucket = u32::from(bucket);
    if bucket < 2 * STEPS {
        return bucket.into();
    }
    // No bucket of ours is beyond 64 bits; one that was read from elsewhere may be.
    let shift = (bucket / STEPS - 1).min(u64::BITS - STEP_BITS - 1);
    let low = u64::from(bucket % STEPS + STEPS) << shift;
    low.saturating_add((1 << shift) / 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_middle_is_near_every_value_of_its_bucket(value in any::<u64>(), shift in 0_u32..64) {
            let value = value >> shift;
            let near = middle(bucket(value));
            prop_assert!(near.abs_diff(value) <= value / 64, "{value} is shown as {near}");
        }

        #[test]
        fn buckets_follow_one_another(value in 0..u64::MAX, shift in 0_u32..64) {
            let value = value >> shift;
            let (here, next) = (bucket(value), bucket(value + 1));
            prop_assert!(next == here || next == here + 1);
        }

        #[test]
        fn quantiles_are_near_the_true_ones(mut values in prop::collection::vec(0_u64..1_000_000, 1..300), share in 0.0..1.0_f64) {
            let mut sketch = Sketch::default();
            values.iter().for_each(|value| sketch.record(*value));
            values.sort_unstable();
            let rank = ((share * values.len() as f64).ceil() as usize).max(1);
            let truth = values[rank - 1];
            let shown = sketch.quantile(share).unwrap();
            prop_assert!(shown.abs_diff(truth) <= truth / 32 + 1, "{shown} instead of {truth}");
        }

        #[test]
        fn what_was_added_can_be_taken_away(a in prop::collection::vec(any::<u64>(), 0..50), b in prop::collection::vec(any::<u64>(), 0..50)) {
            let sketch = |values: &[u64]| {
                let mut sketch = Sketch::default();
                values.iter().for_each(|value| sketch.record(*value));
                sketch
            };
            let mut both = sketch(&a);
            both.add(&sketch(&b));
            prop_assert_eq!(&both, &sketch(&[a.clone(), b.clone()].concat()));
            both.subtract(&sketch(&b));
            prop_assert_eq!(&both, &sketch(&a));
        }
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Sketch::default().quantile(0.5), None);
        assert!(middle(u16::MAX) > 1 << 63);
    }
}
