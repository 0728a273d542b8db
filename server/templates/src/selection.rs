//! Which of several versions of a template is used: those that did well more often, none of them never.
//!
//! Thompson sampling with a floor. The chance of each version is worked out, not drawn, so that what is recorded as
//! its propensity is exactly the chance it had; the draw itself is a hash of who asks, for what, on which day.

use semver::Version;
use sha2::{Digest, Sha256};

/// Points at which the distributions are looked at.
const POINTS: usize = 512;

/// More outcomes of a version than these count in proportion: beyond, its distribution would be narrower than the
/// distance of two points.
const MAX_OUTCOMES: f64 = 4000.0;

/// A version and how it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arm<'a> {
    /// The version.
    pub version: &'a Version,
    /// How many of its edits have an outcome.
    pub tried: u64,
    /// How many of those stayed.
    pub kept: u64,
}

/// Who asks for what: the same answers the same for a whole day, so that nobody sees two styles in one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Occasion<'a> {
    /// A stable name of the workspace; empty where nothing is to be tried.
    pub workspace: &'a str,
    /// The template, or the experiment that is made with it.
    pub template: &'a str,
    /// The kind of task.
    pub task: &'a str,
    /// The day, as a number of days since any fixed one.
    pub day: u64,
}

/// Which version is used.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Selection {
    /// The version, as an index into the arms.
    pub arm: usize,
    /// The chance it had, above 0 to 1: to be recorded with the edit.
    pub propensity: f64,
}

/// Chooses a version. The first arm is the one used when nothing is to be tried; `None` when there is no arm.
///
/// Each arm has a chance of `floor` at least, or an equal share where that is less. The answer is the same for a day
/// when the outcomes are those known at its beginning: the caller counts no later ones. The order of the arms after
/// the first does not matter.
pub fn select(arms: &[Arm<'_>], occasion: &Occasion<'_>, floor: f64) -> Option<Selection> {
    if arms.is_empty() {
        return None;
    }
    if arms.len() == 1 || occasion.workspace.is_empty() {
        return Some(Selection { arm: 0, propensity: 1.0 });
    }
    let versions: Vec<&Version> = arms.iter().map(|arm| arm.version).collect();
    draw(&versions, &chances(arms, floor), occasion)
}

/// Draws one of some versions by the chance each has, together 1: the same for the same occasion, whatever their
/// order. `None` when there is none, or not a chance for each.
pub fn draw(versions: &[&Version], chances: &[f64], occasion: &Occasion<'_>) -> Option<Selection> {
    if versions.is_empty() || versions.len() != chances.len() {
        return None;
    }
    let mut order: Vec<usize> = (0..versions.len()).filter(|&arm| chances[arm] > 0.0).collect();
    order.sort_by(|&a, &b| versions[a].cmp(versions[b]));
    let mut rest = drawn(occasion);
    let mut last = None;
    for arm in order {
        last = Some(Selection { arm, propensity: chances[arm] });
        if rest < chances[arm] {
            break;
        }
        rest -= chances[arm];
    }
    last
}

/// The chance of each arm; together 1.
pub fn chances(arms: &[Arm<'_>], floor: f64) -> Vec<f64> {
    let count = arms.len() as f64;
    let floor = if floor.is_nan() { 0.0 } else { floor.clamp(0.0, 1.0 / count.max(1.0)) };
    let best = best(arms);
    best.into_iter().map(|chance| floor + (1.0 - count * floor).max(0.0) * chance).collect()
}

/// The probability of each arm to have the highest rate, given its outcomes and, before any, that every rate is as
/// likely as another.
fn best(arms: &[Arm<'_>]) -> Vec<f64> {
    let masses: Vec<Vec<f64>> = arms.iter().map(masses).collect();
    // Half of a point's own mass counts as below it.
    let below: Vec<Vec<f64>> = masses
        .iter()
        .map(|mass| {
            let mut sum = 0.0;
            mass.iter()
                .map(|mass| {
                    sum += mass;
                    sum - mass / 2.0
                })
                .collect()
        })
        .collect();
    let mut chances: Vec<f64> = (0..arms.len())
        .map(|arm| {
            let at = |point: usize| {
                let others = (0..arms.len()).filter(|&other| other != arm).map(|other| below[other][point]);
                masses[arm][point] * others.product::<f64>()
            };
            (0..POINTS).map(at).sum()
        })
        .collect();
    let sum: f64 = chances.iter().sum();
    if sum > 0.0 {
        chances.iter_mut().for_each(|chance| *chance /= sum);
    } else {
        let equal = 1.0 / arms.len() as f64;
        chances.fill(equal);
    }
    chances
}

/// A Beta distribution as its masses at the points.
fn masses(arm: &Arm<'_>) -> Vec<f64> {
    let tried = arm.tried as f64;
    let scale = if tried > MAX_OUTCOMES { MAX_OUTCOMES / tried } else { 1.0 };
    let kept = arm.kept.min(arm.tried) as f64 * scale;
    let lost = tried * scale - kept;
    let logs: Vec<f64> = (0..POINTS)
        .map(|point| {
            let rate = (point as f64 + 0.5) / POINTS as f64;
            kept * rate.ln() + lost * (1.0 - rate).ln()
        })
        .collect();
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut masses: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
    let sum: f64 = masses.iter().sum();
    masses.iter_mut().for_each(|mass| *mass /= sum);
    masses
}

/// A number from 0 to below 1 that is the same for the same occasion.
fn drawn(occasion: &Occasion<'_>) -> f64 {
    let mut hasher = Sha256::new();
    for part in [occasion.workspace, occasion.template, occasion.task] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(occasion.day.to_le_bytes());
    let hash = hasher.finalize();
    let bits = hash.iter().take(8).fold(0u64, |bits, &byte| bits << 8 | u64::from(byte));
    (bits >> 11) as f64 / (1u64 << 53) as f64
}
