//! What a rule is: its identity, its reasons, and how it looks.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::Applicability;
use crate::metrics::FunctionMetrics;
use crate::visit::{FileVisit, Visit};

/// How much a finding matters, most severe first. The names are LSP's `DiagnosticSeverity`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Surely wrong: it does not build, or it must never be committed.
    Error,
    /// Likely a defect or a cost for whoever reads this next.
    Warning,
    /// Worth knowing.
    Information,
    /// A suggestion, shown discreetly.
    Hint,
}

impl Severity {
    /// Every severity, most severe first.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warning, Self::Information, Self::Hint];

    /// The name used in configuration and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
            Self::Hint => "hint",
        }
    }

    /// The severity of a name as given by [`Severity::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// A rule's severity, or that it is switched off.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Level {
    /// The rule does not look.
    Off,
    /// Its findings have this severity unless it says otherwise itself.
    On(Severity),
}

impl Level {
    /// The level of a name: a severity's, or `off`.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "off" { Some(Self::Off) } else { Severity::from_name(name).map(Self::On) }
    }

    /// The name used in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On(severity) => severity.name(),
        }
    }
}

/// The five sides of quality that are looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dimension {
    /// Is it finished, and can it work?
    Functionality,
    /// Can it be read and changed?
    CodeQuality,
    /// Are the parts the right size and in the right place?
    Architecture,
    /// Does it waste time or memory?
    Performance,
    /// What happens when something fails?
    ErrorHandling,
}

impl Dimension {
    /// Every dimension in the order they are shown.
    pub const ALL: [Self; 5] =
        [Self::Functionality, Self::CodeQuality, Self::Architecture, Self::Performance, Self::ErrorHandling];

    /// The name used in configuration and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Functionality => "functionality",
            Self::CodeQuality => "code-quality",
            Self::Architecture => "architecture",
            Self::Performance => "performance",
            Self::ErrorHandling => "error-handling",
        }
    }

    /// The dimension of a name as given by [`Dimension::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.name() == name)
    }
}

/// The public rule, standard or paper a rule follows.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// As its authors call it.
    pub name: &'static str,
    /// Where it is described.
    pub url: &'static str,
}

/// A number a user can set for a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleOption {
    /// The key in configuration.
    pub name: &'static str,
    /// The value when none is set.
    pub default: u32,
    /// What it bounds, with its unit.
    pub describes: &'static str,
}

/// A text that shows a rule; every example is also a test.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The language it is in.
    pub language: Language,
    /// A text with findings: each finding's range is written between `⟦` and `⟧`.
    pub bad: &'static str,
    /// The text after the rule's fixes are applied; empty when it offers none here.
    pub fixed: &'static str,
    /// A text without any.
    pub good: &'static str,
}

/// A node visitor and the node kinds it is called for.
#[derive(Clone, Copy)]
pub struct NodeCheck {
    /// The languages these kinds belong to.
    pub languages: &'static [Language],
    /// Node kinds of the grammar; one that a language of the list lacks is an error a test finds.
    pub kinds: &'static [&'static str],
    /// Called for each node of these kinds, outer before inner.
    pub visit: for<'t> fn(&mut Visit<'t, '_>, Node<'t>),
}

/// How a rule looks.
#[derive(Clone, Copy)]
pub enum Check {
    /// At nodes, in the one walk that all rules share.
    Nodes(&'static [NodeCheck]),
    /// At functions and what is measured of them, when the walk has seen all of one.
    Functions(for<'t> fn(&mut Visit<'t, '_>, Node<'t>, &FunctionMetrics)),
    /// At what a tree-sitter query captures as `@finding`; the text is a file of `queries/<language>/rules/`.
    Query(QueryCheck),
    /// At nodes, which it notes, and then at the notes of all items of the file together. Its findings are held
    /// while an item's are: a text that is being typed is seldom whole.
    Joined {
        /// Where notes are taken.
        nodes: &'static [NodeCheck],
        /// What is made of them.
        join: fn(&mut FileVisit<'_>),
    },
    /// At the file as a whole, after its items. Also called for files too large to parse.
    File(fn(&mut FileVisit<'_>)),
    /// At all files together: see [`crate::workspace_findings`].
    Workspace,
}

/// A rule written as a query.
#[derive(Clone, Copy, Debug)]
pub struct QueryCheck {
    /// The query's text.
    pub query: &'static str,
    /// The message, with `{capture}` for a capture's text.
    pub message: &'static str,
    /// What may replace the finding.
    pub fix: Option<QueryFix>,
}

/// A query rule's fix. It is offered where every capture its text names is there.
#[derive(Clone, Copy, Debug)]
pub struct QueryFix {
    /// What replaces the finding, with `{capture}` for a capture's text.
    pub text: &'static str,
    /// What it does, as an imperative.
    pub title: &'static str,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
}

/// One rule of the catalog. A rule is one small file: this value, a visitor, and examples that are its tests.
pub struct Rule {
    /// Stable name, in kebab-case: used in configuration, suppressions and output.
    pub id: &'static str,
    /// The side of quality it belongs to.
    pub dimension: Dimension,
    /// Its level when nothing is configured.
    pub level: Level,
    /// The languages it looks at.
    pub languages: &'static [Language],
    /// What it flags, in one line.
    pub flags: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What it follows.
    pub reference: Reference,
    /// What can be set.
    pub options: &'static [RuleOption],
    /// How it looks.
    pub check: Check,
    /// Texts that show it.
    pub examples: &'static [Example],
}
