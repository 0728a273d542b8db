//! Reading a `template.toml`.

use globset::Glob;
use regex_lite::RegexBuilder;
use semver::Version;
use toml_edit::Document;

use super::input::{DEFAULT_MAX_LENGTH, whole};
use super::{
    Budget, Engine, Gates, Input, InputKind, InputValue, Instruction, Model, ModelClass, PIECES, Spec, TASKS,
    TemplateKind,
};
use crate::problem::{ProblemKind, Problems, Source};
use crate::reader::Table;
use crate::skill::Located;
use crate::{Contract, Fix, Layer, Match, VARIABLES};

const KEYS: [&str; 12] = [
    "schema",
    "version",
    "kind",
    "title",
    "engine",
    "instruction",
    "match",
    "input",
    "context",
    "output",
    "budget",
    "model",
];
const MATCH_KEYS: [&str; 8] =
    ["language", "task", "node", "query", "globs", "diagnostic", "min_lines", "max_lines"];
const INPUT_KEYS: [&str; 9] =
    ["type", "description", "pattern", "max_length", "min", "max", "values", "default", "optional"];
const OUTPUT_KEYS: [&str; 7] = [
    "contract",
    "keep_signature",
    "keep_items",
    "new_items",
    "comments_only",
    "resolves_finding",
    "min_score_delta",
];

/// More of anything than this is no template a person wrote.
const MAX_LIST: usize = 64;

/// Patterns are compiled, all together: what they may take is bounded by their number and length.
const MAX_GLOBS: usize = 16;
const MAX_GLOB_BYTES: usize = 128;
const MAX_QUERY_BYTES: usize = 512;

/// What was read, and the version that is stated.
pub(crate) struct Read {
    pub(crate) spec: Spec,
    pub(crate) version: Option<Located>,
}

impl Spec {
    /// Reads the file; what is wrong in it leaves its default.
    pub(crate) fn read(source: &Source<'_>, name: &str, layer: Layer, problems: &mut Problems) -> Read {
        let mut read = Read { spec: Self::of_plain_skill(name), version: None };
        let document = match Document::parse(source.text) {
            Ok(document) => document,
            Err(error) => {
                let reason = error.message().lines().next().unwrap_or("").to_owned();
                problems.error(source, error.span().unwrap_or(0..0), ProblemKind::Toml(reason));
                return read;
            }
        };
        let mut root = Table::root(document.as_table(), source, problems);
        root.only(&KEYS);
        let spec = &mut read.spec;
        if root.has("schema") {
            root.number("schema", 1, 1);
        } else {
            let kind = ProblemKind::Missing("schema".to_owned());
            let fix = Fix::within("Write `schema = 1`", source, &[(0..0, "schema = 1\n")]);
            root.problems.error(source, 0..0, kind).cure("start the file with `schema = 1`").fix([fix]);
        }
        read.version =
            root.text("version").map(|text| Located { text: text.to_owned(), span: root.place("version") });
        if let Some(kind) = root.choice("kind", &TemplateKind::ALL.map(TemplateKind::name)) {
            spec.kind = TemplateKind::ALL.into_iter().find(|k| k.name() == kind).unwrap_or_default();
        }
        if let Some(title) = root.text("title") {
            if title.trim().is_empty() || title.chars().count() > 60 || title.contains(char::is_control) {
                root.bad("title", "one line of 1 to 60 characters");
            }
            title.clone_into(&mut spec.title);
        }
        if let Some(engine) = root.choice("engine", &["none", "minijinja"]) {
            spec.engine = if engine == "none" { Engine::None } else { Engine::Minijinja };
        }
        if root.choice("instruction", &["required", "optional"]) == Some("required") {
            spec.instruction = Instruction::Required;
        }
        if let Some(table) = root.table("match") {
            spec.applies = applies(table);
        }
        if let Some(table) = root.table("input") {
            inputs(table, spec);
        }
        if let Some(mut table) = root.table("context") {
            table.only(&["include"]);
            if table.has("include") {
                spec.context = owned(table.choices("include", &PIECES));
            }
        }
        if !root.has("output") {
            let kind = ProblemKind::Missing("output.contract".to_owned());
            let end = source.text.len();
            let table = "\n[output]\ncontract = [\"hunks\", \"whole-node\"]\n";
            let table = if source.text.ends_with('\n') { table.to_owned() } else { format!("\n{table}") };
            let fix = Fix::within("Add `[output]`", source, &[(end..end, &table)]);
            root.problems.error(source, 0..0, kind).cure("add `[output]` with `contract = [...]`").fix([fix]);
        }
        if let Some(table) = root.table("output") {
            output(table, spec, layer);
        }
        if let Some(table) = root.table("budget") {
            spec.budget = budget(table);
        }
        if let Some(table) = root.table("model") {
            spec.model = model(table);
        }
        read
    }
}

fn owned(words: Vec<&str>) -> Vec<String> {
    words.into_iter().take(MAX_LIST).map(str::to_owned).collect()
}

fn applies(mut table: Table<'_, '_>) -> Match {
    table.only(&MATCH_KEYS);
    let plain = |table: &mut Table<'_, '_>, key: &str, what: &str, allowed: fn(char) -> bool| {
        let mut words = Vec::new();
        for (word, place) in table.texts(key) {
            if word.is_empty() || !word.chars().all(allowed) {
                let kind = ProblemKind::BadValue { key: key.to_owned(), expected: what.to_owned() };
                table.problems.error(table.source, place, kind);
            } else if words.len() < MAX_LIST {
                words.push(word.to_owned());
            }
        }
        words
    };
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let languages = plain(&mut table, "language", "names of languages in lower case", word);
    let nodes = plain(&mut table, "node", "node kinds of a grammar, as `function_item`", word);
    let diagnostics = plain(&mut table, "diagnostic", "ids of rules, with or without `*` at the end", |c| {
        !c.is_whitespace() && !c.is_control()
    });
    let mut globs = Vec::new();
    for (pattern, place) in table.texts("globs") {
        if pattern.len() > MAX_GLOB_BYTES {
            table.bad("globs", "patterns of at most 128 bytes");
            continue;
        }
        match Glob::new(pattern) {
            Ok(_) if globs.len() < MAX_GLOBS => globs.push(pattern.to_owned()),
            Ok(_) => table.bad("globs", "at most 16 patterns"),
            Err(error) => {
                let kind = ProblemKind::BadGlob(error.kind().to_string());
                table.problems.error(table.source, place, kind).cure("use `*`, `**`, `?`, `[ab]`, `{a,b}`");
            }
        }
    }
    let query = table.text("query").map(str::to_owned);
    if query.as_ref().is_some_and(|query| query.len() > MAX_QUERY_BYTES || !query.contains('@')) {
        table.bad(
            "query",
            "a tree-sitter query of at most 512 bytes with a capture, as `(function_item) @it`",
        );
    }
    let tasks = owned(table.choices("task", &TASKS));
    let lines = |table: &mut Table<'_, '_>, key| {
        table.number(key, 1, i64::from(u32::MAX)).and_then(|lines| u32::try_from(lines).ok())
    };
    let (min_lines, max_lines) = (lines(&mut table, "min_lines"), lines(&mut table, "max_lines"));
    if let (Some(least), Some(most)) = (min_lines, max_lines)
        && least > most
    {
        table.bad("max_lines", "no less than `min_lines`");
    }
    Match { languages, tasks, nodes, query, globs, diagnostics, min_lines, max_lines }
}

fn inputs(mut table: Table<'_, '_>, spec: &mut Spec) {
    for name in table.keys().into_iter().take(MAX_LIST) {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let reserved = VARIABLES.contains(&name);
        if reserved || !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(word) {
            let expected = if reserved {
                "another word: every prompt has a variable of that name"
            } else {
                "a word of lower-case letters, digits and `_`"
            };
            table.bad(name, expected);
            continue;
        }
        if let Some(input) = table.table(name).and_then(|fields| input(fields, name)) {
            spec.inputs.insert(name.to_owned(), input);
        }
    }
}

fn input(mut table: Table<'_, '_>, name: &str) -> Option<Input> {
    table.only(&INPUT_KEYS);
    if !table.has("type") {
        let kind = ProblemKind::Missing("type".to_owned());
        let place = table.place("type");
        table.problems.error(table.source, place, kind).cure("add `type = \"string\"`");
        return None;
    }
    let (kind, empty) = match table.choice("type", &["string", "int", "bool", "enum"])? {
        "int" => {
            let min = table.number("min", i64::MIN, i64::MAX).unwrap_or(i64::MIN);
            let max = table.number("max", min, i64::MAX).unwrap_or(i64::MAX);
            (InputKind::Int { min, max }, InputValue::Int(0.clamp(min, max)))
        }
        "bool" => (InputKind::Bool, InputValue::Bool(false)),
        "enum" => {
            let values = owned(table.texts("values").into_iter().map(|(text, _)| text).collect());
            if values.is_empty() {
                table.bad("values", "a list of words");
                return None;
            }
            let first = values[0].clone();
            (InputKind::Enum(values), InputValue::Text(first))
        }
        _ => (text_kind(&mut table), InputValue::Text(String::new())),
    };
    let description = table.text("description").unwrap_or("").to_owned();
    let mut input = Input { kind, description, default: None };
    if table.has("default") {
        input.default = default(&mut table, name, &input);
    } else if table.truth("optional") == Some(true) {
        input.default = Some(empty);
    }
    Some(input)
}

fn text_kind(table: &mut Table<'_, '_>) -> InputKind {
    let longest = table.number("max_length", 1, 4096).and_then(|length| usize::try_from(length).ok());
    let pattern = table.text("pattern").and_then(|pattern| {
        match RegexBuilder::new(&whole(pattern)).size_limit(1 << 18).build() {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let place = table.place("pattern");
                table.problems.error(table.source, place, ProblemKind::BadPattern(error.to_string()));
                None
            }
        }
    });
    InputKind::Text { pattern, max_length: longest.unwrap_or(DEFAULT_MAX_LENGTH) }
}

fn default(table: &mut Table<'_, '_>, name: &str, input: &Input) -> Option<InputValue> {
    let value = match input.kind {
        InputKind::Text { .. } | InputKind::Enum(_) => InputValue::Text(table.text("default")?.to_owned()),
        InputKind::Int { .. } => InputValue::Int(table.number("default", i64::MIN, i64::MAX)?),
        InputKind::Bool => InputValue::Bool(table.truth("default")?),
    };
    match input.check(&value) {
        Ok(()) => Some(value),
        Err(error) => {
            let kind = ProblemKind::BadDefault { name: name.to_owned(), reason: error.to_string() };
            let place = table.place("default");
            table.problems.error(table.source, place, kind);
            None
        }
    }
}

fn output(mut table: Table<'_, '_>, spec: &mut Spec, layer: Layer) {
    table.only(&OUTPUT_KEYS);
    let names = Contract::ALL.map(Contract::name);
    let mut contracts: Vec<_> =
        table.choices("contract", &names).into_iter().filter_map(Contract::from_name).collect();
    contracts.dedup();
    if contracts.len() > 1 && contracts.contains(&Contract::Text) {
        table.bad("contract", "either `text` alone or contracts for edits");
    }
    if !contracts.is_empty() {
        spec.contracts = contracts.into_iter().take(Contract::ALL.len()).collect();
    } else if !table.has("contract") {
        let kind = ProblemKind::Missing("contract".to_owned());
        let place = table.place("contract");
        table.problems.error(table.source, place, kind).cure("add `contract = [\"hunks\", \"whole-node\"]`");
    }
    let defaults = Gates::default();
    let mut truth = |key: &str, default: bool, strict: bool| {
        let value = table.truth(key).unwrap_or(default);
        relaxed(&mut table, key, layer == Layer::Workspace && value != strict && value != default);
        value
    };
    let mut gates = Gates {
        keep_signature: truth("keep_signature", defaults.keep_signature, true),
        keep_items: truth("keep_items", defaults.keep_items, true),
        new_items: truth("new_items", defaults.new_items, false),
        comments_only: truth("comments_only", defaults.comments_only, true),
        resolves_finding: truth("resolves_finding", defaults.resolves_finding, true),
        min_score_delta: None,
    };
    gates.min_score_delta = table.decimal("min_score_delta", -10.0, 10.0);
    spec.gates = gates;
}

fn relaxed(table: &mut Table<'_, '_>, key: &str, is: bool) {
    if is {
        let (place, fix) = (table.place(key), table.removal(key));
        table
            .problems
            .error(table.source, place, ProblemKind::Relaxed(key.to_owned()))
            .cure("remove it, or move the template to your own templates")
            .fix(fix);
    }
}

fn budget(mut table: Table<'_, '_>) -> Budget {
    table.only(&["fixed_tokens", "input_tokens", "output_tokens"]);
    let defaults = Budget::default();
    let mut tokens = |key: &str, most: i64, default: u32| {
        table.number(key, 1, most).and_then(|tokens| u32::try_from(tokens).ok()).unwrap_or(default)
    };
    Budget {
        fixed_tokens: tokens("fixed_tokens", 100_000, defaults.fixed_tokens),
        input_tokens: tokens("input_tokens", 1_000_000, defaults.input_tokens),
        output_tokens: tokens("output_tokens", 128_000, defaults.output_tokens),
    }
}

fn model(mut table: Table<'_, '_>) -> Model {
    table.only(&["prefer", "temperature", "stop"]);
    let classes = table.choices("prefer", &ModelClass::ALL.map(ModelClass::name));
    let class = |name: &str| ModelClass::ALL.into_iter().find(|class| class.name() == name);
    let stop: Vec<_> = table.texts("stop").into_iter().map(|(text, _)| text.to_owned()).collect();
    if stop.len() > 4 || stop.iter().any(|text| text.is_empty() || text.len() > 64) {
        table.bad("stop", "at most 4 texts of 1 to 64 bytes");
    }
    Model {
        prefer: classes.into_iter().filter_map(class).take(ModelClass::ALL.len()).collect(),
        temperature: table.decimal("temperature", 0.0, 2.0).unwrap_or(0.0),
        stop: stop.into_iter().take(4).collect(),
    }
}

/// Reads a stated version; the problem names what is wrong with it.
pub(crate) fn version(source: &Source<'_>, stated: &Located, problems: &mut Problems) -> Option<Version> {
    match Version::parse(&stated.text) {
        Ok(version) => Some(version),
        Err(error) => {
            let kind = ProblemKind::BadSemver { text: stated.text.clone(), reason: error.to_string() };
            let problem = problems.error(source, stated.span.clone(), kind);
            problem.cure("write three numbers, as 1.2.0");
            problem.replacement = completed(&stated.text).map(|version| {
                let written = source.text.get(stated.span.clone()).unwrap_or("");
                rewritten(written, &version)
            });
            None
        }
    }
}

/// The version that was probably meant: `v1.2` is 1.2.0.
fn completed(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    let zeros = 2_usize.checked_sub(text.matches('.').count())?;
    Version::parse(&format!("{text}{}", ".0".repeat(zeros))).ok()
}

/// A version in place of another, with the quotes that one is written with.
pub(crate) fn rewritten(written: &str, version: &Version) -> String {
    let quote = written.chars().next().filter(|c| "\"'".contains(*c)).map_or(String::new(), String::from);
    format!("{quote}{version}{quote}")
}
