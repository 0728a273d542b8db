//! How long the look after a keystroke takes, and what it finds brought to the editor: `keystroke FILES`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for the terminal")]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use autodao_quality::{Analysis, FileRole, Profile};
use autodao_syntax::{AppliedChange, Change, Document, Language, PositionEncoding, SyntaxParser, position};

/// Edits per file: each types a letter, the next removes it.
const EDITS: usize = 400;

fn main() {
    println!("{:>8} | fresh, update median, p99 | report median | file", "bytes");
    for file in std::env::args().skip(1) {
        let Some(language) = Language::from_path(Path::new(&file)) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        let profile = Profile::shared_default();
        profile.compile_queries(language);
        let mut parser = SyntaxParser::default();
        let mut tree = parser.parse_fresh(language, &text).unwrap();
        let mut analysis = Analysis::new(profile, Some(language), FileRole::Library);
        let start = Instant::now();
        analysis.update(&text, &tree, start);
        let fresh = start.elapsed();
        let mut document = Document::new(Some(language), 0, text.clone());
        // After letters: a name gets longer.
        let names: Vec<usize> =
            text.match_indices(|c: char| c.is_ascii_lowercase()).map(|(at, _)| at + 1).collect();
        let (mut updates, mut reports) = (Vec::new(), Vec::new());
        for round in 0..EDITS / 2 {
            let at = names[round * names.len() / (EDITS / 2)] as u32;
            for (len, new) in [(0, "x"), (1, "")] {
                let place = |at| position::position_of(document.buffer(), at, PositionEncoding::Utf8);
                let change = Change { range: Some((place(at), place(at + len))), text: new };
                let version = document.version() + 1;
                let applied = document.apply(version, &[change], PositionEncoding::Utf8).unwrap();
                for change in applied {
                    if let AppliedChange::Edit(edit) = change {
                        tree.edit(&edit);
                        analysis.edit(&edit);
                    }
                }
                let text = document.buffer().text();
                let mut go_on = || ControlFlow::Continue(());
                tree = parser.parse(language, text, Some(&tree), &mut go_on).unwrap();
                let start = Instant::now();
                analysis.update(text, &tree, start);
                updates.push(start.elapsed());
                let start = Instant::now();
                let _ = analysis.report(document.buffer());
                reports.push(start.elapsed());
            }
        }
        updates.sort_unstable();
        reports.sort_unstable();
        let at = |times: &[Duration], percent: usize| times[(times.len() - 1) * percent / 100];
        println!(
            "{:>8} | {fresh:>9.2?} {:>9.2?} {:>9.2?} | {:>9.2?} | {file}",
            text.len(),
            at(&updates, 50),
            at(&updates, 99),
            at(&reports, 50)
        );
    }
}
