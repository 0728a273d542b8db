//! A text as a list of characters, edited the slow and obvious way: what the product's texts are compared with.

/// What a column counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Columns {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16.
    Utf16,
    /// Characters.
    Utf32,
}

impl Columns {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Utf8, Self::Utf16, Self::Utf32];

    fn of(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.to_string().len(),
            Self::Utf16 => character.encode_utf16(&mut [0; 2]).len(),
            Self::Utf32 => 1,
        }
    }
}

/// A line and a column, both from 0.
pub type Place = (usize, usize);

/// A text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Model(Vec<char>);

impl Model {
    /// Takes a text.
    pub fn new(text: &str) -> Self {
        Self(text.chars().collect())
    }

    /// The text.
    pub fn text(&self) -> String {
        self.0.iter().collect()
    }

    /// Number of characters.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines as ranges of characters, line breaks left out.
    fn lines(&self) -> Vec<(usize, usize)> {
        let mut lines = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < self.0.len() {
            let width = match (self.0[at], self.0.get(at + 1)) {
                ('\r', Some('\n')) => 2,
                ('\r' | '\n', _) => 1,
                _ => 0,
            };
            if width > 0 {
                lines.push((start, at));
                start = at + width;
            }
            at += width.max(1);
        }
        lines.push((start, self.0.len()));
        lines
    }

    /// The place before the character at `index`. Between `\r` and `\n` there is none: then the line's end.
    pub fn place(&self, index: usize, columns: Columns) -> Place {
        let lines = self.lines();
        let line = lines.iter().rposition(|(start, _)| *start <= index).unwrap();
        let (start, end) = lines[line];
        (line, self.0[start..index.min(end)].iter().map(|c| columns.of(*c)).sum())
    }

    /// The index of a place; a column past the line's end is its end. `None` past the last line and inside a
    /// character.
    pub fn index(&self, (line, column): Place, columns: Columns) -> Option<usize> {
        let (start, end) = *self.lines().get(line)?;
        let mut width = 0;
        for index in start..end {
            if width >= column {
                return (width == column).then_some(index);
            }
            width += columns.of(self.0[index]);
        }
        (width <= column).then_some(end)
    }

    /// Replaces what is between two places. Returns whether it could; if not, nothing is changed.
    pub fn replace(&mut self, from: Place, to: Place, text: &str, columns: Columns) -> bool {
        match (self.index(from, columns), self.index(to, columns)) {
            (Some(from), Some(to)) if from <= to => {
                self.0.splice(from..to, text.chars());
                true
            }
            _ => false,
        }
    }
}
