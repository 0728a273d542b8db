//! The shortest answer that makes a known edit: what a model that keeps to the contract would say.

use std::ops::Range;
use std::sync::Arc;

use autodao_syntax::SyntaxParser;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::contract::{Contract, Terms};
use crate::propose::{Request, decode};
use crate::reply::{Ending, Reply};
use crate::site::Site;

/// With more differing lines than this the whole node is the answer.
const MAX_LINES: usize = 4000;

/// An answer that was read back: the edit it makes is exactly the one it was made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encoded {
    /// Its form.
    pub contract: Contract,
    /// What a model would say.
    pub answer: String,
    /// The whole text it makes of the site's.
    pub text: String,
}

/// The smallest hunks that make `new` of the site's target, or the whole node where those are no shorter or cannot
/// be read back. `cost` says what an answer costs. `None` where no answer makes that edit byte for byte.
pub fn encode(
    site: &Site,
    new: &str,
    parser: &mut SyntaxParser,
    cost: &dyn Fn(&str) -> usize,
) -> Option<Encoded> {
    let target = site.target();
    let text = site.buffer().text();
    let wanted = [text.get(..target.start as usize)?, new, text.get(target.end as usize..)?].concat();
    let mut answers: Vec<(Contract, String)> = Vec::new();
    answers.extend(hunks(&site.shown(), &shown(site, new)).map(|answer| (Contract::Hunks, answer)));
    answers.push((Contract::WholeNode, fenced(&shown(site, new))));
    answers.sort_by_key(|(_, answer)| cost(answer));
    // Where blanks at the ends of lines or inside literals stand in the way: the text as it is.
    answers.extend(hunks(site.target_text(), new).map(|answer| (Contract::Hunks, answer)));
    answers.push((Contract::WholeNode, fenced(new)));
    answers.push((Contract::Hunks, format!("<<<<\n{}\n====\n{new}\n>>>>", site.target_text())));
    answers.into_iter().find_map(|(contract, answer)| {
        let request = Request { site: site.clone(), contract, terms: Terms::default() };
        let reply = Reply { text: &answer, ending: Ending::Complete };
        let read = decode(&request, &reply, parser)?;
        (read == wanted).then_some(Encoded { contract, answer, text: read })
    })
}

/// A new target as the old one was shown.
fn shown(site: &Site, new: &str) -> String {
    let indent = site.indent();
    let mut shown = String::with_capacity(new.len());
    for (number, line) in new.split('\n').enumerate() {
        if number > 0 {
            shown.push('\n');
        }
        shown.push_str(line.strip_prefix(indent).filter(|_| number > 0).unwrap_or(line));
    }
    shown
}

fn fenced(code: &str) -> String {
    let longest =
        code.lines().map(str::trim_start).map(|line| line.len() - line.trim_start_matches('`').len());
    let fence = "`".repeat(longest.max().unwrap_or(0).max(2) + 1);
    format!("{fence}\n{code}\n{fence}")
}

/// A stretch of lines of both texts.
#[derive(Clone)]
struct Stretch {
    old: Range<usize>,
    new: Range<usize>,
}

/// Hunks whose search lines occur once in the old text, none overlapping.
fn hunks(old: &str, new: &str) -> Option<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    if old.len().max(new.len()) > MAX_LINES {
        return None;
    }
    let mut stretches: Vec<Stretch> = capture_diff_slices(Algorithm::Myers, &old, &new)
        .iter()
        .map(similar::DiffOp::as_tag_tuple)
        .filter(|(tag, ..)| *tag != DiffTag::Equal)
        .map(|(_, old, new)| Stretch { old, new })
        .collect();
    loop {
        for stretch in &mut stretches {
            grow(stretch, &old, &new);
        }
        stretches.sort_by_key(|stretch| stretch.old.start);
        let count = stretches.len();
        stretches = joined(stretches);
        if stretches.len() == count {
            break;
        }
    }
    if stretches.is_empty() || stretches.iter().any(|stretch| occurrences(&old, &stretch.old) != 1) {
        return None;
    }
    let side = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let blocks: Vec<String> = stretches
        .iter()
        .map(|Stretch { old: from, new: to }| {
            format!("<<<<\n{}====\n{}>>>>", side(&old[from.clone()]), side(&new[to.clone()]))
        })
        .collect();
    Some(blocks.join("\n"))
}

/// Takes in lines that stay, above and below by turns, until the searched lines occur once.
fn grow(stretch: &mut Stretch, old: &[&str], new: &[&str]) {
    let mut up = true;
    while occurrences(old, &stretch.old) != 1 {
        let can_up = stretch.old.start > 0 && stretch.new.start > 0;
        let can_down = stretch.old.end < old.len() && stretch.new.end < new.len();
        if can_up && (up || !can_down) {
            stretch.old.start -= 1;
            stretch.new.start -= 1;
        } else if can_down {
            stretch.old.end += 1;
            stretch.new.end += 1;
        } else {
            return;
        }
        up = !up;
    }
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

/// A site of a text for a known edit, parsed for it.
pub fn site_of(
    parser: &mut SyntaxParser,
    text: &str,
    language: autodao_syntax::Language,
    target: autodao_syntax::Span,
) -> Result<Site, crate::site::SiteError> {
    Site::parse(parser, Arc::new(autodao_syntax::Buffer::new(text.to_owned())), language, 0, target)
}
