//! What may be written at a place of a template's file.

use std::ops::Range;

use crate::folder::is_test_file;
use crate::prompt::STATEMENTS;
use crate::words::{FIELDS, FILTERS, SKILL_KEYS, TABLES, TEST_TABLES, values};
use crate::{LOCK_FILE, Label, Template, VARIABLES, Vocabulary, describe_variable};

/// What a word is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WordKind {
    /// A variable of the prompt, or an input of the template.
    Variable,
    /// A field of an entry.
    Field,
    /// A filter.
    Filter,
    /// A statement of the prompt's language.
    Statement,
    /// A key or table of a file.
    Key,
    /// A value of a key.
    Value,
}

/// A word that may be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// The word.
    pub word: String,
    /// What is written in place of [`Completion::span`].
    pub insert: String,
    /// What it is for; may be empty.
    pub about: String,
    /// What it is.
    pub kind: WordKind,
    /// What of the text it takes the place of, in bytes: what is written of it so far.
    pub span: Range<usize>,
}

/// More of a file than this is not read to know where a place is.
const READ: usize = 64 << 10;

/// The words that may be written at an offset of a template's file, in the order of their use. `file`: the file's name.
/// `template`: the template as far as it can be read. Nothing for other files and for places where anything may be
/// written.
pub fn completions(
    file: &str,
    text: &str,
    offset: usize,
    template: Option<&Template>,
    vocabulary: &Vocabulary,
) -> Vec<Completion> {
    let Some(before) = text.get(..offset.min(READ)).filter(|before| before.len() == offset) else {
        return Vec::new();
    };
    match file {
        "prompt.mj" => of_prompt(before, template),
        "SKILL.md" => of_skill(before),
        "template.toml" => of_toml(before, text, &TABLES, vocabulary),
        _ if is_test_file(file) => of_toml(before, text, &TEST_TABLES, vocabulary),
        LOCK_FILE => of_lock(before, vocabulary),
        _ => Vec::new(),
    }
}

/// Makes completions that take the place of the last bytes of what is written.
struct Offered {
    found: Vec<Completion>,
    span: Range<usize>,
}

impl Offered {
    /// For the word of such characters that a text ends with.
    fn after(before: &str, is_part: fn(char) -> bool) -> Self {
        let word: usize = before.chars().rev().take_while(|c| is_part(*c)).map(char::len_utf8).sum();
        Self { found: Vec::new(), span: before.len() - word..before.len() }
    }

    fn add(&mut self, kind: WordKind, word: &str, about: &str) {
        self.add_as(kind, word, word.to_owned(), about);
    }

    fn add_as(&mut self, kind: WordKind, word: &str, insert: String, about: &str) {
        let (word, about) = (word.to_owned(), about.to_owned());
        self.found.push(Completion { word, insert, about, kind, span: self.span.clone() });
    }

    fn add_all(&mut self, kind: WordKind, words: &[(&str, &str)]) {
        for (word, about) in words {
            self.add(kind, word, about);
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn of_prompt(before: &str, template: Option<&Template>) -> Vec<Completion> {
    let opened = before.rfind("{{").max(before.rfind("{%"));
    let closed = before.rfind("}}").max(before.rfind("%}"));
    let Some(open) = opened.filter(|open| closed.is_none_or(|closed| closed < *open)) else {
        return Vec::new();
    };
    let mut offered = Offered::after(before, is_word);
    let head = before.get(open + 2..offered.span.start).unwrap_or("").trim_start_matches(['-', '+']).trim();
    let is_statement = before.get(open..).is_some_and(|tag| tag.starts_with("{%"));
    if is_statement && head.is_empty() {
        for statement in STATEMENTS {
            offered.add(WordKind::Statement, statement, "");
        }
        return offered.found;
    }
    if head.ends_with('|') {
        offered.add_all(WordKind::Filter, &FILTERS);
        return offered.found;
    }
    let in_loops = loops(before.get(..open).unwrap_or(""));
    if let Some(object) = head.strip_suffix('.') {
        let at = object.rfind(|c| !is_word(c)).map_or(0, |at| at + 1);
        let object = object.get(at..).unwrap_or("");
        let list = in_loops.iter().rev().find(|(name, _)| *name == object).map_or(object, |(_, list)| list);
        let fields = FIELDS.iter().find(|(known, _)| *known == list && (list == "loop" || list != object));
        offered.add_all(WordKind::Field, fields.map_or(&[], |(_, fields)| fields));
        return offered.found;
    }
    let last = head.split_whitespace().last().unwrap_or("");
    if is_statement && last == "for" {
        // A name that does not exist yet.
        return Vec::new();
    }
    if is_statement && head.starts_with("for ") && last != "in" {
        let has_in = head.split_whitespace().any(|word| word == "in");
        if !has_in {
            offered.add(WordKind::Statement, "in", "");
        }
        return offered.found;
    }
    for (name, list) in in_loops.iter().rev() {
        offered.add(WordKind::Variable, name, &format!("An entry of `{list}`."));
    }
    for (name, input) in template.iter().flat_map(|template| &template.spec.inputs) {
        offered.add(WordKind::Variable, name, &input.description);
    }
    for name in VARIABLES {
        offered.add(WordKind::Variable, name, describe_variable(name).unwrap_or(""));
    }
    offered.found
}

/// The loops a text is in at its end: the name of an entry and of the list.
fn loops(text: &str) -> Vec<(&str, &str)> {
    let mut open = Vec::new();
    for tag in text.split("{%").skip(1).filter_map(|rest| rest.split("%}").next()) {
        let words: Vec<_> = tag.trim_matches(['-', '+']).split_whitespace().collect();
        match words[..] {
            ["for", name, "in", list, ..] => open.push((name, list)),
            ["endfor", ..] => {
                open.pop();
            }
            _ => {}
        }
    }
    open
}

fn of_skill(before: &str) -> Vec<Completion> {
    // The body is sent as it is: nothing in it is filled in.
    let Some(head) = before.strip_prefix("---").filter(|head| !head.contains("\n---")) else {
        return Vec::new();
    };
    let mut offered = Offered::after(before, |c| is_word(c) || c == '-');
    let line = head.rsplit('\n').next().unwrap_or("");
    if line.contains(':') {
        return Vec::new();
    }
    if line.starts_with(' ') {
        let above = head.lines().rev().skip(1).find(|line| !line.starts_with(' '));
        if above.is_some_and(|line| line.starts_with("metadata:")) {
            let about = "The version, as in template.toml.";
            offered.add_as(WordKind::Key, "version", "version: ".to_owned(), about);
        }
        return offered.found;
    }
    let written: Vec<_> = head.lines().filter_map(|line| line.split_once(':')).map(|(key, _)| key).collect();
    for (key, about) in SKILL_KEYS.iter().filter(|(key, _)| !written.contains(key)) {
        offered.add_as(WordKind::Key, key, format!("{key}: "), about);
    }
    offered.found
}

/// Where a place of a TOML text is.
pub(crate) struct Place<'a> {
    /// The table's name; empty at the top.
    pub(crate) table: &'a str,
    /// The key whose value is being written.
    pub(crate) key: Option<&'a str>,
    /// The keys that the table has already.
    written: Vec<&'a str>,
}

/// Where a text ends: line by line, for what is being written is no TOML yet.
pub(crate) fn place(before: &str) -> Place<'_> {
    let mut place = Place { table: "", key: None, written: Vec::new() };
    let mut depth = 0_i32;
    let mut lines = before.split('\n').peekable();
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        let bare = line.trim();
        if depth <= 0 {
            place.key = None;
            if let Some(name) = bare.strip_prefix('[').map(|name| name.trim_start_matches('[')) {
                if !is_last {
                    place.table = name.trim_matches(['[', ']', ' ']).split(']').next().unwrap_or("");
                    place.written.clear();
                }
                continue;
            }
            let Some((key, _)) = bare.split_once('=').filter(|_| !bare.starts_with('#')) else { continue };
            place.key = Some(key.trim());
            place.written.push(key.trim());
            depth = 0;
        }
        let outside: String = line.split('"').step_by(2).collect();
        depth += outside.matches('[').count() as i32 - outside.matches(']').count() as i32;
        if !is_last && depth <= 0 {
            place.key = None;
        }
    }
    place
}

fn of_toml(
    before: &str,
    text: &str,
    tables: &[(&str, &[(&str, &str)])],
    vocabulary: &Vocabulary,
) -> Vec<Completion> {
    let place = place(before);
    let table = if place.table.starts_with("input.") { "input" } else { place.table };
    if place.key.is_some() {
        return of_value(before, table, &place, vocabulary, &languages(text));
    }
    let mut offered = Offered::after(before, is_word);
    let head = before.get(..offered.span.start).unwrap_or("").rsplit('\n').next().unwrap_or("");
    if head.trim_start().starts_with('[') {
        for (name, _) in tables.iter().filter(|(name, _)| !name.is_empty()) {
            if *name == "input" {
                offered.add_as(WordKind::Key, "input", "input.".to_owned(), "What it takes beside the code.");
            } else {
                offered.add(WordKind::Key, name, "");
            }
        }
        return offered.found;
    }
    if !head.trim().is_empty() {
        return Vec::new();
    }
    let keys = tables.iter().find(|(known, _)| *known == table).map_or(&[][..], |(_, keys)| keys);
    for (key, about) in keys.iter().filter(|(key, _)| !place.written.contains(key)) {
        offered.add_as(WordKind::Key, key, format!("{key} = "), about);
    }
    offered.found
}

/// The languages that a `template.toml` says it is for, as far as it can be read.
fn languages(text: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("language"));
    let said = line.and_then(|line| line.trim_start().strip_prefix('=')).unwrap_or("");
    said.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn of_value(
    before: &str,
    table: &str,
    place: &Place<'_>,
    vocabulary: &Vocabulary,
    languages: &[String],
) -> Vec<Completion> {
    let mut offered = Offered::after(before, |c| is_word(c) || c == '-');
    let head = before.get(..offered.span.start).unwrap_or("");
    let line = head.rsplit('\n').next().unwrap_or("");
    let quoted = line.matches('"').count() % 2 == 1;
    let (words, are_texts) = values(table, place.key.unwrap_or(""), vocabulary, languages);
    let begins =
        if quoted { are_texts && line.ends_with('"') } else { head.trim_end().ends_with(['=', '[', ',']) };
    if !begins {
        return Vec::new();
    }
    for word in words {
        let about = if table == "match" && place.key == Some("node") { "A kind of node." } else { "" };
        let insert = if are_texts && !quoted { format!("\"{word}\"") } else { word.clone() };
        offered.add_as(WordKind::Value, &word, insert, about);
    }
    offered.found
}

fn of_lock(before: &str, vocabulary: &Vocabulary) -> Vec<Completion> {
    let place = place(before);
    if place.key.is_some() {
        return of_value(before, place.table, &place, vocabulary, &[]);
    }
    let mut offered = Offered::after(before, is_word);
    let is_start = before.get(..offered.span.start).is_some_and(|head| head.ends_with('\n'));
    if is_start && place.table.starts_with("label.") {
        for label in Label::ALL.map(Label::name).iter().filter(|label| !place.written.contains(label)) {
            offered.add_as(
                WordKind::Key,
                label,
                format!("{label} = "),
                "The version that carries the label.",
            );
        }
    }
    offered.found
}
