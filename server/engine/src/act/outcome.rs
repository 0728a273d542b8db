//! What an edit comes to.

use std::path::PathBuf;

use autodao_quality::TextEdit;

use super::estimate::Estimate;

/// What an edit comes to.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// An edit that passed every gate, for the text as it is now.
    Edit(ReadyEdit),
    /// Words for the user; nothing changes.
    Message(String),
    /// No edit: why, in words for the user.
    Refused {
        /// The gate, by the name that reports use.
        gate: String,
        /// Why.
        reason: String,
    },
    /// No edit, because something failed on the way: what, and what to do.
    Failed(String),
    /// The user stopped it.
    Cancelled,
}

/// An edit to apply as one step.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadyEdit {
    /// What the editor calls the step.
    pub label: String,
    /// The version of the document it is for: it may be applied to no other.
    pub version: i32,
    /// Ascending and apart, in bytes of that version. Of a new file: its text.
    pub edits: Vec<TextEdit>,
    /// The file to make, when it is not a change of the document.
    pub new_file: Option<PathBuf>,
    /// Whether the user should see it before it is applied, and why.
    pub confirm: Option<String>,
    /// What a person should know of it: a gate's warnings.
    pub warnings: Vec<String>,
}

/// How far an edit is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Progress {
    /// It waits for others that ask the same endpoint.
    Waiting,
    /// The model was asked.
    Asked {
        /// Which time: 2 is the repair.
        round: u32,
        /// What it is expected to take.
        estimate: Estimate,
    },
    /// So many tokens of the reply are here.
    Heard {
        /// About how many.
        tokens: u64,
    },
    /// A task in parts: so many came to an end.
    Part {
        /// How many.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// The reply is held to its contract.
    Checking,
}

impl Progress {
    /// For the user.
    pub fn message(&self) -> String {
        match self {
            Self::Waiting => "waiting for its turn".to_owned(),
            Self::Asked { round: 1, estimate } => format!("asked ({})", estimate.label()),
            Self::Asked { .. } => "asked to repair".to_owned(),
            Self::Heard { tokens } => format!("{tokens} tokens"),
            Self::Part { done, of } => format!("{done} of {of} items"),
            Self::Checking => "checking".to_owned(),
        }
    }
}
