//! Raising a template's version, and how far a change has to raise it.

use std::ops::Range;
use std::path::Path;

use semver::Version;

use crate::problem::{Problems, Source};
use crate::skill::Skill;
use crate::spec::{Spec, rewritten};
use crate::{Files, Layer, Template};

/// Which part of a version is raised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Bump {
    /// Nothing that a model or a caller sees changed.
    Patch,
    /// What is said to the model, or where it applies, changed.
    Minor,
    /// Callers have to change: inputs, the reply's form, or what a reply must hold.
    Major,
}

impl Bump {
    /// The next version. A version before a release becomes that release when that is enough.
    pub fn apply(self, version: &Version) -> Version {
        let Version { major, minor, patch, .. } = *version;
        let released = Version::new(major, minor, patch);
        let enough = match self {
            Self::Patch => true,
            Self::Minor => patch == 0,
            Self::Major => (minor, patch) == (0, 0),
        };
        match self {
            _ if !version.pre.is_empty() && enough => released,
            Self::Patch => Version::new(major, minor, patch.saturating_add(1)),
            Self::Minor => Version::new(major, minor.saturating_add(1), 0),
            Self::Major => Version::new(major.saturating_add(1), 0, 0),
        }
    }

    /// How far a change from one content to another raises the version at least; `None` when nothing changed.
    pub fn least(old: &Template, new: &Template) -> Option<Self> {
        if old.hash == new.hash {
            return None;
        }
        let (a, b) = (&old.spec, &new.spec);
        let inputs = a.inputs.iter().any(|(name, input)| b.inputs.get(name) != Some(input))
            || b.inputs.iter().any(|(name, input)| !a.inputs.contains_key(name) && input.default.is_none());
        let contracts = a.contracts.iter().any(|contract| !b.contracts.contains(contract));
        if inputs || contracts || a.gates != b.gates || (a.kind, a.instruction) != (b.kind, b.instruction) {
            return Some(Self::Major);
        }
        let said = old.body() != new.body() || old.prompt() != new.prompt();
        let minor = said
            || a.applies != b.applies
            || a.context != b.context
            || a.contracts != b.contracts
            || a.budget != b.budget
            || a.model != b.model
            || a.inputs != b.inputs;
        Some(if minor { Self::Minor } else { Self::Patch })
    }
}

/// A template's files with another version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bumped {
    /// The version.
    pub version: Version,
    /// The text of `SKILL.md`.
    pub skill: String,
    /// The text of `template.toml`, if there is one.
    pub config: Option<String>,
}

/// Why a version cannot be raised.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BumpError {
    /// The files are not those of a template.
    #[error("its files have mistakes: lint it first")]
    Unreadable,
    /// Neither file states a version.
    #[error("no version is stated: add `version = \"0.1.0\"` to template.toml")]
    NoVersion,
}

/// Writes another version over those that a template's files state; everything else stays byte for byte.
pub fn bump(
    folder: &Path,
    files: Files<'_>,
    to: impl FnOnce(&Version) -> Version,
) -> Result<Bumped, BumpError> {
    let template = Template::parse(folder, Layer::User, files).template.ok_or(BumpError::Unreadable)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| BumpError::Unreadable);
    let mut skill = text(files.skill)?;
    let mut config = files.config.map(text).transpose()?;
    let mut problems = Problems::default();
    let source = |text| Source { file: folder.to_owned(), text };
    let in_skill = Skill::read(&source(&skill), &template.name, &mut problems).version;
    let in_config = config
        .as_ref()
        .and_then(|text| Spec::read(&source(text), &template.name, Layer::User, &mut problems).version);
    if in_skill.is_none() && in_config.is_none() {
        return Err(BumpError::NoVersion);
    }
    let version = to(&template.version);
    if let Some(stated) = in_skill {
        replace(&mut skill, stated.span, &version);
    }
    if let (Some(text), Some(stated)) = (&mut config, in_config) {
        replace(text, stated.span, &version);
    }
    Ok(Bumped { version, skill, config })
}

fn replace(text: &mut String, span: Range<usize>, version: &Version) {
    let written = text.get(span.clone()).unwrap_or("");
    // A plain YAML word may be followed by blanks that are part of its place.
    let end = span.start + written.trim_end().len();
    let text_of_it = rewritten(written, version);
    text.replace_range(span.start..end, &text_of_it);
}
