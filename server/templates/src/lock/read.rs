//! Reading a `templates.lock`: strict, for a program wrote it and what is not understood may matter.

use std::ops::Range;
use std::path::Path;

use semver::Version;
use toml_edit::{Document, Item, TableLike};

use super::{LOCK_FILE, Label, Lock, LockError, Locked, MAX_HISTORY, Pin, Pointer};
use crate::folder::read_at_most;
use crate::skill::is_name;
use crate::{ContentHash, Outline};

/// The largest lock that is read, in bytes.
const MAX_BYTES: usize = 4 << 20;

pub(super) fn load(path: &Path) -> Result<Lock, LockError> {
    read(path).map_err(|error| match error {
        LockError::Malformed { line, reason, .. } => {
            LockError::Malformed { path: path.to_owned(), line, reason }
        }
        error => error,
    })
}

fn read(path: &Path) -> Result<Lock, LockError> {
    let io = |source| LockError::Io { path: path.to_owned(), source };
    let Some(bytes) = read_at_most(path, MAX_BYTES).map_err(io)? else { return Ok(Lock::default()) };
    if bytes.len() > MAX_BYTES {
        return Err(malformed(1, format!("it is larger than {MAX_BYTES} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| malformed(1, "it is not UTF-8".to_owned()))?;
    parse(&text)
}

fn malformed(line: usize, reason: String) -> LockError {
    LockError::Malformed { path: LOCK_FILE.into(), line, reason }
}

pub(super) fn parse(text: &str) -> Result<Lock, LockError> {
    let document = Document::parse(text).map_err(|error| {
        let reason = error.message().lines().next().unwrap_or("").to_owned();
        malformed(line_of(text, error.span()), reason)
    })?;
    let reader = Reader { text };
    let mut lock = Lock::default();
    let root = document.as_table();
    reader.only(root, &["schema", "pin", "label", "history", "template"])?;
    match root.get("schema").and_then(Item::as_integer) {
        Some(1) => {}
        _ => {
            return Err(
                reader.error(root.get("schema"), "`schema = 1` is expected: it is of another program")
            );
        }
    }
    if let Some(item) = root.get("pin") {
        for (name, item) in reader.table(item)?.iter() {
            let pin = reader
                .string(item)?
                .parse()
                .map_err(|error: LockError| reader.error(Some(item), &error.to_string()))?;
            lock.pins.insert(reader.name(name, item)?, pin);
        }
    }
    if let Some(item) = root.get("label") {
        for (name, item) in reader.table(item)?.iter() {
            let name = reader.name(name, item)?;
            for (label, item) in reader.table(item)?.iter() {
                let known = Label::from_name(label);
                let label = known.ok_or_else(|| reader.error(Some(item), "there is no such label"))?;
                lock.labels.insert((name.clone(), label), reader.version(item)?);
            }
        }
    }
    if let Some(item) = root.get("history") {
        for (name, item) in reader.table(item)?.iter() {
            let name = reader.name(name, item)?;
            for (pointer, item) in reader.table(item)?.iter() {
                let known = Pointer::from_name(pointer);
                let pointer = known.ok_or_else(|| reader.error(Some(item), "there is no such label"))?;
                let array = item.as_array();
                let values: Option<Vec<&str>> =
                    array.and_then(|array| array.iter().map(toml_edit::Value::as_str).collect());
                let values = values.filter(|values| (1..=MAX_HISTORY).contains(&values.len()));
                let is_one = |value: &&str| match pointer {
                    Pointer::Pin => value.is_empty() || value.parse::<Pin>().is_ok(),
                    Pointer::Label(_) => Version::parse(value).is_ok(),
                };
                let values = values.filter(|values| values.iter().all(is_one));
                let values =
                    values.ok_or_else(|| reader.error(Some(item), "a list of versions is expected"))?;
                let values = values.into_iter().map(str::to_owned).collect();
                lock.history.insert((name.clone(), pointer), values);
            }
        }
    }
    if let Some(item) = root.get("template") {
        let tables = item.as_array_of_tables();
        for table in tables.ok_or_else(|| reader.error(Some(item), "`[[template]]` is expected"))? {
            reader.only(table, &["name", "version", "sha256", "source", "said", "promises"])?;
            let field = |key: &str| {
                let item = table.get(key);
                item.ok_or_else(|| malformed(line_of(text, table.span()), format!("`{key}` is missing")))
            };
            let name = reader.name(reader.string(field("name")?)?, field("name")?)?;
            let version = reader.version(field("version")?)?;
            let hash = reader.string(field("sha256")?)?.parse::<ContentHash>();
            let hash =
                hash.map_err(|()| reader.error(table.get("sha256"), "64 hexadecimal digits are expected"))?;
            let source = reader.string(field("source")?)?.to_owned();
            let outline = match (table.get("said"), table.get("promises")) {
                (None, None) => None,
                (Some(said), Some(promises)) => {
                    let words = promises.as_array();
                    let words = words.map(|words| words.iter().map(toml_edit::Value::as_str).collect());
                    let words: Option<Vec<&str>> = words.flatten();
                    let words =
                        words.ok_or_else(|| reader.error(Some(promises), "a list of strings is expected"))?;
                    let promises = words.into_iter().map(str::to_owned).collect();
                    Some(Outline { promises, said: reader.string(said)?.to_owned() })
                }
                (said, promises) => {
                    let only = said.or(promises);
                    return Err(reader.error(only, "`said` and `promises` belong together"));
                }
            };
            if lock.versions.insert((name, version), Locked { hash, source, outline }).is_some() {
                return Err(reader.error(table.get("version"), "this version is there twice"));
            }
        }
    }
    Ok(lock)
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn error(&self, item: Option<&Item>, reason: &str) -> LockError {
        malformed(line_of(self.text, item.and_then(Item::span)), reason.to_owned())
    }

    fn only(&self, table: &dyn TableLike, known: &[&str]) -> Result<(), LockError> {
        match table.iter().find(|(key, _)| !known.contains(key)) {
            Some((key, item)) => Err(self.error(Some(item), &format!("there is no key `{key}`"))),
            None => Ok(()),
        }
    }

    fn table<'t>(&self, item: &'t Item) -> Result<&'t dyn TableLike, LockError> {
        item.as_table_like().ok_or_else(|| self.error(Some(item), "a table is expected"))
    }

    fn string<'t>(&self, item: &'t Item) -> Result<&'t str, LockError> {
        item.as_str().ok_or_else(|| self.error(Some(item), "a string is expected"))
    }

    fn name(&self, name: &str, item: &Item) -> Result<String, LockError> {
        if is_name(name) {
            Ok(name.to_owned())
        } else {
            Err(self.error(Some(item), "that is no template's name"))
        }
    }

    fn version(&self, item: &Item) -> Result<Version, LockError> {
        Version::parse(self.string(item)?).map_err(|error| self.error(Some(item), &error.to_string()))
    }
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let before = text.as_bytes().get(..span.map_or(0, |span| span.start)).unwrap_or(b"");
    before.iter().filter(|&&byte| byte == b'\n').count() + 1
}
