//! What tree-sitter-rust 0.24 does not read.

use super::window::{Window, is_name, is_name_start};
use super::{Fill, Found, Patch, occurrences};

/// Finds the places whose anchors lie in a range.
pub(super) fn find(text: &[u8], from: usize, to: usize, patches: &mut Vec<Patch>) {
    for anchor in memchr::memchr2_iter(b'$', b'~', &text[from..to]).map(|at| from + at) {
        let next = text.get(anchor + 1).copied().unwrap_or(0);
        let mut found = Found { text, anchor, patches };
        if text[anchor] == b'~' && text[anchor + 1..].starts_with(b"const ") {
            // A bound that is const where its item is.
            found.mask(anchor, anchor + 6, Fill::Blank);
        } else if text[anchor] == b'~' || !(is_name_start(next) || next == b'(') {
            // Token trees hold `~` and a `$` that names nothing.
            found.mask(anchor, anchor + 1, Fill::At);
        }
    }
    for anchor in memchr::memchr_iter(b'-', &text[from..to]).map(|at| from + at) {
        negative_argument(Window::around(text, anchor), &mut Found { text, anchor, patches });
    }
    for word in [&b"try!"[..], b"str!"] {
        for anchor in occurrences(text, word, from, to) {
            let window = Window::around(text, anchor);
            let opens = matches!(window.byte(window.skip_blanks(anchor + 4)), b'(' | b'[' | b'{');
            if opens && !is_name(window.before(anchor)) {
                // The old macro, and one named as a type.
                Found { text, anchor, patches }.mask(anchor, anchor + 1, Fill::Name);
            }
        }
    }
    for anchor in occurrences(text, b"type ", from, to) {
        let window = Window::around(text, anchor);
        let before = window.back_blanks(anchor);
        let name = window.skip_blanks(anchor + 5);
        let end = window.word_end(name);
        if before < anchor && window.word_before(before) == b"pub" && end > name && window.byte(end) == b';' {
            // A type of an `extern` block.
            Found { text, anchor, patches }.mask(anchor, anchor + 4, Fill::Use);
        }
    }
    for anchor in occurrences(text, b"safe", from, to) {
        let window = Window::around(text, anchor);
        let next = window.skip_blanks(anchor + 4);
        // An item of an `unsafe extern` block: it has no body.
        if window.is_word(anchor, b"safe")
            && matches!(window.word(next), b"fn" | b"static")
            && memchr::memchr2(b';', b'{', window.rest(next))
                .is_some_and(|end| window.byte(next + end) == b';')
        {
            Found { text, anchor, patches }.mask(anchor, anchor + 4, Fill::Blank);
        }
    }
}

/// `A<-1>`: a negative number as a generic argument.
fn negative_argument(window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    let before = window.before(at.saturating_sub(1));
    let digits = window.word_end(at + 1);
    if window.before(at) == b'<'
        && (is_name(before) || before == b':')
        && window.byte(at + 1).is_ascii_digit()
        && matches!(window.byte(digits), b'>' | b',')
    {
        found.mask(at, at + 1, Fill::Blank);
    }
}
