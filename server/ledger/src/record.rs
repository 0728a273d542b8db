//! What stands on the lines of journals, segments, exports and backups.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stats::{Cell, Leaders};
use crate::{Day, Event};

/// The version of the format. A file of a later one is left alone and named.
pub(crate) const SCHEMA: u32 = 1;

/// One line.
#[expect(clippy::large_enum_variant, reason = "almost all of them are events")]
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    /// The first of a file.
    Header(Header),
    /// Something that happened.
    Event(Event),
    /// The sums of a day whose events were let go.
    Closed(Box<Closed>),
    /// The last of an export: so a cut one is noticed.
    End(End),
}

/// Says what a file is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The format's version.
    pub schema: u32,
}

impl Header {
    pub(crate) const CURRENT: Self = Self { schema: SCHEMA };
}

/// A day whose events were let go. Events of days before the last such day do not count any more.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub day: Day,
    pub cells: Vec<Cell>,
    pub leaders: Leaders,
}

/// How many records came before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct End {
    pub events: u64,
    pub closed: u64,
}

impl Record {
    /// One line of JSON without the line feed. What is unknown is left out instead of being `null`.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        drop_nulls(&mut value, 0);
        serde_json::to_vec(&value)
    }

    pub(crate) fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }
}

/// Our records are at most eight deep.
fn drop_nulls(value: &mut Value, depth: usize) {
    if depth > 8 {
        return;
    }
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(|value| drop_nulls(value, depth + 1));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| drop_nulls(value, depth + 1)),
        _ => {}
    }
}
