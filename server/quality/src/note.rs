//! What rules note in items for a look at the file as a whole.
//!
//! A rule sees only its item. What takes several items to see (two of the same name, comments one below the
//! other) it notes where it stands; the notes of all items then come together in one place, at every update.

use std::hash::Hasher;

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;
use rustc_hash::{FxHashMap, FxHasher};

use crate::RuleId;
use crate::unit::Unit;

/// What a rule notes. Offsets count from the item's start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Note {
    pub(crate) rule: RuleId,
    pub(crate) span: Span,
    pub(crate) key: u64,
    /// Where the block around it starts, plus one; 0 when it is the item itself.
    pub(crate) block: u32,
    pub(crate) conditional: bool,
}

/// A note at its place in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlacedNote {
    pub(crate) rule: RuleId,
    /// What it is about, in offsets of the text.
    pub span: Span,
    /// What the rule gave it.
    pub key: u64,
    /// Tells scopes apart: notes with the same value stand in the same block, or directly in the same container.
    pub scope: (u32, u32),
    /// The item as it is removed: with the `export` around it. `None` when the note is not about an item.
    pub item: Option<Span>,
    /// An attribute decides whether it is there at all, or what becomes of it.
    pub conditional: bool,
    /// The syntax around it is broken: what it stands in may not be what it seems.
    pub broken: bool,
}

/// Hashes a text for a note's key.
pub(crate) fn key_of(topic: u8, text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u8(topic);
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The notes of all units at their places, in order of appearance of their units.
pub(crate) fn place_all(units: &[Unit]) -> Vec<PlacedNote> {
    let mut placed = Vec::new();
    // The containers around the unit: where each ends, its scope, whether that is known, and what is exported.
    let mut around: Vec<Around> = Vec::new();
    for (index, unit) in units.iter().enumerate() {
        while around.last().is_some_and(|container| container.end <= index) {
            around.pop();
        }
        let outer = around.last().copied().unwrap_or_default();
        if let Some(found) = &unit.found {
            let place = |note: &Note| PlacedNote {
                rule: note.rule,
                span: note.span.moved(i64::from(unit.span.start)),
                key: note.key,
                scope: if note.block == 0 { (outer.scope, 0) } else { (index as u32 + 1, note.block) },
                item: (note.block == 0).then_some(outer.exported.unwrap_or(unit.span)),
                conditional: note.conditional || unit.key.context().conditional || outer.conditional,
                broken: unit.broken || outer.broken,
            };
            placed.extend(found.notes.iter().map(place));
        }
        if unit.members > 0 {
            let end = index + 1 + unit.members as usize;
            let conditional = unit.transparent && unit.key.context().conditional;
            around.push(if unit.transparent {
                let exported = outer.exported.or(Some(unit.span));
                Around { end, exported, conditional, broken: outer.broken || unit.broken, ..outer }
            } else {
                let broken = outer.broken || unit.broken;
                Around { end, scope: index as u32 + 1, broken, exported: None, conditional: false }
            });
        }
    }
    placed
}

#[derive(Clone, Copy, Default)]
struct Around {
    end: usize,
    scope: u32,
    broken: bool,
    exported: Option<Span>,
    conditional: bool,
}

/// The start of the block around a node for [`Note::block`].
pub(crate) fn block_of(item_start: u32, parent: Option<Node<'_>>) -> u32 {
    parent.map_or(0, |parent| parent.start_byte() as u32 - item_start + 1)
}

/// Verdicts on texts that take long to come to: kept by the text's hash, so that a keystroke elsewhere does not
/// ask for them again. The oldest go when there are many.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    known: FxHashMap<u64, bool>,
}

/// How many verdicts are kept for one file.
const MAX_VERDICTS: usize = 1024;

impl Verdicts {
    /// The verdict on a text: the known one, or what `judge` says.
    pub(crate) fn of(&mut self, topic: u8, text: &str, judge: impl FnOnce(&str) -> bool) -> bool {
        let key = key_of(topic, text);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.known.len() >= MAX_VERDICTS {
            self.known.clear();
        }
        let verdict = judge(text);
        self.known.insert(key, verdict);
        verdict
    }
}
