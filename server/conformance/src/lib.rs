//! Whether a text is valid, by parsers that follow their languages.
//!
//! tree-sitter's trees are what everything else works on, and its grammars are behind their languages. So what it
//! calls an error is no finding and fails no gate before [`confirm`] agrees: `oxc_parser` for TypeScript and
//! JavaScript, `syn` for Rust. It takes milliseconds: never ask on the way of a keystroke.
//!
//! Invariant: whatever the text, it answers; what it cannot know it says so.

mod depth;
mod rust;
mod script;

use autodao_syntax::{Language, MAX_PARSED_BYTES, Span, SyntaxParser};

/// How deep a text may nest. The parsers recurse; each level may take [`STACK_PER_LEVEL`].
const MAX_DEPTH: usize = 4096;
/// The stack for one level, in bytes: several times what was measured without optimisation.
const STACK_PER_LEVEL: usize = 64 << 10;

/// What a conforming parser says of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It reads the text.
    Valid,
    /// It does not.
    Invalid(SyntaxError),
    /// Nobody can say: the text is too large or nests too deep, or uses what only a nightly compiler reads.
    Unknown,
}

/// The first error in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Where; in the text and on bounds of characters. It may be empty.
    pub span: Span,
    /// What, in one line, as the parser words it.
    pub message: String,
}

impl SyntaxError {
    fn new(text: &str, start: usize, end: usize, message: &str) -> Self {
        let start = text.floor_char_boundary(start.min(text.len()));
        let end = text.ceil_char_boundary(end.clamp(start, text.len()));
        let message = message.lines().next().unwrap_or_default().trim().to_owned();
        Self { span: Span::new(start as u32, end as u32), message }
    }
}

/// Whether a text is broken for sure. Takes milliseconds.
pub fn is_broken(language: Language, text: &str) -> bool {
    matches!(confirm(language, text), Verdict::Invalid(_))
}

/// Says whether a text is valid. Works on a thread of its own, whose stack is large enough for the nesting it
/// accepts, and waits for it.
pub fn confirm(language: Language, text: &str) -> Verdict {
    if !is_readable(language, text) {
        return Verdict::Unknown;
    }
    on_large_stack(|| verdict(language, text)).unwrap_or(Verdict::Unknown)
}

/// What an edit makes of a text, to a conforming parser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// The text after is valid.
    Valid,
    /// The text before is valid and the one after is not.
    Broken(SyntaxError),
    /// Neither is.
    BothBroken {
        /// The errors before that are known, in their order. Some parsers stop at the first.
        before: Vec<SyntaxError>,
        /// Those after.
        after: Vec<SyntaxError>,
    },
    /// Nobody can say.
    Unknown,
}

/// Compares a text before and after an edit. A script that can be read in several ways, as a module or as what is
/// none, has to stay valid in one in which it was. Takes twice the time of [`confirm`].
pub fn compare(language: Language, before: &str, after: &str) -> Comparison {
    if !is_readable(language, before) || !is_readable(language, after) {
        return Comparison::Unknown;
    }
    let compared = on_large_stack(|| match language {
        Language::Rust => match (rust::confirm(before), rust::confirm(after)) {
            (_, Verdict::Valid) => Comparison::Valid,
            (Verdict::Valid, Verdict::Invalid(error)) => Comparison::Broken(error),
            (Verdict::Invalid(before), Verdict::Invalid(after)) => {
                Comparison::BothBroken { before: vec![before], after: vec![after] }
            }
            _ => Comparison::Unknown,
        },
        Language::TypeScript | Language::Tsx | Language::JavaScript => {
            script::compare(language, before, after)
        }
    });
    compared.unwrap_or(Comparison::Unknown)
}

fn is_readable(language: Language, text: &str) -> bool {
    let shallow = || {
        let tree = SyntaxParser::default().parse_fresh(language, text);
        tree.is_some_and(|tree| depth::of(&tree) <= MAX_DEPTH)
    };
    text.len() <= MAX_PARSED_BYTES && shallow()
}

fn verdict(language: Language, text: &str) -> Verdict {
    match language {
        Language::Rust => rust::confirm(text),
        Language::TypeScript | Language::Tsx | Language::JavaScript => script::confirm(language, text),
    }
}

/// Works where there is room for deep recursion. `None` where there is no thread, or it panicked: who does not answer
/// does not know either.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("autodao-confirm".into())
            .stack_size(MAX_DEPTH * STACK_PER_LEVEL)
            .spawn_scoped(scope, work);
        thread.ok().and_then(|thread| thread.join().ok())
    })
}

#[cfg(test)]
mod tests;
