//! A configuration's content, wherever it comes from: TOML with places, or JSON without.

use std::ops::Range;

use autodao_syntax::Span;
use toml_edit::{Document, Item, TableLike, Value};

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub(super) span: Span,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Text(String),
    Number(i64),
    Fraction(f64),
    Flag(bool),
    List(Vec<Located>),
    Table(Vec<Entry>),
    /// A kind of value that no key takes.
    Other,
}

/// A key of a table, where it is written, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Located,
}

impl Located {
    /// Reads a TOML text; the error is a message and its place.
    pub(super) fn from_toml(text: &str) -> Result<Self, (String, Span)> {
        let document = Document::parse(text)
            .map_err(|error| (error.message().lines().next().unwrap_or("").to_owned(), span(error.span())))?;
        Ok(Self { span: Span::new(0, text.len() as u32), content: table(document.as_table()) })
    }

    /// Reads a client's settings.
    pub(super) fn from_json(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        let content = match value {
            Json::String(text) => Content::Text(text.clone()),
            Json::Number(number) => number
                .as_i64()
                .map_or_else(|| number.as_f64().map_or(Content::Other, Content::Fraction), Content::Number),
            Json::Bool(flag) => Content::Flag(*flag),
            Json::Array(items) => Content::List(items.iter().map(Self::from_json).collect()),
            Json::Object(entries) => Content::Table(
                // A client sends `null` for what its user has not set.
                entries
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        key_span: Span::default(),
                        value: Self::from_json(value),
                    })
                    .collect(),
            ),
            Json::Null => Content::Other,
        };
        Self { span: Span::default(), content }
    }
}

fn table(table: &dyn TableLike) -> Content {
    let entries = table.iter().map(|(key, item)| Entry {
        key: key.to_owned(),
        key_span: span(table.get_key_value(key).and_then(|(key, _)| key.span())),
        value: located(item),
    });
    Content::Table(entries.collect())
}

fn located(item: &Item) -> Located {
    let content = match item {
        Item::Value(Value::String(text)) => Content::Text(text.value().clone()),
        Item::Value(Value::Integer(number)) => Content::Number(*number.value()),
        Item::Value(Value::Float(number)) => Content::Fraction(*number.value()),
        Item::Value(Value::Boolean(flag)) => Content::Flag(*flag.value()),
        Item::Value(Value::Array(items)) => {
            Content::List(items.iter().map(|value| located(&Item::Value(value.clone()))).collect())
        }
        item => item.as_table_like().map_or(Content::Other, table),
    };
    Located { span: span(item.span()), content }
}

fn span(range: Option<Range<usize>>) -> Span {
    range.map_or(Span::default(), |range| Span::new(range.start as u32, range.end as u32))
}
