//! What a template asks the model for, and what the edit must keep.

use autodao_quality::{Dimension, RuleId, Severity};

/// The form of the answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Contract {
    /// One fenced block with the full new text of the node.
    WholeNode,
    /// Blocks of `<<<<`, `====`, `>>>>`, also with more signs and with `SEARCH` and `REPLACE` behind them, whose search text is unique in the node.
    Hunks,
    /// One fenced block with what goes before the node, and nothing else.
    InsertBefore,
    /// One fenced block with what goes after the node, and nothing else.
    InsertAfter,
    /// One fenced block with a whole new file. The site is an empty text.
    NewFile,
    /// Markdown for the user; no edit.
    Text,
}

impl Contract {
    /// What to tell a model that did not keep to it.
    pub const fn instruction(self) -> &'static str {
        match self {
            Self::WholeNode => {
                "Answer with one fenced code block that holds the complete new code, nothing else."
            }
            Self::Hunks => {
                "Answer only with blocks of the lines <<<<, ====, >>>>. Copy the searched lines \
                 exactly; they must occur once."
            }
            Self::InsertBefore | Self::InsertAfter => {
                "Answer with one fenced code block that holds only the new code, not the existing code."
            }
            Self::NewFile => "Answer with one fenced code block that holds the whole file, nothing else.",
            Self::Text => "Answer in Markdown.",
        }
    }
}

/// What must stay of the signatures of functions and the heads of types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum SignatureTerm {
    /// They stay as they are, blanks apart.
    #[default]
    Kept,
    /// They may change.
    Free,
}

/// What must stay of the items in the node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ItemTerm {
    /// The same items, none more.
    Same,
    /// None is lost; there may be new ones.
    #[default]
    Kept,
    /// Items may go, be renamed or change their kind.
    Free,
}

/// What a name that resolves nowhere means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum NameTerm {
    /// The edit is refused where the name is surely unknown; else it is a warning.
    #[default]
    Refuse,
    /// Always a warning.
    Warn,
    /// Names are not looked at.
    Off,
}

/// What new findings mean, for one dimension.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Allowance {
    /// Any number of them: they are only reported.
    Any,
    /// None of this severity or a graver one.
    Below(Severity),
}

/// What quality the edit must keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QualityTerms {
    /// By dimension, in the order of [`Dimension::ALL`].
    pub allowed: [Allowance; Dimension::ALL.len()],
    /// Rules whose findings in the file must become fewer: those the edit is made to fix.
    pub resolves: Vec<RuleId>,
    /// The least change of the score of the target's worst function, in hundredths of a point; negative lets it fall.
    pub least_change: Option<i16>,
}

impl Default for QualityTerms {
    fn default() -> Self {
        Self {
            allowed: [Allowance::Below(Severity::Error); Dimension::ALL.len()],
            resolves: Vec::new(),
            least_change: None,
        }
    }
}

/// Bounds of the edit's size.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// How many bytes the new text may have beyond [`Limits::growth_factor`] times the old one.
    pub growth_bytes: u32,
    /// How many times as long as the old text the new one may be, before [`Limits::growth_bytes`].
    pub growth_factor: u32,
    /// How many of a hundred words (names, numbers, words of strings and comments) of the old text may be missing
    /// from the new one, wherever they stand. Texts below [`Limits::MIN_WORDS`] words are not judged.
    pub lost_percent: u32,
}

impl Limits {
    /// Smaller texts may be replaced altogether.
    pub const MIN_WORDS: usize = 24;

    /// How many bytes the new text of so many old ones may have.
    pub const fn allowed(&self, old: u32) -> u64 {
        old as u64 * self.growth_factor as u64 + self.growth_bytes as u64
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { growth_bytes: 6 << 10, growth_factor: 3, lost_percent: 80 }
    }
}

/// Everything a template says about what the edit must keep.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// Signatures and heads.
    pub signature: SignatureTerm,
    /// The set of items.
    pub items: ItemTerm,
    /// Nothing but comments changes.
    pub comments_only: bool,
    /// Names that resolve nowhere.
    pub names: NameTerm,
    /// Findings.
    pub quality: QualityTerms,
    /// Sizes.
    pub limits: Limits,
}
