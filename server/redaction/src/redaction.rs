//! Secrets and hidden characters out of a request's texts, and back into what comes of it.

use std::collections::HashMap;

use crate::placeholder::Names;
use crate::{hidden, secrets};

/// A reply that cannot be restored: a placeholder was changed or made up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the model changed a placeholder that stands for a secret or a hidden character")]
pub struct Altered;

/// What was taken out of the texts of one request.
///
/// The same texts give the same placeholders. A value that was taken out once is taken out wherever it is. The values
/// live in memory as long as this does and are in no `Debug`.
#[derive(Clone)]
pub struct Redaction {
    secrets: Taken,
    hidden: Taken,
    rules: Vec<&'static str>,
}

#[derive(Clone)]
struct Taken {
    names: Names,
    values: Vec<String>,
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redaction").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Redaction {
    /// Looks at all texts of a request.
    pub fn of(texts: &[&str]) -> Self {
        let mut found = Taken { names: Names::free("SECRET", texts), values: Vec::new() };
        let mut concealed = Taken { names: Names::free("HIDDEN", texts), values: Vec::new() };
        let mut rules = Vec::new();
        let mut known: HashMap<&str, ()> = HashMap::new();
        for text in texts {
            for secret in secrets(text) {
                let value = &text[secret.span];
                // A value of a few bytes is too common to be replaced everywhere.
                if value.len() >= SHORTEST && known.insert(value, ()).is_none() {
                    found.values.push(value.to_owned());
                    rules.push(secret.rule);
                }
            }
            for character in hidden(text) {
                let value = &text[character.span];
                if known.insert(value, ()).is_none() {
                    concealed.values.push(value.to_owned());
                }
            }
        }
        Self { secrets: found, hidden: concealed, rules }
    }

    /// Whether nothing is taken out.
    pub fn is_empty(&self) -> bool {
        self.secrets.values.is_empty() && self.hidden.values.is_empty()
    }

    /// The rules of the secrets that are taken out, one for each value.
    pub fn rules(&self) -> &[&'static str] {
        &self.rules
    }

    /// How many hidden characters there are, each kind counted once.
    pub fn hidden(&self) -> usize {
        self.hidden.values.len()
    }

    /// A text with placeholders in place of what is taken out.
    pub fn redact(&self, text: &str) -> String {
        self.hidden.redact(&self.secrets.redact(text))
    }

    /// A text with what was taken out in place of the placeholders.
    ///
    /// # Errors
    /// There is a placeholder that stands for nothing, or what looks like one that was changed. The text must not be
    /// used then.
    pub fn restore(&self, text: &str) -> Result<String, Altered> {
        if self.is_empty() {
            return Ok(text.to_owned());
        }
        self.secrets.restore(&self.hidden.restore(text)?)
    }
}

/// Shorter values stay: they would be replaced in places where they are no secrets.
const SHORTEST: usize = 4;

impl Taken {
    /// The values from the longest: one may be a part of another.
    fn by_length(&self) -> Vec<(usize, &str)> {
        let mut values: Vec<_> = self.values.iter().map(String::as_str).enumerate().collect();
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        values
    }

    fn redact(&self, text: &str) -> String {
        if self.values.is_empty() {
            return text.to_owned();
        }
        let values = self.by_length();
        let patterns = values.iter().map(|(_, value)| *value);
        let search = aho_corasick::AhoCorasick::builder()
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(patterns);
        let Ok(search) = search else { return text.to_owned() };
        let mut redacted = String::with_capacity(text.len());
        search.replace_all_with(text, &mut redacted, |found, _, to| {
            if let Some((index, _)) = values.get(found.pattern().as_usize()) {
                to.push_str(&self.names.name(index + 1));
            }
            true
        });
        redacted
    }

    fn restore(&self, text: &str) -> Result<String, Altered> {
        if self.values.is_empty() {
            return Ok(text.to_owned());
        }
        let mut restored = String::with_capacity(text.len());
        let mut rest = String::new();
        let mut at = 0;
        while let Some((span, number)) = self.names.next(text, at) {
            let value = number.checked_sub(1).and_then(|index| self.values.get(index)).ok_or(Altered)?;
            restored.push_str(&text[at..span.start]);
            rest.push_str(&text[at..span.start]);
            // Two halves that are apart in the text make no placeholder.
            rest.push('\n');
            restored.push_str(value);
            at = span.end;
        }
        restored.push_str(&text[at..]);
        rest.push_str(&text[at..]);
        // Whatever looks like one of ours now was one.
        if self.names.has_remains(&rest) { Err(Altered) } else { Ok(restored) }
    }
}
