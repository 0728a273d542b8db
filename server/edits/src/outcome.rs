//! What comes of a reply: an edit, a message, or a reason why not.

use std::fmt;

use autodao_quality::TextEdit;
use autodao_syntax::Span;

use crate::contract::Contract;
use crate::gate::{Gate, GateReport};

/// An edit that passed every gate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// The version of the text it was made for; it may be applied to no other.
    pub version: i32,
    /// Ascending, apart from each other, in bytes of that text.
    pub edits: Vec<TextEdit>,
    /// The whole text afterwards.
    pub text: String,
    /// What may have changed, in bytes of that version.
    pub before: Span,
    /// What stands there afterwards, in bytes of [`Proposal::text`].
    pub after: Span,
    /// What the gates said.
    pub report: GateReport,
}

impl Proposal {
    /// The new text of what may have changed.
    pub fn new_text(&self) -> &str {
        self.text.get(self.after.range()).unwrap_or("")
    }
}

/// Why there is no edit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The first gate that failed.
    pub gate: Gate,
    /// Why, in a sentence or a few lines.
    pub reason: String,
    /// Whether the model may do better when it is told.
    pub repairable: bool,
    /// What to tell it, beside the reason.
    pub repair_hint: String,
    /// What the gates said, where it came that far.
    pub report: GateReport,
}

impl Refusal {
    pub(crate) fn new(gate: Gate, reason: &str, repairable: bool) -> Self {
        Self {
            gate,
            reason: reason.to_owned(),
            repairable,
            repair_hint: String::new(),
            report: GateReport::default(),
        }
    }

    /// What to send for one more round: what was wrong and what is asked for, in few words.
    pub fn repair_prompt(&self, contract: Contract) -> String {
        let mut prompt = String::from("Your answer cannot be used.\n");
        let mut any = false;
        for (gate, reason) in self.report.failures() {
            prompt += &format!("- {}: {}\n", gate.name(), clipped(reason));
            any = true;
        }
        if !any {
            prompt += &format!("- {}: {}\n", self.gate.name(), clipped(&self.reason));
        }
        if !self.repair_hint.is_empty() {
            prompt += &self.repair_hint;
            prompt.push('\n');
        }
        prompt + contract.instruction()
    }
}

/// How much of one reason a repair prompt carries, in characters.
const REASON_CHARACTERS: usize = 600;

fn clipped(reason: &str) -> &str {
    reason.char_indices().nth(REASON_CHARACTERS).map_or(reason, |(at, _)| &reason[..at])
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// What comes of a reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// An edit.
    Proposal(Box<Proposal>),
    /// Markdown for the user, where that was asked for.
    Message(String),
    /// No edit, and why.
    Refusal(Box<Refusal>),
}

impl Outcome {
    /// The edit, if there is one.
    pub fn proposal(&self) -> Option<&Proposal> {
        if let Self::Proposal(proposal) = self { Some(proposal) } else { None }
    }

    /// Why there is none, if that is so.
    pub fn refusal(&self) -> Option<&Refusal> {
        if let Self::Refusal(refusal) = self { Some(refusal) } else { None }
    }
}

impl From<Box<Refusal>> for Outcome {
    fn from(refusal: Box<Refusal>) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(Box::new(refusal))
    }
}
