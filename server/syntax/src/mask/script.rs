//! What tree-sitter-typescript 0.23 and tree-sitter-javascript 0.25 do not read, by anchor.

use super::window::Window;
use super::{Found, Patch, heads, members, modules, occurrences};
use crate::Language;

/// Looks at an anchor.
type Look = fn(Language, Window<'_>, &mut Found<'_>);

/// What is looked for in TypeScript, besides `<`.
const TYPESCRIPT: &[(&[u8], Look)] = &[
    (b"=>", heads::arrow),
    (b"\\`", heads::template_type),
    (b"abstract", members::abstract_word),
    (b"accessor", members::accessor),
    (b"assert", modules::attributes),
    (b"export", modules::export),
    (b"import", modules::import),
    (b"static", members::static_word),
    (b"using", members::using),
    (b"with", modules::attributes),
];

/// What is looked for in JavaScript.
const JAVASCRIPT: &[(&[u8], Look)] = &[
    (b"accessor", members::accessor),
    (b"assert", modules::attributes),
    (b"import", modules::import),
    (b"with", modules::attributes),
];

/// Finds the places whose anchors lie in a range.
pub(super) fn find(language: Language, text: &[u8], from: usize, to: usize, patches: &mut Vec<Patch>) {
    let words = if language == Language::JavaScript { JAVASCRIPT } else { TYPESCRIPT };
    for (word, look) in words {
        for anchor in occurrences(text, word, from, to) {
            look(language, Window::around(text, anchor), &mut Found { text, anchor, patches });
        }
    }
    if language == Language::JavaScript {
        return;
    }
    for at in memchr::memchr_iter(b'<', &text[from..to]) {
        let anchor = from + at;
        heads::angle(Window::around(text, anchor), &mut Found { text, anchor, patches });
    }
    if language == Language::Tsx {
        for at in memchr::memchr_iter(b'&', &text[from..to]) {
            let anchor = from + at;
            members::ampersand(Window::around(text, anchor), &mut Found { text, anchor, patches });
        }
    }
}
