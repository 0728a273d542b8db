//! The one place where the protocol's positions and ours meet.

use std::collections::HashMap;
use std::sync::OnceLock;

use autodao_engine::quality::{Catalog, Finding, RuleId, Severity, TextEdit};
use autodao_engine::syntax::position::{nearest_offset, position_of};
use autodao_engine::syntax::{Buffer, Position, PositionEncoding, Span};
use autodao_engine::{Content, config};
use tower_lsp::lsp_types::{self, CodeDescription, DiagnosticSeverity, NumberOrString, Range, Url};

use crate::capabilities::ClientAbilities;

/// The name that diagnostics carry as their source.
const SOURCE: &str = "autodao";

pub(crate) fn to_position(position: lsp_types::Position) -> Position {
    Position { line: position.line, column: position.character }
}

fn from_position(position: Position) -> lsp_types::Position {
    lsp_types::Position { line: position.line, character: position.column }
}

/// A range of ours for one of the protocol's; a place the text does not have is taken to the nearest before it.
pub(crate) fn to_span(buffer: &Buffer, range: Range, encoding: PositionEncoding) -> Span {
    let offset = |position| nearest_offset(buffer, to_position(position), encoding);
    Span::new(offset(range.start), offset(range.end))
}

pub(crate) fn from_span(buffer: &Buffer, span: Span, encoding: PositionEncoding) -> Range {
    let position = |offset| from_position(position_of(buffer, offset, encoding));
    Range { start: position(span.start), end: position(span.end) }
}

pub(crate) fn from_edit(buffer: &Buffer, edit: &TextEdit, encoding: PositionEncoding) -> lsp_types::TextEdit {
    lsp_types::TextEdit { range: from_span(buffer, edit.span, encoding), new_text: edit.text.clone() }
}

fn from_severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Information => DiagnosticSeverity::INFORMATION,
        Severity::Hint => DiagnosticSeverity::HINT,
    }
}

/// A finding with offsets counted from `origin`.
pub(crate) fn from_finding(
    buffer: &Buffer,
    finding: &Finding,
    origin: i64,
    client: ClientAbilities,
) -> lsp_types::Diagnostic {
    let rule = Catalog::builtin().rule(finding.rule);
    let href = client.code_description.then(|| reference(finding.rule)).flatten();
    lsp_types::Diagnostic {
        range: from_span(buffer, finding.span.moved(origin), client.encoding),
        severity: Some(from_severity(finding.severity)),
        code: Some(NumberOrString::String(rule.id.to_owned())),
        code_description: href.map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: finding.message.to_string(),
        ..Default::default()
    }
}

/// A rule's reference; parsed once if the rule is built in.
fn reference(rule: RuleId) -> Option<Url> {
    static REFERENCES: OnceLock<HashMap<RuleId, Url>> = OnceLock::new();
    let parse = || {
        let rules = Catalog::builtin().iter();
        rules.filter_map(|(id, rule)| Some((id, Url::parse(rule.reference.url).ok()?))).collect()
    };
    let own = || Url::parse(Catalog::builtin().rule(rule).reference.url).ok();
    REFERENCES.get_or_init(parse).get(&rule).cloned().or_else(own)
}

pub(crate) fn from_problem(
    buffer: &Buffer,
    problem: &config::Problem,
    client: ClientAbilities,
) -> lsp_types::Diagnostic {
    lsp_types::Diagnostic {
        range: from_span(buffer, problem.span, client.encoding),
        severity: Some(from_severity(problem.severity)),
        code: Some(NumberOrString::String(problem.code.to_owned())),
        source: Some(SOURCE.to_owned()),
        message: problem.message.clone(),
        ..Default::default()
    }
}

pub(crate) fn from_content(
    buffer: &Buffer,
    content: &Content,
    client: ClientAbilities,
) -> Vec<lsp_types::Diagnostic> {
    match content {
        Content::Nothing => Vec::new(),
        Content::Findings(report) => report
            .findings
            .iter()
            .map(|placed| from_finding(buffer, placed.relative(), placed.origin(), client))
            .collect(),
        Content::Problems(problems) => {
            problems.iter().map(|problem| from_problem(buffer, problem, client)).collect()
        }
    }
}
