//! What the gates cost on a file of 11,000 lines: `cargo run --release -p autodao-edits --example gates_cost`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, run by hand")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use autodao_edits::{
    Checks, Contract, Ending, Outcome, Pending, QualityBaseline, Reply, Request, Site, Terms, propose,
};
use autodao_quality::{FileRole, Profile};
use autodao_syntax::{Buffer, Change, Document, Language, Position, PositionEncoding, Span, SyntaxParser};

const ROUNDS: usize = 41;

/// A file of methods and types, about eleven lines each.
fn file() -> String {
    let mut text = String::from("use std::collections::HashMap;\n\n");
    for n in 0..1000 {
        write!(
            text,
            "/// Entry {n}.\npub struct Entry{n} {{\n    map: HashMap<String, u32>,\n}}\n\nimpl Entry{n} {{\n    \
             pub fn get(&self, key: &str) -> u32 {{\n        self.map.get(key).copied().unwrap_or({n})\n    }}\n}}\n\n"
        )
        .unwrap();
    }
    text
}

/// The shortest and the median one, in milliseconds.
fn summary(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    (times[0].as_secs_f64() * 1e3, times[times.len() / 2].as_secs_f64() * 1e3)
}

fn measure<T>(name: &str, mut run: impl FnMut() -> T) -> T {
    let mut last = run();
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        last = run();
        start.elapsed()
    });
    let (shortest, median) = summary(times.collect());
    println!("{name:<44} {shortest:>9.3} ms shortest {median:>9.3} ms median");
    last
}

fn main() {
    let text = file();
    println!("{} lines, {} bytes", text.lines().count(), text.len());
    let at = text.find("pub struct Entry500").unwrap();
    let start = at + text[at..].find("pub fn get").unwrap();
    let end = start + text[start..].find("\n    }").unwrap() + 6;
    let target = Span::new(start as u32, end as u32);
    let buffer = Buffer::shared(text.clone());
    let mut parser = SyntaxParser::default();
    let tree = parser.parse_fresh(Language::Rust, &text).unwrap();
    let site = measure("site, tree given", || {
        Site::new(buffer.clone(), Language::Rust, 1, tree.clone(), target).unwrap()
    });
    let profile = Profile::shared_default();
    profile.compile_queries(Language::Rust);
    let mut baseline = measure("quality baseline (while the model works)", || {
        QualityBaseline::new(&site, profile.clone(), FileRole::Library)
    });
    let request = Request { site, contract: Contract::WholeNode, terms: Terms::default() };
    let good = "```rust\npub fn get(&self, key: &str) -> u32 {\n    let found = self.map.get(key);\n    found.copied().unwrap_or(500)\n}\n```";
    let bad = "```rust\npub fn get(&self, key: &str) -> u32 {\n    let found = self.map.get(key;\n    found.copied().unwrap_or(500)\n}\n```";
    let hunk = "<<<<<<< SEARCH\nself.map.get(key).copied().unwrap_or(500)\n=======\nlet found = self.map.get(key);\nfound.copied().unwrap_or(500)\n>>>>>>> REPLACE";
    let mut outcome = None;
    for (name, text) in [("whole node, accepted", good), ("hunk, accepted", hunk), ("broken, refused", bad)] {
        let reply = Reply { text, ending: Ending::Complete };
        measure(&format!("{name}, without quality"), || {
            propose(&request, &reply, &mut Checks { parser: &mut parser, names: None, quality: None })
        });
        let result = measure(&format!("{name}, all gates"), || {
            let mut checks = Checks { parser: &mut parser, names: None, quality: Some(&mut baseline) };
            propose(&request, &reply, &mut checks)
        });
        println!("    -> {}", result.refusal().map_or("proposal".into(), ToString::to_string));
        outcome.get_or_insert(result);
    }
    let Some(Outcome::Proposal(proposal)) = outcome else { return };
    let mut document = Document::new(Some(Language::Rust), 1, text);
    let mut pending = Pending::new(&request);
    let top = Position { line: 0, column: 0 };
    let change = Change { range: Some((top, top)), text: "// typed\n" };
    let applied = document.apply(2, &[change], PositionEncoding::Utf16).unwrap();
    pending.follow(&applied, document.buffer(), 2);
    let tree = parser.parse_fresh(Language::Rust, document.buffer().text()).unwrap();
    measure("rebase, tree given, without quality", || {
        let mut checks = Checks { parser: &mut parser, names: None, quality: None };
        pending.rebase(&request, &proposal, Some(tree.clone()), &mut checks)
    });
}
