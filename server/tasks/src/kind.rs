//! The kinds of tasks.

/// What kind of change is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TaskKind {
    /// Something wrong is made right: a finding, a bug.
    Fix,
    /// Failures are handled.
    ErrorHandling,
    /// Documentation is written.
    Document,
    /// Tests are written.
    Test,
    /// The same, easier to read.
    Simplify,
    /// The same, faster or leaner.
    Optimise,
    /// Types are written down.
    Types,
    /// Words for the user, no change.
    Explain,
    /// The same, in another structure.
    Refactor,
    /// What the user says, and it is none of the others.
    Custom,
    /// It could not be told. It is treated as [`TaskKind::Custom`] and recorded as what it is.
    Unknown,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Fix,
        Self::ErrorHandling,
        Self::Document,
        Self::Test,
        Self::Simplify,
        Self::Optimise,
        Self::Types,
        Self::Explain,
        Self::Refactor,
        Self::Custom,
        Self::Unknown,
    ];

    /// Whether it can be done for each item alone, none knowing of the others.
    pub const fn is_per_item(self) -> bool {
        matches!(self, Self::ErrorHandling | Self::Document | Self::Simplify | Self::Optimise | Self::Types)
    }

    /// Its name in templates, configuration and records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fix => "fix",
            Self::ErrorHandling => "error-handling",
            Self::Document => "document",
            Self::Test => "test",
            Self::Simplify => "simplify",
            Self::Optimise => "optimise",
            Self::Types => "types",
            Self::Explain => "explain",
            Self::Refactor => "refactor",
            Self::Custom => "custom",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of a name as given by [`TaskKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
