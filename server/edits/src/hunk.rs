//! Search/replace blocks: how they are read, and where they fit.

use std::ops::Range;

use similar::DiffTag;

use crate::fence::is_fence;
use crate::fit::{Layout, line_ops};
use crate::indent::{IndentStyle, columns, leading_blanks};
use crate::literal::LineKind;
use crate::tokens::is_word;

/// One block, as lines without their ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hunk<'a> {
    pub(crate) search: Vec<&'a str>,
    pub(crate) replace: Vec<&'a str>,
}

/// Why blocks cannot be read or placed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum HunkError {
    #[error("a search/replace block is not complete")]
    Incomplete,
    #[error("a search/replace block has `=======` twice")]
    TwoDividers,
    #[error("a search/replace block searches for nothing")]
    EmptySearch,
    #[error("the searched text does not occur in the code:\n{0}")]
    Missing(String),
    #[error("the searched text occurs {1} times in the code:\n{0}")]
    Repeated(String, usize),
    #[error("two search/replace blocks overlap")]
    Overlap,
    #[error("a search/replace block is too long")]
    TooLong,
}

/// Above this many lines a block is not placed by its lines' content.
const MAX_LINES: usize = 2000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Search,
    Divider,
    Replace,
}

fn marker(line: &str) -> Option<Marker> {
    let line = line.trim();
    let run = |sign: char| {
        let rest = line.trim_start_matches(sign);
        let len = line.len() - rest.len();
        // Four signs are what is asked for; with a word behind them they are not unusual in texts.
        ((5..=9).contains(&len) || (len == 4 && rest.trim().is_empty())).then_some(rest.trim())
    };
    let named = |rest: &str, names: &[&str]| {
        let rest = rest.trim_end_matches(['<', '>', ':']);
        rest.is_empty() || names.iter().any(|name| rest.eq_ignore_ascii_case(name))
    };
    if run('<').is_some_and(|rest| named(rest, &["search", "original", "head"])) {
        Some(Marker::Search)
    } else if run('>').is_some_and(|rest| named(rest, &["replace", "updated", "head"])) {
        Some(Marker::Replace)
    } else if run('=').is_some_and(str::is_empty) {
        Some(Marker::Divider)
    } else {
        None
    }
}

/// Whether a reply means to be search/replace blocks.
pub(crate) fn has_markers(text: &str) -> bool {
    text.lines().any(|line| matches!(marker(line), Some(Marker::Search | Marker::Replace)))
}

/// Reads the blocks of a reply; prose and fences around them are passed over.
pub(crate) fn parse(text: &str) -> Result<Vec<Hunk<'_>>, HunkError> {
    let mut hunks = Vec::new();
    let mut search: Option<Vec<&str>> = None;
    let mut replace: Option<Vec<&str>> = None;
    for line in text.split('\n') {
        match (marker(line), &mut search, &mut replace) {
            (Some(Marker::Search), None, _) => search = Some(Vec::new()),
            (Some(Marker::Divider), Some(_), None) => replace = Some(Vec::new()),
            (Some(Marker::Divider), Some(_), Some(_)) => return Err(HunkError::TwoDividers),
            (Some(Marker::Replace), Some(from), Some(to)) => {
                let (search_lines, replace_lines) = (unfenced(from), unfenced(to));
                if search_lines.iter().all(|line| line.trim().is_empty()) {
                    return Err(HunkError::EmptySearch);
                }
                hunks.push(Hunk { search: search_lines, replace: replace_lines });
                (search, replace) = (None, None);
            }
            (Some(Marker::Search | Marker::Replace), ..) => return Err(HunkError::Incomplete),
            // A divider outside a block underlines a heading.
            (Some(Marker::Divider) | None, None, _) => {}
            (None, _, Some(lines)) | (None, Some(lines), None) => lines.push(line),
        }
    }
    if search.is_some() || hunks.is_empty() { Err(HunkError::Incomplete) } else { Ok(hunks) }
}

/// A side without the fences a model put around it.
fn unfenced<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    match lines {
        [first, inner @ .., last] if is_fence(first) && is_fence(last) => inner.to_vec(),
        _ => lines.to_vec(),
    }
}

/// The place blocks are applied to.
pub(crate) struct Ground<'a> {
    /// The node with `\n` alone.
    pub(crate) text: &'a str,
    /// What each of its lines begins in.
    pub(crate) kinds: &'a [LineKind],
    /// The blanks in front of its first line.
    pub(crate) indent: &'a str,
    /// How it is indented.
    pub(crate) style: Option<IndentStyle>,
}

/// Applies blocks to the text they were made for, all or none.
pub(crate) fn apply(ground: &Ground<'_>, hunks: &[Hunk<'_>]) -> Result<String, HunkError> {
    let lines: Vec<&str> = ground.text.split('\n').collect();
    let mut starts = Vec::with_capacity(lines.len());
    let mut at = 0;
    for line in &lines {
        starts.push(at);
        at += line.len() + 1;
    }
    let mut placed = Vec::with_capacity(hunks.len());
    for hunk in hunks {
        placed.push(locate(ground, &lines, &starts, hunk)?);
    }
    placed.sort_by_key(|(range, _)| (range.start, range.end));
    if placed.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
        return Err(HunkError::Overlap);
    }
    let mut result = ground.text.to_owned();
    for (range, text) in placed.into_iter().rev() {
        result.replace_range(range, &text);
    }
    Ok(result)
}

/// Where a block goes and what stands there afterwards.
fn locate(
    ground: &Ground<'_>,
    lines: &[&str],
    starts: &[usize],
    hunk: &Hunk<'_>,
) -> Result<(Range<usize>, String), HunkError> {
    let shown = || hunk.search.iter().take(6).copied().collect::<Vec<_>>().join("\n");
    let whole = windows(lines, &hunk.search, |a, b| a == b);
    if let [first] = whole[..] {
        let range = line_range(ground.text, lines, starts, first, hunk.search.len(), hunk.replace.is_empty());
        // The first line is shown without its indentation; what is put beside it lacks the same.
        let replacement = match hunk.search[..] {
            [_] if first == 0 && !ground.indent.is_empty() => {
                refit(ground, lines, first, &hunk.search, &hunk.replace)
            }
            _ => hunk.replace.iter().map(|line| (*line).to_owned()).collect(),
        };
        return Ok((range, replacement.join("\n")));
    }
    if whole.len() > 1 {
        return Err(HunkError::Repeated(shown(), whole.len()));
    }
    let (search, replace) = (solid(&hunk.search), solid(&hunk.replace));
    if search.len().max(replace.len()).max(lines.len() / 10) > MAX_LINES {
        return Err(HunkError::TooLong);
    }
    let loose = windows(lines, search, |a, b| a.trim() == b.trim());
    match loose[..] {
        [first] => {
            let range = line_range(ground.text, lines, starts, first, search.len(), replace.is_empty());
            return Ok((range, refit(ground, lines, first, search, replace).join("\n")));
        }
        [] => {}
        _ => return Err(HunkError::Repeated(shown(), loose.len())),
    }
    let needle = hunk.search.join("\n");
    let within = occurrences(ground.text, &needle);
    match within[..] {
        [at] if stands_alone(ground.text, at, &needle) => {
            Ok((at..at + needle.len(), hunk.replace.join("\n")))
        }
        [] | [_] => Err(HunkError::Missing(shown())),
        _ => Err(HunkError::Repeated(shown(), within.len())),
    }
}

/// The lines without blank ones at both ends.
fn solid<'a, 'b>(lines: &'b [&'a str]) -> &'b [&'a str] {
    let is_solid = |line: &&str| !line.trim().is_empty();
    let Some(first) = lines.iter().position(is_solid) else { return &[] };
    let last = lines.iter().rposition(is_solid).unwrap_or(first);
    &lines[first..=last]
}

/// The first lines of every stretch of `lines` that equals `searched`.
fn windows(lines: &[&str], searched: &[&str], same: impl Fn(&str, &str) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    if searched.is_empty() {
        return found;
    }
    for (first, window) in lines.windows(searched.len()).enumerate() {
        if window.iter().zip(searched).all(|(line, wanted)| same(line, wanted)) {
            found.push(first);
        }
    }
    found
}

/// The bytes of some lines; with one line break where they go altogether.
fn line_range(
    text: &str,
    lines: &[&str],
    starts: &[usize],
    first: usize,
    count: usize,
    removed: bool,
) -> Range<usize> {
    let last = first + count - 1;
    let (mut start, mut end) = (starts[first], starts[last] + lines[last].len());
    if removed && end < text.len() {
        end += 1;
    } else if removed && start > 0 {
        start -= 1;
    }
    start..end
}

/// Every place of a text, also where they overlap. Many are as bad as two.
fn occurrences(text: &str, needle: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(needle)) {
        found.push(from + at);
        if found.len() > 99 {
            break;
        }
        from += at + needle.chars().next().map_or(1, char::len_utf8);
    }
    found
}

/// Whether a piece neither begins nor ends inside a word.
fn stands_alone(text: &str, at: usize, piece: &str) -> bool {
    let glued = |a: Option<char>, b: Option<char>| a.is_some_and(is_word) && b.is_some_and(is_word);
    let before = text[..at].chars().next_back();
    let after = text[at + piece.len()..].chars().next();
    !glued(before, piece.chars().next()) && !glued(piece.chars().next_back(), after)
}

/// The replacement for lines that were found by their content: those that stay keep their bytes, new ones get the
/// place's indentation.
fn refit(
    ground: &Ground<'_>,
    lines: &[&str],
    first: usize,
    search: &[&str],
    replace: &[&str],
) -> Vec<String> {
    let from = IndentStyle::of(search.iter().chain(replace).copied());
    let base = search.first().map_or(0, |line| columns(leading_blanks(line), 4));
    let anchor = lines.get(first).copied().unwrap_or("");
    let indent = if first == 0 { ground.indent } else { leading_blanks(anchor) };
    let layout = Layout { from, to: ground.style, base, indent };
    let keys = |lines: &[&str]| lines.iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let (old_keys, new_keys) = (keys(search), keys(replace));
    let old_keys: Vec<&str> = old_keys.iter().map(String::as_str).collect();
    let new_keys: Vec<&str> = new_keys.iter().map(String::as_str).collect();
    let mut fitted = Vec::with_capacity(replace.len());
    for (tag, old, new) in line_ops(&old_keys, &new_keys) {
        for (step, index) in new.enumerate() {
            let line = replace[index];
            let here = first + old.start + step.min(old.len().saturating_sub(1));
            let literal = matches!(ground.kinds.get(here), Some(LineKind::Literal));
            fitted.push(if tag == DiffTag::Equal {
                lines[first + old.start + step].to_owned()
            } else if literal {
                line.to_owned()
            } else if first == 0 && fitted.is_empty() {
                line.trim().to_owned()
            } else {
                layout.line(line, usize::MAX)
            });
        }
    }
    fitted
}
