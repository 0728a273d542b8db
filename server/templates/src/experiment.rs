//! Whether one version of a template is better than another, told so that one may look at any time.
//!
//! The bounds are asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024,
//! proposition 2.5) on the difference of two means: they hold at all times together, so that stopping when they say
//! something is no mistake, which it is with a fixed-sample test.
//!
//! Edits take from a hundred tokens to ten thousand, and what is asked decides more than the version. So an edit's
//! tokens are held against those of its own prompt as the old version has it, which is counted exactly for both
//! versions before either is drawn: what is compared are the logarithms of these ratios. Their means differ by how much
//! more the same edit takes, and vary only by what cannot be known beforehand, the replies.

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
    /// How many more tokens the same edit may take with the new version, as a share of the old one's.
    pub more_tokens: f64,
    /// The share of the new version in what was assigned, as the propensities have it.
    pub share: f64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { alpha: 0.05, tightest_at: 500.0, least: 20, least_drawn: 10, more_tokens: 0.05, share: 0.5 }
    }
}

/// What an edit took.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spent {
    /// Tokens of all its requests and replies.
    pub tokens: f64,
    /// What these are held against: the tokens its prompt has with the old version, whichever one was drawn.
    pub reference: f64,
}

impl Spent {
    /// Tokens that are held against nothing: where the old version's prompts are not known.
    pub const fn alone(tokens: f64) -> Self {
        Self { tokens, reference: 1.0 }
    }

    /// The logarithm of how many times the reference it took.
    pub(crate) fn ratio(self) -> f64 {
        (self.tokens.max(1.0) / self.reference.max(1.0)).ln()
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
    /// The sum of the logarithms of how many times their references they took.
    pub ratio: f64,
    /// The sum of the squares of those logarithms.
    pub ratio_squared: f64,
    /// How many times as large as that of independent edits the variance of what stays is; below 1 counts as 1.
    pub kept_effect: f64,
    /// The same for the logarithms.
    pub ratio_effect: f64,
}

impl Tally {
    /// Adds the outcome of an edit.
    pub fn add(&mut self, kept: bool, spent: Spent) {
        self.assigned += 1;
        self.tried += 1;
        self.kept += u64::from(kept);
        self.tokens += spent.tokens;
        self.ratio += spent.ratio();
        self.ratio_squared += spent.ratio().powi(2);
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

    fn mean_ratio(&self) -> Moments {
        let count = self.tried as f64;
        let mean = self.ratio / count;
        let variance = (self.ratio_squared / count - mean * mean).max(0.0);
        Moments { count, mean, variance: variance * self.ratio_effect.max(1.0) }
    }
}

#[derive(Clone, Copy)]
struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

/// From where to where a difference lies.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bounds {
    /// The least.
    pub low: f64,
    /// What was seen.
    pub seen: f64,
    /// The most.
    pub high: f64,
}

/// What an experiment says. Of what stays, the old version's rate is taken from the new one's; of tokens it is said how
/// many more the same edit takes, as a share: 0.05 for one in twenty.
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
    /// There are too few outcomes.
    Early,
    /// Nothing that is sure yet.
    Open {
        /// How much more often edits of the new version stay.
        kept: Bounds,
        /// How many more tokens they take.
        tokens: Bounds,
    },
    /// Edits of the new version stay more often, and take no more tokens than allowed.
    Better {
        /// How much more often.
        kept: Bounds,
        /// How many more tokens they take.
        tokens: Bounds,
    },
    /// Edits of the new version stay less often.
    Worse {
        /// How much, below 0.
        kept: Bounds,
    },
    /// Edits of the new version take more tokens than allowed.
    Dearer {
        /// How many more they take.
        tokens: Bounds,
    },
}

impl Verdict {
    /// Whether more outcomes may say more.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Early | Self::Open { .. })
    }
}

/// Of the chance to err, the part for telling that a version is dearer; the rest is for what stays. Together they are the
/// chance that anything at all is said of equal versions.
const FOR_TOKENS: f64 = 0.1;

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
        return Verdict::Early;
    }
    let alpha = terms.alpha.clamp(1e-9, 0.5);
    let kept = difference(old.rate(), new.rate(), alpha * (1.0 - FOR_TOKENS), terms);
    let ratio = |alpha: f64| difference(old.mean_ratio(), new.mean_ratio(), alpha, terms);
    // Each bound on tokens is asked on one side. "Better" is wrong with tokens only where both it and what stays are
    // wrong about it, so that it need not share its chance with what stays.
    let (above, below) = (ratio((2.0 * alpha).min(0.5)), ratio(2.0 * alpha * FOR_TOKENS));
    let share = |logarithm: f64| logarithm.exp() - 1.0;
    let tokens = Bounds { low: share(below.low), seen: share(above.seen), high: share(above.high) };
    if kept.high < 0.0 {
        Verdict::Worse { kept }
    } else if tokens.low > terms.more_tokens {
        Verdict::Dearer { tokens }
    } else if kept.low > 0.0 && tokens.high <= terms.more_tokens {
        Verdict::Better { kept, tokens }
    } else {
        Verdict::Open { kept, tokens }
    }
}

/// The confidence sequence of the difference of two means, the old one taken from the new one.
fn difference(old: Moments, new: Moments, alpha: f64, terms: &Terms) -> Bounds {
    let seen = new.mean - old.mean;
    // As many pairs as have the same precision.
    let count = 2.0 / (1.0 / old.count + 1.0 / new.count);
    let variance = count * (old.variance / old.count + new.variance / new.count);
    let spread = -2.0 * alpha.ln();
    let tuning = (spread + spread.ln() + 1.0) / terms.tightest_at.max(1.0);
    // The tuning is for a variance of 1.
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
            let [low, seen, high] = [bounds.low, bounds.seen, bounds.high].map(|share| share * 100.0);
            format!("{seen:+.1} % tokens for the same edit, surely between {low:+.1} and {high:+.1} %")
        };
        match self {
            Self::BadSplit { share, planned } => write!(
                f,
                "No verdict: the new version got {:.1} % of the edits instead of {:.1} %, which chance does not explain.",
                share * 100.0,
                planned * 100.0
            ),
            Self::Early => f.write_str("Open: there are too few outcomes."),
            Self::Open { kept, tokens } if kept.low > 0.0 => write!(
                f,
                "Open: more edits stay ({}), and whether they take too many tokens is not sure yet ({}).",
                points(kept),
                amount(tokens)
            ),
            Self::Open { kept, .. } => {
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
