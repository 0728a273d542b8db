//! A template: its files read and checked.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use semver::Version;
use sha2::{Digest, Sha256};

use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::prompt::PromptText;
use crate::reader::value_place;
use crate::skill::Skill;
use crate::spec::{Engine, Spec, rewritten};
use crate::{Fix, Problem};

/// Where a template comes from. A later layer's template hides an earlier one's of the same name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Layer {
    /// In the program.
    Builtin,
    /// The user's own.
    User,
    /// The workspace's: data by whoever wrote the repository.
    Workspace,
}

/// The bytes of a template's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files<'a> {
    /// `SKILL.md`.
    pub skill: &'a [u8],
    /// `template.toml`.
    pub config: Option<&'a [u8]>,
    /// `prompt.mj`.
    pub prompt: Option<&'a [u8]>,
}

/// SHA-256 over the names and texts of a template's files, `\r\n` read as `\n`: the same on every checkout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    fn of(files: &[(&str, &str)]) -> Self {
        let mut hasher = Sha256::new();
        for (name, text) in files {
            let text = text.replace("\r\n", "\n");
            hasher.update(format!("{name}\0{}\0", text.len()));
            hasher.update(text);
        }
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for ContentHash {
    type Err = ();

    /// Reads 64 hexadecimal digits in lower case, as they are displayed.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(()),
        };
        let mut hash = [0; 32];
        if text.len() != 64 {
            return Err(());
        }
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A template that can be used.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    /// Its name, which is its folder's.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// What it is for, in `SKILL.md`'s words.
    pub description: String,
    /// Where it comes from.
    pub layer: Layer,
    /// Its folder.
    pub folder: PathBuf,
    /// What its files hold.
    pub hash: ContentHash,
    /// What its `template.toml` says.
    pub spec: Spec,
    pub(crate) body: String,
    pub(crate) prompt: Option<PromptText>,
}

/// What became of a template's files.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The template, unless a problem is an error.
    pub template: Option<Template>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// At most how many tokens a text of so many bytes of English or code has, roughly: bytes / 3.5, rounded up.
pub const fn at_most_tokens(bytes: usize) -> usize {
    (bytes * 2).div_ceil(7)
}

impl Template {
    /// Reads the files of one folder.
    pub fn parse(folder: &Path, layer: Layer, files: Files<'_>) -> Parsed {
        let mut problems = Problems::default();
        let template = Self::read(folder, layer, files, &mut problems).filter(|_| !problems.is_fatal());
        Parsed { template, problems: problems.found }
    }

    fn read(folder: &Path, layer: Layer, files: Files<'_>, problems: &mut Problems) -> Option<Self> {
        let skill_source = text(folder, "SKILL.md", files.skill, problems)?;
        let config_source = optional(folder, "template.toml", files.config, problems)?;
        let prompt_source = optional(folder, "prompt.mj", files.prompt, problems)?;
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let skill = Skill::read(&skill_source, name, problems);
        let mut spec = Spec::of_plain_skill(&skill.name.text);
        let mut config_version = None;
        if let Some(source) = &config_source {
            let read = Spec::read(source, &skill.name.text, layer, problems);
            spec = read.spec;
            config_version = read.version;
        }
        let version = version(&skill_source, &skill, config_source.as_ref().zip(config_version), problems)?;
        let prompt = match (&prompt_source, spec.engine) {
            (Some(source), Engine::Minijinja) => Some(PromptText::read(source, &spec.inputs, problems)?),
            (Some(source), Engine::None) => {
                problems
                    .error(source, 0..0, ProblemKind::Prompt("no engine is set to render it".to_owned()))
                    .cure("set `engine = \"minijinja\"` in template.toml, or remove the file");
                None
            }
            (None, Engine::Minijinja) => {
                let source = config_source.as_ref().unwrap_or(&skill_source);
                problems
                    .error(source, 0..0, ProblemKind::Missing("prompt.mj".to_owned()))
                    .cure("add the file, or set `engine = \"none\"`");
                None
            }
            (None, Engine::None) => None,
        };
        let present = [Some(&skill_source), config_source.as_ref(), prompt_source.as_ref()];
        let mut hashed = Vec::new();
        for (name, source) in ["SKILL.md", "template.toml", "prompt.mj"].into_iter().zip(present) {
            if let Some(source) = source {
                hidden_characters(source, problems);
                secrets(source, problems);
                hashed.push((name, source.text));
            }
        }
        let template = Self {
            name: skill.name.text,
            version,
            description: skill.description,
            layer,
            folder: folder.to_owned(),
            hash: ContentHash::of(&hashed),
            spec,
            body: skill_source.text.get(skill.body).unwrap_or("").to_owned(),
            prompt,
        };
        template.check_budget(config_source.as_ref().unwrap_or(&skill_source), problems);
        Some(template)
    }

    /// `SKILL.md`'s body, byte for byte, without the blank lines around it.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The text of `prompt.mj`; `None` for the standard prompt.
    pub fn prompt(&self) -> Option<&str> {
        self.prompt.as_ref().map(|prompt| prompt.text.as_str())
    }

    fn check_budget(&self, source: &Source<'_>, problems: &mut Problems) {
        let budget = self.spec.budget.fixed_tokens as usize;
        let tokens = |contract| at_most_tokens(self.fixed_bytes(contract));
        let Some(&contract) = self.spec.contracts.iter().max_by_key(|&&contract| tokens(contract)) else {
            return;
        };
        if tokens(contract) > budget {
            let (tokens, contract) = (tokens(contract), contract.name());
            let stated = value_place(source.text, &["budget", "fixed_tokens"]);
            let place = stated.clone().unwrap_or(0..0);
            let fix = stated.map(|place| {
                let title = format!("Raise `fixed_tokens` to {tokens}");
                Fix::within(title, source, &[(place, &tokens.to_string())])
            });
            problems
                .add(source, place, Severity::Warning, ProblemKind::FixedTokens { tokens, budget, contract })
                .cure("say it in fewer words, or raise `budget.fixed_tokens`")
                .fix(fix.or_else(|| raise_unstated(source, tokens)));
        }
    }
}

/// The fix that states a budget where none is stated; none where the file is not `template.toml`.
fn raise_unstated(source: &Source<'_>, tokens: usize) -> Option<Fix> {
    let is_config = source.file.file_name().is_some_and(|name| name == "template.toml");
    let title = format!("State `fixed_tokens = {tokens}`");
    let table = value_place(source.text, &["budget"]);
    let at = match table {
        Some(table) => table.start + source.text.get(table.start..)?.find('\n')? + 1,
        None => source.text.len(),
    };
    let head = if value_place(source.text, &["budget"]).is_some() { "" } else { "\n[budget]\n" };
    let text = format!("{head}fixed_tokens = {tokens}\n");
    is_config.then(|| Fix::within(title, source, &[(at..at, &text)]))
}

fn text<'a>(folder: &Path, name: &str, bytes: &'a [u8], problems: &mut Problems) -> Option<Source<'a>> {
    let file = folder.join(name);
    let mut fail = |kind| {
        problems.error(&Source { file: file.clone(), text: "" }, 0..0, kind);
        None
    };
    if bytes.len() > crate::MAX_FILE_BYTES {
        return fail(ProblemKind::TooLarge { limit: crate::MAX_FILE_BYTES });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Source { file, text }),
        Err(_) => fail(ProblemKind::NotUtf8),
    }
}

/// `None` for a file that is there and cannot be read, `Some(None)` for one that is not there.
#[expect(clippy::option_option, reason = "a missing file and an unreadable one differ")]
fn optional<'a>(
    folder: &Path,
    name: &str,
    bytes: Option<&'a [u8]>,
    problems: &mut Problems,
) -> Option<Option<Source<'a>>> {
    match bytes {
        Some(bytes) => text(folder, name, bytes, problems).map(Some),
        None => Some(None),
    }
}

/// The version stated in `template.toml`, else in `SKILL.md`, else 0.0.0.
fn version(
    skill_source: &Source<'_>,
    skill: &Skill,
    config: Option<(&Source<'_>, crate::skill::Located)>,
    problems: &mut Problems,
) -> Option<Version> {
    let of_skill = match &skill.version {
        Some(stated) => Some(crate::spec::version(skill_source, stated, problems)?),
        None => None,
    };
    let Some((source, stated)) = config else { return Some(of_skill.unwrap_or(Version::new(0, 0, 0))) };
    let of_config = crate::spec::version(source, &stated, problems)?;
    if let Some(of_skill) = of_skill.filter(|version| *version != of_config) {
        let kind =
            ProblemKind::VersionMismatch { skill: of_skill.to_string(), config: of_config.to_string() };
        let written = |source: &Source<'_>, place: &Range<usize>, version: &Version| {
            let text = rewritten(source.text.get(place.clone()).unwrap_or(""), version);
            let file = source.file.file_name().unwrap_or_default().to_string_lossy();
            let title = format!("State {version} in {file}");
            Fix::within(title, source, &[(place.clone(), &text)])
        };
        let mut fixes = vec![written(source, &stated.span, &of_skill)];
        if let Some(in_skill) = &skill.version {
            fixes
                .insert(usize::from(of_skill > of_config), written(skill_source, &in_skill.span, &of_config));
        }
        problems.error(source, stated.span, kind).cure("state the same version in both files").fix(fixes);
    }
    Some(of_config)
}

/// Reports characters that change what a reader sees or that nobody sees: direction marks, zero-width spaces,
/// tags. A byte order mark at the start is none of them, nor are joiners, which scripts and emoji need.
pub(crate) fn hidden_characters(source: &Source<'_>, problems: &mut Problems) {
    let hidden = |c: char| {
        matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
            || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    };
    let found = source.text.char_indices().filter(|&(at, c)| hidden(c) && !(at == 0 && c == '\u{feff}'));
    // One place per file says enough; a hostile file has thousands.
    for (at, c) in found.take(8) {
        problems
            .error(source, at..at + c.len_utf8(), ProblemKind::HiddenUnicode(u32::from(c)))
            .cure("remove it, or write it as an escape")
            .fix([Fix::within("Remove it", source, &[(at..at + c.len_utf8(), "")])]);
    }
}

/// Reports credentials by what they are, never by their text.
pub(crate) fn secrets(source: &Source<'_>, problems: &mut Problems) {
    for (span, what) in crate::secret::secrets(source.text).into_iter().take(8) {
        problems.error(source, span, ProblemKind::Secret(what)).cure(
            "remove it and make it invalid where it was issued: it was readable for whoever has the file",
        );
    }
}
