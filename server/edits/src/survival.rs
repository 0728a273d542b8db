//! How much of an edit is still there later.

use rustc_hash::FxHashMap;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::fit::line_ops;
use crate::tokens::tokens;

/// How many of the tokens that an edit put in are in a later text. Words and operators count; brackets, quotes and
/// what separates do only where an edit put in nothing else: they are in whatever takes a statement's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Survival {
    /// Tokens the edit put in that count.
    pub inserted: u32,
    /// How many of them stand where they were put, or moved with what is around them.
    pub surviving: u32,
}

impl Survival {
    /// The share that survives, 0 to 1; `None` where the edit put nothing in.
    pub fn share(self) -> Option<f64> {
        (self.inserted > 0).then(|| f64::from(self.surviving) / f64::from(self.inserted))
    }
}

/// More tokens than this on one side of a difference are compared as a set.
const MAX_TOKENS: usize = 4000;

/// Compares the text before an edit, the one after it, and a later one.
pub fn survival(before: &str, after: &str, later: &str) -> Survival {
    let inserted = kept(before, after).0;
    let surviving = kept(after, later).1;
    let (mut content, mut all) = (Survival::default(), Survival::default());
    for ((token, old), still) in tokens(after).into_iter().zip(inserted).zip(surviving) {
        if old {
            continue;
        }
        let counted: &mut [&mut Survival] =
            if is_content(token) { &mut [&mut content, &mut all] } else { &mut [&mut all] };
        for survival in counted {
            survival.inserted += 1;
            survival.surviving += u32::from(still);
        }
    }
    if content.inserted > 0 { content } else { all }
}

/// Whether a token is more than layout.
fn is_content(token: &str) -> bool {
    !matches!(token, "(" | ")" | "[" | "]" | "{" | "}" | "," | ";" | ":" | "." | "\"" | "'" | "`")
}

/// Which tokens of `new` come from `old`, and which tokens of `old` are in `new`.
fn kept(old: &str, new: &str) -> (Vec<bool>, Vec<bool>) {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let (mut in_new, mut in_old) = (Vec::new(), Vec::new());
    let (mut removed, mut added) = (String::new(), String::new());
    for (tag, from, to) in line_ops(&old_lines, &new_lines) {
        if tag == DiffTag::Equal {
            token_difference(&removed, &added, &mut in_new, &mut in_old);
            removed.clear();
            added.clear();
            let same: usize = old_lines[from].iter().map(|line| tokens(line).len()).sum();
            in_new.extend(std::iter::repeat_n(true, same));
            in_old.extend(std::iter::repeat_n(true, same));
        } else {
            removed.extend(old_lines[from].iter().copied());
            added.extend(new_lines[to].iter().copied());
        }
    }
    token_difference(&removed, &added, &mut in_new, &mut in_old);
    (in_new, in_old)
}

fn token_difference(old: &str, new: &str, in_new: &mut Vec<bool>, in_old: &mut Vec<bool>) {
    let (old, new) = (tokens(old), tokens(new));
    if old.len().max(new.len()) > MAX_TOKENS {
        in_new.extend(common(&old, &new));
        in_old.extend(common(&new, &old));
        return;
    }
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (tag, from, to) = op.as_tag_tuple();
        in_old.extend(from.map(|_| tag == DiffTag::Equal));
        in_new.extend(to.map(|_| tag == DiffTag::Equal));
    }
}

/// Which of `these` are among `those`, each counted once.
fn common(those: &[&str], these: &[&str]) -> Vec<bool> {
    let mut count: FxHashMap<&str, u32> = FxHashMap::default();
    for token in those {
        *count.entry(token).or_default() += 1;
    }
    let take = |token: &&str| match count.get_mut(*token) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    };
    these.iter().map(take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_an_edit() {
        let before = "fn a() {\n    one();\n}\n";
        let after = "fn a() {\n    one();\n    two(x, 3);\n}\n";
        let of = |later: &str| survival(before, after, later);
        // two x 3
        assert_eq!(of(after), Survival { inserted: 3, surviving: 3 });
        assert_eq!(of(before), Survival { inserted: 3, surviving: 0 });
        assert_eq!(of(&after.replace("x, 3", "y, 3")), Survival { inserted: 3, surviving: 2 });
        // The same signs around other content are nothing of it.
        assert_eq!(of(&after.replace("two(x, 3)", "four(y, 5)")).surviving, 0);
        // New indentation changes nothing; what stood there before does not count.
        assert_eq!(of("mod m {\n    fn a() {\n        two(x, 3);\n    }\n}\n").surviving, 3);
        assert_eq!(survival("f(a)", "f(a)?", "f(a)?"), Survival { inserted: 1, surviving: 1 });
        assert_eq!(survival("a", "a", "b").share(), None);
        assert_eq!(of(after).share(), Some(1.0));
    }
}
