//! Rows of functions with their metrics: the tables', and what `autodao score --functions` prints.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::Failure;

/// One function.
pub(super) struct Row {
    pub(super) file: String,
    pub(super) name: String,
    /// Empty in our own rows.
    pub(super) oracle: String,
    pub(super) start_line: u64,
    pub(super) end_line: u64,
    /// The function in UTF-16 units of the file, a byte order mark left out.
    pub(super) utf16_range: Option<(u64, u64)>,
    value: Value,
}

impl Row {
    fn new(value: Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| value.get(name).and_then(Value::as_u64);
        let range = value.get("utf16_range").and_then(Value::as_array);
        let bound = |index: usize| range.and_then(|range| range.get(index)?.as_u64());
        Some(Self {
            file: text("file")?,
            name: text("function").or_else(|| text("name"))?,
            oracle: text("oracle").unwrap_or_default(),
            start_line: number("start_line")?,
            end_line: number("end_line")?,
            utf16_range: bound(0).zip(bound(1)),
            value,
        })
    }

    /// A metric; `None` where the tool has none.
    pub(super) fn number(&self, column: &str) -> Option<u64> {
        self.value.get(column).and_then(Value::as_u64)
    }
}

/// Reads a table that is packed with gzip.
pub(super) fn read(path: &Path) -> Result<Vec<Row>, Failure> {
    let output = Command::new("gzip").arg("-dc").arg(path).output();
    let output = output.map_err(|error| format!("gzip: {error}"))?;
    if !output.status.success() {
        return Err(format!("{}: {}", path.display(), String::from_utf8_lossy(&output.stderr)));
    }
    parse(&output.stdout)
}

/// Rows written one JSON object a line.
pub(super) fn parse(lines: &[u8]) -> Result<Vec<Row>, Failure> {
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
            Row::new(value).ok_or_else(|| format!("not a function: {}", String::from_utf8_lossy(line)))
        })
        .collect()
}
