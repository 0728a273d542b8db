//! What is shown of the names an edit is likely to need.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use autodao_context::rank::{Candidate, FeatureVector};
use autodao_context::{Allowance, Tier, pack};
use autodao_syntax::index::{FileIndex, WorkspaceIndex};
use autodao_syntax::{Language, SyntaxParser};

const TEXT: &str = "
pub struct Config {
    pub width: usize,
    pub height: usize,
}

impl Config {
    pub fn area(&self, scale: usize) -> usize {
        self.width * self.height * scale
    }
}

pub enum Mode {
    Fast,
}

pub fn load(path: &str) -> Config {
    todo!()
}
";

fn words(text: &str) -> usize {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).count()
}

const NOTHING: FeatureVector = [0.0; size_of::<FeatureVector>() / size_of::<f32>()];

/// What is shown of the text above when each name is needed this likely.
fn shown(likely: &[(&str, f32)], tokens: usize) -> (String, Vec<(String, Tier)>) {
    let file = FileIndex::parse(&mut SyntaxParser::default(), Language::Rust, TEXT).unwrap();
    let mut index = WorkspaceIndex::default();
    index.insert("src/config.rs", Arc::new(file));
    let candidate = |(name, probability): &(&str, f32)| {
        let name = index.id(name).unwrap();
        let place = index.definitions_of(name)[0];
        Candidate { name, place, features: NOTHING, probability: *probability }
    };
    let candidates: Vec<Candidate> = likely.iter().map(candidate).collect();
    let pack = pack(&index, &candidates, Allowance { tokens, least_yield: 0.01 }, &words);
    assert!(pack.tokens <= tokens);
    let tiers = pack.shown.iter().map(|shown| (index.name(shown.candidate.name).to_owned(), shown.tier));
    (pack.text.clone(), tiers.collect())
}

#[test]
fn a_type_stands_in_front_of_its_members_and_is_said_once() {
    let (text, _) = shown(&[("Config", 0.9), ("area", 0.9), ("width", 0.9), ("load", 0.9)], 100);
    assert_eq!(
        text,
        "fn load(path: &str) -> Config\nstruct Config: width: usize; fn area(&self, scale: usize) -> usize"
    );
    // A type that is not likely itself is named by what stands in it.
    let (text, tiers) = shown(&[("area", 0.9), ("Config", 0.0011)], 100);
    assert_eq!(text, "Config: fn area(&self, scale: usize) -> usize");
    assert!(tiers.contains(&("Config".to_owned(), Tier::Name)), "{tiers:?}");
}

#[test]
fn what_is_less_likely_is_shown_in_fewer_words() {
    let (text, _) = shown(&[("load", 0.9), ("area", 0.2), ("Mode", 0.03), ("height", 0.0001)], 100);
    assert_eq!(text, "fn load(path: &str) -> Config\nConfig: area(scale) -> usize\nMode");
    let (text, tiers) = shown(&[("load", 0.9), ("area", 0.5), ("Mode", 0.4)], 3);
    assert_eq!((words(&text), tiers.len()), (3, 3), "{text}");
}
