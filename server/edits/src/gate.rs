//! What an edit has to pass, and how it did.

use crate::gates::quality::QualityDelta;

/// A check between a reply and an edit, in the order they are made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Gate {
    /// The reply ended as its model meant.
    Ending,
    /// The reply holds one answer of the form that was asked for.
    Extraction,
    /// Every search text is found exactly once in the node.
    Place,
    /// The edit changes something.
    Change,
    /// No ERROR or MISSING node that was not there before.
    Syntax,
    /// What stands around the target is read as before.
    Surroundings,
    /// The target is still what it was: a function a function.
    Kind,
    /// No item is lost; with the stricter term, none is new. No name is given twice.
    Items,
    /// Signatures, heads of types and attributes are kept.
    Signature,
    /// Where only comments may change, nothing else does.
    Comments,
    /// No comment stands in for code.
    Elision,
    /// No fence, chat, conflict marker, model token or hidden character is left.
    Residue,
    /// Every new name resolves.
    Names,
    /// No dimension of quality gets worse than allowed, and what was to be fixed is.
    Quality,
    /// It neither grows nor loses more than allowed.
    Size,
    /// What the user typed meanwhile survives beside it.
    Conflict,
}

impl Gate {
    /// The name used in reports and the ledger.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ending => "ending",
            Self::Extraction => "extraction",
            Self::Place => "place",
            Self::Change => "change",
            Self::Syntax => "syntax",
            Self::Surroundings => "surroundings",
            Self::Kind => "kind",
            Self::Items => "items",
            Self::Signature => "signature",
            Self::Comments => "comments",
            Self::Elision => "elision",
            Self::Residue => "residue",
            Self::Names => "names",
            Self::Quality => "quality",
            Self::Size => "size",
            Self::Conflict => "conflict",
        }
    }
}

/// How an edit did at one gate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It passed.
    Passed,
    /// It passed, but a person should know this.
    Warned(String),
    /// It did not pass, for this reason.
    Failed(String),
    /// The gate has nothing to say about this edit.
    NotApplicable,
}

/// One gate's verdict.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GateResult {
    /// The gate.
    pub gate: Gate,
    /// How the edit did.
    pub verdict: Verdict,
}

/// What all gates said about an edit. Where one of the first ones failed, later ones were not asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GateReport {
    /// The verdicts in the order of [`Gate`].
    pub results: Vec<GateResult>,
    /// How findings changed, if that was looked at.
    pub quality: Option<QualityDelta>,
    /// Names the workspace knows that the file had nowhere before: they may need an import.
    pub imports: Vec<String>,
}

impl GateReport {
    /// Whether no gate failed.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }

    /// The gates that failed, with their reasons.
    pub fn failures(&self) -> impl Iterator<Item = (Gate, &str)> {
        self.results.iter().filter_map(|result| match &result.verdict {
            Verdict::Failed(reason) => Some((result.gate, reason.as_str())),
            _ => None,
        })
    }

    /// What a person should know about an edit that passed.
    pub fn warnings(&self) -> impl Iterator<Item = (Gate, &str)> {
        self.results.iter().filter_map(|result| match &result.verdict {
            Verdict::Warned(reason) => Some((result.gate, reason.as_str())),
            _ => None,
        })
    }

    /// A gate that was asked before says no after all.
    pub(crate) fn fail(&mut self, gate: Gate, reason: String) {
        for result in self.results.iter_mut().filter(|result| result.gate == gate) {
            result.verdict = Verdict::Failed(reason.clone());
        }
    }

    pub(crate) fn add(&mut self, gate: Gate, verdict: Verdict) {
        self.results.push(GateResult { gate, verdict });
    }
}
