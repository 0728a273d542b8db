//! Where search/replace blocks fit: the place as it is in its file, and as a model was shown it.

use std::ops::Range;

use similar::DiffTag;

use crate::fit::{Layout, line_ops};
use crate::hunk::{Hunk, HunkError};
use crate::indent::{IndentStyle, columns, leading_blanks};
use crate::literal::LineKind;
use crate::tokens::is_edge;

/// Above this many lines a block is not placed by its lines' content.
const MAX_LINES: usize = 2000;

/// The place blocks are applied to.
pub(crate) struct Ground<'a> {
    /// The node with `\n` alone.
    text: &'a str,
    lines: Vec<Line<'a>>,
    /// The blanks in front of its first line.
    indent: &'a str,
    /// How it is indented.
    style: Option<IndentStyle>,
}

struct Line<'a> {
    /// Where it begins in the place's text, in bytes.
    start: usize,
    text: &'a str,
    /// How many bytes of it are indentation that a model is not shown.
    hidden: usize,
    begins_in: LineKind,
}

impl<'a> Line<'a> {
    fn shown(&self) -> &'a str {
        &self.text[self.hidden..]
    }
}

/// What blocks make of a place.
pub(crate) struct Patched {
    /// The new lines, without their ends.
    pub(crate) lines: Vec<String>,
    /// The lines that were given indentation, and how many bytes of it.
    indented: Vec<(usize, usize)>,
}

impl Patched {
    /// The lines once more, with no indentation put in front of those that begin inside a literal: there it is content.
    /// `None` when no line has to be mended.
    pub(crate) fn mended(mut self, kinds: &[LineKind]) -> Option<Vec<String>> {
        self.indented.retain(|(line, _)| kinds.get(*line) == Some(&LineKind::Literal));
        for (line, bytes) in &self.indented {
            self.lines[*line].drain(..*bytes);
        }
        (!self.indented.is_empty()).then_some(self.lines)
    }
}

/// What a block puts in the place of a range.
struct Placed {
    range: Range<usize>,
    lines: Vec<String>,
    /// As in [`Patched`], counted from its first line.
    indented: Vec<(usize, usize)>,
}

impl Placed {
    fn plain(range: Range<usize>, lines: Vec<String>) -> Self {
        Self { range, lines, indented: Vec::new() }
    }
}

impl<'a> Ground<'a> {
    /// `kinds`: what each line of the text begins in.
    pub(crate) fn new(
        text: &'a str,
        kinds: &[LineKind],
        indent: &'a str,
        style: Option<IndentStyle>,
    ) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for (index, line) in text.split('\n').enumerate() {
            let begins_in = kinds.get(index).copied().unwrap_or(LineKind::Code);
            let hidden = match begins_in {
                LineKind::Literal => 0,
                _ if line.starts_with(indent) => indent.len(),
                _ => leading_blanks(line).len(),
            };
            // The first line begins behind its indentation.
            let hidden = if index == 0 { 0 } else { hidden };
            lines.push(Line { start, text: line, hidden, begins_in });
            start += line.len() + 1;
        }
        Self { text, lines, indent, style }
    }

    /// The place as a model is best shown it: the indentation its first line has is taken from every line that does not
    /// begin inside a string or template literal.
    pub(crate) fn shown(&self) -> String {
        self.lines.iter().map(Line::shown).collect::<Vec<_>>().join("\n")
    }

    /// Applies blocks, all or none.
    pub(crate) fn apply(&self, hunks: &[Hunk<'_>]) -> Result<Patched, HunkError> {
        let shown = self.shown();
        let mut placed = Vec::with_capacity(hunks.len());
        for hunk in hunks {
            placed.push(self.locate(&shown, hunk)?);
        }
        placed.sort_by_key(|placed| (placed.range.start, placed.range.end));
        if placed.windows(2).any(|pair| pair[0].range.end > pair[1].range.start) {
            return Err(HunkError::Overlap);
        }
        let (mut text, mut indented) = (String::with_capacity(self.text.len()), Vec::new());
        let mut kept_from = 0;
        for piece in &placed {
            text.push_str(&self.text[kept_from..piece.range.start]);
            let first = memchr::memchr_iter(b'\n', text.as_bytes()).count();
            indented.extend(piece.indented.iter().map(|(line, bytes)| (first + line, *bytes)));
            text.push_str(&piece.lines.join("\n"));
            kept_from = piece.range.end;
        }
        text.push_str(&self.text[kept_from..]);
        Ok(Patched { lines: text.split('\n').map(str::to_owned).collect(), indented })
    }

    /// Where a block goes and what stands there afterwards. What the model was shown counts first: the same line may
    /// stand one level deeper in the file.
    fn locate(&self, shown: &str, hunk: &Hunk<'_>) -> Result<Placed, HunkError> {
        let said = || hunk.search.iter().take(6).copied().collect::<Vec<_>>().join("\n");
        let as_shown = self.windows(&hunk.search, |line, wanted| line.shown() == wanted);
        match as_shown[..] {
            [first] => return Ok(self.replaced(first, hunk)),
            [] => {}
            _ => return Err(HunkError::Repeated(said(), as_shown.len())),
        }
        let (search, replace) = (solid(&hunk.search), solid(&hunk.replace));
        if search.len().max(replace.len()).max(self.lines.len() / 10) > MAX_LINES {
            return Err(HunkError::TooLong);
        }
        let loose = self.windows(search, |line, wanted| line.text.trim() == wanted.trim());
        match loose[..] {
            [first] => {
                let as_is = self.windows(&hunk.search, |line, wanted| line.text == wanted);
                if let [first] = as_is[..] {
                    let range = self.range(first, hunk.search.len(), hunk.replace.is_empty());
                    return Ok(Placed::plain(range, owned(&hunk.replace)));
                }
                let range = self.range(first, search.len(), replace.is_empty());
                return Ok(Placed::plain(range, self.refit(first, search, replace)));
            }
            [] => {}
            _ => return Err(HunkError::Repeated(said(), loose.len())),
        }
        let needle = hunk.search.join("\n");
        let within = occurrences(shown, &needle);
        match within[..] {
            [at] if stands_alone(shown, at, &needle) => {
                let range = self.offset(shown, at, false)..self.offset(shown, at + needle.len(), true);
                return Ok(self.indented(range, &hunk.replace));
            }
            [] | [_] => {}
            _ => return Err(HunkError::Repeated(said(), within.len())),
        }
        let within = occurrences(self.text, &needle);
        match within[..] {
            [at] if stands_alone(self.text, at, &needle) => {
                Ok(Placed::plain(at..at + needle.len(), owned(&hunk.replace)))
            }
            [] | [_] => Err(HunkError::Missing(said())),
            _ => Err(HunkError::Repeated(said(), within.len())),
        }
    }

    /// The first lines of every stretch of lines that equals `searched`.
    fn windows(&self, searched: &[&str], same: impl Fn(&Line<'_>, &str) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        if searched.is_empty() {
            return found;
        }
        for (first, window) in self.lines.windows(searched.len()).enumerate() {
            if window.iter().zip(searched).all(|(line, wanted)| same(line, wanted)) {
                found.push(first);
            }
        }
        found
    }

    /// The bytes of some lines; with one line break where they go altogether.
    fn range(&self, first: usize, count: usize, removed: bool) -> Range<usize> {
        let last = &self.lines[first + count - 1];
        let (mut start, mut end) = (self.lines[first].start, last.start + last.text.len());
        if removed && end < self.text.len() {
            end += 1;
        } else if removed && start > 0 {
            start -= 1;
        }
        start..end
    }

    /// Where an offset of the text as it was shown is in the place's text: at the margin behind the indentation where
    /// something begins, in front of it where something ends.
    fn offset(&self, shown: &str, at: usize, is_end: bool) -> usize {
        let before = &shown[..at];
        let index = memchr::memchr_iter(b'\n', before.as_bytes()).count();
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        let hidden = if is_end && column == 0 { 0 } else { self.lines[index].hidden };
        self.lines[index].start + hidden + column
    }

    /// The replacement for lines that are as they were shown.
    fn replaced(&self, first: usize, hunk: &Hunk<'_>) -> Placed {
        let range = self.range(first, hunk.search.len(), hunk.replace.is_empty());
        // Lines at the margin do not tell a model how the place is indented.
        let at_margin = hunk.search.iter().all(|line| leading_blanks(line).is_empty());
        let from = IndentStyle::of(hunk.replace.iter().copied());
        if at_margin && from.zip(self.style).is_some_and(|(from, to)| from != to) {
            return Placed::plain(range, self.refit(first, &hunk.search, &hunk.replace));
        }
        let mut placed = self.indented(range, &hunk.replace);
        if first > 0 && !placed.lines.is_empty() {
            self.indent_line(&mut placed, 0, &hunk.replace);
        }
        // What stays keeps its bytes.
        for (tag, old, new) in line_ops(&hunk.search, &hunk.replace) {
            for (old, new) in old.zip(new).filter(|_| tag == DiffTag::Equal) {
                placed.lines[new] = self.lines[first + old].text.to_owned();
                placed.indented.retain(|(line, _)| *line != new);
            }
        }
        placed
    }

    /// Lines as a model writes them, the first one in the middle of a line, with the place's indentation.
    fn indented(&self, range: Range<usize>, lines: &[&str]) -> Placed {
        let mut placed = Placed::plain(range, owned(lines));
        for index in 1..lines.len() {
            self.indent_line(&mut placed, index, lines);
        }
        placed
    }

    fn indent_line(&self, placed: &mut Placed, index: usize, lines: &[&str]) {
        if !lines[index].is_empty() && !self.indent.is_empty() {
            placed.lines[index] = format!("{}{}", self.indent, lines[index]);
            placed.indented.push((index, self.indent.len()));
        }
    }

    /// The replacement for lines that were found by their content: those that stay keep their bytes, new ones get the
    /// place's indentation.
    fn refit(&self, first: usize, search: &[&str], replace: &[&str]) -> Vec<String> {
        let from = IndentStyle::of(search.iter().chain(replace).copied());
        let base = search.first().map_or(0, |line| columns(leading_blanks(line), 4));
        let anchor = self.lines.get(first).map_or("", |line| line.text);
        let indent = if first == 0 { self.indent } else { leading_blanks(anchor) };
        let layout = Layout { from, to: self.style, base, indent };
        let keys = |lines: &[&str]| lines.iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        let (old_keys, new_keys) = (keys(search), keys(replace));
        let old_keys: Vec<&str> = old_keys.iter().map(String::as_str).collect();
        let new_keys: Vec<&str> = new_keys.iter().map(String::as_str).collect();
        let mut fitted = Vec::with_capacity(replace.len());
        for (tag, old, new) in line_ops(&old_keys, &new_keys) {
            for (step, index) in new.enumerate() {
                let line = replace[index];
                let here = first + old.start + step.min(old.len().saturating_sub(1));
                let literal = self.lines.get(here).is_some_and(|line| line.begins_in == LineKind::Literal);
                fitted.push(if tag == DiffTag::Equal {
                    self.lines[first + old.start + step].text.to_owned()
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
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// The lines without blank ones at both ends.
fn solid<'a, 'b>(lines: &'b [&'a str]) -> &'b [&'a str] {
    let is_solid = |line: &&str| !line.trim().is_empty();
    let Some(first) = lines.iter().position(is_solid) else { return &[] };
    let last = lines.iter().rposition(is_solid).unwrap_or(first);
    &lines[first..=last]
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
    is_edge(text, at) && is_edge(text, at + piece.len())
}
