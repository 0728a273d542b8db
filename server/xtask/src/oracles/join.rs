//! Which row of ours is which of a tool's.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::table::Row;

/// What came of a join.
pub(super) struct Agreement<'r> {
    /// The tool's rows of the same sources.
    pub(super) total: usize,
    /// The tool's rows of files that are not there, or of another version: their lines are elsewhere.
    pub(super) foreign: usize,
    /// The tool's row and ours.
    pub(super) pairs: Vec<(&'r Row, &'r Row)>,
}

/// Joins by file and line; of several functions on a line by their order when there are as many on both sides,
/// else by their last line and name.
pub(super) fn join<'r>(theirs: &[&'r Row], ours: &'r [Row], sources: &Path) -> Agreement<'r> {
    let foreign_files = foreign_files(theirs, sources);
    let mut at: HashMap<(&str, u64), Vec<&Row>> = HashMap::new();
    for row in ours {
        at.entry((&row.file, row.start_line)).or_default().push(row);
    }
    let mut groups: BTreeMap<(&str, u64), Vec<&'r Row>> = BTreeMap::new();
    let mut foreign = 0;
    for &row in theirs {
        if foreign_files.contains(&*row.file) {
            foreign += 1;
        } else {
            groups.entry((&row.file, row.start_line)).or_default().push(row);
        }
    }
    let mut pairs = Vec::new();
    for (place, group) in groups {
        let mut left = at.remove(&place).unwrap_or_default();
        if left.len() == group.len() {
            pairs.extend(group.into_iter().zip(left));
            continue;
        }
        for row in group {
            let same_end = |other: &&Row| other.end_line == row.end_line;
            let index = left
                .iter()
                .position(|other| same_end(other) && other.name == row.name)
                .or_else(|| left.iter().position(same_end));
            if let Some(index) = index {
                pairs.push((row, left.remove(index)));
            }
        }
    }
    Agreement { total: theirs.len() - foreign, foreign, pairs }
}

/// Files whose text is not the one the tool saw, as far as its ranges tell.
fn foreign_files<'r>(rows: &[&'r Row], sources: &Path) -> HashSet<&'r str> {
    let mut texts: HashMap<&str, Option<Vec<u64>>> = HashMap::new();
    let mut foreign = HashSet::new();
    for row in rows {
        let starts = texts
            .entry(&row.file)
            .or_insert_with(|| std::fs::read(sources.join(&row.file)).ok().map(|bytes| line_starts(&bytes)));
        let Some(starts) = starts else {
            foreign.insert(&*row.file);
            continue;
        };
        let Some((_, end)) = row.utf16_range else { continue };
        let line_of_end = starts.partition_point(|start| *start < end) as u64;
        if line_of_end != row.end_line {
            foreign.insert(&*row.file);
        }
    }
    foreign
}

/// Where each line starts, in UTF-16 units. What is no UTF-8 is read as far as it can be.
fn line_starts(bytes: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut starts = vec![0];
    let mut at = 0;
    for c in text.chars() {
        at += c.len_utf16() as u64;
        if c == '\n' {
            starts.push(at);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracles::table::parse;

    #[test]
    fn functions_are_joined_by_line_and_then_by_end_and_name() {
        let sources = tempfile();
        std::fs::write(sources.join("a.js"), "f(() => {\n}, () => 1); g(() => 2)\n").unwrap();
        let theirs = parse(
            b"{\"file\":\"a.js\",\"function\":\"x\",\"start_line\":1,\"end_line\":2,\"oracle\":\"o\",\"utf16_range\":[2,11]}\n\
              {\"file\":\"b.js\",\"function\":\"x\",\"start_line\":1,\"end_line\":2,\"oracle\":\"o\"}\n\
              {\"file\":\"a.js\",\"function\":\"z\",\"start_line\":2,\"end_line\":2,\"oracle\":\"o\"}\n",
        )
        .unwrap();
        let ours = parse(
            b"{\"file\":\"a.js\",\"name\":\"x\",\"start_line\":1,\"end_line\":2}\n\
              {\"file\":\"a.js\",\"name\":\"y\",\"start_line\":2,\"end_line\":2}\n\
              {\"file\":\"a.js\",\"name\":\"z\",\"start_line\":2,\"end_line\":2}\n",
        )
        .unwrap();
        let theirs: Vec<&Row> = theirs.iter().collect();
        let joined = join(&theirs, &ours, &sources);
        assert_eq!((joined.total, joined.foreign), (2, 1), "b.js is not there");
        let names: Vec<_> = joined.pairs.iter().map(|(a, b)| (&*a.name, &*b.name)).collect();
        assert_eq!(names, [("x", "x"), ("z", "z")]);
        std::fs::write(sources.join("a.js"), "\n\nf(() => {\n}, () => 1); g(() => 2)\n").unwrap();
        assert_eq!(join(&theirs, &ours, &sources).foreign, 3, "a.js is of another version");
        std::fs::remove_dir_all(sources).unwrap();
    }

    fn tempfile() -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("autodao-join-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}
