//! The scores of the files below some paths.

use std::path::PathBuf;
use std::sync::Arc;

use autodao_quality::metrics::{Definition, FileMetrics, measure};
use autodao_quality::score::{Counted, Evidence, FileInput, FileScore, score_file};
use autodao_syntax::Buffer;

use crate::check::look;
use crate::config::LoadedFile;
use crate::tree::read_tree;
use crate::{CheckOptions, FileProblem};

/// A file with its score.
pub struct ScoredFile {
    /// Its path, as the folder it was found in was named.
    pub path: PathBuf,
    /// What was measured; nothing of a file too large to be parsed.
    pub metrics: FileMetrics,
    /// Its score.
    pub score: FileScore,
}

/// Scores the files that [`crate::check_tree`] looks at. `each` is called as files are done, in no particular
/// order, on several threads. Returns the configuration files that were used.
pub fn score_tree(
    options: &CheckOptions,
    each: impl Fn(Result<ScoredFile, FileProblem>) + Sync,
) -> Vec<Arc<LoadedFile>> {
    read_tree(options, |read| {
        each(read.map(|(parser, source)| {
            let (language, role) = (source.language, source.role);
            let buffer = Buffer::new(source.text);
            let (report, tree) = look(parser, &source.config.profile, language, role, &buffer);
            let definition = Definition::default_for(language);
            let measured = tree.map(|tree| measure(tree.root_node(), buffer.text(), language, definition));
            let metrics = measured.unwrap_or_default();
            let findings: Vec<_> = report.findings.iter().map(Counted::from).collect();
            let evidence = Evidence::default();
            let input = FileInput { language, role, metrics: &metrics, findings: &findings, evidence };
            let score = score_file(&input);
            ScoredFile { path: source.path, metrics, score }
        }));
    })
}
