//! The shortest hunks that make a known edit.
//!
//! A hunk says twice what it keeps: each stretch of changed lines takes the fewest bytes around it that make what is
//! searched for occur once, slides where its ends repeat, and is cut to the words that change where lines stay lines.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::tokens::is_edge;

/// With more differing lines than this the whole node is the answer.
const MAX_LINES: usize = 4000;
/// Texts of more lines are not searched for the best place of each hunk.
const MAX_SEARCHED: usize = 1500;
/// How many lines on each side of a change are tried as its surroundings.
const AROUND: usize = 6;
/// How many words are taken in on both sides of a change within lines, to have it occur once.
const WORDS: usize = 24;

/// A stretch of lines of both texts.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stretch {
    old: Range<usize>,
    new: Range<usize>,
}

impl Stretch {
    /// With lines around it that are the same on both sides.
    fn with(&self, up: usize, down: usize) -> Self {
        let wider = |range: &Range<usize>| range.start - up..range.end + down;
        Self { old: wider(&self.old), new: wider(&self.new) }
    }

    /// Both and what is between.
    fn through(&self, next: &Self) -> Self {
        Self { old: self.old.start..next.old.end, new: self.new.start..next.new.end }
    }

    /// The same change one line up (-1) or down (1), if the line there repeats what is at the other end.
    fn slid(&self, step: i8, old: &[&str], new: &[&str]) -> Option<Self> {
        let (lines, range) = match (self.old.is_empty(), self.new.is_empty()) {
            (true, false) => (new, &self.new),
            (false, true) => (old, &self.old),
            _ => return None,
        };
        let moved = |range: &Range<usize>| {
            if step < 0 {
                Some(range.start.checked_sub(1)?..range.end.checked_sub(1)?)
            } else {
                Some(range.start + 1..range.end + 1)
            }
        };
        let (entering, leaving) =
            if step < 0 { (range.start.checked_sub(1)?, range.end - 1) } else { (range.end, range.start) };
        (lines.get(entering)? == lines.get(leaving)?).then_some(())?;
        Some(Self { old: moved(&self.old)?, new: moved(&self.new)? })
    }
}

/// Answers that make `new` of `old`, in no particular order. Whether they are read back as meant is to be tried.
pub(crate) fn hunks(old: &str, new: &str, cost: &dyn Fn(&str) -> usize) -> Vec<String> {
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split('\n').collect(), new.split('\n').collect());
    if old_lines.len().max(new_lines.len()) > MAX_LINES {
        return Vec::new();
    }
    let mut answers = Vec::new();
    for algorithm in [Algorithm::Myers, Algorithm::Patience] {
        let ops = capture_diff_slices(algorithm, &old_lines, &new_lines);
        let changed =
            ops.iter().map(similar::DiffOp::as_tag_tuple).filter(|(tag, ..)| *tag != DiffTag::Equal);
        let stretches: Vec<_> = changed.map(|(_, old, new)| Stretch { old, new }).collect();
        let sides = Sides { text: old, old: &old_lines, new: &new_lines, cost };
        for answer in [sides.by_lines(&stretches), sides.by_words(&stretches)].into_iter().flatten() {
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
    }
    answers
}

/// Both texts, by lines.
struct Sides<'a> {
    text: &'a str,
    old: &'a [&'a str],
    new: &'a [&'a str],
    cost: &'a dyn Fn(&str) -> usize,
}

impl Sides<'_> {
    /// Hunks of whole lines whose search lines occur once, none overlapping.
    fn by_lines(&self, changed: &[Stretch]) -> Option<String> {
        let mut stretches = self.placed(changed)?;
        self.join_where_shorter(&mut stretches);
        Some(stretches.iter().map(|stretch| self.block(stretch)).collect::<Vec<_>>().join("\n"))
    }

    /// As [`Sides::by_lines`], with hunks of a few words where that is shorter.
    fn by_words(&self, changed: &[Stretch]) -> Option<String> {
        let placed = self.placed(changed)?;
        if placed.len() != changed.len() {
            return None;
        }
        let blocks = changed.iter().zip(&placed).map(|(core, stretch)| {
            let lines = self.block(stretch);
            self.words(core).filter(|words| (self.cost)(words) < (self.cost)(&lines)).unwrap_or(lines)
        });
        Some(blocks.collect::<Vec<_>>().join("\n"))
    }

    /// Each change with what it needs around it.
    fn placed(&self, changed: &[Stretch]) -> Option<Vec<Stretch>> {
        let mut stretches = Vec::with_capacity(changed.len());
        for (index, stretch) in changed.iter().enumerate() {
            let free = Range {
                start: index.checked_sub(1).map_or(0, |before| changed[before].old.end),
                end: changed.get(index + 1).map_or(self.old.len(), |after| after.old.start),
            };
            stretches.push(self.best(stretch, free).unwrap_or_else(|| self.grown(stretch)));
        }
        loop {
            let count = stretches.len();
            stretches = joined(stretches);
            if stretches.len() == count {
                break;
            }
            stretches = stretches.iter().map(|stretch| self.grown(stretch)).collect();
        }
        let is_found = |stretch: &Stretch| occurrences(self.old, &stretch.old) == 1;
        (!stretches.is_empty() && stretches.iter().all(is_found)).then_some(stretches)
    }

    /// The place of a change, and the lines around it, that take the fewest bytes. It keeps to lines that no other change
    /// has.
    fn best(&self, stretch: &Stretch, free: Range<usize>) -> Option<Stretch> {
        if self.old.len() > MAX_SEARCHED {
            return None;
        }
        let mut places = vec![stretch.clone()];
        for step in [-1, 1] {
            let mut place = stretch.clone();
            while let Some(slid) = place.slid(step, self.old, self.new) {
                if slid.old.start < free.start || slid.old.end > free.end || places.len() > 2 * AROUND {
                    break;
                }
                places.push(slid.clone());
                place = slid;
            }
        }
        let mut best: Option<(usize, Stretch)> = None;
        for place in &places {
            for up in 0..=AROUND.min(place.old.start - free.start).min(place.new.start) {
                for down in 0..=AROUND.min(free.end - place.old.end).min(self.new.len() - place.new.end) {
                    let wider = place.with(up, down);
                    let bytes = self.bytes(&wider);
                    let is_shorter = best.as_ref().is_none_or(|(least, _)| bytes < *least);
                    if is_shorter && occurrences(self.old, &wider.old) == 1 {
                        best = Some((bytes, wider));
                    }
                }
            }
        }
        best.map(|(_, stretch)| stretch)
    }

    fn bytes(&self, stretch: &Stretch) -> usize {
        let of = |lines: &[&str]| lines.iter().map(|line| line.len() + 1).sum::<usize>();
        of(&self.old[stretch.old.clone()]) + of(&self.new[stretch.new.clone()])
    }

    /// Takes in lines that stay, above and below by turns, until the searched lines occur once.
    fn grown(&self, stretch: &Stretch) -> Stretch {
        let mut stretch = stretch.clone();
        let mut up = true;
        while occurrences(self.old, &stretch.old) != 1 {
            let can_up = stretch.old.start > 0 && stretch.new.start > 0;
            let can_down = stretch.old.end < self.old.len() && stretch.new.end < self.new.len();
            stretch = match (can_up && (up || !can_down), can_down) {
                (true, _) => stretch.with(1, 0),
                (_, true) => stretch.with(0, 1),
                _ => return stretch,
            };
            up = !up;
        }
        stretch
    }

    /// Joins neighbours where one hunk costs less than two.
    fn join_where_shorter(&self, stretches: &mut Vec<Stretch>) {
        let cost = |stretch: &Stretch| (self.cost)(&self.block(stretch));
        let mut index = 0;
        while index + 1 < stretches.len() {
            let both = stretches[index].through(&stretches[index + 1]);
            let apart = cost(&stretches[index]) + cost(&stretches[index + 1]);
            if occurrences(self.old, &both.old) == 1 && cost(&both) < apart {
                stretches.splice(index..=index + 1, [both]);
            } else {
                index += 1;
            }
        }
    }

    fn block(&self, stretch: &Stretch) -> String {
        let side = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let (from, to) = (&self.old[stretch.old.clone()], &self.new[stretch.new.clone()]);
        format!("<<<<\n{}====\n{}>>>>", side(from), side(to))
    }

    /// A change within lines as a hunk of the words that change, with the fewest around them that make it occur once.
    fn words(&self, stretch: &Stretch) -> Option<String> {
        if stretch.old.is_empty() || stretch.new.is_empty() {
            return None;
        }
        let before = self.old[..stretch.old.start].iter().map(|line| line.len() + 1).sum::<usize>();
        let (from, to) = (self.old[stretch.old.clone()].join("\n"), self.new[stretch.new.clone()].join("\n"));
        let prefix = from
            .chars()
            .zip(to.chars())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8())
            .sum::<usize>();
        let (from_rest, to_rest) = (&from[prefix..], &to[prefix..]);
        let same_end = from_rest.chars().rev().zip(to_rest.chars().rev()).take_while(|(a, b)| a == b);
        let suffix = same_end.map(|(a, _)| a.len_utf8()).sum::<usize>();
        let (mut start, mut end) = (before + prefix, before + from.len() - suffix);
        let (first, last) = (before, before + from.len());
        for word in 0..WORDS {
            // No word is cut, and no blank is at an end.
            while start > first && !is_edge(self.text, start) {
                start -= previous(self.text, start);
            }
            while end < last && !is_edge(self.text, end) {
                end += next(self.text, end);
            }
            let needle = self.text.get(start..end)?;
            let is_whole = needle.trim() == needle && !needle.is_empty();
            let replacement = || {
                let (kept_before, kept_after) = (start - before, last - end);
                to.get(kept_before..to.len() - kept_after)
            };
            if is_whole && self.text.matches(needle).count() == 1 {
                let replacement = replacement()?;
                let begins_line = self.text[..start].trim_end_matches([' ', '\t']).ends_with('\n');
                if begins_line && replacement.contains('\n') && self.text[end..].starts_with('\n') {
                    // Whole lines without their indentation: how deep the others of the replacement are is then a guess.
                    return None;
                }
                let line = if replacement.is_empty() { "" } else { "\n" };
                return Some(format!("<<<<\n{needle}\n====\n{replacement}{line}>>>>"));
            }
            if start == first && end == last {
                return None;
            }
            if (word % 2 == 0 && start > first) || end == last {
                start -= previous(self.text, start);
            } else {
                end += next(self.text, end);
            }
        }
        None
    }
}

fn previous(text: &str, at: usize) -> usize {
    text[..at].chars().next_back().map_or(0, char::len_utf8)
}

fn next(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// How often some lines occur, blanks at their ends apart; lines that are blank are found nowhere.
fn occurrences(lines: &[&str], searched: &Range<usize>) -> usize {
    let Some(searched) = lines.get(searched.clone()).filter(|searched| !searched.is_empty()) else {
        return 0;
    };
    if searched.iter().all(|line| line.trim().is_empty()) {
        return 0;
    }
    lines
        .windows(searched.len())
        .filter(|window| window.iter().zip(searched).all(|(a, b)| a.trim() == b.trim()))
        .take(2)
        .count()
}

fn joined(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match all.last_mut().filter(|last| stretch.old.start < last.old.end) {
            Some(last) => {
                last.old.end = last.old.end.max(stretch.old.end);
                last.new.end = last.new.end.max(stretch.new.end);
            }
            None => all.push(stretch),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortest(old: &str, new: &str) -> String {
        let answers = hunks(old, new, &|text| text.len());
        answers.into_iter().min_by_key(String::len).unwrap_or_default()
    }

    #[test]
    fn lines_are_put_in_beside_the_shortest_line() {
        let old = "fn f() {\n    a();\n    if b {\n        c();\n    }\n    Ok(d)\n}";
        let new = old.replace("    Ok(d)", "    if e {\n        g();\n    }\n    Ok(d)");
        let expected = "<<<<\n    Ok(d)\n====\n    if e {\n        g();\n    }\n    Ok(d)\n>>>>";
        assert_eq!(shortest(old, &new), expected);
    }

    #[test]
    fn a_change_within_a_line_is_its_words() {
        let old = "let a = first(x, y);\nlet b = second(x, y, z, 1, 2, 3);";
        let new = old.replace("second", "third");
        assert_eq!(shortest(old, &new), "<<<<\nsecond\n====\nthird\n>>>>");
        // What occurs twice takes in what is around it.
        let new = old.replace("second(x,", "second(w,");
        assert_eq!(shortest(old, &new), "<<<<\nsecond(x,\n====\nsecond(w,\n>>>>");
    }

    #[test]
    fn changes_that_are_close_are_one() {
        let old = "a();\nlet long_name_of_first = 1;\nb\nlet long_name_of_second = 2;\nc();";
        let new = "a();\nmuch(1);\nb\nmuch(2);\nc();";
        assert_eq!(shortest(old, new).matches("<<<<").count(), 1);
    }
}
