//! The metrics of every function below some paths.

use std::path::PathBuf;
use std::sync::Arc;

use autodao_quality::metrics::{Definition, MeasuredFunction, MetricProfile, measure};
use autodao_syntax::{Language, MAX_PARSED_BYTES};

use crate::config::LoadedFile;
use crate::tree::read_tree;
use crate::{CheckOptions, FileProblem};

/// A file's functions.
pub struct MeasuredFile {
    /// Its path, as the folder it was found in was named.
    pub path: PathBuf,
    /// Its language.
    pub language: Language,
    /// Outer before inner, in the order they start; none of a file too large to be parsed.
    pub functions: Vec<MeasuredFunction>,
}

/// Measures the files that [`crate::check_tree`] looks at. `profile` is `None` for the definition
/// that the rules follow. `each` is called as files are done, in no particular order, on several threads. Returns the configuration files that were used.
pub fn measure_tree(
    options: &CheckOptions,
    profile: Option<MetricProfile>,
    each: impl Fn(Result<MeasuredFile, FileProblem>) + Sync,
) -> Vec<Arc<LoadedFile>> {
    read_tree(options, |read| {
        each(read.map(|(parser, source)| {
            let (path, language, text) = (source.path, source.language, source.text);
            let definition = match profile {
                Some(profile) => Definition::of(profile, language),
                None => Definition::default_for(language),
            };
            let is_parsed = text.len() <= MAX_PARSED_BYTES;
            let tree = is_parsed.then(|| parser.parse_fresh(language, &text)).flatten();
            let measured = tree.map(|tree| measure(tree.root_node(), &text, language, definition).functions);
            MeasuredFile { path, language, functions: measured.unwrap_or_default() }
        }));
    })
}
