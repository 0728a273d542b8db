//! How long a keystroke's parse takes, with and without the grammars' gaps bridged: `keystroke FILES`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for the terminal")]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use autodao_syntax::tree_sitter::{InputEdit, Parser, Tree};
use autodao_syntax::{
    AppliedChange, Change, Document, Language, PositionEncoding, SyntaxParser, SyntaxTree, position,
};

/// Edits per file: each types a letter, the next removes it.
const EDITS: usize = 200;

/// What follows edits and can be parsed again.
trait Parse {
    fn edit(&mut self, edit: &InputEdit);
    fn parse(&mut self, text: &str);
}

struct Bridged(SyntaxParser, SyntaxTree, Language);

impl Parse for Bridged {
    fn edit(&mut self, edit: &InputEdit) {
        self.1.edit(edit);
    }

    fn parse(&mut self, text: &str) {
        self.1 = self.0.parse(self.2, text, Some(&self.1), &mut || ControlFlow::Continue(())).unwrap();
    }
}

struct Plain(Parser, Tree);

impl Parse for Plain {
    fn edit(&mut self, edit: &InputEdit) {
        self.1.edit(edit);
    }

    fn parse(&mut self, text: &str) {
        self.1 = self.0.parse(text, Some(&self.1)).unwrap();
    }
}

fn keystrokes(text: &str, language: Language, what: &mut dyn Parse) -> Vec<Duration> {
    let mut document = Document::new(Some(language), 0, text.to_owned());
    // After letters: a name gets longer.
    let names: Vec<usize> =
        text.match_indices(|c: char| c.is_ascii_lowercase()).map(|(at, _)| at + 1).collect();
    let mut times = Vec::new();
    for round in 0..EDITS / 2 {
        let at = names[round * names.len() / (EDITS / 2)] as u32;
        for (len, new) in [(0, "x"), (1, "")] {
            let place = |at| position::position_of(document.buffer(), at, PositionEncoding::Utf8);
            let change = Change { range: Some((place(at), place(at + len))), text: new };
            let version = document.version() + 1;
            let applied = document.apply(version, &[change], PositionEncoding::Utf8).unwrap();
            let start = Instant::now();
            for change in applied {
                if let AppliedChange::Edit(edit) = change {
                    what.edit(&edit);
                }
            }
            what.parse(document.buffer().text());
            times.push(start.elapsed());
        }
    }
    times.sort_unstable();
    times
}

fn main() {
    println!(
        "{:>8} {:>6} {:>9} | plain: fresh, median, p99 | bridged: fresh, median, p99 | file",
        "bytes", "masked", "errors"
    );
    for file in std::env::args().skip(1) {
        let Some(language) = Language::from_path(Path::new(&file)) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        let mut parser = Parser::new();
        parser.set_language(&language.grammar()).unwrap();
        let start = Instant::now();
        let tree = parser.parse(&text, None).unwrap();
        let plain_fresh = start.elapsed();
        let plain_error = tree.root_node().has_error();
        let plain = keystrokes(&text, language, &mut Plain(parser, tree));
        let mut parser = SyntaxParser::default();
        let start = Instant::now();
        let tree = parser.parse_fresh(language, &text).unwrap();
        let fresh = start.elapsed();
        let (error, masked) = (tree.root_node().has_error(), tree.masked_places());
        let bridged = keystrokes(&text, language, &mut Bridged(parser, tree, language));
        let at = |times: &[Duration], percent: usize| times[(times.len() - 1) * percent / 100];
        println!(
            "{:>8} {masked:>6} {:>4}>{:>4} | {plain_fresh:>9.2?} {:>9.2?} {:>9.2?} | {fresh:>9.2?} {:>9.2?} {:>9.2?} | {file}",
            text.len(),
            u8::from(plain_error),
            u8::from(error),
            at(&plain, 50),
            at(&plain, 99),
            at(&bridged, 50),
            at(&bridged, 99),
        );
    }
}
