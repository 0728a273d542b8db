//! Prompt files of other tools: read, never written. Their text is data: no engine sees it, nothing in it is filled in
//! or run, and it goes on byte for byte.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::skill::is_name;
use crate::{MAX_FILE_BYTES, Problem};

/// Whose a prompt file is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Dialect {
    /// `*.prompt.md` of VS Code.
    Prompt,
    /// `*.instructions.md` of VS Code, and `copilot-instructions.md`.
    Instructions,
    /// `AGENTS.md` and `CLAUDE.md`.
    Agents,
    /// `.claude/commands/**/*.md` of Claude Code.
    Command,
    /// `.cursor/rules/*.mdc` of Cursor.
    Rule,
    /// `SKILL.md` without a `template.toml`.
    Skill,
}

impl Dialect {
    /// The dialect of a path, by its name and folders.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let is_below = |folder: &str| {
            path.parent().is_some_and(|parent| parent.ancestors().any(|at| at.ends_with(folder)))
        };
        if name.ends_with(".prompt.md") {
            Some(Self::Prompt)
        } else if name.ends_with(".instructions.md") || name == "copilot-instructions.md" {
            Some(Self::Instructions)
        } else if matches!(name, "AGENTS.md" | "CLAUDE.md") {
            Some(Self::Agents)
        } else if name == "SKILL.md" {
            Some(Self::Skill)
        } else if name.ends_with(".mdc") {
            Some(Self::Rule)
        } else if name.ends_with(".md") && is_below(".claude/commands") {
            Some(Self::Command)
        } else {
            None
        }
    }

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "VS Code prompt",
            Self::Instructions => "VS Code instructions",
            Self::Agents => "agent instructions",
            Self::Command => "Claude command",
            Self::Rule => "Cursor rule",
            Self::Skill => "Agent Skill",
        }
    }

    /// What its own tool fills in.
    const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Prompt | Self::Instructions => &[
                "${selection}",
                "${selectedText}",
                "${file}",
                "${fileBasename}",
                "${workspaceFolder}",
                "${input:",
            ],
            Self::Command | Self::Skill => &["$ARGUMENTS", "$1", "$2", "$3", "${CLAUDE_SESSION_ID}"],
            Self::Agents | Self::Rule => &[],
        }
    }

    /// The key of the paths it is for.
    const fn globs_key(self) -> Option<&'static str> {
        match self {
            Self::Instructions => Some("applyTo"),
            Self::Rule => Some("globs"),
            Self::Prompt | Self::Agents | Self::Command | Self::Skill => None,
        }
    }
}

/// A prompt file of another tool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignPrompt {
    /// Whose it is.
    pub dialect: Dialect,
    /// What it is for, in its own words; empty where it says nothing.
    pub description: String,
    /// The paths it is for; none for all.
    pub globs: Vec<String>,
    /// What is said to the model: all of the text behind the front matter, in bytes of the text.
    pub body: Range<usize>,
    /// What to know of it.
    pub problems: Vec<Problem>,
}

/// How many places of one kind are told of.
const MOST_PLACES: usize = 8;

/// Reads a prompt file of another tool; `None` for one that is none. One that cannot be read is all problem.
pub fn read_foreign(path: &Path, bytes: &[u8]) -> Option<ForeignPrompt> {
    let dialect = Dialect::of(path)?;
    let mut problems = Problems::default();
    let mut prompt = ForeignPrompt {
        dialect,
        description: String::new(),
        globs: Vec::new(),
        body: 0..0,
        problems: Vec::new(),
    };
    let nothing = Source { file: path.to_owned(), text: "" };
    let text = match std::str::from_utf8(bytes) {
        _ if bytes.len() > MAX_FILE_BYTES => {
            problems.error(&nothing, 0..0, ProblemKind::TooLarge { limit: MAX_FILE_BYTES });
            ""
        }
        Ok(text) => text,
        Err(_) => {
            problems.error(&nothing, 0..0, ProblemKind::NotUtf8);
            ""
        }
    };
    let source = Source { file: path.to_owned(), text };
    prompt.body = 0..text.len();
    match front_matter(text) {
        FrontMatter::None => {}
        FrontMatter::Open => {
            let kind = ProblemKind::FrontMatter("no line `---` ends it".to_owned());
            problems.add(&source, 0..3, Severity::Warning, kind).cure("end it with a line of `---`");
        }
        FrontMatter::Lines(lines, body) => {
            prompt.body = body;
            read_lines(text.get(lines).unwrap_or(""), &mut prompt);
        }
    }
    let body = text.get(prompt.body.clone()).unwrap_or("");
    for variable in dialect.variables() {
        for (at, _) in body.match_indices(variable).take(MOST_PLACES) {
            let end = match variable.ends_with(':') {
                true => body[at..].find('}').map_or(at + variable.len(), |end| at + end + 1),
                false => at + variable.len(),
            };
            let place = prompt.body.start + at..prompt.body.start + end;
            let shown = body.get(at..end.min(at + 60)).unwrap_or(variable).to_owned();
            problems
                .add(&source, place, Severity::Warning, ProblemKind::ForeignVariable(shown))
                .cure("leave it out: the code and the user's words are sent behind this text");
        }
    }
    crate::lint::commands(&source, body, prompt.body.start, &mut problems);
    crate::template::hidden_characters(&source, &mut problems);
    crate::template::secrets(&source, &mut problems);
    prompt.problems = problems.found;
    Some(prompt)
}

impl ForeignPrompt {
    /// The files of a template that says what this file says: as paths in its folder and texts. `text` is the file's.
    pub fn template_files(&self, name: &str, text: &str) -> Option<[(&'static str, String); 3]> {
        if !is_name(name) {
            return None;
        }
        let described = match self.description.trim() {
            "" => format!("What the {} says.", self.dialect.name()),
            said => said.chars().filter(|c| !c.is_control()).take(1000).collect(),
        };
        let mut skill = format!(
            "---\nname: {name}\ndescription: {}\nmetadata:\n  version: \"0.1.0\"\n---\n\n",
            quoted(&described)
        );
        skill.push_str(text.get(self.body.clone()).unwrap_or(""));
        let mut config =
            "schema = 1\nversion = \"0.1.0\"\nkind = \"code-action\"\n\n[match]\ntask = [\"custom\"]\n"
                .to_owned();
        if !self.globs.is_empty() {
            let globs: Vec<_> = self.globs.iter().map(|glob| quoted(glob)).collect();
            let _ = writeln!(config, "globs = [{}]", globs.join(", "));
        }
        config.push_str("\n[context]\ninclude = [\"enclosing\", \"imports\", \"findings\"]\n");
        config.push_str("\n[output]\ncontract = [\"hunks\", \"whole-node\"]\n");
        Some([
            ("SKILL.md", skill),
            ("template.toml", config),
            ("tests/basic.toml", crate::scaffold::TEST.to_owned()),
        ])
    }
}

/// A text in quotes, as YAML and TOML both read it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

enum FrontMatter {
    None,
    Open,
    Lines(Range<usize>, Range<usize>),
}

fn front_matter(text: &str) -> FrontMatter {
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let head = text.get(mark..).unwrap_or("");
    let Some(first) = head.split_inclusive('\n').next().filter(|line| line.trim_end() == "---") else {
        return FrontMatter::None;
    };
    let start = mark + first.len();
    let mut at = start;
    for line in text.get(start..).unwrap_or("").split_inclusive('\n') {
        if line.trim_end() == "---" {
            return FrontMatter::Lines(start..at, at + line.len()..text.len());
        }
        at += line.len();
    }
    FrontMatter::Open
}

/// Reads `key: value` lines. It is no YAML: the files of one of the tools are none, and what is asked for are lines.
fn read_lines(lines: &str, prompt: &mut ForeignPrompt) {
    let globs_key = prompt.dialect.globs_key();
    let mut in_globs = false;
    for line in lines.lines() {
        if let Some(item) = line.trim_start().strip_prefix("- ") {
            if in_globs {
                prompt.globs.extend(globs_of(item));
            }
            continue;
        }
        let Some((key, value)) = line.split_once(':').filter(|(key, _)| !key.starts_with([' ', '\t', '#']))
        else {
            continue;
        };
        in_globs = Some(key.trim()) == globs_key;
        if in_globs {
            prompt.globs.extend(globs_of(value));
        } else if key.trim() == "description" {
            prompt.description = unquoted(value).to_owned();
        }
    }
    prompt.globs.retain(|glob| globset::Glob::new(glob).is_ok());
    prompt.globs.truncate(64);
    // For all files is what no pattern says, too.
    if prompt.globs.iter().any(|glob| matches!(glob.as_str(), "**" | "**/*")) {
        prompt.globs.clear();
    }
}

/// Patterns between commas that are not within braces.
fn globs_of(value: &str) -> Vec<String> {
    let value = unquoted(value).trim_start_matches('[').trim_end_matches(']');
    let mut depth = 0_u32;
    let parts = value.split(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(|part| unquoted(part).to_owned()).filter(|part| !part.is_empty()).collect()
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}
