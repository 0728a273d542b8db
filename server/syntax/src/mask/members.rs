//! Modifiers of members, `using`, and text between elements.

use super::window::{Window, is_name, is_name_start};
use super::{Fill, Found};
use crate::Language;

/// Whether a word that the grammar takes for a modifier is a name: what stands behind it says so.
fn is_followed_as_name(byte: u8) -> bool {
    matches!(byte, b'=' | b'(' | b'?' | b':' | b';')
}

/// `accessor x`, which one grammar does not know at all and the other not behind other modifiers.
pub(super) fn accessor(language: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    if !window.is_word(at, b"accessor") {
        return;
    }
    let next = window.skip_blanks(at + 8);
    let byte = window.byte(next);
    if next > at + 8 && (is_name_start(byte) || byte == b'#') {
        let is_operator = matches!(
            window.word(next),
            b"in" | b"of" | b"instanceof" | b"as" | b"is" | b"satisfies" | b"extends" | b"implements"
        );
        let before = window.back_blanks(at);
        let follows = matches!(window.word_before(before), b"static" | b"abstract" | b"override");
        if !is_operator && (language == Language::JavaScript || follows) {
            found.mask(at, at + 8, Fill::Blank);
        }
    } else if language != Language::JavaScript && is_followed_as_name(byte) {
        found.mask(at, at + 1, Fill::Name);
    }
}

/// `abstract` as a name, and `abstract override` fields.
pub(super) fn abstract_word(_: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    if !window.is_word(at, b"abstract") {
        return;
    }
    let next = window.skip_blanks(at + 8);
    if is_followed_as_name(window.byte(next)) {
        found.mask(at, at + 1, Fill::Name);
    } else if window.word(next) == b"override" {
        let mut name = window.skip_blanks(next + 8);
        if window.word(name) == b"readonly" {
            name = window.skip_blanks(name + 8);
        }
        let end = window.word_end(name);
        if end > name && matches!(window.byte(window.skip_blanks(end)), b':' | b';' | b'?' | b'!') {
            found.mask(next, next + 8, Fill::Blank);
        }
    }
}

/// `static declare x` and `static [key: string]: T`.
pub(super) fn static_word(_: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    let mut next = window.skip_blanks(at + 6);
    if !window.is_word(at, b"static") || next == at + 6 {
        return;
    }
    if window.word(next) == b"declare" {
        let name = window.skip_blanks(next + 7);
        if name > next + 7 && is_name_start(window.byte(name)) {
            found.mask(next, next + 7, Fill::Blank);
        }
        return;
    }
    if window.word(next) == b"readonly" {
        next = window.skip_blanks(next + 8);
    }
    if window.byte(next) == b'[' {
        let key = window.skip_blanks(next + 1);
        let end = window.word_end(key);
        if end > key && window.byte(window.skip_blanks(end)) == b':' {
            found.mask(at, at + 6, Fill::Blank);
        }
    }
}

/// `using x: T`, `for (using x of y)`, read as `const`; and `using` as a name.
pub(super) fn using(_: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    if !window.is_word(at, b"using") {
        return;
    }
    let name = window.skip_blanks(at + 5);
    if matches!(window.byte(name), b'(' | b'=' | b'.' | b';') {
        return found.mask(at, at + 1, Fill::Name);
    }
    let end = window.word_end(name);
    if end == name || name == at + 5 || !is_name_start(window.byte(name)) {
        return;
    }
    let next = window.skip_blanks(end);
    let mut start = at;
    let before = window.back_blanks(at);
    if window.word_before(before) == b"await" && before < at {
        start = window.word_start(before);
    }
    let end_before = window.back_white(start);
    let opener = window.before(end_before);
    let begins = matches!(opener, 0 | b';' | b'{' | b'}') || window.slice(end_before, start).contains(&b'\n');
    let is_typed = window.byte(next) == b':' && begins;
    let is_looped = window.word(next) == b"of" && opener == b'(' && window.word(name) != b"of";
    if is_typed || is_looped {
        found.mask(start, at + 5, Fill::Const);
    }
}

/// A bare `&` in the text between two tags.
pub(super) fn ampersand(window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    let entity = window.rest(at + 1).iter().take_while(|byte| is_name(**byte) || **byte == b'#').count();
    if entity > 0 && window.byte(at + 1 + entity) == b';' {
        return;
    }
    let is_bound = |byte: &u8| matches!(byte, b'<' | b'>' | b'{' | b'}');
    let behind = window.slice(at.saturating_sub(REACH), at);
    let ahead = window.rest(at);
    let ahead = &ahead[..ahead.len().min(REACH)];
    let (Some(open), Some(close)) = (behind.iter().rposition(is_bound), ahead.iter().position(is_bound))
    else {
        return;
    };
    let opens = match behind[open] {
        b'>' => open == 0 || behind[open - 1] != b'=',
        byte => byte == b'}',
    };
    if opens && ahead[close] == b'<' && ahead.get(close + 1) == Some(&b'/') {
        found.mask(at, at + 1, Fill::Name);
    }
}

/// How far the tags on both sides of a text are looked for, in bytes.
const REACH: usize = 256;
