//! SARIF 2.1.0: one run.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::io::{self, Write};

use autodao_engine::Checked;
use autodao_engine::quality::{Catalog, Level, Severity, TextEdit};
use serde_json::value::RawValue;

use super::Outcome;
use super::finding::{Located, applicability, located};
use crate::path::uri;
use crate::place::Place;
use crate::problem::Problem;

mod model;

use model::*;

/// The results of a file, one a line.
pub(super) fn paint(path: &str, checked: &Checked) -> String {
    let mut lines = String::new();
    let uri = uri(path);
    for found in located(checked) {
        // Strings and numbers always serialize.
        lines.push_str(&serde_json::to_string(&result(&uri, checked, &found)).unwrap_or_default());
        lines.push('\n');
    }
    lines
}

fn result<'a>(uri: &'a str, checked: &Checked, found: &'a Located) -> SarifResult<'a> {
    let Located { finding, rule, place } = found;
    let replacement = |edit: &'a TextEdit| Replacement {
        deleted_region: Region::from(Place::of(&checked.buffer, edit.span)),
        inserted_content: (!edit.text.is_empty()).then_some(Text { text: &edit.text }),
    };
    let fixes = finding.fixes.iter().map(|fix| Fix {
        description: Text { text: &fix.title },
        artifact_changes: [ArtifactChange {
            artifact_location: ArtifactLocation::new(uri),
            replacements: fix.edits.iter().map(replacement).collect(),
        }],
        properties: FixProperties { applicability: applicability(fix.applicability) },
    });
    SarifResult {
        rule_id: rule.id,
        rule_index: Catalog::builtin().iter().position(|(id, _)| id == finding.rule),
        level: level(finding.severity),
        message: Text { text: &finding.message },
        locations: [Location::new(uri, Some(*place))],
        fixes: fixes.collect(),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "note",
    }
}

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut results = Vec::new();
    for line in outcome.files.iter().flat_map(|file| file.text.lines()) {
        results.push(serde_json::from_str::<&RawValue>(line)?);
    }
    let uris: Vec<_> = outcome.problems.iter().map(|problem| uri(&problem.path)).collect();
    let notified = |is_trouble: bool| {
        let problems = outcome.problems.iter().zip(&uris);
        let chosen = problems.filter(move |(problem, _)| problem.is_trouble() == is_trouble);
        chosen.map(|(problem, uri)| notification(problem, uri)).collect::<Vec<_>>()
    };
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver() },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: !outcome.problems.iter().any(Problem::is_trouble),
                tool_execution_notifications: notified(true),
                tool_configuration_notifications: notified(false),
            }],
            results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn notification<'a>(problem: &'a Problem, uri: &'a str) -> Notification<'a> {
    Notification {
        level: if problem.is_trouble() { "error" } else { "warning" },
        message: Text { text: &problem.message },
        locations: [Location::new(uri, problem.place)],
    }
}

fn driver() -> Driver {
    let rules = Catalog::builtin().iter().map(|(_, rule)| ReportingDescriptor {
        id: rule.id,
        short_description: Text { text: rule.flags },
        full_description: Text { text: rule.why },
        help: Text { text: rule.why },
        help_uri: rule.reference.url,
        default_configuration: ReportingConfiguration {
            enabled: rule.level != Level::Off,
            level: match rule.level {
                Level::Off => "none",
                Level::On(severity) => level(severity),
            },
        },
        properties: RuleProperties { dimension: rule.dimension.name(), tags: [rule.dimension.name()] },
    });
    let version = env!("CARGO_PKG_VERSION");
    Driver { name: "AutoDAO", version, semantic_version: version, rules: rules.collect() }
}
