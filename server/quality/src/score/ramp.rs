//! How a number turns into a share of what can be lost.

/// 0 up to `low`, 1 from `high` on, between them the logarithm: the first steps too far cost most, and there is
/// always something to gain from a step back.
pub(super) fn ramp(x: f64, low: f64, high: f64) -> f64 {
    if x <= low { 0.0 } else { ((x / low).ln() / (high / low).ln()).min(1.0) }
}
