//! Our rules beside those of another project, where its rule file is: not part of this repository.
//!
//! The folder is that of the environment variable `AUTODAO_SHARED`, else `../shared` beside the repository.

use std::path::{Path, PathBuf};

use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;

use crate::secrets;

fn rules() -> Option<String> {
    let shared = std::env::var_os("AUTODAO_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let file = shared.join("data/secrets/gitleaks.toml");
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        println!("skipped: no rules at {}", file.display());
    }
    text
}

/// A pattern that texts can be made of: no anchors, no letters beyond ASCII.
fn producing(pattern: &str) -> String {
    let mut made = pattern
        // No service gives out its marks in other case.
        .replace("(?i)", "")
        .replace("(?i:", "(?:")
        .replace("(?:[\\x60'\"\\s;]|\\\\[nr]|$)", "[';]")
        .replace("\\b", "")
        .replace("[\\s\\S-]", "[A-Za-z0-9+/]")
        .replace("\\w", "[A-Za-z0-9_]")
        .replace("\\s", " ")
        .replace("\\d", "[0-9]")
        .replace("[[:alnum:]]", "[A-Za-z0-9]");
    for anchor in ["^", "$"] {
        made = made.replace(&format!("(?:{anchor}|"), "(?:");
    }
    made.trim_start_matches('^').trim_end_matches('$').to_owned()
}

#[test]
fn what_others_find_we_find() {
    let Some(text) = rules() else { return };
    let mut runner = TestRunner::deterministic();
    let (mut tried, mut whole, mut poor) = (0, 0, Vec::new());
    for rule in text.split("[[rules]]").skip(1) {
        let id = rule.split("id = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let pattern = rule.split("regex = '''").nth(1).and_then(|rest| rest.split("'''").next());
        let Some(strategy) = pattern.and_then(|pattern| string_regex(&producing(pattern)).ok()) else {
            println!("not made: {id}");
            continue;
        };
        tried += 1;
        let mut found = 0;
        let mut missed = String::new();
        for _ in 0..100 {
            let made = strategy.new_tree(&mut runner).unwrap().current();
            let text = format!("x = 1\n{made}\ny = 2\n");
            if secrets(&text).is_empty() {
                missed = text;
            } else {
                found += 1;
            }
        }
        whole += usize::from(found >= 95);
        if found < 95 {
            poor.push(format!("{id}: {found} of 100, as {missed:?}"));
        }
    }
    println!("{whole} of {tried} rules of others are covered\n{}", poor.join("\n"));
    assert!(tried > 180 && whole * 100 >= tried * 85, "{whole} of {tried}");
}
