//! What items say of themselves for the whole file: a finding in one item may depend on what another one says.
//!
//! A rule states a fact where it sees it, and makes a finding elsewhere depend on it. Both stay with their items;
//! only whether a finding counts is decided for the file, at each update.

use std::hash::Hasher;

use rustc_hash::{FxHashSet, FxHasher};

/// What a fact is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topic {
    /// A module that is imported from: in Rust the path before the imported name, in scripts the source.
    Module,
    /// What is imported, at the file's top level: a Rust path, a script's source. Not in inline modules, whose
    /// names the file does not see.
    Import,
    /// The crate of an imported Rust path, at the file's top level.
    Crate,
    /// That the file says which program runs it (`#!`): it is one itself. The name is empty.
    Program,
    /// The name of a function of the file that returns a promise.
    AsyncFunction,
    /// The name of a function of the file that is not seen to return one.
    PlainFunction,
}

/// Something said of a name. Names are compared by their hashes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fact {
    topic: Topic,
    name: u64,
}

impl Fact {
    /// The fact of a topic and a name.
    pub fn new(topic: Topic, name: &str) -> Self {
        let mut hasher = FxHasher::default();
        hasher.write(name.as_bytes());
        Self { topic, name: hasher.finish() }
    }

    /// What it is about.
    pub fn topic(self) -> Topic {
        self.topic
    }
}

/// What a finding needs to count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition {
    /// The finding's place among its item's.
    pub(crate) finding: u32,
    pub(crate) fact: Fact,
    /// Whether the fact has to be stated, or must not be.
    pub(crate) stated: bool,
}

/// What one item states, and what its findings need.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) stated: Vec<Fact>,
    pub(crate) conditions: Vec<Condition>,
}

impl Facts {
    pub(crate) fn is_empty(&self) -> bool {
        self.stated.is_empty() && self.conditions.is_empty()
    }

    /// Whether a finding counts in a file that states these facts.
    pub(crate) fn holds(&self, finding: u32, file: &FxHashSet<Fact>) -> bool {
        let mut conditions = self.conditions.iter().filter(|condition| condition.finding == finding);
        conditions.all(|condition| file.contains(&condition.fact) == condition.stated)
    }
}
