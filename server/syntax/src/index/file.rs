//! The index of one file.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use tree_sitter::Tree;

use super::definition::{Definition, DefinitionKind};
use super::extract::extract;
use crate::{Language, Span, SyntaxParser};

/// Variables with less text are no functions worth comparing.
const MIN_VARIABLE_BYTES: u32 = 60;

/// An identifier at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Occurrence {
    /// Its name, as an index of the file's names.
    pub name: u32,
    /// Its first byte.
    pub at: u32,
}

/// A function, or a variable with much to it, and the identifiers in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FunctionBody {
    /// All of it.
    pub span: Span,
    /// Its identifiers, as indexes of the file's occurrences.
    pub occurrences: Range<u32>,
}

/// An import statement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Import {
    /// All of it.
    pub span: Span,
    /// What it imports from: a script's module specifier, or the text behind Rust's `use`.
    pub source: Box<str>,
    /// What a script's import brings, as written between `import` and `from`; empty for Rust.
    pub clause: Box<str>,
    /// Its identifiers, as indexes of the file's occurrences.
    pub occurrences: Range<u32>,
}

/// What one text defines and names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileIndex {
    pub(super) names: Box<[Box<str>]>,
    /// What it defines, in the order of the text, locals too.
    pub definitions: Box<[Definition]>,
    /// Every identifier, in the order of the text.
    pub occurrences: Box<[Occurrence]>,
    /// Its functions, in the order of the text, an outer one before those in it.
    pub functions: Box<[FunctionBody]>,
    /// Its import statements, in the order of the text.
    pub imports: Box<[Import]>,
}

impl FileIndex {
    /// The index of a text and its tree.
    pub fn of(language: Language, text: &str, tree: &Tree) -> Self {
        let found = extract(language, text, tree);
        let occurrences = found.occurrences;
        let range = |span: Span| {
            let from = occurrences.partition_point(|occurrence: &Occurrence| occurrence.at < span.start);
            let to = occurrences.partition_point(|occurrence: &Occurrence| occurrence.at < span.end);
            from as u32..to as u32
        };
        let is_function = |definition: &&Definition| match definition.kind {
            DefinitionKind::Function | DefinitionKind::Method => true,
            DefinitionKind::Variable => definition.span.len() > MIN_VARIABLE_BYTES,
            _ => false,
        };
        let mut spans: Vec<Span> =
            found.definitions.iter().filter(is_function).map(|definition| definition.span).collect();
        spans.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        spans.dedup();
        let functions =
            spans.into_iter().map(|span| FunctionBody { span, occurrences: range(span) }).collect();
        let imports = found
            .imports
            .into_iter()
            .map(|(span, source, clause)| Import { span, source, clause, occurrences: range(span) })
            .collect();
        Self {
            names: found.names.into_boxed_slice(),
            definitions: found.definitions.into_boxed_slice(),
            occurrences: occurrences.into_boxed_slice(),
            functions,
            imports,
        }
    }

    /// The index of a text that is parsed for it; `None` where it cannot be parsed.
    pub fn parse(parser: &mut SyntaxParser, language: Language, text: &str) -> Option<Self> {
        if text.len() > crate::MAX_PARSED_BYTES {
            return None;
        }
        let tree = parser.parse_fresh(language, text)?;
        Some(Self::of(language, text, &tree))
    }

    /// The text of a name.
    pub fn name(&self, index: u32) -> &str {
        self.names.get(index as usize).map_or("", |name| name)
    }

    /// The names of the file, each once, in the order they first occur.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The identifiers that begin in a span.
    pub fn occurrences_in(&self, span: Span) -> &[Occurrence] {
        let from = self.occurrences.partition_point(|occurrence| occurrence.at < span.start);
        let to = self.occurrences.partition_point(|occurrence| occurrence.at < span.end);
        self.occurrences.get(from..to).unwrap_or(&[])
    }

    /// About how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        let names: usize = self.names.iter().map(|name| size_of::<Box<str>>() + name.len()).sum();
        let signatures: usize = self.definitions.iter().map(|definition| definition.signature.len()).sum();
        let sources: usize =
            self.imports.iter().map(|import| import.source.len() + import.clause.len()).sum();
        size_of::<Self>()
            + names
            + signatures
            + sources
            + size_of_val(&*self.definitions)
            + size_of_val(&*self.occurrences)
            + size_of_val(&*self.functions)
            + size_of_val(&*self.imports)
    }

    /// Whether every index in it is one: what was read from disk need not be.
    pub(super) fn is_sound(&self) -> bool {
        let names = self.names.len() as u32;
        let occurrences = self.occurrences.len() as u32;
        let holds = |range: &Range<u32>| range.start <= range.end && range.end <= occurrences;
        self.definitions.iter().all(|definition| {
            definition.name < names && definition.container.name.is_none_or(|name| name < names)
        }) && self.occurrences.iter().all(|occurrence| occurrence.name < names)
            && self.occurrences.is_sorted_by_key(|occurrence| occurrence.at)
            && self.functions.iter().all(|function| holds(&function.occurrences))
            && self.imports.iter().all(|import| holds(&import.occurrences))
    }
}
