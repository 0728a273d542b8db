//! What stands in for what is taken out: a name that is an identifier in every language.

/// The names of one request's placeholders: `__SECRET_1__`, `__SECRET_2__`. Where a text has such a name already,
/// they are `__SECRET_A_1__` and so on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Names {
    stem: String,
}

impl Names {
    /// Names that none of the texts has.
    pub(crate) fn free(kind: &str, texts: &[&str]) -> Self {
        let has = |stem: &str| texts.iter().any(|text| has_remains(text, stem));
        let mut stem = format!("__{kind}_");
        let mut letter = b'A';
        while has(&stem) {
            stem = match letter {
                b'A'..=b'Z' => format!("__{kind}_{}_", char::from(letter)),
                // Somebody wants there to be no name. Each is longer than the last; the texts are finite.
                _ => stem + "X_",
            };
            letter = letter.saturating_add(1);
        }
        Self { stem }
    }

    pub(crate) fn name(&self, number: usize) -> String {
        format!("{}{number}__", self.stem)
    }

    /// Whether a text has what is left of a name that was changed: in other case, without its underscores, cut.
    pub(crate) fn has_remains(&self, text: &str) -> bool {
        has_remains(text, &self.stem)
    }

    /// The next name in a text at or after an offset: where it is, and its number.
    pub(crate) fn next(&self, text: &str, from: usize) -> Option<(std::ops::Range<usize>, usize)> {
        let mut from = from;
        loop {
            let start = from + text.get(from..)?.find(&self.stem)?;
            let digits = start + self.stem.len();
            let len = text[digits..].bytes().take_while(u8::is_ascii_digit).count();
            let end = digits + len;
            let number = text[digits..end].parse().ok();
            if let Some(number) = number.filter(|_| text[end..].starts_with("__")) {
                return Some((start..end + 2, number));
            }
            from = digits;
        }
    }
}

/// Whether a text has `__secret`, `secret_1_` or `_secret_1`, in any case of its letters.
fn has_remains(text: &str, stem: &str) -> bool {
    let core = stem.trim_matches('_').to_ascii_lowercase();
    let text = text.to_ascii_lowercase();
    text.match_indices(&core).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + core.len()..]);
        let number = behind.strip_prefix('_').unwrap_or(behind);
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let is_numbered = digits > 0 && (before.ends_with('_') || number[digits..].starts_with('_'));
        before.ends_with("__") || is_numbered
    })
}
