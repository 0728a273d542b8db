//! Scores from 0 to 10 with what they are made of, and what a change does to them.
//!
//! A score says how hard code is to change safely, as far as its text tells: it is calibrated on classes that
//! experts rated, and says nothing about whether the code is right. Where nothing can be said it is `None`, never a
//! guess. A mean is not fit to judge a change by (lines added to a good function raise it), so changes are judged by
//! debt, which is a sum.

mod cost;
mod delta;
mod file;
mod function;
mod matching;
mod ramp;
mod workspace;

pub use cost::{Cause, Cost, Metric};
pub use delta::{Delta, DeltaFinding, FunctionDelta, Side, Verdict, delta};
pub use file::{Counted, Evidence, FileInput, FileScore, score_file};
pub use function::{FunctionScore, score_function};
pub use workspace::{Workspace, WorkspaceEvidence, WorkspaceScore};

#[cfg(test)]
mod tests;
