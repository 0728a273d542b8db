//! What the user chose to have done.

use autodao_syntax::Span;

/// What the user chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// Cursor or selection, in bytes of the text it was chosen for.
    pub selection: Span,
    /// The template's name.
    pub template: String,
    /// The finding to resolve, by its rule's id.
    pub rule: Option<String>,
    /// The user's words; empty when there are none.
    pub instruction: String,
    /// What it was offered for. `None` where the selection is of the text as it is.
    pub offered: Option<Offered>,
    /// Whether another answer is wanted than one that is known.
    pub anew: bool,
}

/// What something was offered for: it is found again when the text changed before it was chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered {
    /// The editor's number of the text.
    pub version: i32,
    /// The target's symbol path; empty for one without a name.
    pub symbol: String,
}
