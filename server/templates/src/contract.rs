//! What form a reply must have, and the words that ask a model for it.

/// The form of a reply. A template lists those it can work with, best first; the caller picks one by what the
/// model is good at.
///
/// The rules for whoever takes a reply apart; text is UTF-8, lines may end in `\n` or `\r\n`:
/// - A *fenced block* opens with a line of at least three backticks, optionally followed by a language name, and
///   closes with a line of at least as many backticks and nothing else. A block that is not closed is a reply cut
///   short, never an answer. Prose around the one block is tolerated and dropped; two blocks are ambiguous.
/// - The target is shown to the model without its common indentation; the reply's own base indentation has no
///   meaning and is fitted to the place.
/// - A reply without any block is no edit: its text may be shown as the reason.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Contract {
    /// One fenced block: the complete new text of the target, its attributes and documentation included, every
    /// unchanged line too. It replaces the target as a whole.
    WholeNode,
    /// One or more blocks of exactly these marker lines, in any order, none overlapping another, fenced or not:
    ///
    /// ```text
    /// <<<<
    /// lines as they stand in the target
    /// ====
    /// the lines that replace them
    /// >>>>
    /// ```
    ///
    /// A marker is four characters at the start of a line; seven, with or without `SEARCH` and `REPLACE`, count as
    /// well. The search text is not empty, is whole lines, and
    /// occurs exactly once in the target (not in the file); all blocks apply to the original text or none does.
    /// The replacement may be empty: the lines are removed.
    ///
    /// Small models asked for this answer with one fenced block of the whole target all the same. Where the
    /// template has [`Contract::WholeNode`] too, such a reply, without any marker, may be taken as one.
    Hunks,
    /// One fenced block: only new lines, which go directly before the target (before its attributes and
    /// documentation). The target is not repeated.
    InsertBefore,
    /// One fenced block: only new lines, which go directly after the target. The target is not repeated.
    InsertAfter,
    /// One fenced block: the complete text of a new file.
    NewFile,
    /// Free Markdown, shown to the user. Nothing in it is ever applied.
    Text,
}

impl Contract {
    /// Every contract.
    pub const ALL: [Self; 6] =
        [Self::WholeNode, Self::Hunks, Self::InsertBefore, Self::InsertAfter, Self::NewFile, Self::Text];

    /// Its name in `template.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WholeNode => "whole-node",
            Self::Hunks => "hunks",
            Self::InsertBefore => "insert-before",
            Self::InsertAfter => "insert-after",
            Self::NewFile => "new-file",
            Self::Text => "text",
        }
    }

    /// The contract of a name as given by [`Contract::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contract| contract.name() == name)
    }

    /// Whether a reply changes or adds text.
    pub const fn is_edit(self) -> bool {
        !matches!(self, Self::Text)
    }

    /// What the stable half of a prompt says of the reply's form.
    pub const fn instructions(self) -> &'static str {
        match self {
            Self::WholeNode => {
                "Reply with exactly one fenced code block and no other text. It must hold the complete new text of \
                 the target, from its first line to its last, including every line that stays the same. Never \
                 shorten code with `...` or a comment."
            }
            Self::Hunks => {
                "Reply only with edits:\n\
                 <<<<\n\
                 exact text of the target, just enough to occur once\n\
                 ====\n\
                 its replacement\n\
                 >>>>"
            }
            Self::InsertBefore => {
                "Reply with exactly one fenced code block and no other text. It must hold only the new lines that \
                 go directly before the target. Do not repeat the target."
            }
            Self::InsertAfter => {
                "Reply with exactly one fenced code block and no other text. It must hold only the new lines that \
                 go directly after the target. Do not repeat the target."
            }
            Self::NewFile => {
                "Reply with exactly one fenced code block and no other text. It must hold the complete text of the \
                 new file."
            }
            Self::Text => "Reply in plain Markdown.",
        }
    }

    /// One line for the end of the varying half: small models follow what they read last. `symbol` is the target's
    /// symbol path; naming the target there keeps a small model from answering with another function it was shown.
    pub fn reminder(self, symbol: &str) -> String {
        let (new, beside) = match called(symbol) {
            Some(name) => (name.clone(), name),
            None => ("target".to_owned(), "the target".to_owned()),
        };
        match self {
            Self::WholeNode => format!("Reply with one fenced block: the complete new {new}."),
            // Models that need reminding are asked for the whole node.
            Self::Hunks => String::new(),
            Self::InsertBefore => format!("Reply with one fenced block: only the new lines before {beside}."),
            Self::InsertAfter => format!("Reply with one fenced block: only the new lines after {beside}."),
            Self::NewFile => "Reply with one fenced block: the new file.".to_owned(),
            Self::Text => "Reply in plain Markdown.".to_owned(),
        }
    }
}

/// The target as its own code names it, in backticks; `None` where it has no name of its own: several items, an `impl`.
fn called(symbol: &str) -> Option<String> {
    // A range of items is `first to last`; what is exported as `default` may have any name in the code.
    if symbol.contains(" to ") || symbol == "default" {
        return None;
    }
    let name = symbol.rsplit("::").next().unwrap_or(symbol);
    let name = name.rsplit('.').next().unwrap_or(name);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#');
    (!name.is_empty() && name.chars().all(is_part)).then(|| format!("`{name}`"))
}
