//! What is wrong in a template's files: where, and what to do about it.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use crate::Fix;

/// How much a problem matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The template is not used.
    Error,
    /// The template is used.
    Warning,
}

/// Something wrong in a template. The other templates hold all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file; a built-in's path starts with `builtin/`.
    pub file: PathBuf,
    /// The line, 1-based; 1 for what has no place.
    pub line: u32,
    /// The column, 1-based, in characters.
    pub column: u32,
    /// What to underline, in bytes of the file's text; empty at 0 for what has no place.
    pub span: Range<usize>,
    /// Whether the template can be used.
    pub severity: Severity,
    /// What is wrong.
    pub kind: ProblemKind,
    /// What to do about it, as an imperative without a full stop.
    pub cure: Option<String>,
    /// What to write over the span, where that is certain enough to offer.
    pub replacement: Option<String>,
    /// Other ways to take it away, the likeliest first.
    pub fixes: Vec<Fix>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file.display(), self.line, self.column, self.kind)?;
        match &self.cure {
            Some(cure) => write!(f, "; {cure}"),
            None => Ok(()),
        }
    }
}

/// What can be wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The file or folder cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A file that is no text.
    #[error("is not UTF-8")]
    NotUtf8,
    /// A file above the limit.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A link where a link may lead out of the folder.
    #[error("is a link, and a workspace's templates may hold none")]
    Link,
    /// More templates in a folder than are read.
    #[error("holds more than {limit} templates")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// More files in a template than are taken along.
    #[error("holds more than {limit} files")]
    TooManyFiles {
        /// The limit.
        limit: usize,
    },
    /// `SKILL.md` does not start with front matter, or it is not YAML of the kind a skill has.
    #[error("bad front matter: {0}")]
    FrontMatter(String),
    /// `template.toml` is no TOML.
    #[error("not TOML: {0}")]
    Toml(String),
    /// `prompt.mj` does not parse, or uses what a prompt may not.
    #[error("bad prompt: {0}")]
    Prompt(String),
    /// A file that `prompt.mj` would take in, and that is not there either.
    #[error("there is no `{0}` in the template's folder, and a prompt takes in no other file")]
    MissingPartial(String),
    /// A key that does not exist.
    #[error("there is no key `{key}` in {table}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The table it stands in, as it is called in messages.
        table: String,
    },
    /// A key that no template may have.
    #[error("a template cannot set `{0}`")]
    Forbidden(String),
    /// A value that a template of a workspace may not have.
    #[error("a workspace's template cannot set `{0}`: it would relax what is asked of a reply")]
    Relaxed(String),
    /// A key that must be there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A value that the key does not take.
    #[error("`{key}` must be {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// What it takes.
        expected: String,
    },
    /// A name that the standard does not allow.
    #[error("`{0}` is no name of a skill")]
    BadName(String),
    /// A skill whose name is not its folder's.
    #[error("`{name}` is not the folder's name, `{folder}`")]
    NameMismatch {
        /// The name.
        name: String,
        /// The folder.
        folder: String,
    },
    /// A version that is none.
    #[error("`{text}` is no semantic version: {reason}")]
    BadSemver {
        /// What is written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The two files state different versions.
    #[error("version {config} here, {skill} in SKILL.md")]
    VersionMismatch {
        /// In `SKILL.md`.
        skill: String,
        /// In `template.toml`.
        config: String,
    },
    /// Two templates of one layer with the same name and version.
    #[error("{name} {version} is there twice: first in {first}")]
    Duplicate {
        /// The name.
        name: String,
        /// The version.
        version: String,
        /// The folder that is used.
        first: String,
    },
    /// A pattern for paths that is none.
    #[error("bad pattern for paths: {0}")]
    BadGlob(String),
    /// A pattern for an input that is none.
    #[error("bad pattern: {0}")]
    BadPattern(String),
    /// A default that the input itself would refuse.
    #[error("the default of `{name}` {reason}")]
    BadDefault {
        /// The input.
        name: String,
        /// Why it is refused.
        reason: String,
    },
    /// A variable that is neither given nor an input.
    #[error("there is no variable `{0}`")]
    UndefinedVariable(String),
    /// An input that no text uses.
    #[error("the input `{0}` is not used")]
    UnusedInput(String),
    /// A character that a reader does not see and a model does.
    #[error("hidden character U+{0:04X}")]
    HiddenUnicode(u32),
    /// What has the form of a credential: it would be sent with every prompt, and shared with the template.
    #[error("holds {0}")]
    Secret(&'static str),
    /// A file the text points to that is not in the folder.
    #[error("`{0}` is not in the template's folder")]
    MissingReference(String),
    /// A path that leads out of the folder.
    #[error("`{0}` leads out of the template's folder")]
    OutsideFolder(String),
    /// A node kind that no grammar it applies to has.
    #[error("no grammar has the node kind `{0}`")]
    BadNodeKind(String),
    /// A query that no grammar it applies to knows.
    #[error("bad query: {0}")]
    BadQuery(String),
    /// A language that nothing is known of.
    #[error("there is no language `{0}`")]
    BadLanguage(String),
    /// Text that is the same in every prompt, behind what differs: providers' prompt caches end before it.
    #[error("{bytes} bytes that never vary stand behind what does: no prompt cache reaches them")]
    VolatileBeforeStable {
        /// How many.
        bytes: usize,
    },
    /// A sentence that is there twice.
    #[error("this is said twice")]
    DuplicateInstruction,
    /// A sentence on the reply's form, which every prompt states already.
    #[error("the reply's form is stated by the contract already")]
    FormInstruction,
    /// Asks for a short reply and for a long one.
    #[error("`{long}` contradicts `{short}`")]
    ContradictingLength {
        /// What asks for few words.
        short: &'static str,
        /// What asks for many.
        long: &'static str,
    },
    /// A vendor's model by name.
    #[error("`{0}` is one vendor's model")]
    VendorModel(String),
    /// A command in the form some tools run.
    #[error("`{0}` is never run: the model would see it as it is")]
    ShellInjection(String),
    /// What another tool would fill in.
    #[error("`{0}` is not filled in: the model sees it as it is")]
    ForeignVariable(String),
    /// A file that every template has.
    #[error("there is no `{0}` beside it")]
    MissingFile(&'static str),
    /// A template without a test.
    #[error("has no test")]
    MissingTest,
    /// A snapshot that is not what is rendered.
    #[error("the snapshot of `{0}` is not what is rendered")]
    StaleSnapshot(String),
    /// A template that can never be the best one, for another one wins wherever it applies.
    #[error("`{by}` is preferred wherever this applies")]
    Unreachable {
        /// The other template.
        by: String,
    },
    /// Other content under a version that is known.
    #[error("version {0} is known with other content")]
    VersionNotBumped(String),
    /// A label or pin of a template that is not there.
    #[error("there is no template `{0}` here")]
    UnknownTemplate(String),
    /// A label on a version that was not taken in.
    #[error("`{label}` is on {name} {version}, which was not taken in")]
    DanglingLabel {
        /// The label.
        label: &'static str,
        /// The template.
        name: String,
        /// The version.
        version: String,
    },
    /// A `templates.lock` that cannot be read.
    #[error("{0}")]
    Lock(String),
    /// A pin that no version fits.
    #[error("no version of `{name}` fits the pin `{pin}`")]
    UnmetPin {
        /// The template.
        name: String,
        /// The pin.
        pin: String,
    },
    /// More fixed text than the budget allows.
    #[error("{tokens} fixed tokens with the contract `{contract}`, and the budget is {budget}")]
    FixedTokens {
        /// How many, at most.
        tokens: usize,
        /// How many are allowed.
        budget: usize,
        /// With which contract.
        contract: &'static str,
    },
}

impl ProblemKind {
    /// A stable name, for suppressing and looking up.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::NotUtf8 => "unreadable-file",
            Self::TooLarge { .. } => "file-too-large",
            Self::Link => "link-in-template",
            Self::TooMany { .. } => "too-many-templates",
            Self::TooManyFiles { .. } => "too-many-files",
            Self::FrontMatter(_) => "invalid-front-matter",
            Self::Toml(_) => "invalid-toml",
            Self::Prompt(_) => "invalid-prompt",
            Self::MissingPartial(_) => "missing-partial",
            Self::UnknownKey { .. } => "unknown-key",
            Self::Forbidden(_) => "forbidden-key",
            Self::Relaxed(_) => "relaxed-guard",
            Self::Missing(_) => "missing-key",
            Self::BadValue { .. } => "bad-value",
            Self::BadName(_) => "bad-name",
            Self::NameMismatch { .. } => "name-mismatch",
            Self::BadSemver { .. } => "bad-semver",
            Self::VersionMismatch { .. } => "version-mismatch",
            Self::Duplicate { .. } => "duplicate-version",
            Self::BadGlob(_) => "bad-glob",
            Self::BadPattern(_) => "bad-pattern",
            Self::BadDefault { .. } => "bad-default",
            Self::UndefinedVariable(_) => "undefined-variable",
            Self::UnusedInput(_) => "unused-input",
            Self::HiddenUnicode(_) => "hidden-unicode",
            Self::FixedTokens { .. } => "fixed-token-budget",
            Self::Secret(_) => "secret-in-template",
            Self::MissingReference(_) => "missing-reference",
            Self::OutsideFolder(_) => "outside-folder",
            Self::BadNodeKind(_) => "bad-node-kind",
            Self::BadQuery(_) => "bad-query",
            Self::BadLanguage(_) => "bad-language",
            Self::VolatileBeforeStable { .. } => "volatile-before-stable",
            Self::DuplicateInstruction => "duplicate-instruction",
            Self::FormInstruction => "form-instruction",
            Self::ContradictingLength { .. } => "contradicting-length",
            Self::VendorModel(_) => "vendor-model-pinned",
            Self::ShellInjection(_) => "shell-injection",
            Self::ForeignVariable(_) => "foreign-variable",
            Self::MissingFile(_) => "missing-file",
            Self::MissingTest => "missing-test",
            Self::StaleSnapshot(_) => "stale-snapshot",
            Self::Unreachable { .. } => "unreachable-match",
            Self::UnknownTemplate(_) => "unknown-template",
            Self::DanglingLabel { .. } => "dangling-label",
            Self::Lock(_) => "invalid-lock",
            Self::UnmetPin { .. } => "unmet-pin",
            Self::VersionNotBumped(_) => "version-not-bumped",
        }
    }
}

/// A file's text, for the places of its problems.
#[derive(Clone, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) file: PathBuf,
    pub(crate) text: &'a str,
}

/// Collects the problems of one template.
#[derive(Default, Debug)]
pub(crate) struct Problems {
    pub(crate) found: Vec<Problem>,
}

impl Problems {
    /// Adds a problem at a place of a file; returns it for a cure or replacement to be set.
    pub(crate) fn add(
        &mut self,
        source: &Source<'_>,
        span: Range<usize>,
        severity: Severity,
        kind: ProblemKind,
    ) -> &mut Problem {
        let before = source.text.get(..span.start).unwrap_or("");
        let line = before.bytes().filter(|&byte| byte == b'\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().map_or(0, |head| head.chars().count()) as u32 + 1;
        let (file, cure, replacement, fixes) = (source.file.clone(), None, None, Vec::new());
        self.found.push(Problem { file, line, column, span, severity, kind, cure, replacement, fixes });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    pub(crate) fn error(
        &mut self,
        source: &Source<'_>,
        span: Range<usize>,
        kind: ProblemKind,
    ) -> &mut Problem {
        self.add(source, span, Severity::Error, kind)
    }

    /// Whether the template cannot be used.
    pub(crate) fn is_fatal(&self) -> bool {
        self.found.iter().any(|problem| problem.severity == Severity::Error)
    }
}

impl Problem {
    /// Proposes the nearest of the names that exist, or lists them.
    pub(crate) fn suggest(&mut self, name: &str, known: &[&str], quote: &str) -> &mut Self {
        match nearest(name, known) {
            Some(near) => {
                self.cure = Some(format!("write `{near}`"));
                self.replacement = Some(format!("{quote}{near}{quote}"));
            }
            None => {
                let names: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                self.cure = Some(format!("choose from {}", names.join(", ")));
            }
        }
        self
    }

    pub(crate) fn cure(&mut self, cure: impl Into<String>) -> &mut Self {
        self.cure = Some(cure.into());
        self
    }

    pub(crate) fn fix(&mut self, fix: impl IntoIterator<Item = Fix>) -> &mut Self {
        self.fixes.extend(fix);
        self
    }
}

/// The known name that was probably meant.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // The distance takes time by the product of the lengths.
    if name.len() > 64 {
        return None;
    }
    let name = name.to_ascii_lowercase().replace('_', "-");
    let distance = |candidate: &&str| strsim::damerau_levenshtein(&name, &candidate.replace('_', "-"));
    let close = |candidate: &&str| distance(candidate) <= (name.len() / 3).max(2).min(name.len() / 2);
    known.iter().copied().filter(|candidate| close(candidate)).min_by_key(distance)
}
