//! What a problem's quick fix does to the files of a template.

use std::path::PathBuf;

use crate::problem::Source;

/// A change that takes a problem away. Whoever applies it has looked at it: no program does so alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// The files it changes or makes, each at most once.
    pub changes: Vec<FileChange>,
}

/// A file before and after a change. Of a file that has another text by now the change is void.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileChange {
    /// The file.
    pub file: PathBuf,
    /// Its text; `None` where there is no such file yet.
    pub before: Option<String>,
    /// Its text afterwards.
    pub after: String,
}

impl Fix {
    /// One that writes something over places of one file, given in ascending order.
    pub(crate) fn within(
        title: impl Into<String>,
        source: &Source<'_>,
        places: &[(std::ops::Range<usize>, &str)],
    ) -> Self {
        let mut after = source.text.to_owned();
        for (place, text) in places.iter().rev() {
            if source.text.get(place.clone()).is_some() {
                after.replace_range(place.clone(), text);
            }
        }
        let change = FileChange { file: source.file.clone(), before: Some(source.text.to_owned()), after };
        Self { title: title.into(), changes: vec![change] }
    }
}
