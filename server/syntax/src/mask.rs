//! What the parser reads instead of a few bytes of the text.
//!
//! The published grammars do not know all of their languages. One construct they do not know makes an error
//! that may reach over the rest of the file, and each keystroke there costs a parse of all of it. So the
//! constructs are replaced, for the parser only, by bytes of the same number that it can read and that mean
//! nearly the same: `interface A<out T>` is read as `interface A<    T>`. Line feeds stay.
//!
//! Each place is found from an *anchor*, a byte or a word, by looking at most [`BEHIND`] bytes back and
//! [`AHEAD`] bytes ahead of it. Nothing else decides, so after an edit only the anchors around it are looked
//! at again. Nobody looks whether an anchor is in a string or a comment: what is replaced there by blanks,
//! letters or `;` leaves a string or a comment what it was.
//!
//! Invariant: the mask is a function of the text alone; one that followed edits equals a fresh one.

mod heads;
mod members;
mod modules;
mod rust;
mod script;
mod window;

use tree_sitter::{InputEdit, Point, Tree};

use crate::Language;

/// How many bytes before an anchor may decide.
const BEHIND: usize = 8192;
/// How many bytes from an anchor on may decide.
const AHEAD: usize = 4096;
/// Above this many separate edits between two parses all between the first and the last is looked at again.
const MAX_EDITED: usize = 32;

/// What stands in the place of masked bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Fill {
    /// Blanks.
    Blank,
    /// One `;`.
    Semicolon,
    /// A part of a name.
    Name,
    /// `const` and blanks.
    Const,
    /// `use` and a blank.
    Use,
    /// One `@`: any token tree may hold it, and hardly any code.
    At,
}

impl Fill {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Blank => &[b' '; 128],
            Self::Semicolon => b";",
            Self::Name => &[b'_'; 128],
            Self::Const => b"const                           ",
            Self::Use => b"use ",
            Self::At => b"@",
        }
    }
}

/// A masked place. Ordered by place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Patch {
    at: u32,
    len: u32,
    fill: Fill,
    /// Where it was found from.
    anchor: u32,
    /// Whether an edit went into it: what is left says what the last tree was read from, and no more.
    torn: bool,
}

impl Patch {
    fn end(&self) -> u32 {
        self.at + self.len
    }
}

/// The masked places of one version of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    /// All that were found.
    patches: Vec<Patch>,
    /// Those of them that are read, when some lie over others: then the first holds.
    visible: Option<Vec<Patch>>,
    /// What was edited since, as ranges of the text as it is now.
    edited: Vec<(u32, u32)>,
}

impl Mask {
    /// The mask of a text.
    pub(crate) fn fresh(language: Language, text: &str) -> Self {
        let mut patches = Vec::new();
        find(language, text.as_bytes(), 0, text.len(), &mut patches);
        Self::of(patches)
    }

    fn of(mut patches: Vec<Patch>) -> Self {
        patches.sort_unstable();
        let mut end = 0;
        let overlapping = patches.windows(2).any(|pair| pair[0].end() > pair[1].at);
        let visible = overlapping.then(|| {
            let mut visible = patches.clone();
            visible.retain(|patch| {
                let free = patch.at >= end;
                end = if free { patch.end() } else { end };
                free
            });
            visible
        });
        Self { patches, visible, edited: Vec::new() }
    }

    /// How many places are masked.
    pub(crate) fn len(&self) -> usize {
        self.visible().len()
    }

    fn visible(&self) -> &[Patch] {
        self.visible.as_deref().unwrap_or(&self.patches)
    }

    /// Moves the places with an edit. What it put in doubt is found out by [`Mask::update`].
    pub(crate) fn edit(&mut self, edit: &InputEdit) {
        let (start, old_end, new_end) =
            (edit.start_byte as u32, edit.old_end_byte as u32, edit.new_end_byte as u32);
        let moved = |at: u32| if at >= old_end { at - old_end + new_end } else { at.min(start) };
        for patches in [Some(&mut self.patches), self.visible.as_mut()].into_iter().flatten() {
            let first = patches.partition_point(|patch| (patch.at as usize + BEHIND) < start as usize);
            let mut tails = Vec::new();
            for patch in &mut patches[first..] {
                let end = patch.end();
                patch.anchor = moved(patch.anchor);
                if patch.at >= old_end {
                    patch.at = moved(patch.at);
                } else if end > start {
                    patch.torn = true;
                    if end > old_end {
                        tails.push(Patch { at: new_end, len: end - old_end, ..*patch });
                    }
                    patch.len = start.saturating_sub(patch.at);
                    patch.at = patch.at.min(start);
                }
            }
            if !tails.is_empty() {
                patches.append(&mut tails);
                patches.sort_unstable();
            }
        }
        for (from, to) in &mut self.edited {
            (*from, *to) = (moved(*from), moved(*to).max(moved(*from)));
        }
        self.edited.push((start, new_end));
        if self.edited.len() > MAX_EDITED {
            let all = self.edited.iter().fold((start, new_end), |a, b| (a.0.min(b.0), a.1.max(b.1)));
            self.edited = vec![all];
        }
    }

    /// The mask of the text after the edits; equals [`Mask::fresh`]. `tree`, the tree of the text before that
    /// has followed the same edits, is told where the parser reads something else now.
    pub(crate) fn update(&self, language: Language, text: &str, tree: &mut Tree) -> Self {
        let mut ranges: Vec<(usize, usize)> = self
            .edited
            .iter()
            .map(|(from, to)| ((*from as usize).saturating_sub(AHEAD), *to as usize + BEHIND + 1))
            .collect();
        ranges.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        let is_again =
            |anchor: u32| merged.iter().any(|(from, to)| (*from..*to).contains(&(anchor as usize)));
        let mut patches: Vec<Patch> =
            self.patches.iter().filter(|patch| !patch.torn && !is_again(patch.anchor)).copied().collect();
        for (from, to) in merged {
            find(language, text.as_bytes(), from, to.min(text.len()), &mut patches);
        }
        let new = Self::of(patches);
        for patch in difference(self.visible(), new.visible()) {
            let start = patch.at as usize;
            let end = (patch.end() as usize).min(text.len());
            if start < end {
                tree.edit(&same_length_edit(text.as_bytes(), start, end));
            }
        }
        new
    }

    /// What the parser reads from an offset on: a part of the text, or what stands in its place.
    pub(crate) fn read<'t>(&self, text: &'t [u8], at: usize) -> &'t [u8] {
        let patches = self.visible();
        let next = patches.partition_point(|patch| patch.end() as usize <= at);
        match patches.get(next) {
            None => text.get(at..).unwrap_or_default(),
            Some(patch) if at < patch.at as usize => text.get(at..patch.at as usize).unwrap_or_default(),
            Some(patch) => {
                let (skip, left) = (at - patch.at as usize, patch.end() as usize - at);
                let bytes = patch.fill.bytes();
                match patch.fill {
                    Fill::Const | Fill::Use if skip < bytes.len() => {
                        &bytes[skip..bytes.len().min(skip + left)]
                    }
                    Fill::Const => &Fill::Blank.bytes()[..left.min(128)],
                    _ => &bytes[..left.min(bytes.len())],
                }
            }
        }
    }
}

/// The places that are in one of two ordered lists only.
fn difference(old: &[Patch], new: &[Patch]) -> Vec<Patch> {
    let key = |patch: &Patch| (patch.at, patch.len, patch.fill, patch.torn);
    let mut found = Vec::new();
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (old.peek().map(|patch| key(patch)), new.peek().map(|patch| key(patch))) {
            (Some(a), Some(b)) if a == b => {
                old.next();
                new.next();
            }
            (Some(a), b) if b.is_none_or(|b| a < b) => found.extend(old.next().copied()),
            (_, Some(_)) => found.extend(new.next().copied()),
            (_, None) => return found,
        }
    }
}

fn same_length_edit(text: &[u8], start: usize, end: usize) -> InputEdit {
    let point = |at: usize| {
        let before = &text[..at];
        let row = memchr::memchr_iter(b'\n', before).count();
        Point { row, column: at - memchr::memrchr(b'\n', before).map_or(0, |line| line + 1) }
    };
    let (start_position, end_position) = (point(start), point(end));
    InputEdit {
        start_byte: start,
        old_end_byte: end,
        new_end_byte: end,
        start_position,
        old_end_position: end_position,
        new_end_position: end_position,
    }
}

/// Where patches found from one anchor go.
struct Found<'p> {
    text: &'p [u8],
    anchor: usize,
    patches: &'p mut Vec<Patch>,
}

impl Found<'_> {
    /// Masks a range of the text, line feeds left out. What looks like a template's placeholder is left alone:
    /// then this is code in a string.
    fn mask(&mut self, from: usize, to: usize, fill: Fill) {
        if memchr::memmem::find(&self.text[from..to], b"${").is_some() {
            return;
        }
        let mut at = from;
        while at < to {
            let end = memchr::memchr(b'\n', &self.text[at..to]).map_or(to, |line| at + line);
            if at < end {
                self.patches.push(Patch {
                    at: at as u32,
                    len: (end - at) as u32,
                    fill,
                    anchor: self.anchor as u32,
                    torn: false,
                });
            }
            at = end + 1;
        }
    }
}

/// Finds the places whose anchors lie in a range.
fn find(language: Language, text: &[u8], from: usize, to: usize, patches: &mut Vec<Patch>) {
    match language {
        Language::Rust => rust::find(text, from, to, patches),
        Language::TypeScript | Language::Tsx | Language::JavaScript => {
            script::find(language, text, from, to, patches);
        }
    }
}

/// Where a word begins in a range, the range's end left out.
fn occurrences<'t>(
    text: &'t [u8],
    word: &'t [u8],
    from: usize,
    to: usize,
) -> impl Iterator<Item = usize> + use<'t> {
    let end = (to + word.len() - 1).min(text.len());
    memchr::memmem::find_iter(text.get(from..end).unwrap_or_default(), word).map(move |at| from + at)
}

#[cfg(test)]
mod tests;
