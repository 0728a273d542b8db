//! Whether one version of a template is better than another, told so that one may look at any time.
//!
//! The bounds are asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024,
//! proposition 2.5) on the difference of two means: they hold at all times together, so that stopping when they say
//! something is no mistake, which it is with a fixed-sample test.

use std::fmt;

/// How an experiment is judged.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Terms {
    /// The chance of a wrong verdict over the whole experiment, above 0 and below 1.
    pub alpha: f64,
    /// For how many outcomes of each version the bounds are tightest.
    pub tightest_at: f64,
    /// No verdict before each version has so many outcomes.
    pub least: u64,
    /// No verdict before each version was drawn so many times.
    pub least_drawn: u64,
    /// How many more tokens an edit of the new version may take, as a share of the old one's.
    pub more_tokens: f64,
    /// The share of the new version in what was assigned, as the propensities have it.
    pub share: f64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { alpha: 0.05, tightest_at: 500.0, least: 20, least_drawn: 10, more_tokens: 0.05, share: 0.5 }
    }
}

/// What is known of one version: sums, so that they can be added up from anywhere.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Tally {
    /// How many times it was drawn, with an outcome or not: edits, or occasions where all edits of one share a draw.
    pub assigned: u64,
    /// How many have an outcome.
    pub tried: u64,
    /// How many of those stayed.
    pub kept: u64,
    /// The tokens of those with an outcome.
    pub tokens: f64,
    /// The sum of the squares of those tokens.
    pub tokens_squared: f64,
    /// How many times as large as that of independent edits the variance of what stays is; below 1 counts as 1.
    pub kept_effect: f64,
    /// The same for tokens.
    pub tokens_effect: f64,
}

impl Tally {
    /// Adds the outcome of an edit.
    pub fn add(&mut self, kept: bool, tokens: f64) {
        self.assigned += 1;
        self.tried += 1;
        self.kept += u64::from(kept);
        self.tokens += tokens;
        self.tokens_squared += tokens * tokens;
    }

    fn rate(&self) -> Moments {
        let count = self.tried as f64;
        // One of each more: a version that never failed has still a variance.
        let smoothed = (self.kept as f64 + 1.0) / (count + 2.0);
        Moments {
            count,
            mean: self.kept as f64 / count,
            variance: smoothed * (1.0 - smoothed) * self.kept_effect.max(1.0),
        }
    }

    fn tokens(&self) -> Moments {
        let count = self.tried as f64;
        let mean = self.tokens / count;
        let variance = (self.tokens_squared / count - mean * mean).max(0.0);
        Moments { count, mean, variance: variance * self.tokens_effect.max(1.0) }
    }
}

#[derive(Clone, Copy)]
struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

/// From where to where a difference lies, the old version's mean taken from the new one's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bounds {
    /// The least.
    pub low: f64,
    /// What was seen.
    pub seen: f64,
    /// The most.
    pub high: f64,
}

/// What an experiment says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Verdict {
    /// The versions were not assigned as planned, and nothing else can be said: the fault is in the assignment or
    /// in what is recorded.
    BadSplit {
        /// The share the new version has.
        share: f64,
        /// The share it should have.
        planned: f64,
    },
    /// Nothing yet.
    Open {
        /// How much more often edits of the new version stay; `None` before there are enough outcomes.
        kept: Option<Bounds>,
    },
    /// Edits of the new version stay more often, and take no more tokens than allowed.
    Better {
        /// How much more often.
        kept: Bounds,
        /// The difference in tokens for an edit.
        tokens: Bounds,
    },
    /// Edits of the new version stay less often.
    Worse {
        /// How much, below 0.
        kept: Bounds,
    },
    /// Edits of the new version take more tokens than allowed.
    Dearer {
        /// How many more for an edit.
        tokens: Bounds,
    },
}

/// The chi-square value of one degree of freedom that chance exceeds once in a thousand times.
const SPLIT_LIMIT: f64 = 10.828;

/// Judges a new version against the old one by all that is known so far.
pub fn judge(old: &Tally, new: &Tally, terms: &Terms) -> Verdict {
    let all = (old.assigned + new.assigned) as f64;
    let share = new.assigned as f64 / all.max(1.0);
    let planned = terms.share.clamp(0.001, 0.999);
    let off = new.assigned as f64 - all * planned;
    if off * off / (all.max(1.0) * planned * (1.0 - planned)) > SPLIT_LIMIT {
        return Verdict::BadSplit { share, planned };
    }
    if old.tried.min(new.tried) < terms.least.max(2) || old.assigned.min(new.assigned) < terms.least_drawn {
        return Verdict::Open { kept: None };
    }
    // Two questions are asked: each gets half of the chance to err.
    let kept = difference(old.rate(), new.rate(), terms);
    let tokens = difference(old.tokens(), new.tokens(), terms);
    let allowed = old.tokens().mean * terms.more_tokens;
    if kept.high < 0.0 {
        Verdict::Worse { kept }
    } else if tokens.low > allowed {
        Verdict::Dearer { tokens }
    } else if kept.low > 0.0 && tokens.high <= allowed {
        Verdict::Better { kept, tokens }
    } else {
        Verdict::Open { kept: Some(kept) }
    }
}

/// The confidence sequence of the difference of two means.
fn difference(old: Moments, new: Moments, terms: &Terms) -> Bounds {
    let alpha = terms.alpha.clamp(1e-9, 0.5) / 2.0;
    let seen = new.mean - old.mean;
    // As many pairs as have the same precision.
    let count = 2.0 / (1.0 / old.count + 1.0 / new.count);
    let variance = count * (old.variance / old.count + new.variance / new.count);
    let spread = -2.0 * alpha.ln();
    let tuning = (spread + spread.ln() + 1.0) / terms.tightest_at.max(1.0);
    // The tuning is for a variance of 1; tokens have one of thousands.
    let unit = variance.max(f64::MIN_POSITIVE).sqrt();
    let grown = count * tuning + 1.0;
    let margin = unit * (grown / (count * count * tuning) * (grown / (alpha * alpha)).ln()).sqrt();
    Bounds { low: seen - margin, seen, high: seen + margin }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = |bounds: &Bounds| {
            let [low, seen, high] = [bounds.low, bounds.seen, bounds.high].map(|rate| rate * 100.0);
            format!("{seen:+.1} points, surely between {low:+.1} and {high:+.1}")
        };
        let amount = |bounds: &Bounds| {
            format!(
                "{:+.0} tokens an edit, surely between {:+.0} and {:+.0}",
                bounds.seen, bounds.low, bounds.high
            )
        };
        match self {
            Self::BadSplit { share, planned } => write!(
                f,
                "No verdict: the new version got {:.1} % of the edits instead of {:.1} %, which chance does not explain.",
                share * 100.0,
                planned * 100.0
            ),
            Self::Open { kept: None } => f.write_str("Open: there are too few outcomes."),
            Self::Open { kept: Some(kept) } => {
                write!(f, "Open: edits that stay differ by {}.", points(kept))
            }
            Self::Better { kept, tokens } => {
                write!(f, "Better: more edits stay ({}), at {}.", points(kept), amount(tokens))
            }
            Self::Worse { kept } => write!(f, "Worse: fewer edits stay ({}).", points(kept)),
            Self::Dearer { tokens } => write!(f, "Dearer: {}.", amount(tokens)),
        }
    }
}
