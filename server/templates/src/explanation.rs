//! What a key of a template's files means, what it takes, and what holds where it is not stated.

use std::ops::Range;

use crate::completion::place;
use crate::folder::is_test_file;
use crate::words::{DEFAULTS, LOCK_TABLES, TABLES, TEST_TABLES, values};
use crate::{LOCK_FILE, Vocabulary};

/// More values than these are not listed: whoever writes one is offered them.
const MAX_LISTED: usize = 12;

/// What is to be known of the key at an offset of a TOML file of a template, and where the key stands; `None` where
/// there is no key, or none that is known. `file`: the file's path in the template's folder.
pub fn describe_key(
    file: &str,
    text: &str,
    offset: usize,
    vocabulary: &Vocabulary,
) -> Option<(Range<usize>, String)> {
    let tables: &[(&str, &[(&str, &str)])] = match file {
        "template.toml" => &TABLES,
        LOCK_FILE => &LOCK_TABLES,
        _ if is_test_file(file) => &TEST_TABLES,
        _ => return None,
    };
    let start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next()?;
    let (key, _) = line.split_once('=')?;
    let indent = key.len() - key.trim_start().len();
    let key = key.trim();
    let span = start + indent..start + indent + key.len();
    if !(span.start..=span.end).contains(&offset) {
        return None;
    }
    let place = place(text.get(..start)?);
    // A line of a value that goes on has no key.
    if place.key.is_some() {
        return None;
    }
    let table = match place.table.split_once('.') {
        Some((first @ ("input" | "label" | "history"), _)) => first,
        _ => place.table,
    };
    let (_, keys) = tables.iter().find(|(known, _)| *known == table)?;
    let (_, about) = keys.iter().find(|(known, _)| *known == key)?;
    let mut said = (*about).to_owned();
    let (words, _) = values(table, key, vocabulary, &[]);
    if (1..=MAX_LISTED).contains(&words.len()) && !about.contains('`') {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        said += &format!(" Takes {}.", words.join(", "));
    }
    let default =
        DEFAULTS.iter().find(|(of, known, _)| file == "template.toml" && (*of, *known) == (table, key));
    if let Some((.., default)) = default.filter(|_| !about.contains("unless stated")) {
        said += &format!(" Where it is not stated: {default}.");
    }
    Some((span, said))
}
