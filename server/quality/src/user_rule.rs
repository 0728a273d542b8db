//! Rules that users write: a query with a head that says what its findings are.
//!
//! ```text
//! ; id: no-process-exit
//! ; message: `{call}` ends the program without cleaning up
//! ; severity: warning
//! ; dimension: error-handling
//! ; languages: rust
//! ((scoped_identifier) @call @finding
//!   (#eq? @call "process::exit"))
//! ```
//!
//! Optional are `flags`, `why`, `reference: name <url>`, and `fix: text` with `fix-title` and `fix-applicability`. In
//! `message` and `fix` a capture's name in braces stands for its text, and for the text from the first to the last when
//! it is captured several times; `{{` and `}}` stand for braces.

use std::sync::{PoisonError, RwLock};

use autodao_syntax::tree_sitter::{Query, QueryErrorKind};
use autodao_syntax::{Language, Span};

use crate::message_template::{Piece, pieces};
use crate::query_text::unclosed;
use crate::rule::{QueryCheck, QueryFix};
use crate::{Applicability, Catalog, Check, Dimension, Level, Reference, Rule, RuleId};

/// The longest text of a rule, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// How many different rules one process takes: each text that was a rule once stays one while it runs.
const MAX_RULES: usize = 4096;

/// The predicates that are understood.
const PREDICATES: &str = "#eq?, #not-eq?, #any-eq?, #any-not-eq?, #match?, #not-match?, #any-match?, #any-not-match?, #any-of?, #not-any-of?";

/// The keys of a head.
const KEYS: [&str; 11] = [
    "id",
    "message",
    "severity",
    "dimension",
    "languages",
    "flags",
    "why",
    "reference",
    "fix",
    "fix-title",
    "fix-applicability",
];

/// What is wrong in a rule's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserRuleError {
    /// Where, in bytes of the text.
    pub span: Span,
    /// What, and what to do about it, in one line.
    pub message: String,
}

/// The rules that were read, each with its text. They are never forgotten: findings name them.
static KNOWN: RwLock<Vec<(&'static str, &'static Rule)>> = RwLock::new(Vec::new());

/// The user's rule of an id.
pub(crate) fn rule(id: RuleId) -> Option<&'static Rule> {
    let index = id.index().checked_sub(Catalog::builtin().len())?;
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(index).map(|(_, rule)| *rule)
}

/// What is wrong with a rule that is being written.
pub fn rule_problems(text: &str) -> Vec<UserRuleError> {
    Reader::read(text).err().unwrap_or_default()
}

/// The id a rule's text gives itself, and where it stands.
pub fn rule_name(text: &str) -> Option<(&str, Span)> {
    let head = Reader { text, errors: Vec::new() }.head();
    head.into_iter().find(|(key, _)| *key == "id").map(|(_, value)| (value.text, value.span))
}

/// Whether some rule that was read has this name.
pub fn is_rule_read(id: &str) -> bool {
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).iter().any(|(_, rule)| rule.id == id)
}

/// Reads a rule; all that is wrong with it if it is none. The same text is the same rule.
pub fn read_rule(text: &str) -> Result<RuleId, Vec<UserRuleError>> {
    let find = |known: &[(&str, &Rule)]| known.iter().position(|(own, _)| *own == text);
    if let Some(index) = find(&KNOWN.read().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(id_of(index));
    }
    let draft = Reader::read(text)?;
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(index) = find(&known) {
        return Ok(id_of(index));
    }
    if known.len() == MAX_RULES {
        let message = format!("this is rule {} since the start: restart to have it used", MAX_RULES + 1);
        return Err(vec![UserRuleError { span: Span::at(0), message }]);
    }
    known.push(draft.keep());
    Ok(id_of(known.len() - 1))
}

fn id_of(index: usize) -> RuleId {
    RuleId((Catalog::builtin().len() + index) as u16)
}

/// A value of the head and where it is.
#[derive(Clone, Copy)]
struct Value<'t> {
    text: &'t str,
    span: Span,
}

/// A rule without mistakes, in the words of its text.
struct Draft<'t> {
    text: &'t str,
    id: &'t str,
    message: &'t str,
    level: Level,
    dimension: Dimension,
    languages: Vec<Language>,
    flags: Option<&'t str>,
    why: Option<&'t str>,
    reference: Option<(&'t str, &'t str)>,
    fix: Option<(&'t str, &'t str, Applicability)>,
}

impl Draft<'_> {
    /// Makes it a rule for as long as the program runs, as those built in are.
    fn keep(self) -> (&'static str, &'static Rule) {
        let leak = |text: &str| -> &'static str { Box::leak(text.into()) };
        let (text, message) = (leak(self.text), leak(self.message));
        let (name, url) = self.reference.unwrap_or(("a rule of your own", ""));
        let fix = self.fix.map(|(text, title, applicability)| QueryFix {
            text: leak(text),
            title: leak(title),
            applicability,
        });
        let rule = Rule {
            id: leak(self.id),
            dimension: self.dimension,
            level: self.level,
            languages: Vec::leak(self.languages),
            flags: self.flags.map_or(message, leak),
            why: self.why.map_or("", leak),
            reference: Reference { name: leak(name), url: leak(url) },
            options: &[],
            check: Check::Query(QueryCheck { query: text, message, fix }),
            examples: &[],
        };
        (text, Box::leak(Box::new(rule)))
    }
}

struct Reader<'t> {
    text: &'t str,
    errors: Vec<UserRuleError>,
}

impl<'t> Reader<'t> {
    fn read(text: &'t str) -> Result<Draft<'t>, Vec<UserRuleError>> {
        let mut reader = Self { text, errors: Vec::new() };
        match reader.rule() {
            Some(rule) if reader.errors.is_empty() => Ok(rule),
            _ => Err(reader.errors),
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        let error = UserRuleError { span, message: message.into() };
        // What is wrong for one language is wrong for the next.
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn rule(&mut self) -> Option<Draft<'t>> {
        if self.text.len() > MAX_BYTES {
            self.error(Span::at(0), format!("a rule has at most {} KiB", MAX_BYTES >> 10));
            return None;
        }
        let head = self.head();
        let get = |key: &str| head.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        let mut need = |key: &str| {
            let value = get(key);
            if value.is_none() {
                self.error(Span::at(0), format!("the head needs a line `; {key}: ...`"));
            }
            value
        };
        let (id, message) = (need("id"), need("message"));
        let (severity, dimension, languages) = (need("severity"), need("dimension"), need("languages"));
        let id = id.filter(|id| self.is_free(*id));
        let level = severity.and_then(|value| self.named(value, "severity", Level::from_name));
        let dimension = dimension.and_then(|value| self.named(value, "dimension", Dimension::from_name));
        let languages = languages.map(|value| self.languages(value)).unwrap_or_default();
        let reference = get("reference").map(|value| self.reference(value));
        let fix = get("fix").and_then(|text| self.fix(text, get("fix-title"), get("fix-applicability")));
        let templates = [message, get("fix")].into_iter().flatten().collect::<Vec<_>>();
        for language in &languages {
            self.compile(*language, &templates);
        }
        if languages.is_empty() {
            self.check_brackets();
        }
        let text = |key: &str| get(key).map(|value| value.text);
        Some(Draft {
            text: self.text,
            id: id?.text,
            message: message?.text,
            level: level?,
            dimension: dimension?,
            languages,
            flags: text("flags"),
            why: text("why"),
            reference,
            fix,
        })
    }

    /// The `; key: value` lines before the first pattern.
    fn head(&mut self) -> Vec<(&'t str, Value<'t>)> {
        let (mut head, mut at) = (Vec::<(&str, Value<'_>)>::new(), 0);
        let text = self.text;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let Some(comment) = line.trim_start().strip_prefix(';') else {
                if line.trim().is_empty() {
                    continue;
                }
                break;
            };
            let Some((key, value)) = comment.split_once(':') else { continue };
            let (key, value) = (key.trim(), value.trim());
            let place = |part: &str| {
                let offset = start + line.find(part).unwrap_or(0);
                Span::new(offset as u32, (offset + part.len()) as u32)
            };
            if KEYS.contains(&key) {
                let offset = start + line.len() - line.trim_end().len();
                let end = (at - (offset - start)) as u32;
                let value_span = Span::new(end - value.len() as u32, end);
                if head.iter().any(|(known, _)| *known == key) {
                    self.error(place(key), format!("`{key}` is said twice"));
                }
                head.push((key, Value { text: value, span: value_span }));
            } else if !key.contains(' ') {
                self.error(place(key), format!("there is no key `{key}`: there are {}", KEYS.join(", ")));
            }
        }
        head
    }

    fn is_free(&mut self, id: Value<'_>) -> bool {
        let is_name = id.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && id.text.starts_with(|c: char| c.is_ascii_lowercase());
        if !is_name {
            self.error(id.span, format!("`{}` is no id: small letters, digits and `-`", id.text));
        } else if id.text == "all" || Catalog::builtin().find(id.text).is_some() {
            self.error(id.span, format!("`{}` is the id of a rule that is built in", id.text));
        } else {
            return true;
        }
        false
    }

    fn named<T>(&mut self, value: Value<'_>, what: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = find(value.text);
        if found.is_none() {
            let known = match what {
                "severity" => "off, hint, information, warning, error",
                "dimension" => "functionality, code-quality, architecture, performance, error-handling",
                _ => "rust, typescript, tsx, javascript",
            };
            self.error(value.span, format!("`{}` is no {what}: there are {known}", value.text));
        }
        found
    }

    fn languages(&mut self, value: Value<'_>) -> Vec<Language> {
        let mut languages = Vec::new();
        for name in value.text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let find =
                |name: &str| Language::ALL.into_iter().find(|own| own.name().eq_ignore_ascii_case(name));
            let found = self.named(Value { text: name, span: value.span }, "language", find);
            languages.extend(found.filter(|language| !languages.contains(language)));
        }
        languages
    }

    fn reference(&mut self, value: Value<'t>) -> (&'t str, &'t str) {
        let parts = value.text.strip_suffix('>').and_then(|value| value.split_once('<'));
        if let Some((name, url)) = parts.filter(|(_, url)| url.starts_with("https://")) {
            return (name.trim(), url);
        }
        self.error(value.span, "a reference is written `name <https://...>`");
        ("", "")
    }

    fn fix(
        &mut self,
        text: Value<'t>,
        title: Option<Value<'t>>,
        applicability: Option<Value<'_>>,
    ) -> Option<(&'t str, &'t str, Applicability)> {
        let Some(title) = title else {
            self.error(text.span, "a fix needs a line `; fix-title: ...`");
            return None;
        };
        let applicability = match applicability.map(|value| (value.text, value.span)) {
            // Who wrote a rule in a hurry has not thought of every guard.
            None | Some(("suggested", _)) => Applicability::Suggested,
            Some(("always", _)) => Applicability::Always,
            Some((other, span)) => {
                self.error(span, format!("`{other}` is no applicability: there are suggested, always"));
                return None;
            }
        };
        Some((text.text, title.text, applicability))
    }

    /// Where a part of the query is first written from an offset on.
    fn place_of(&self, from: usize, part: &str) -> Span {
        let rest = self.text.get(from..).unwrap_or("");
        let start = from + rest.find(part).unwrap_or(0);
        let len = if rest.contains(part) { part.len() } else { 0 };
        Span::new(start as u32, (start + len) as u32)
    }

    /// Says where a query leaves a bracket open, whatever its language.
    fn check_brackets(&mut self) {
        if let Some(at) = unclosed(self.text) {
            self.error(Span::new(at, at + 1), "this bracket is not closed");
        }
    }

    /// Says what is wrong with the query for a language, and with what is filled in from it.
    fn compile(&mut self, language: Language, templates: &[Value<'_>]) {
        let query = match Query::new(&language.grammar(), self.text) {
            Ok(query) => query,
            Err(error) => {
                let start = (error.offset as u32).min(self.text.len() as u32);
                let rest = self.text.get(start as usize..).unwrap_or("");
                let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let grammar = format!("the grammar of {} has no", language.name());
                let message = match error.kind {
                    QueryErrorKind::NodeType => format!("{grammar} such node"),
                    QueryErrorKind::Field => format!("{grammar} such field"),
                    QueryErrorKind::Structure => {
                        format!("{grammar} place for this: the pattern can never match")
                    }
                    QueryErrorKind::Capture => "no pattern captures this before it is used".to_owned(),
                    QueryErrorKind::Syntax => {
                        "this is no query: look for brackets that are not closed".to_owned()
                    }
                    QueryErrorKind::Predicate | QueryErrorKind::Language => {
                        error.message.lines().next().unwrap_or("").to_owned()
                    }
                };
                let mut span = Span::new(start, start + len as u32);
                // Of a predicate the library tells the line its pattern is on.
                if error.kind == QueryErrorKind::Predicate {
                    let lines = self.text.split_inclusive('\n').take(error.row);
                    let from = lines.map(str::len).sum();
                    let quoted = error.message.split('\'').nth(1).unwrap_or("#");
                    span = self.place_of(from, &quoted.escape_default().to_string());
                    if span.start == span.end {
                        span = self.place_of(from, "#");
                    }
                }
                return self.error(span, message);
            }
        };
        if query.pattern_count() == 0 {
            return self.error(Span::at(self.text.len() as u32), "there is no pattern");
        }
        for pattern in 0..query.pattern_count() {
            let others = query.general_predicates(pattern).iter().map(|predicate| &*predicate.operator);
            let of_others = query.property_predicates(pattern).iter();
            let of_others = of_others.map(|(_, is)| if *is { "is?" } else { "is-not?" });
            for name in others.chain(of_others) {
                let from = query.start_byte_for_pattern(pattern);
                let span = self.place_of(from, &format!("#{name}"));
                self.error(span, format!("there is no predicate `#{name}`: there are {PREDICATES}"));
            }
        }
        if query.capture_index_for_name("finding").is_none() {
            return self.error(Span::at(0), "no pattern captures `@finding`: it says what to underline");
        }
        for template in templates {
            for piece in pieces(template.text) {
                if let Piece::Capture { name, .. } = piece
                    && query.capture_index_for_name(name).is_none()
                {
                    self.error(template.span, format!("no pattern captures `@{name}`"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
