//! What a template takes beside the code: typed values that the user or the caller gives.

use regex_lite::Regex;

/// The most bytes a string has unless the template says otherwise.
pub(super) const DEFAULT_MAX_LENGTH: usize = 200;

/// A value given for an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InputValue {
    /// For `string` and `enum`.
    Text(String),
    /// For `int`.
    Int(i64),
    /// For `bool`.
    Bool(bool),
}

/// What an input takes.
#[derive(Clone, Debug)]
pub enum InputKind {
    /// A string.
    Text {
        /// What all of it must match, anchored at both ends.
        pattern: Option<Regex>,
        /// The most characters it may have.
        max_length: usize,
    },
    /// A whole number.
    Int {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A truth value.
    Bool,
    /// One of these words.
    Enum(Vec<String>),
}

/// An input. One without a default that is not optional must be given.
#[derive(Clone, Debug)]
pub struct Input {
    /// What it takes.
    pub kind: InputKind,
    /// What it is for, in one line.
    pub description: String,
    /// What holds when it is not given; an optional input without a default is empty, 0 or false.
    pub default: Option<InputValue>,
}

/// Why a value is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InputError {
    /// Another type.
    #[error("must be {0}")]
    Type(&'static str),
    /// A string that is too long.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// A string that does not match.
    #[error("does not match `{0}`")]
    Pattern(String),
    /// A number out of bounds.
    #[error("is not from {min} to {max}")]
    Range {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A word that is none of those known.
    #[error("is none of {0}")]
    Choice(String),
    /// A character that could not be seen.
    #[error("has a control character")]
    Control,
}

impl Input {
    /// Whether a value can be taken.
    pub fn check(&self, value: &InputValue) -> Result<(), InputError> {
        match (&self.kind, value) {
            (InputKind::Text { pattern, max_length }, InputValue::Text(text)) => {
                if text.chars().count() > *max_length {
                    return Err(InputError::TooLong(*max_length));
                }
                if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
                    return Err(InputError::Control);
                }
                match pattern {
                    Some(pattern) if !pattern.is_match(text) => {
                        Err(InputError::Pattern(written(pattern).to_owned()))
                    }
                    _ => Ok(()),
                }
            }
            (InputKind::Text { .. }, _) => Err(InputError::Type("a string")),
            (InputKind::Int { min, max }, InputValue::Int(number)) => {
                let (min, max) = (*min, *max);
                if (min..=max).contains(number) { Ok(()) } else { Err(InputError::Range { min, max }) }
            }
            (InputKind::Int { .. }, _) => Err(InputError::Type("a whole number")),
            (InputKind::Bool, InputValue::Bool(_)) => Ok(()),
            (InputKind::Bool, _) => Err(InputError::Type("true or false")),
            (InputKind::Enum(words), InputValue::Text(text)) => {
                if words.contains(text) {
                    Ok(())
                } else {
                    Err(InputError::Choice(words.join(", ")))
                }
            }
            (InputKind::Enum(_), _) => Err(InputError::Type("a string")),
        }
    }

    /// Reads a value as a person types it.
    pub fn parse(&self, text: &str) -> Result<InputValue, InputError> {
        let value = match self.kind {
            InputKind::Text { .. } | InputKind::Enum(_) => InputValue::Text(text.to_owned()),
            InputKind::Int { .. } => {
                InputValue::Int(text.trim().parse().map_err(|_| InputError::Type("a whole number"))?)
            }
            InputKind::Bool => {
                InputValue::Bool(text.trim().parse().map_err(|_| InputError::Type("true or false"))?)
            }
        };
        self.check(&value).map(|()| value)
    }
}

/// A pattern as it is written in `template.toml`; see [`whole`].
fn written(pattern: &Regex) -> &str {
    let text = pattern.as_str();
    text.strip_prefix("^(?:").and_then(|text| text.strip_suffix(")$")).unwrap_or(text)
}

/// A pattern that all of a text must match, whatever branch of it does.
pub(super) fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Two inputs are alike when they are written alike.
impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        let alike = match (&self.kind, &other.kind) {
            (
                InputKind::Text { pattern: a, max_length: n },
                InputKind::Text { pattern: b, max_length: m },
            ) => n == m && a.as_ref().map(Regex::as_str) == b.as_ref().map(Regex::as_str),
            (InputKind::Int { min: a, max: b }, InputKind::Int { min: c, max: d }) => (a, b) == (c, d),
            (InputKind::Bool, InputKind::Bool) => true,
            (InputKind::Enum(a), InputKind::Enum(b)) => a == b,
            _ => false,
        };
        alike && self.description == other.description && self.default == other.default
    }
}
