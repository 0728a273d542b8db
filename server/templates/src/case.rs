//! A template's tests as they are written: `tests/*.toml`, each with cases of what is filled in, what has to come
//! out, and what may come back.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::Document;

use crate::folder::{is_link, is_test_file, read_at_most, test_files};
use crate::problem::{ProblemKind, Problems, Source};
use crate::reader::Table;
use crate::replay::{LiveTerms, Replay, WANTED_KEYS, Wanted, contract};
use crate::skill::is_name;
use crate::{Contract, Finding, InputValue, MAX_FILE_BYTES, Piece, Problem, Prompt, Template};

/// The most cases that are read of one template.
const MAX_CASES: usize = 256;

const CASE_KEYS: [&str; 17] = [
    "name",
    "contract",
    "language",
    "path",
    "symbol",
    "target",
    "context",
    "findings",
    "requirements",
    "instruction",
    "input",
    "expect",
    "reply",
    "about",
    "file",
    "replay",
    "live",
];

/// A case: what is filled in, and what is expected.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The forms that are rendered; empty for all the template has.
    pub contracts: Vec<Contract>,
    language: String,
    path: String,
    symbol: String,
    /// The code to work on.
    pub target: String,
    /// The text it stands in; the target alone where that is not said.
    pub file: Option<String>,
    /// Recorded replies, and what has to come of them.
    pub replays: Vec<Replay>,
    /// What has to come of replies that a model gives now.
    pub live: Option<LiveTerms>,
    context: Vec<(String, String)>,
    findings: Vec<(u32, String, String)>,
    requirements: Vec<String>,
    instruction: String,
    inputs: BTreeMap<String, InputValue>,
    pub(crate) expect: Expect,
    pub(crate) replies: Vec<ReplySample>,
    /// The file it is written in, and where its name stands there.
    pub(crate) written: (PathBuf, Range<usize>),
}

/// What has to come out of a rendering.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Expect {
    pub(crate) max_tokens: Option<usize>,
    pub(crate) fixed_tokens: Option<usize>,
    pub(crate) contains: Vec<String>,
    pub(crate) not_contains: Vec<String>,
    pub(crate) snapshot: bool,
    /// What the refusal to render says.
    pub(crate) error: Option<String>,
}

/// A reply, and whether its contract takes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ReplySample {
    pub(crate) name: String,
    pub(crate) contract: Option<Contract>,
    pub(crate) text: String,
    pub(crate) accept: bool,
    /// What is read from it.
    pub(crate) becomes: Option<String>,
    /// What the refusal says.
    pub(crate) reason: Option<String>,
}

impl Case {
    /// Calls back with what is filled in.
    pub fn with_prompt<T>(&self, use_it: impl FnOnce(&Prompt<'_>) -> T) -> T {
        let context: Vec<_> = self.context.iter().map(|(title, text)| Piece { title, text }).collect();
        let findings: Vec<_> = self
            .findings
            .iter()
            .map(|(line, rule, message)| Finding { line: *line, rule, message })
            .collect();
        let requirements: Vec<_> = self.requirements.iter().map(String::as_str).collect();
        use_it(&Prompt {
            language: &self.language,
            path: &self.path,
            symbol: &self.symbol,
            target: &self.target,
            context: &context,
            findings: &findings,
            requirements: &requirements,
            instruction: &self.instruction,
            inputs: (!self.inputs.is_empty()).then_some(&self.inputs),
        })
    }

    /// The language's name; empty when the case has none.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The file's path; empty when the case has none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The rule of its first finding: the one a template that resolves findings is asked for.
    pub fn rule(&self) -> Option<&str> {
        self.findings.first().map(|(_, rule, _)| rule.as_str())
    }

    /// The forms that are rendered with a template.
    pub fn forms<'a>(&'a self, template: &'a Template) -> &'a [Contract] {
        if self.contracts.is_empty() { &template.spec.contracts } else { &self.contracts }
    }

    /// The form that something of the case is asked in, where the template has it.
    pub fn form(&self, stated: Option<Contract>, template: &Template) -> Option<Contract> {
        let offered = &template.spec.contracts;
        let form = stated.or_else(|| self.contracts.first().copied()).or_else(|| offered.first().copied());
        form.filter(|form| offered.contains(form))
    }
}

/// Every case of a template's folder, and what is wrong with its files.
pub fn read_cases(folder: &Path) -> (Vec<Case>, Vec<Problem>) {
    read_cases_with(folder, None)
}

/// [`read_cases`] with the text of one file, named by its path in the folder, as an editor has it.
pub(crate) fn read_cases_with(folder: &Path, edited: Option<(&str, &str)>) -> (Vec<Case>, Vec<Problem>) {
    let mut cases: Vec<Case> = Vec::new();
    let mut problems = Problems::default();
    let edited = edited.filter(|(name, _)| is_test_file(name)).map(|(name, text)| (folder.join(name), text));
    let mut files = test_files(folder);
    if let Some((file, _)) = edited.as_ref().filter(|(file, _)| !files.contains(file)) {
        files.push(file.clone());
        files.sort();
    }
    for file in files {
        if let Some((_, text)) = edited.as_ref().filter(|(edited, _)| *edited == file) {
            read_file(&Source { file, text }, &mut cases, &mut problems);
            continue;
        }
        let empty = Source { file: file.clone(), text: "" };
        let bytes = if is_link(&file) {
            Err(ProblemKind::Link)
        } else {
            read_at_most(&file, MAX_FILE_BYTES).map_err(|error| ProblemKind::Unreadable(error.to_string()))
        };
        let bytes = match bytes {
            Ok(bytes) if bytes.as_ref().is_some_and(|bytes| bytes.len() > MAX_FILE_BYTES) => {
                Err(ProblemKind::TooLarge { limit: MAX_FILE_BYTES })
            }
            other => other,
        };
        let text = bytes
            .and_then(|bytes| String::from_utf8(bytes.unwrap_or_default()).map_err(|_| ProblemKind::NotUtf8));
        match text {
            Ok(text) => read_file(&Source { file, text: &text }, &mut cases, &mut problems),
            Err(kind) => {
                problems.error(&empty, 0..0, kind);
            }
        }
    }
    (cases, problems.found)
}

fn read_file(source: &Source<'_>, cases: &mut Vec<Case>, problems: &mut Problems) {
    // In TOML's own strings `\r\n` would be kept: a checkout must not change what is tested.
    let (as_written, told, known) = (source.text, problems.found.len(), cases.len());
    let text = as_written.replace("\r\n", "\n");
    read_text(&Source { file: source.file.clone(), text: &text }, cases, problems);
    if text.len() < as_written.len() {
        let place =
            |span: &Range<usize>| in_written(as_written, span.start)..in_written(as_written, span.end);
        for problem in problems.found.iter_mut().skip(told) {
            problem.span = place(&problem.span);
            // They are made for the other text.
            problem.fixes.clear();
        }
        for case in cases.iter_mut().skip(known) {
            case.written.1 = place(&case.written.1);
        }
    }
}

/// Where a place of a text with `\n` for `\r\n` is in the text as it is written.
fn in_written(text: &str, place: usize) -> usize {
    let mut left = place;
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'\r' && text.as_bytes().get(at + 1) == Some(&b'\n') {
            continue;
        }
        if left == 0 {
            return at;
        }
        left -= 1;
    }
    text.len()
}

fn read_text(source: &Source<'_>, cases: &mut Vec<Case>, problems: &mut Problems) {
    let document = match Document::parse(source.text) {
        Ok(document) => document,
        Err(error) => {
            let reason = error.message().lines().next().unwrap_or("").to_owned();
            problems.error(source, error.span().unwrap_or(0..0), ProblemKind::Toml(reason));
            return;
        }
    };
    let mut root = Table::root(document.as_table(), source, problems);
    "the file".clone_into(&mut root.name);
    root.only(&["schema", "case"]);
    if root.has("schema") {
        root.number("schema", 1, 1);
    } else {
        let kind = ProblemKind::Missing("schema".to_owned());
        root.problems.error(source, 0..0, kind).cure("start the file with `schema = 1`");
    }
    root.each("case", |table| {
        if cases.len() < MAX_CASES
            && let Some(case) = case(table, cases)
        {
            cases.push(case);
        }
    });
}

fn case(mut table: Table<'_, '_>, before: &[Case]) -> Option<Case> {
    table.only(&CASE_KEYS);
    let name = name(&mut table)?;
    if before.iter().any(|case| case.name == name) {
        table.bad("name", "another one: a case of that name is there already");
        return None;
    }
    let written = (table.source.file.clone(), table.place("name"));
    let mut case = Case { name, written, ..Case::default() };
    let names = Contract::ALL.map(Contract::name);
    case.contracts = table.choices("contract", &names).into_iter().filter_map(Contract::from_name).collect();
    let owned = |text: Option<&str>| text.unwrap_or("").to_owned();
    case.language = owned(table.text("language"));
    case.path = owned(table.text("path"));
    case.symbol = owned(table.text("symbol"));
    case.target = owned(table.text("target"));
    case.instruction = owned(table.text("instruction"));
    case.requirements = table.texts("requirements").into_iter().map(|(text, _)| text.to_owned()).collect();
    table.each("context", |mut piece| {
        piece.only(&["title", "text"]);
        case.context.push((owned(piece.text("title")), owned(piece.text("text"))));
    });
    table.each("findings", |mut finding| {
        finding.only(&["line", "rule", "message"]);
        let line = finding.number("line", 1, i64::from(u32::MAX)).and_then(|line| u32::try_from(line).ok());
        case.findings.push((line.unwrap_or(1), owned(finding.text("rule")), owned(finding.text("message"))));
    });
    if let Some(mut inputs) = table.table("input") {
        for name in inputs.keys() {
            if let Some(value) = inputs.value(name) {
                case.inputs.insert(name.to_owned(), value);
            }
        }
    }
    if let Some(table) = table.table("expect") {
        case.expect = expect(table);
    }
    table.each("reply", |table| case.replies.extend(reply(table)));
    case.file = table.text("file").map(str::to_owned);
    table.each("replay", |mut table| {
        let known: Vec<_> = case.replays.iter().map(|replay| replay.name.clone()).collect();
        case.replays.extend(replay(&mut table, &known));
    });
    case.live = table.table("live").map(LiveTerms::read);
    Some(case)
}

/// The name, which names files as well.
fn name(table: &mut Table<'_, '_>) -> Option<String> {
    let name = table.text("name");
    match name {
        Some(name) if is_name(name) => Some(name.to_owned()),
        _ => {
            table.bad("name", "lower-case letters, digits and single hyphens between them");
            None
        }
    }
}

fn expect(mut table: Table<'_, '_>) -> Expect {
    table.only(&["max_tokens", "fixed_tokens", "contains", "not_contains", "snapshot", "error"]);
    let mut tokens =
        |key: &str| table.number(key, 1, 1_000_000).and_then(|tokens| usize::try_from(tokens).ok());
    let (max_tokens, fixed_tokens) = (tokens("max_tokens"), tokens("fixed_tokens"));
    let mut texts =
        |key: &str| table.texts(key).into_iter().map(|(text, _)| text.to_owned()).collect::<Vec<_>>();
    let (contains, not_contains) = (texts("contains"), texts("not_contains"));
    let snapshot = table.truth("snapshot").unwrap_or(false);
    let error = table.text("error").map(str::to_owned);
    Expect { max_tokens, fixed_tokens, contains, not_contains, snapshot, error }
}

fn replay(table: &mut Table<'_, '_>, before: &[String]) -> Option<Replay> {
    table.only(&[&WANTED_KEYS[..], &["name", "contract"]].concat());
    let name = name(table)?;
    if before.contains(&name) {
        table.bad("name", "another one: a replay of that name is there already");
        return None;
    }
    Some(Replay { name, contract: contract(table), wanted: Wanted::read(table) })
}

fn reply(mut table: Table<'_, '_>) -> Option<ReplySample> {
    table.only(&["name", "contract", "text", "accept", "becomes", "reason"]);
    let name = name(&mut table)?;
    let contract = contract(&mut table);
    for key in ["text", "accept"] {
        if !table.has(key) {
            let place = table.place(key);
            table.problems.error(table.source, place, ProblemKind::Missing(key.to_owned()));
        }
    }
    let text = table.text("text")?.to_owned();
    let accept = table.truth("accept")?;
    let becomes = table.text("becomes").map(str::to_owned);
    let reason = table.text("reason").map(str::to_owned);
    match (accept, &becomes, &reason) {
        (false, Some(_), _) => table.bad("becomes", "left out: the reply is refused"),
        (true, _, Some(_)) => table.bad("reason", "left out: the reply is accepted"),
        _ => {}
    }
    Some(ReplySample { name, contract, text, accept, becomes, reason })
}
