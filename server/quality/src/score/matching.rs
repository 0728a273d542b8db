//! Which function of one text is which of another.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::metrics::MeasuredFunction;

/// How alike two bodies have to be to be one function under another name: the share of pairs of words they have in
/// common.
const ALIKE: f64 = 0.6;

/// The most functions without a counterpart that are compared with one another.
const COMPARED: usize = 128;

/// The words of a text: names, numbers and single signs.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let len = if is_word(first) {
            rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(len);
        rest = after;
        Some(word)
    })
}

/// A hash of a text that its blanks and line breaks do not change.
pub(super) fn snippet_hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for word in words(text) {
        hasher.write(word.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

fn pairs_of(text: &str) -> FxHashSet<u64> {
    let mut last = 0;
    let hash = |word: &str| {
        let mut hasher = FxHasher::default();
        hasher.write(word.as_bytes());
        let pair = (last, hasher.finish());
        last = pair.1;
        pair.0 ^ pair.1.rotate_left(21)
    };
    words(text).map(hash).collect()
}

fn similarity(a: &FxHashSet<u64>, b: &FxHashSet<u64>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both).max(1) as f64
}

/// A text and its functions.
#[derive(Clone, Copy)]
pub(super) struct Functions<'a> {
    pub(super) text: &'a str,
    pub(super) functions: &'a [MeasuredFunction],
}

impl<'a> Functions<'a> {
    fn body(&self, index: usize) -> &'a str {
        self.text.get(self.functions[index].span.range()).unwrap_or("")
    }
}

/// Pairs of indexes, each index in at most one: by path and equal text, then by path in the order they are
/// written, then by likeness. The other way round the pairs are the same.
pub(super) fn match_functions(before: Functions<'_>, after: Functions<'_>) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut left_before, mut left_after) = (all(before), all(after));
    for with_body in [true, false] {
        let key = |side: Functions<'_>, index: usize| {
            let body = if with_body { snippet_hash(side.body(index)) } else { 0 };
            (snippet_hash(&side.functions[index].path), body)
        };
        let keys = (|index| key(before, index), |index| key(after, index));
        pair_by_key(&mut left_before, &mut left_after, &mut pairs, keys);
    }
    if left_before.len() <= COMPARED && left_after.len() <= COMPARED {
        pair_by_likeness(before, after, &left_before, &left_after, &mut pairs);
    }
    pairs.sort_unstable();
    pairs
}

fn all(side: Functions<'_>) -> Vec<usize> {
    (0..side.functions.len()).collect()
}

/// Pairs what has the same key, in order, and leaves the rest.
pub(super) fn pair_by_key<K: Hash + Eq>(
    left_before: &mut Vec<usize>,
    left_after: &mut Vec<usize>,
    pairs: &mut Vec<(usize, usize)>,
    (key_before, key_after): (impl Fn(usize) -> K, impl Fn(usize) -> K),
) {
    let mut waiting: FxHashMap<K, Vec<usize>> = FxHashMap::default();
    for &index in left_after.iter().rev() {
        waiting.entry(key_after(index)).or_default().push(index);
    }
    let mut found = FxHashSet::default();
    left_before.retain(|&index| {
        let other = waiting.get_mut(&key_before(index)).and_then(Vec::pop);
        if let Some(other) = other {
            pairs.push((index, other));
            found.insert(other);
        }
        other.is_none()
    });
    left_after.retain(|index| !found.contains(index));
}

fn pair_by_likeness(
    before: Functions<'_>,
    after: Functions<'_>,
    left_before: &[usize],
    left_after: &[usize],
    pairs: &mut Vec<(usize, usize)>,
) {
    let of_after: Vec<_> = left_after.iter().map(|index| pairs_of(after.body(*index))).collect();
    let mut alike = Vec::new();
    for &b in left_before {
        let words = pairs_of(before.body(b));
        for (&a, others) in left_after.iter().zip(&of_after) {
            let likeness = similarity(&words, others);
            if likeness >= ALIKE {
                alike.push((likeness, b, a));
            }
        }
    }
    // Ties are broken by what both directions see alike.
    alike.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1 + x.2, x.1.min(x.2)).cmp(&(y.1 + y.2, y.1.min(y.2)))));
    let (mut used_before, mut used_after) = (FxHashSet::default(), FxHashSet::default());
    for (_, b, a) in alike {
        if !used_before.contains(&b) && !used_after.contains(&a) {
            used_before.insert(b);
            used_after.insert(a);
            pairs.push((b, a));
        }
    }
}
