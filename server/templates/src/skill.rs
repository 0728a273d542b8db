//! `SKILL.md`: YAML front matter and a Markdown body, as the Agent Skills format has them.

use std::borrow::Cow;
use std::ops::Range;

use saphyr_parser::{Event, Parser};

use crate::problem::{ProblemKind, Problems, Severity, Source};

/// The keys the format's reference validator accepts; it refuses every other one.
const KEYS: [&str; 6] = ["name", "description", "license", "allowed-tools", "metadata", "compatibility"];

/// The longest front matter that is read, in bytes.
const MAX_FRONT_MATTER_BYTES: usize = 8 << 10;

/// A value and where it is written, in bytes of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Located {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// What a `SKILL.md` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Skill {
    pub(crate) name: Located,
    pub(crate) description: String,
    /// `metadata.version`.
    pub(crate) version: Option<Located>,
    /// The body as it is written, without the blank lines around it.
    pub(crate) body: Range<usize>,
}

impl Skill {
    /// Reads the file. `folder` is the folder's name, which must be the skill's, or the skill's name, `@` and a
    /// version where several versions stand side by side.
    pub(crate) fn read(source: &Source<'_>, folder: &str, problems: &mut Problems) -> Self {
        let text = source.text;
        let mut skill = Self { body: trimmed(text, 0..text.len()), ..Self::default() };
        match front_matter(text) {
            Ok((yaml, body)) => {
                skill.body = trimmed(text, body);
                if let Err((reason, span)) = skill.read_yaml(source, yaml.clone(), problems) {
                    problems.error(source, span, ProblemKind::FrontMatter(reason));
                } else {
                    skill.check(source, yaml.start, folder, problems);
                }
            }
            Err(reason) => {
                problems
                    .error(source, 0..0, ProblemKind::FrontMatter(reason.to_owned()))
                    .cure("start the file with `---`, `name: ...`, `description: ...`, `---`");
            }
        }
        if text.get(skill.body.clone()).is_none_or(str::is_empty) {
            problems
                .error(source, text.len()..text.len(), ProblemKind::Missing("body".to_owned()))
                .cure("say below the front matter what the model is to do");
        }
        skill
    }

    fn read_yaml(
        &mut self,
        source: &Source<'_>,
        yaml: Range<usize>,
        problems: &mut Problems,
    ) -> Result<(), (String, Range<usize>)> {
        let mut events = Events::new(source.text, yaml);
        let (first, span) = events.content()?;
        if !matches!(first, Event::MappingStart(..)) {
            return Err(("a list of `key: value` lines is expected".to_owned(), span));
        }
        loop {
            let (event, key_span) = events.content()?;
            let key = match event {
                Event::Scalar(key, ..) => key,
                Event::MappingEnd => return Ok(()),
                _ => return Err(("a key must be a plain word".to_owned(), key_span)),
            };
            if !KEYS.contains(&&*key) {
                let kind = ProblemKind::UnknownKey { key: key.to_string(), table: "SKILL.md".to_owned() };
                let problem = problems.add(source, key_span, Severity::Warning, kind);
                problem.suggest(&key, &KEYS, "");
                if problem.replacement.is_none() {
                    problem.cure("move it to template.toml or under `metadata`");
                }
            }
            let (event, span) = events.content()?;
            match event {
                Event::Scalar(text, ..) => match &*key {
                    "name" => self.name = Located { text: text.into_owned(), span },
                    "description" => text.trim().clone_into(&mut self.description),
                    "metadata" => {
                        bad_value(source, span, &key, "a table of strings", problems);
                    }
                    _ => {}
                },
                Event::MappingStart(..) if key == "metadata" => self.read_metadata(&mut events)?,
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    events.skip()?;
                    if KEYS.contains(&&*key) {
                        bad_value(source, span, &key, "a string", problems);
                    }
                }
                _ => return Err((format!("`{key}` must be a string"), span)),
            }
        }
    }

    fn read_metadata(&mut self, events: &mut Events<'_>) -> Result<(), (String, Range<usize>)> {
        loop {
            let (event, span) = events.content()?;
            let key: Cow<'_, str> = match event {
                Event::Scalar(key, ..) => key,
                Event::MappingEnd => return Ok(()),
                _ => return Err(("a key of `metadata` must be a plain word".to_owned(), span)),
            };
            let (event, span) = events.content()?;
            match event {
                Event::Scalar(text, ..) if key == "version" => {
                    self.version = Some(Located { text: text.into_owned(), span });
                }
                Event::Scalar(..) => {}
                _ => return Err((format!("`metadata.{key}` must be a string"), span)),
            }
        }
    }

    fn check(&self, source: &Source<'_>, at: usize, folder: &str, problems: &mut Problems) {
        let name = &self.name.text;
        if name.is_empty() {
            problems.error(source, at..at, ProblemKind::Missing("name".to_owned())).cure("add `name: ...`");
        } else if !is_name(name) {
            problems
                .error(source, self.name.span.clone(), ProblemKind::BadName(name.clone()))
                .cure("use lower-case letters, digits and single hyphens between them, at most 64");
        } else if folder.split('@').next() != Some(name) {
            let kind = ProblemKind::NameMismatch { name: name.clone(), folder: folder.to_owned() };
            let problem = problems.error(source, self.name.span.clone(), kind);
            problem.cure("give the folder and the skill the same name");
            let own = folder.split('@').next().unwrap_or(folder);
            let is_plain = source.text.get(self.name.span.clone()) == Some(name);
            problem.replacement = (is_name(own) && is_plain).then(|| own.to_owned());
        }
        if self.description.trim().is_empty() {
            problems
                .error(source, at..at, ProblemKind::Missing("description".to_owned()))
                .cure("add `description: ...`");
        } else if self.description.chars().count() > 1024 {
            bad_value(source, at..at, "description", "at most 1024 characters", problems);
        }
    }
}

fn bad_value(source: &Source<'_>, span: Range<usize>, key: &str, expected: &str, problems: &mut Problems) {
    let kind = ProblemKind::BadValue { key: key.to_owned(), expected: expected.to_owned() };
    problems.error(source, span, kind);
}

/// The name that a `SKILL.md` states, if it is one.
pub fn skill_name(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= crate::MAX_FILE_BYTES)?;
    let source = Source { file: std::path::PathBuf::new(), text };
    let name = Skill::read(&source, "", &mut Problems::default()).name.text;
    is_name(&name).then_some(name)
}

/// Whether the Agent Skills format allows a name.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Where the front matter and the body of a text are.
fn front_matter(text: &str) -> Result<(Range<usize>, Range<usize>), &'static str> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut lines = text.get(start..).unwrap_or("").split_inclusive('\n');
    let first = lines.next().unwrap_or("");
    if first.trim_end() != "---" {
        return Err("the first line must be `---`");
    }
    let yaml = start + first.len();
    let mut at = yaml;
    for line in lines {
        if line.trim_end() == "---" {
            return Ok((yaml..at, at + line.len()..text.len()));
        }
        at += line.len();
        if at - yaml > MAX_FRONT_MATTER_BYTES {
            return Err("it is longer than 8 KiB");
        }
    }
    Err("no line `---` ends it")
}

/// A range without the blank lines at its ends; blanks before the first word stay.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let body = text.get(range.clone()).unwrap_or("");
    let end = range.start + body.trim_end().len();
    let mut start = range.start;
    for line in body.split_inclusive('\n') {
        if !line.trim().is_empty() {
            break;
        }
        start += line.len();
    }
    start.min(end)..end
}

/// The events of a YAML text with spans in bytes of the file. They come flat: nothing recurses.
struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    yaml: &'a str,
    start: usize,
    /// A place already counted to, in characters and bytes of the YAML text: places mostly come in order.
    counted: (usize, usize),
}

impl<'a> Events<'a> {
    fn new(text: &'a str, yaml: Range<usize>) -> Self {
        let start = yaml.start;
        let yaml = text.get(yaml).unwrap_or("");
        Self { parser: Parser::new_from_str(yaml), yaml, start, counted: (0, 0) }
    }

    /// The next event that is not about streams and documents.
    fn content(&mut self) -> Result<(Event<'a>, Range<usize>), (String, Range<usize>)> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _))) => {}
                Some(Ok((Event::StreamEnd | Event::DocumentEnd, _))) | None => {
                    let end = self.start + self.yaml.len();
                    return Err(("it ends too early".to_owned(), end..end));
                }
                Some(Ok((event, span))) => {
                    return Ok((event, self.byte(span.start.index())..self.byte(span.end.index())));
                }
                Some(Err(error)) => {
                    let at = self.byte(error.marker().index());
                    return Err((error.info().to_owned(), at..at));
                }
            }
        }
    }

    /// Goes past the rest of the list or table just entered.
    fn skip(&mut self) -> Result<(), (String, Range<usize>)> {
        let mut depth = 1;
        while depth > 0 {
            match self.content()?.0 {
                Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
                Event::MappingEnd | Event::SequenceEnd => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// The parser counts characters.
    fn byte(&mut self, characters: usize) -> usize {
        if characters < self.counted.0 {
            self.counted = (0, 0);
        }
        let (from, at) = self.counted;
        let rest = self.yaml.get(at..).unwrap_or("");
        let within =
            rest.char_indices().nth(characters - from).map_or(self.yaml.len(), |(byte, _)| at + byte);
        if within < self.yaml.len() {
            self.counted = (characters, within);
        }
        self.start + within
    }
}
