//! `prompt.mj`: the varying half of a prompt. Which of the engine's language it may use, and what it names.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};

use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::spec::Input;

/// The variables every prompt has. Code is given as a fenced block, so that a template cannot put it in bare.
///
/// `language`, `path`, `symbol`, `instruction` and `reminder` (the reply's form in one line) are strings;
/// `target` is a fenced block; `context` has pieces with `title` and `text` (a fenced block), `findings` entries
/// with `line` (1-based, within the target), `rule` and `message`, `requirements` strings, and `inputs` entries
/// with `name` and `value`.
pub const VARIABLES: [&str; 10] = [
    "context",
    "findings",
    "inputs",
    "instruction",
    "language",
    "path",
    "reminder",
    "requirements",
    "symbol",
    "target",
];

/// What a variable of [`VARIABLES`] holds, in a sentence.
pub fn describe_variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "context" => {
            "What the model gets to see beside the target: entries with `title` and `text`, a fenced block."
        }
        "findings" => {
            "What was found in the target: entries with `line`, 1-based within it, `rule` and `message`."
        }
        "inputs" => "The template's inputs that have a value: entries with `name` and `value`.",
        "instruction" => "The user's words; empty when there are none.",
        "language" => "The language's name.",
        "path" => "The file's path, from the project's folder.",
        "reminder" => "The reply's form once more, in a line.",
        "requirements" => "Sentences that the reply has to hold to.",
        "symbol" => "The target's name with those of what it is in.",
        "target" => "The code to work on, as a fenced block.",
        _ => return None,
    })
}

/// The statements a prompt may use. What assigns, includes or defines is left out: a prompt is a form to fill in.
pub(crate) const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// Bounds that keep the engine's parser, which recurses, from running out of stack.
const MAX_TAGS: usize = 256;
const MAX_TAG_BYTES: usize = 256;

/// The engine, without anything that could load another template. `fuel` bounds a rendering in time and memory:
/// an instruction costs 1, and so do 64 bytes made or written.
pub(crate) fn environment(fuel: u64) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_recursion_limit(64);
    environment.set_fuel(Some(fuel));
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment
}

/// What is known of a prompt that can be rendered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PromptText {
    pub(crate) text: String,
    /// How many bytes of it are not in tags: what it costs whatever it is filled with.
    pub(crate) literal_bytes: usize,
}

impl PromptText {
    /// Checks a prompt against the inputs that are declared.
    pub(crate) fn read(
        source: &Source<'_>,
        inputs: &BTreeMap<String, Input>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let scan = match scan(source.text) {
            Ok(scan) => scan,
            Err((reason, span)) => {
                problems.error(source, span, ProblemKind::Prompt(reason.to_owned()));
                return None;
            }
        };
        let environment = environment(1);
        let template = match environment.template_from_str(source.text) {
            Ok(template) => template,
            Err(error) => {
                let line = error.line().unwrap_or(1);
                let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
                problems.error(source, line_span(source.text, line), ProblemKind::Prompt(reason));
                return None;
            }
        };
        let used = template.undeclared_variables(false);
        let mut unknown: Vec<_> = used
            .iter()
            .filter(|name| !VARIABLES.contains(&name.as_str()) && !inputs.contains_key(*name))
            .collect();
        unknown.sort();
        for name in &unknown {
            let known: Vec<_> = VARIABLES.into_iter().chain(inputs.keys().map(String::as_str)).collect();
            let place = scan.tags.iter().find_map(|tag| word_in(source.text, tag, name));
            let kind = ProblemKind::UndefinedVariable((*name).clone());
            problems.error(source, place.unwrap_or(0..0), kind).suggest(name, &known, "");
        }
        for name in inputs.keys().filter(|name| !used.contains(*name) && !used.contains("inputs")) {
            problems
                .add(source, 0..0, Severity::Warning, ProblemKind::UnusedInput(name.clone()))
                .cure(format!("use `{{{{ {name} }}}}` or remove the input"));
        }
        unknown.is_empty().then(|| Self { text: source.text.to_owned(), literal_bytes: scan.literal_bytes })
    }
}

/// The stretches of a prompt between its tags that stand behind the first one; none for what is no prompt.
pub(crate) fn literals_behind_tags(text: &str) -> Vec<Range<usize>> {
    let tags = scan(text).map(|scan| scan.tags).unwrap_or_default();
    let ends = tags.iter().skip(1).map(|tag| tag.start).chain([text.len()]);
    tags.iter().zip(ends).map(|(tag, end)| tag.end..end).collect()
}

struct Scan {
    tags: Vec<Range<usize>>,
    literal_bytes: usize,
}

/// Finds the tags as the engine's lexer does. What could make the two disagree (`raw`, brackets and braces in a
/// tag) is refused, so that the bounds on tags hold for what the engine parses.
fn scan(text: &str) -> Result<Scan, (&'static str, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut scan = Scan { tags: Vec::new(), literal_bytes: 0 };
    let mut at = 0;
    while at < bytes.len() {
        let close: &[u8] = match bytes.get(at..at + 2) {
            Some(b"{{") => b"}}",
            Some(b"{%") => b"%}",
            Some(b"{#") => {
                let end = text.get(at + 2..).and_then(|rest| rest.find("#}"));
                at = at + 4 + end.ok_or(("the comment is not closed with `#}`", at..at + 2))?;
                continue;
            }
            _ => {
                scan.literal_bytes += 1;
                at += 1;
                continue;
            }
        };
        let end = tag_end(bytes, at, close)?;
        if close == b"%}" {
            let inner = text.get(at + 2..end - 2).unwrap_or("");
            let word = inner.trim_start_matches(['-', '+']).trim_start();
            let word = word.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
            if matches!(word, "include" | "import" | "from" | "extends") {
                return Err(("a prompt takes in no other file: it is a form to fill in", at..end));
            }
            if !STATEMENTS.contains(&word) {
                return Err(("of statements a prompt has only `if`, `elif`, `else` and `for`", at..end));
            }
        }
        scan.tags.push(at..end);
        if scan.tags.len() > MAX_TAGS {
            return Err(("more than 256 tags", at..end));
        }
        at = end;
    }
    Ok(scan)
}

fn tag_end(bytes: &[u8], start: usize, close: &[u8]) -> Result<usize, (&'static str, Range<usize>)> {
    let mut at = start + 2;
    let mut quote = None;
    while at < bytes.len() {
        if at - start > MAX_TAG_BYTES {
            return Err(("a tag of more than 256 bytes", start..start + 2));
        }
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, b'[' | b'{' | b'(') => {
                return Err(("brackets are not allowed in a tag: a prompt computes nothing", at..at + 1));
            }
            (None, _) if bytes[at..].starts_with(close) => return Ok(at + 2),
            (None, _) => {}
        }
        at += 1;
    }
    Err(("the tag is not closed", start..start + 2))
}

/// Where a name stands as a word in a tag.
fn word_in(text: &str, tag: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let inner = text.get(tag.clone())?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    inner.match_indices(name).find_map(|(at, _)| {
        let before = inner[..at].chars().next_back().is_some_and(|c| is_word(c) || c == '.');
        let after = inner[at + name.len()..].chars().next().is_some_and(is_word);
        (!before && !after).then(|| tag.start + at..tag.start + at + name.len())
    })
}

fn line_span(text: &str, line: usize) -> Range<usize> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            return start..start + content.trim_end().len();
        }
        start += content.len();
    }
    0..0
}
