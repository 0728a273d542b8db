//! Imports and exports.

use super::window::{Window, is_name_start};
use super::{Fill, Found};
use crate::Language;

/// Looks at the word `export`.
pub(super) fn export(_: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    if !window.is_word(at, b"export") {
        return;
    }
    let next = window.skip_blanks(at + 6);
    match window.word(next) {
        // `export type * from 'a'`
        b"type" if window.byte(window.skip_space(next + 4)) == b'*' => {
            found.mask(next, next + 4, Fill::Blank);
        }
        // `export import a = require('a')`
        b"import" => {
            let name = window.skip_blanks(next + 6);
            let equals = window.skip_blanks(window.word_end(name));
            let value = window.skip_blanks(equals + 1);
            if window.byte(equals) == b'=' && is_required(window, value) {
                found.mask(at, at + 6, Fill::Blank);
            }
        }
        _ => {}
    }
}

fn is_required(window: Window<'_>, at: usize) -> bool {
    window.word(at) == b"require" && window.byte(window.skip_blanks(at + 7)) == b'('
}

/// Looks at the word `import`.
pub(super) fn import(language: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    if !window.is_word(at, b"import") {
        return;
    }
    let next = window.skip_blanks(at + 6);
    match window.byte(next) {
        b'(' if language != Language::JavaScript => return import_type(window, next, found),
        // `import.defer('a')`
        b'.' => {
            let end = window.word_end(next + 1);
            let is_phase = matches!(window.slice(next + 1, end), b"source" | b"defer");
            if is_phase && window.byte(end) == b'(' {
                found.mask(next, end, Fill::Blank);
            }
            return;
        }
        _ => {}
    }
    let end = window.word_end(next);
    let behind = window.skip_blanks(end);
    let is_masked = match window.slice(next, end) {
        b"defer" => window.byte(behind) == b'*',
        b"source" => {
            let from = window.skip_blanks(window.word_end(behind));
            is_name_start(window.byte(behind)) && window.word(from) == b"from"
        }
        // `import type A = B.C`
        b"type" if language != Language::JavaScript => {
            let equals = window.skip_blanks(window.word_end(behind));
            let value = window.skip_blanks(equals + 1);
            window.byte(equals) == b'='
                && is_name_start(window.byte(behind))
                && is_name_start(window.byte(value))
                && !is_required(window, value)
        }
        _ => false,
    };
    if is_masked {
        found.mask(next, end, Fill::Blank);
    }
}

/// `import('a').B<C>` as a type is read as `___________.B<C>`.
fn import_type(window: Window<'_>, open: usize, found: &mut Found<'_>) {
    if window.string_end(window.skip_blanks(open + 1)).is_none() {
        return;
    }
    let before = window.back_white(found.anchor);
    if window.word_before(before) == b"typeof" {
        return;
    }
    let Some(close) = window.closing(open) else { return };
    let mut at = close + 1;
    while window.byte(at) == b'.' && is_name_start(window.byte(at + 1)) {
        at = window.word_end(at + 1);
    }
    if at == close + 1 || window.byte(at) != b'<' || window.slice(found.anchor, close).contains(&b'\n') {
        return;
    }
    // Behind the type arguments of a call are its arguments.
    if let Some(end) = window.closing(at)
        && !matches!(window.byte(window.skip_space(end + 1)), b'(' | b'`')
    {
        found.mask(found.anchor, close + 1, Fill::Name);
    }
}

/// Looks at `with` or `assert` behind a module's name.
pub(super) fn attributes(language: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    let end = window.word_end(at);
    let word = window.slice(at, end);
    let before = window.back_white(at);
    let quote = window.before(before);
    if !matches!(word, b"with" | b"assert") || !matches!(quote, b'"' | b'\'') || before == at {
        return;
    }
    let inside = window.slice(before.saturating_sub(1024), before - 1);
    let Some(open) = memchr::memrchr(quote, inside) else { return };
    let source = before - 1 - inside.len() + open;
    let Some(statement) = statement_of(window, window.back_white(source)) else { return };
    let is_known = statement == b"import" && (word == b"with" || language != Language::JavaScript);
    if !is_known && let Some(close) = entries_end(window, window.skip_space(end)) {
        found.mask(at, close, Fill::Blank);
    }
}

/// Whether an `import` or an `export` stands before the module's name that `end` is before.
fn statement_of<'t>(window: Window<'t>, end: usize) -> Option<&'t [u8]> {
    let is_statement = |word: &[u8]| matches!(word, b"import" | b"export");
    let from = window.word_before(end);
    if from == b"import" {
        return Some(from);
    }
    if from != b"from" {
        return None;
    }
    let mut at = window.back_white(end - 4);
    // At most: a name, `as`, `*`, `,`, a name, `type`.
    for _ in 0..8 {
        match window.before(at) {
            b'}' => {
                let clause = window.slice(at.saturating_sub(CLAUSE), at);
                at = at - clause.len() + memchr::memrchr(b'{', clause)?;
            }
            b'*' | b',' => at -= 1,
            _ => {}
        }
        at = window.back_white(at);
        let word = window.word_before(at);
        if is_statement(word) {
            return Some(word);
        }
        at = window.back_white(at - word.len());
    }
    None
}

/// How long a list of imported or exported names may be, in bytes.
const CLAUSE: usize = 3072;

/// The end of `{ type: 'json', "a": "b" }`.
fn entries_end(window: Window<'_>, open: usize) -> Option<usize> {
    if window.byte(open) != b'{' {
        return None;
    }
    let mut at = window.skip_space(open + 1);
    while window.byte(at) != b'}' {
        let key = window.string_end(at).unwrap_or_else(|| window.word_end(at));
        let colon = window.skip_space(key);
        if key == at || window.byte(colon) != b':' {
            return None;
        }
        at = window.skip_space(window.string_end(window.skip_space(colon + 1))?);
        if window.byte(at) == b',' {
            at = window.skip_space(at + 1);
        }
    }
    Some(at + 1)
}
