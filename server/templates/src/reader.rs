//! Reading the values of a TOML text, each with its place and what is wrong with it.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use crate::problem::{ProblemKind, Problems, Source};
use crate::{Fix, InputValue};

/// Keys that would give a template powers it must not have, at whatever level they stand.
const FORBIDDEN: [&str; 27] = [
    "allow_elision",
    "api_base",
    "api_key",
    "base_url",
    "command",
    "endpoint",
    "env",
    "exec",
    "gate",
    "gates",
    "guard",
    "guards",
    "headers",
    "hook",
    "hooks",
    "host",
    "include_file",
    "key",
    "must_parse",
    "provider",
    "proxy",
    "run",
    "script",
    "secret",
    "shell",
    "token",
    "url",
];

/// One table of the text.
pub(crate) struct Table<'a, 'r> {
    table: &'a dyn TableLike,
    /// What it is called in messages.
    pub(crate) name: String,
    span: Range<usize>,
    pub(crate) source: &'r Source<'a>,
    pub(crate) problems: &'r mut Problems,
}

impl<'a, 'r> Table<'a, 'r> {
    /// The top level.
    pub(crate) fn root(table: &'a dyn TableLike, source: &'r Source<'a>, problems: &'r mut Problems) -> Self {
        Self { table, name: "template.toml".to_owned(), span: 0..0, source, problems }
    }

    /// Reports the keys that are not among those known.
    pub(crate) fn only(&mut self, known: &[&str]) {
        for (key, item) in self.table.iter() {
            if known.contains(&key) {
                continue;
            }
            let span = self.key_span(key, item);
            if FORBIDDEN.contains(&key) {
                let fix = self.removal(key);
                self.problems
                    .error(self.source, span, ProblemKind::Forbidden(key.to_owned()))
                    .cure("remove it: endpoints, keys, commands and guards are the user's own configuration")
                    .fix(fix);
                continue;
            }
            let fix = self.removal(key);
            let kind = ProblemKind::UnknownKey { key: key.to_owned(), table: self.name.clone() };
            self.problems.error(self.source, span, kind).suggest(key, known, "").fix(fix);
        }
    }

    /// The table of a key.
    pub(crate) fn table(&mut self, key: &str) -> Option<Table<'a, '_>> {
        let item = self.table.get(key)?;
        let span = self.key_span(key, item);
        let Some(table) = item.as_table_like() else {
            self.bad(key, "a table");
            return None;
        };
        Some(Table { table, name: format!("`{key}`"), span, source: self.source, problems: self.problems })
    }

    /// Every table of a list, written as `[[key]]` or as `key = [{...}]`.
    pub(crate) fn each(&mut self, key: &str, mut take: impl FnMut(Table<'a, '_>)) {
        let Some(item) = self.table.get(key) else { return };
        let span = self.key_span(key, item);
        let tables: Option<Vec<&'a dyn TableLike>> = match item {
            Item::ArrayOfTables(list) => Some(list.iter().map(|table| table as &dyn TableLike).collect()),
            Item::Value(Value::Array(list)) => list
                .iter()
                .map(|value| value.as_inline_table().map(|table| table as &dyn TableLike))
                .collect(),
            _ => None,
        };
        let Some(tables) = tables else {
            self.bad(key, "a list of tables");
            return;
        };
        for table in tables {
            let (name, span) = (format!("`{key}`"), span.clone());
            take(Table { table, name, span, source: self.source, problems: self.problems });
        }
    }

    /// A value for an input of a template.
    pub(crate) fn value(&mut self, key: &str) -> Option<InputValue> {
        let item = self.table.get(key)?;
        let value = match item {
            Item::Value(Value::String(text)) => Some(InputValue::Text(text.value().clone())),
            Item::Value(Value::Integer(number)) => Some(InputValue::Int(*number.value())),
            Item::Value(Value::Boolean(truth)) => Some(InputValue::Bool(*truth.value())),
            _ => None,
        };
        if value.is_none() {
            self.bad(key, "a string, a whole number, true or false");
        }
        value
    }

    /// The keys, in the order they are written.
    pub(crate) fn keys(&self) -> Vec<&'a str> {
        self.table.iter().map(|(key, _)| key).collect()
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where a key's value is written, else where the table is.
    pub(crate) fn place(&self, key: &str) -> Range<usize> {
        self.table.get(key).and_then(Item::span).unwrap_or_else(|| self.span.clone())
    }

    /// A string.
    pub(crate) fn text(&mut self, key: &str) -> Option<&'a str> {
        let item = self.table.get(key)?;
        let text = item.as_str();
        if text.is_none() {
            self.bad(key, "a string");
        }
        text
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, key: &str, least: i64, most: i64) -> Option<i64> {
        let item = self.table.get(key)?;
        let number = item.as_integer().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.bad(key, &format!("a whole number from {least} to {most}"));
        }
        number
    }

    /// A number within bounds, whole or not.
    pub(crate) fn decimal(&mut self, key: &str, least: f64, most: f64) -> Option<f64> {
        let item = self.table.get(key)?;
        let number = item.as_float().or_else(|| item.as_integer().map(|number| number as f64));
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.bad(key, &format!("a number from {least} to {most}"));
        }
        number
    }

    /// A truth value.
    pub(crate) fn truth(&mut self, key: &str) -> Option<bool> {
        let item = self.table.get(key)?;
        let truth = item.as_bool();
        if truth.is_none() {
            self.bad(key, "true or false");
        }
        truth
    }

    /// One string or a list of strings, each with its place; empty when the key is missing or the value wrong.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<(&'a str, Range<usize>)> {
        let Some(item) = self.table.get(key) else { return Vec::new() };
        let span = |value: &Value| value.span().unwrap_or(0..0);
        match item {
            Item::Value(value @ Value::String(text)) => vec![(text.value().as_str(), span(value))],
            Item::Value(Value::Array(list)) if list.iter().all(Value::is_str) => {
                list.iter().filter_map(|value| Some((value.as_str()?, span(value)))).collect()
            }
            _ => {
                self.bad(key, "a string or a list of strings");
                Vec::new()
            }
        }
    }

    /// One of several words.
    pub(crate) fn choice(&mut self, key: &str, known: &[&str]) -> Option<&'a str> {
        let text = self.text(key)?;
        let place = self.place(key);
        self.known(key, text, place, known).then_some(text)
    }

    /// Several of several words.
    pub(crate) fn choices(&mut self, key: &str, known: &[&str]) -> Vec<&'a str> {
        let texts = self.texts(key);
        texts
            .into_iter()
            .filter_map(|(text, place)| self.known(key, text, place, known).then_some(text))
            .collect()
    }

    fn known(&mut self, key: &str, text: &str, place: Range<usize>, known: &[&str]) -> bool {
        let found = known.contains(&text);
        if !found {
            let expected =
                if known.len() == 1 { "the word that is known" } else { "one of the words that are known" };
            let kind = ProblemKind::BadValue { key: key.to_owned(), expected: expected.to_owned() };
            self.problems.error(self.source, place, kind).suggest(text, known, "\"");
        }
        found
    }

    /// Reports that a key's value is not what it takes.
    pub(crate) fn bad(&mut self, key: &str, expected: &str) {
        let kind = ProblemKind::BadValue { key: key.to_owned(), expected: expected.to_owned() };
        self.problems.error(self.source, self.place(key), kind);
    }

    /// The fix that takes a key with its value away, where they stand on lines of their own.
    pub(crate) fn removal(&self, key: &str) -> Option<Fix> {
        let value = self.table.get(key).filter(|item| item.is_value())?.span()?;
        let key_span = self.table.get_key_value(key)?.0.span()?;
        let text = self.source.text;
        let start = text.get(..key_span.start)?.rfind('\n').map_or(0, |at| at + 1);
        let end = value.end + text.get(value.end..)?.find('\n').map_or(text.len() - value.end, |at| at + 1);
        let rest = text.get(value.end..end)?.trim();
        let is_alone = text.get(start..key_span.start)?.trim().is_empty();
        (is_alone && (rest.is_empty() || rest.starts_with('#')))
            .then(|| Fix::within(format!("Remove `{key}`"), self.source, &[(start..end, "")]))
    }

    fn key_span(&self, key: &str, item: &Item) -> Range<usize> {
        let written = self.table.get_key_value(key).and_then(|(key, _)| key.span());
        written.or_else(|| item.span()).unwrap_or_else(|| self.span.clone())
    }
}

/// Where the value of a key stands in a TOML text, the key given by its tables.
pub(crate) fn value_place(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let document = Document::parse(text).ok()?;
    let mut item = document.as_item();
    for key in path {
        item = item.get(key)?;
    }
    item.span()
}
