//! Outcomes of edits that share a draw. Edits of one workspace, task and day are alike in more than their version, so
//! that many of them say less than as many edits drawn one by one: how much less is measured, and widens the bounds.

use std::collections::BTreeMap;

use crate::{Spent, Tally};

/// Outcomes of one version, by the occasions that drew it.
#[derive(Clone, PartialEq, Debug)]
pub struct Occasions<K> {
    sums: BTreeMap<K, Sums>,
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Sums {
    tried: u64,
    kept: u64,
    tokens: f64,
    ratio: f64,
    ratio_squared: f64,
}

impl<K: Ord> Default for Occasions<K> {
    fn default() -> Self {
        Self { sums: BTreeMap::new() }
    }
}

impl<K: Ord> Occasions<K> {
    /// An occasion drew the version, whether or not anything is known of its edits.
    pub fn drawn(&mut self, occasion: K) {
        self.sums.entry(occasion).or_default();
    }

    /// An edit of an occasion has an outcome.
    pub fn add(&mut self, occasion: K, kept: bool, spent: Spent) {
        let sums = self.sums.entry(occasion).or_default();
        sums.tried += 1;
        sums.kept += u64::from(kept);
        sums.tokens += spent.tokens;
        sums.ratio += spent.ratio();
        sums.ratio_squared += spent.ratio().powi(2);
    }

    /// What they amount to.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally { assigned: self.sums.len() as u64, ..Tally::default() };
        for sums in self.sums.values() {
            tally.tried += sums.tried;
            tally.kept += sums.kept;
            tally.tokens += sums.tokens;
            tally.ratio += sums.ratio;
            tally.ratio_squared += sums.ratio_squared;
        }
        let count = tally.tried as f64;
        let rate = tally.kept as f64 / count;
        let mean = tally.ratio / count;
        let smoothed = (tally.kept as f64 + 1.0) / (count + 2.0);
        let alone =
            [count * smoothed * (1.0 - smoothed), (tally.ratio_squared - count * mean * mean).max(0.0)];
        let mut together = [0.0; 2];
        let mut occasions = 0.0;
        for sums in self.sums.values().filter(|sums| sums.tried > 0) {
            occasions += 1.0;
            let tried = sums.tried as f64;
            for (sum, off) in
                together.iter_mut().zip([sums.kept as f64 - rate * tried, sums.ratio - mean * tried])
            {
                *sum += off * off;
            }
        }
        // One occasion says nothing on how occasions differ.
        let few = if occasions > 1.0 { occasions / (occasions - 1.0) } else { 1.0 };
        let effect = |at: usize| {
            let effect = few * together[at] / alone[at];
            if effect.is_finite() { effect.max(1.0) } else { 1.0 }
        };
        (tally.kept_effect, tally.ratio_effect) = (effect(0), effect(1));
        tally
    }
}
