//! The token benchmark: prompts for real edits, and their known answers in our own contract.
//!
//! The form of the files is that of the benchmark's description: a task names a file and a function of it at a commit, a
//! tree names the files of that commit by the hashes of their texts. Nothing of the answer is read while a prompt is made.

mod selection;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use autodao_context::Allowance;
use autodao_context::rank::RankRequest;
use autodao_edits::{Encoded, encode, site_of};
use autodao_syntax::index::{FileIndex, WorkspaceIndex};
use autodao_syntax::{Language, LineIndex, Span, SyntaxParser};
use autodao_templates::{Contract, Layer, Library, Piece, Prompt};
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::act::known::{MOST_TOKENS, TITLE, allowance, candidates, packed};

pub use crate::act::known::exact_tokens;
use crate::act::lock;
pub use selection::{SelectionFigures, measure_selection};

/// The template that free instructions go through.
const TEMPLATE: &str = "custom-instruction";

/// The bytes of a function, and its lines from 1.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct FunctionRange {
    /// Its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// What a prompt is to be made for.
#[derive(Clone, Debug, Deserialize)]
pub struct PromptTask {
    /// The task's name.
    pub id: String,
    /// The file's path in its repository.
    pub file: String,
    /// The function's name.
    pub function: String,
    /// The function that is edited.
    pub function_range: FunctionRange,
    /// The line the cursor is in, from 1.
    pub cursor_line: u32,
    /// What is wanted.
    pub instruction: String,
    /// The file's text.
    pub before_file: String,
}

/// A known edit.
#[derive(Clone, Debug, Deserialize)]
pub struct EncodeTask {
    /// The task's name.
    pub id: String,
    /// The file's path in its repository.
    pub file: String,
    /// The file's text.
    pub before_file: String,
    /// The function that is edited.
    pub function_range: FunctionRange,
    /// The function afterwards.
    pub fn_after: String,
}

/// Why a task cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The file is of no known language, or cannot be parsed.
    #[error("{0} cannot be read as code")]
    Code(String),
    /// The built-in templates lack the one that is used, or it cannot be filled in.
    #[error("the template: {0}")]
    Template(String),
    /// A text of the tree is not there.
    #[error("{path}: {error}")]
    Blob {
        /// Its file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// No answer makes the edit.
    #[error("no answer makes the edit of {0}")]
    Encode(String),
}

/// A prompt as it would be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Messages {
    /// The stable half.
    pub system: String,
    /// The varying half.
    pub user: String,
}

/// A candidate's name with what speaks for it: what weights are fitted to.
pub type NamedFeatures = (String, Vec<f32>);

/// Texts that occur in many trees are indexed once.
pub struct Bench {
    blobs: PathBuf,
    indexes: Mutex<FxHashMap<(Language, String), Arc<FileIndex>>>,
    library: Library,
    budget: Option<Allowance>,
}

impl Bench {
    /// A benchmark whose texts lie in a folder, each under its hash. `budget` instead of our own where it is given.
    pub fn new(blobs: PathBuf, budget: Option<(usize, f32)>) -> Self {
        let none: [(Layer, PathBuf); 0] = [];
        let budget = budget.map(|(tokens, least_yield)| Allowance { tokens, least_yield });
        Self { blobs, indexes: Mutex::default(), library: Library::load(&none), budget }
    }

    /// The prompt of a task.
    pub fn prompt(&self, task: &PromptTask, tree: &BTreeMap<String, String>) -> Result<Messages, BenchError> {
        let (language, index) = self.workspace(task, tree)?;
        let request = request(task, language, &index);
        let candidates = candidates(&request);
        let budget = self.budget.unwrap_or_else(|| allowance(MOST_TOKENS as usize));
        let pack = packed(&request, &candidates, budget);
        self.render(task, language, &pack.text)
    }

    /// The candidates of a task with their features.
    pub fn features(
        &self,
        task: &PromptTask,
        tree: &BTreeMap<String, String>,
    ) -> Result<Vec<NamedFeatures>, BenchError> {
        let (language, index) = self.workspace(task, tree)?;
        let candidates = candidates(&request(task, language, &index));
        let named = |candidate: autodao_context::rank::Candidate| {
            (index.name(candidate.name).to_owned(), candidate.features.to_vec())
        };
        Ok(candidates.into_iter().map(named).collect())
    }

    fn workspace(
        &self,
        task: &PromptTask,
        tree: &BTreeMap<String, String>,
    ) -> Result<(Language, WorkspaceIndex), BenchError> {
        let unreadable = || BenchError::Code(task.file.clone());
        let language = Language::from_path(Path::new(&task.file)).ok_or_else(unreadable)?;
        let mut parser = SyntaxParser::default();
        let mut index = WorkspaceIndex::default();
        for (path, hash) in tree.iter().filter(|(path, _)| **path != task.file) {
            let Some(language) = Language::from_path(Path::new(path)) else { continue };
            if let Some(file) = self.file(&mut parser, language, hash)? {
                index.insert(path, file);
            }
        }
        let own = FileIndex::parse(&mut parser, language, &task.before_file).ok_or_else(unreadable)?;
        index.insert(&task.file, Arc::new(own));
        Ok((language, index))
    }

    fn file(
        &self,
        parser: &mut SyntaxParser,
        language: Language,
        hash: &str,
    ) -> Result<Option<Arc<FileIndex>>, BenchError> {
        let key = (language, hash.to_owned());
        if let Some(known) = lock(&self.indexes).get(&key) {
            return Ok(Some(Arc::clone(known)));
        }
        let path = self.blobs.join(hash);
        let bytes = std::fs::read(&path).map_err(|error| BenchError::Blob { path, error })?;
        let text = String::from_utf8_lossy(&bytes);
        let Some(file) = FileIndex::parse(parser, language, &text) else { return Ok(None) };
        let file = Arc::new(file);
        lock(&self.indexes).insert(key, Arc::clone(&file));
        Ok(Some(file))
    }

    fn render(&self, task: &PromptTask, language: Language, known: &str) -> Result<Messages, BenchError> {
        let span = Span::new(task.function_range.start, task.function_range.end);
        let mut parser = SyntaxParser::default();
        let site = site_of(&mut parser, &task.before_file, language, span);
        let site = site.map_err(|_| BenchError::Code(task.file.clone()))?;
        let template = self.library.get(TEMPLATE);
        let template = template.ok_or_else(|| BenchError::Template(format!("there is no {TEMPLATE}")))?;
        let piece = Piece { title: TITLE, text: known };
        let prompt = Prompt {
            language: language.name(),
            path: &task.file,
            symbol: "",
            target: &site.shown(),
            context: if known.is_empty() { &[] } else { std::slice::from_ref(&piece) },
            findings: &[],
            requirements: &[],
            instruction: &task.instruction,
            inputs: None,
        };
        let rendered = template.render(Contract::Hunks, &prompt);
        let rendered = rendered.map_err(|error| BenchError::Template(error.to_string()))?;
        Ok(Messages { system: rendered.system, user: rendered.user })
    }

    /// The known edit as our contract says it, and what our reading of that makes of the file.
    pub fn encode(&self, task: &EncodeTask) -> Result<Encoded, BenchError> {
        let unreadable = || BenchError::Code(task.file.clone());
        let language = Language::from_path(Path::new(&task.file)).ok_or_else(unreadable)?;
        let mut parser = SyntaxParser::default();
        let span = Span::new(task.function_range.start, task.function_range.end);
        let site = site_of(&mut parser, &task.before_file, language, span).map_err(|_| unreadable())?;
        let text = &task.before_file;
        // An exported declaration's site takes the word that exports it in.
        let own = site.target();
        let around = |from: u32, to: u32| text.get(Span::new(from, to).range()).unwrap_or("");
        let new = [around(own.start, span.start), &task.fn_after, around(span.end, own.end)].concat();
        encode(&site, &new, &mut parser, &exact_tokens).ok_or_else(|| BenchError::Encode(task.id.clone()))
    }
}

fn request<'a>(task: &'a PromptTask, language: Language, index: &'a WorkspaceIndex) -> RankRequest<'a> {
    let lines = LineIndex::new(&task.before_file);
    let line = task.cursor_line.saturating_sub(1);
    let start = lines.start(line).unwrap_or(task.function_range.start);
    RankRequest {
        index,
        path: &task.file,
        language,
        text: &task.before_file,
        target: Span::new(task.function_range.start, task.function_range.end),
        focus: Span::at(start),
        instruction: &task.instruction,
    }
}

/// What an index of a folder takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexFigures {
    /// Files in it.
    pub files: usize,
    /// Identifiers in them.
    pub occurrences: usize,
    /// Bytes of memory, about.
    pub memory: usize,
    /// Milliseconds to read, parse and index all files on one thread.
    pub cold_ms: f64,
    /// Milliseconds to index one file anew and put it in: the slowest of all files.
    pub changed_ms: f64,
}

/// Measures the index of a folder, from nothing, on one thread.
pub fn measure_index(root: &Path) -> IndexFigures {
    use std::time::Instant;
    let mut parser = SyntaxParser::default();
    let mut index = WorkspaceIndex::default();
    let began = Instant::now();
    let files = crate::index::files_below(root);
    for path in &files {
        let (Some(language), Ok(text)) = (Language::from_path(path), std::fs::read_to_string(path)) else {
            continue;
        };
        if let Some(file) = FileIndex::parse(&mut parser, language, &text) {
            index.insert(&path.to_string_lossy(), Arc::new(file));
        }
    }
    let cold_ms = began.elapsed().as_secs_f64() * 1e3;
    let mut changed_ms: f64 = 0.0;
    for path in files.iter().step_by(files.len().div_ceil(200).max(1)) {
        let (Some(language), Ok(text)) = (Language::from_path(path), std::fs::read_to_string(path)) else {
            continue;
        };
        let began = Instant::now();
        if let Some(file) = FileIndex::parse(&mut parser, language, &text) {
            index.insert(&path.to_string_lossy(), Arc::new(file));
        }
        changed_ms = changed_ms.max(began.elapsed().as_secs_f64() * 1e3);
    }
    let (files, occurrences, memory) = (index.len(), index.occurrences(), index.memory());
    IndexFigures { files, occurrences, memory, cold_ms, changed_ms }
}
