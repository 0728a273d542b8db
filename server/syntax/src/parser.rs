//! A tree-sitter parser that cannot hand out a stale tree.

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser};

use crate::mask::Mask;
use crate::{Language, SyntaxTree};

/// Texts above this many bytes are not parsed: only line-based checks apply to them, and the user is told.
pub const MAX_PARSED_BYTES: usize = 2 << 20;

/// How much stack the parser may take, in bytes for each byte of the text: where it follows several readings of an
/// unfinished text at once, it lets go of them by recursion.
const STACK_PER_BYTE: usize = 128;
/// The stack it takes for any text, in bytes.
const STACK: usize = 256 << 10;

/// One parser, used for one text after another. Not shared between threads: each worker has its own.
///
/// Invariant: a parse that was stopped leaves nothing behind. tree-sitter would otherwise resume it on the
/// next call and return a tree of the earlier text, without any error in it.
///
/// Where a language is ahead of its published grammar, the parser reads bytes of the same number in place of what
/// the grammar does not know (variance annotations, signatures that end with their line, `$` in macros, ...), so
/// that the tree is whole. Offsets stay those of the text.
#[derive(Default)]
pub struct SyntaxParser {
    parser: Parser,
    language: Option<Language>,
}

impl SyntaxParser {
    /// Parses a text. `old` is the tree of the text before, already told of the edits ([`SyntaxTree::edit`]).
    ///
    /// `progress` is called every few dozen microseconds; `Break` stops the parse. `None` means it was
    /// stopped (or, never seen, that the grammar was refused by the library).
    pub fn parse(
        &mut self,
        language: Language,
        text: &str,
        old: Option<&SyntaxTree>,
        progress: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Option<SyntaxTree> {
        if self.language != Some(language) {
            self.parser.set_language(&language.grammar()).ok()?;
            self.language = Some(language);
        }
        let (old, mask) = match old {
            None => (None, Mask::fresh(language, text)),
            Some(old) => {
                let mut tree = old.tree.clone();
                let mask = old.mask.update(language, text, &mut tree);
                (Some(tree), mask)
            }
        };
        let mut read = |at: usize, _| mask.read(text.as_bytes(), at);
        let mut progress = |_: &ParseState| progress();
        let options = ParseOptions::new().progress_callback(&mut progress);
        let stack = STACK + STACK_PER_BYTE * text.len();
        let tree = stacker::maybe_grow(stack, stack + STACK, || {
            let tree = self.parser.parse_with_options(&mut read, old.as_ref(), Some(options));
            if tree.is_none() {
                self.parser.reset();
            }
            tree
        });
        tree.map(|tree| SyntaxTree { tree, mask })
    }

    /// Parses a text from nothing, to the end.
    pub fn parse_fresh(&mut self, language: Language, text: &str) -> Option<SyntaxTree> {
        self.parse(language, text, None, &mut || ControlFlow::Continue(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_parse_does_not_leak_into_the_next() {
        let mut parser = SyntaxParser::default();
        let long = "fn f() { g(1, 2); }\n".repeat(2000);
        let mut calls = 0;
        let stopped = parser.parse(Language::Rust, &long, None, &mut || {
            calls += 1;
            if calls > 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(stopped.is_none() && calls > 3);
        let tree = parser.parse_fresh(Language::Rust, "fn other() {}").unwrap();
        assert_eq!(tree.root_node().end_byte(), 13);
        assert_eq!(
            tree.root_node().to_sexp(),
            SyntaxParser::default()
                .parse_fresh(Language::Rust, "fn other() {}")
                .unwrap()
                .root_node()
                .to_sexp()
        );
    }

    #[test]
    fn one_parser_serves_every_language() {
        let mut parser = SyntaxParser::default();
        for (language, text) in [
            (Language::Rust, "fn f() {}"),
            (Language::TypeScript, "let a = <string>b;"),
            (Language::Tsx, "let a = <B c={1}/>;"),
            (Language::JavaScript, "let a = <B c={1}/>;"),
        ] {
            assert!(!parser.parse_fresh(language, text).unwrap().root_node().has_error(), "{language:?}");
        }
    }

    #[test]
    fn what_can_be_read_in_many_ways_does_not_overflow_the_stack() {
        let parse = || {
            for piece in ["{a:", "a=>", "a<", "(a,"] {
                let text = piece.repeat(12_000);
                assert!(SyntaxParser::default().parse_fresh(Language::TypeScript, &text).is_some());
            }
        };
        let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(parse);
        thread.unwrap().join().unwrap();
    }

    #[test]
    fn deep_nesting_parses() {
        let text = format!("fn f() {{ {}1{}; }}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(SyntaxParser::default().parse_fresh(Language::Rust, &text).is_some());
    }
}
