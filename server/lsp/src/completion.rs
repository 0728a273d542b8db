//! Completion in the files of templates. Other files are other servers' business.

use autodao_engine::syntax::{PositionEncoding, Span};
use autodao_engine::templates::{Completion, WordKind};
use autodao_engine::{Snapshot, template_completions};
use tower_lsp::lsp_types::*;

use crate::convert::{from_span, to_span};

/// What asks for completion beside the letters of words.
pub(crate) const TRIGGERS: [&str; 2] = ["\"", "|"];

/// Whether anything is ever offered in a document: known by its name, before anything of it is looked at.
pub(crate) fn is_completed(uri: &Url) -> bool {
    let mut parts = uri.path().rsplit('/');
    match parts.next().unwrap_or("") {
        "template.toml" | "prompt.mj" | "SKILL.md" | "templates.lock" => true,
        name => name.ends_with(".toml") && parts.next() == Some("tests"),
    }
}

/// What may be written at a place.
pub(crate) fn complete(
    snapshot: &Snapshot,
    position: Position,
    encoding: PositionEncoding,
) -> Option<CompletionResponse> {
    let at = to_span(&snapshot.buffer, Range { start: position, end: position }, encoding).start;
    let offered = template_completions(snapshot, at)?;
    let item = |(order, Completion { word, insert, about, kind, span }): (usize, Completion)| {
        let span = Span::new(span.start as u32, span.end as u32);
        let range = from_span(&snapshot.buffer, span, encoding);
        CompletionItem {
            kind: Some(match kind {
                WordKind::Variable => CompletionItemKind::VARIABLE,
                WordKind::Field => CompletionItemKind::FIELD,
                WordKind::Filter => CompletionItemKind::FUNCTION,
                WordKind::Statement => CompletionItemKind::KEYWORD,
                WordKind::Key => CompletionItemKind::PROPERTY,
                WordKind::Value => CompletionItemKind::VALUE,
            }),
            // Clients sort by the label unless they are told.
            sort_text: Some(format!("{order:05}")),
            filter_text: Some(word.clone()),
            detail: Some(about).filter(|about| !about.is_empty()),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: insert })),
            label: word,
            ..CompletionItem::default()
        }
    };
    Some(CompletionResponse::Array(offered.into_iter().enumerate().map(item).collect()))
}
