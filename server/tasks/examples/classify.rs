//! How often the rules for free text are right: reads lines of a label, a tab and a text, prints a table.
//!
//! A text the rules say nothing about is counted apart. Labels are names of task kinds.

#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::collections::BTreeMap;
use std::io::BufRead;

use autodao_tasks::{TaskKind, classify};

fn main() {
    let mut counts: BTreeMap<(String, &str), u32> = BTreeMap::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if let Some((label, text)) = line.split_once('\t') {
            *counts.entry((label.to_owned(), classify(text).name())).or_default() += 1;
        }
    }
    let total: u32 = counts.values().sum();
    let told: u32 =
        counts.iter().filter(|((_, kind), _)| *kind != TaskKind::Unknown.name()).map(|(_, n)| n).sum();
    let right: u32 = counts.iter().filter(|((label, kind), _)| label == kind).map(|(_, n)| n).sum();
    println!("{total} texts, {told} told, {right} right");
    for ((label, kind), count) in &counts {
        println!("{label:16} {kind:16} {count:6}");
    }
}
