//! How long a keystroke takes: the parse with and without the grammars' gaps bridged, the look, and the report of what
//! was found: `keystroke FILES`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for the terminal")]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use autodao_quality::{Analysis, FileRole, Profile};
use autodao_syntax::tree_sitter::{InputEdit, Parser};
use autodao_syntax::{AppliedChange, Change, Document, Language, PositionEncoding, SyntaxParser, position};

/// Edits per file: each types a letter, the next removes it.
const EDITS: usize = 400;

/// What is measured of a file, in this order.
const STEPS: [&str; 4] = ["plain parse", "parse", "look", "report"];

fn main() {
    for step in STEPS {
        print!("{step:>11}: fresh, median, p99 | ");
    }
    println!("file");
    for file in std::env::args().skip(1) {
        let Some(language) = Language::from_path(Path::new(&file)) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for mut times in measure(language, &text) {
            let fresh = times.remove(0);
            times.sort_unstable();
            let at = |percent: usize| times[(times.len() - 1) * percent / 100];
            print!("{fresh:>10.2?} {:>10.2?} {:>10.2?} | ", at(50), at(99));
        }
        println!("{file}");
    }
}

/// What each step takes, from nothing first, then at each keystroke.
fn measure(language: Language, text: &str) -> [Vec<Duration>; STEPS.len()] {
    let mut times: [Vec<Duration>; STEPS.len()] = Default::default();
    let profile = Profile::shared_default();
    profile.compile_queries(language);
    let (mut plain_parser, mut parser) = (Parser::new(), SyntaxParser::default());
    plain_parser.set_language(&language.grammar()).unwrap();
    let mut plain = timed(&mut times[0], || plain_parser.parse(text, None).unwrap());
    let mut tree = timed(&mut times[1], || parser.parse_fresh(language, text).unwrap());
    let mut analysis = Analysis::new(profile, Some(language), FileRole::Library);
    timed(&mut times[2], || analysis.update(text, &tree, Instant::now()));
    let mut document = Document::new(Some(language), 0, text.to_owned());
    timed(&mut times[3], || analysis.report(document.buffer()));
    // After letters: a name gets longer.
    let names: Vec<usize> =
        text.match_indices(|c: char| c.is_ascii_lowercase()).map(|(at, _)| at + 1).collect();
    for round in 0..EDITS / 2 {
        let at = names[round * names.len() / (EDITS / 2)] as u32;
        for (len, new) in [(0, "x"), (1, "")] {
            for edit in typed(&mut document, at, len, new) {
                plain.edit(&edit);
                tree.edit(&edit);
                analysis.edit(&edit);
            }
            let text = document.buffer().text();
            let mut go_on = || ControlFlow::Continue(());
            plain = timed(&mut times[0], || plain_parser.parse(text, Some(&plain)).unwrap());
            tree = timed(&mut times[1], || parser.parse(language, text, Some(&tree), &mut go_on).unwrap());
            timed(&mut times[2], || analysis.update(text, &tree, Instant::now()));
            timed(&mut times[3], || analysis.report(document.buffer()));
        }
    }
    times
}

fn typed(document: &mut Document, at: u32, len: u32, new: &str) -> Vec<InputEdit> {
    let place = |at| position::position_of(document.buffer(), at, PositionEncoding::Utf8);
    let change = Change { range: Some((place(at), place(at + len))), text: new };
    let version = document.version() + 1;
    let applied = document.apply(version, &[change], PositionEncoding::Utf8).unwrap();
    let edit = |change| match change {
        AppliedChange::Edit(edit) => Some(edit),
        _ => None,
    };
    applied.into_iter().filter_map(edit).collect()
}

fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    times.push(start.elapsed());
    done
}
