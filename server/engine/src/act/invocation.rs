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
}
