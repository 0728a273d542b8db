//! `templates.lock`: what each version held when it was taken in, which versions a workspace uses, and which
//! version carries which label.

mod read;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use semver::{Version, VersionReq};

use crate::problem::{ProblemKind, Problems, Source};
use crate::{Bump, ContentHash, Outline, Problem, Template};

/// The file's name, beside the templates' folders.
pub const LOCK_FILE: &str = "templates.lock";

/// A name for whichever version is at a stage.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Label {
    /// What everybody gets.
    Production,
    /// What comes next.
    Staging,
    /// What a few try.
    Canary,
}

impl Label {
    /// Every label.
    pub const ALL: [Self; 3] = [Self::Production, Self::Staging, Self::Canary];

    /// Its name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Canary => "canary",
        }
    }

    /// The label of a name as given by [`Label::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.name() == name)
    }
}

/// Which versions of a template are used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pin {
    /// The highest of a range, as `^1.2` or `=1.2.0`.
    Range(VersionReq),
    /// The one that carries a label.
    Label(Label),
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => fmt::Display::fmt(range, f),
            Self::Label(label) => f.write_str(label.name()),
        }
    }
}

impl std::str::FromStr for Pin {
    type Err = LockError;

    fn from_str(text: &str) -> Result<Self, LockError> {
        if let Some(label) = Label::from_name(text) {
            return Ok(Self::Label(label));
        }
        // `1.2.0` alone means that version: who pins does not want the next one.
        let exact = Version::parse(text).map(|version| format!("={version}"));
        let range = VersionReq::parse(exact.as_deref().unwrap_or(text));
        range
            .map(Self::Range)
            .map_err(|error| LockError::BadPin { text: text.to_owned(), reason: error.to_string() })
    }
}

/// A version that was taken in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locked {
    /// What it holds.
    pub hash: ContentHash,
    /// Where it came from: a path, or an address with a commit.
    pub source: String,
    /// What it is to those who use it; `None` in what an older program wrote.
    pub outline: Option<Outline>,
}

/// What points to a version of a template, and may be moved and moved back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Pointer {
    /// The template's pin.
    Pin,
    /// One of its labels.
    Label(Label),
}

impl Pointer {
    /// Its name in the file and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Label(label) => label.name(),
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        if name == "pin" { Some(Self::Pin) } else { Label::from_name(name).map(Self::Label) }
    }
}

/// How many moves of a pin or label can be taken back.
const MAX_HISTORY: usize = 16;

/// What a `templates.lock` says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lock {
    versions: BTreeMap<(String, Version), Locked>,
    pins: BTreeMap<String, Pin>,
    labels: BTreeMap<(String, Label), Version>,
    /// What each pointed to before, the last one last; an empty text for no pin.
    history: BTreeMap<(String, Pointer), Vec<String>>,
}

/// Why a lock cannot be read, written or changed.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file system refused.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is no lock.
    #[error("{path}:{line}: {reason}; mend it, or take an older one", path = path.display())]
    Malformed {
        /// The file; without its folder where the text came from elsewhere.
        path: PathBuf,
        /// The line, 1-based.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A version is known with other content.
    #[error("{name} {version} is known with other content: raise its version")]
    NotBumped {
        /// The template.
        name: String,
        /// The version.
        version: Version,
    },
    /// A version that is not known.
    #[error("{name} {version} is not in {LOCK_FILE}")]
    Unknown {
        /// The template.
        name: String,
        /// The version.
        version: Version,
    },
    /// Nothing came before.
    #[error("{pointer} of {name} was not moved before: there is nothing to go back to")]
    NoHistory {
        /// The template.
        name: String,
        /// The pin or label.
        pointer: &'static str,
    },
    /// No range and no label.
    #[error("`{text}` is neither a range of versions, as ^1.2, nor production, staging or canary: {reason}")]
    BadPin {
        /// What is written.
        text: String,
        /// What is wrong with it as a range.
        reason: String,
    },
}

impl Lock {
    /// The lock of a folder of templates; an empty one where there is none.
    pub fn load(folder: &Path) -> Result<Self, LockError> {
        read::load(&folder.join(LOCK_FILE))
    }

    /// Reads a lock's text.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        read::parse(text)
    }

    /// The text that [`Lock::parse`] reads; the same lock gives the same bytes.
    pub fn text(&self) -> String {
        write::text(self)
    }

    /// Replaces the lock of a folder of templates: whoever reads meanwhile gets the old one or the new one.
    pub fn store(&self, folder: &Path) -> Result<(), LockError> {
        write::store(self, &folder.join(LOCK_FILE))
    }

    /// The versions that were taken in, by name and version.
    pub fn versions(&self) -> impl Iterator<Item = (&str, &Version, &Locked)> {
        self.versions.iter().map(|((name, version), locked)| (name.as_str(), version, locked))
    }

    /// What was taken in as a version.
    pub fn get(&self, name: &str, version: &Version) -> Option<&Locked> {
        self.versions.get(&(name.to_owned(), version.clone()))
    }

    /// Takes a version in. One that is known keeps its source; with other content it is refused.
    pub fn record(&mut self, template: &Template, source: &str) -> Result<(), LockError> {
        let (name, version) = (template.name.clone(), template.version.clone());
        match self.get(&name, &version) {
            Some(known) if known.hash != template.hash => Err(LockError::NotBumped { name, version }),
            known => {
                let source = known.map_or_else(|| source.to_owned(), |known| known.source.clone());
                let outline = known.and_then(|known| known.outline.clone());
                let outline = Some(outline.unwrap_or_else(|| Outline::of(template)));
                let locked = Locked { hash: template.hash, source, outline };
                self.versions.insert((name, version), locked);
                Ok(())
            }
        }
    }

    /// How far a template that holds other content than is known under its version has to raise it; `None` where
    /// nothing says what it was.
    pub fn least_bump(&self, template: &Template) -> Option<Bump> {
        let known = self.get(&template.name, &template.version)?;
        Some(known.outline.as_ref()?.least_bump(template))
    }

    /// What holds where this lock does and another one, nearer to the place, does too: of what both say, what that one
    /// says. What could be rolled back is left out.
    #[must_use]
    pub fn overlaid(&self, nearer: &Self) -> Self {
        let mut both = self.clone();
        both.history.clear();
        both.versions.extend(nearer.versions.clone());
        both.pins.extend(nearer.pins.clone());
        both.labels.extend(nearer.labels.clone());
        both
    }

    /// The templates whose content is not what was taken in under their version. One that is not known is new, and
    /// no problem.
    pub fn verify<'a>(&self, templates: impl IntoIterator<Item = &'a Template>) -> Vec<Problem> {
        let mut problems = Problems::default();
        for template in templates {
            let known = self.get(&template.name, &template.version);
            if known.is_some_and(|known| known.hash != template.hash) {
                let source = Source { file: template.folder.join("template.toml"), text: "" };
                let kind = ProblemKind::VersionNotBumped(template.version.to_string());
                problems.error(&source, 0..0, kind).cure("raise the version with `autodao templates bump`");
            }
        }
        problems.found
    }

    /// The pin of a template.
    pub fn pin(&self, name: &str) -> Option<&Pin> {
        self.pins.get(name)
    }

    /// Every pin, by template.
    pub fn pins(&self) -> impl Iterator<Item = (&str, &Pin)> {
        self.pins.iter().map(|(name, pin)| (name.as_str(), pin))
    }

    /// Sets the pin of a template, or takes it away.
    pub fn set_pin(&mut self, name: &str, pin: Option<Pin>) {
        let before = self.pins.get(name);
        if before != pin.as_ref() {
            let before = before.map_or_else(String::new, ToString::to_string);
            self.remember(name, Pointer::Pin, before);
        }
        self.put_pin(name, pin);
    }

    fn put_pin(&mut self, name: &str, pin: Option<Pin>) {
        match pin {
            Some(pin) => self.pins.insert(name.to_owned(), pin),
            None => self.pins.remove(name),
        };
    }

    fn remember(&mut self, name: &str, pointer: Pointer, before: String) {
        let history = self.history.entry((name.to_owned(), pointer)).or_default();
        history.push(before);
        if history.len() > MAX_HISTORY {
            history.remove(0);
        }
    }

    /// Whether a pin or label was moved, so that it can be moved back.
    pub fn was_moved(&self, name: &str, pointer: Pointer) -> bool {
        self.history.contains_key(&(name.to_owned(), pointer))
    }

    /// Moves a pin or label back to what it pointed to before it was last moved. Gives what it points to now; `None`
    /// for a pin that was taken away.
    pub fn roll_back(&mut self, name: &str, pointer: Pointer) -> Result<Option<String>, LockError> {
        let key = (name.to_owned(), pointer);
        let nothing = || LockError::NoHistory { name: name.to_owned(), pointer: pointer.name() };
        let history = self.history.get_mut(&key).ok_or_else(nothing)?;
        let before = history.pop().ok_or_else(nothing)?;
        if history.is_empty() {
            self.history.remove(&key);
        }
        match pointer {
            Pointer::Pin if before.is_empty() => self.put_pin(name, None),
            Pointer::Pin => self.put_pin(name, Some(before.parse()?)),
            Pointer::Label(label) => {
                let version = Version::parse(&before).map_err(|_| nothing())?;
                self.labels.insert((name.to_owned(), label), version);
            }
        }
        Ok(Some(before).filter(|before| !before.is_empty()))
    }

    /// The versions that a template's pin allows; `None` when it has none, or a label that nothing carries.
    pub fn allowed(&self, name: &str) -> Option<VersionReq> {
        match self.pins.get(name)? {
            Pin::Range(range) => Some(range.clone()),
            Pin::Label(label) => VersionReq::parse(&format!("={}", self.label(name, *label)?)).ok(),
        }
    }

    /// The version that carries a label.
    pub fn label(&self, name: &str, label: Label) -> Option<&Version> {
        self.labels.get(&(name.to_owned(), label))
    }

    /// Every label, by template.
    pub fn labels(&self) -> impl Iterator<Item = (&str, Label, &Version)> {
        self.labels.iter().map(|((name, label), version)| (name.as_str(), *label, version))
    }

    /// Moves a label to a version that was taken in, and gives the version that carried it before: setting that
    /// again is the way back.
    pub fn set_label(
        &mut self,
        name: &str,
        label: Label,
        version: &Version,
    ) -> Result<Option<Version>, LockError> {
        if self.get(name, version).is_none() {
            return Err(LockError::Unknown { name: name.to_owned(), version: version.clone() });
        }
        let before = self.labels.insert((name.to_owned(), label), version.clone());
        if let Some(before) = before.as_ref().filter(|before| *before != version) {
            self.remember(name, Pointer::Label(label), before.to_string());
        }
        Ok(before)
    }
}
