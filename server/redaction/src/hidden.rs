//! Characters that a person who reads a text does not see, and that say something to a model or a compiler.

use std::ops::Range;

/// A character that is not seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hidden {
    /// Where it is, in bytes. Several of one kind in a row are one.
    pub span: Range<usize>,
    /// What it does.
    pub what: &'static str,
}

/// The hidden characters of a text: those that turn the direction of writing (CVE-2021-42574), that have no width, and
/// the tags and variation selectors that spell out text nobody sees.
///
/// A byte order mark at the start, and joiners between letters and symbols that need them, are no hidden characters.
pub fn hidden(text: &str) -> Vec<Hidden> {
    let mut found: Vec<Hidden> = Vec::new();
    // All of them begin with one of these bytes: a text of ASCII is passed over quickly.
    if text.is_ascii() {
        return found;
    }
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let behind = characters.peek().map(|(_, c)| *c);
        let is_first = at == 0;
        let is_mark = is_first && c == '\u{FEFF}';
        let joins = is_joiner(c) && needs_joiner(before) && needs_joiner(behind);
        let selects = is_selector(c) && before.is_some_and(|c| !c.is_ascii() && what(c).is_none());
        let what = what(c).filter(|_| !is_mark && !joins && !selects);
        if let Some(what) = what {
            let end = at + c.len_utf8();
            match found.last_mut() {
                Some(last) if last.span.end == at && last.what == what => last.span.end = end,
                _ => found.push(Hidden { span: at..end, what }),
            }
        }
        before = Some(c);
    }
    found
}

fn what(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => {
            "a character that turns the direction of writing"
        }
        '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{180E}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{FFA0}'
        | '\u{17B4}'
        | '\u{17B5}' => "a character without width",
        '\u{E0000}'..='\u{E007F}' => "a tag character",
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => "a variation selector that varies nothing",
        _ => return None,
    })
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// One selector behind a symbol chooses how it looks; more than that spell something.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}')
}

/// Letters of scripts that are joined, and symbols that make one together.
fn needs_joiner(c: Option<char>) -> bool {
    c.is_some_and(|c| !c.is_ascii() && (what(c).is_none() || is_selector(c)))
}
