//! A finding with what every format needs of it.

use autodao_engine::Checked;
use autodao_engine::quality::{Applicability, Catalog, Finding, Rule};

use crate::place::Place;

/// A finding in offsets of its text, its rule, and its place.
pub(super) struct Located {
    pub(super) finding: Finding,
    pub(super) rule: &'static Rule,
    pub(super) place: Place,
}

/// The findings of a file, in order of appearance.
pub(super) fn located(checked: &Checked) -> impl Iterator<Item = Located> {
    checked.report.findings.iter().map(|placed| {
        let finding = placed.finding();
        let rule = Catalog::builtin().rule(finding.rule);
        let place = Place::of(&checked.buffer, finding.span);
        Located { finding, rule, place }
    })
}

/// How formats for programs name an applicability.
pub(super) fn applicability(applicability: Applicability) -> &'static str {
    match applicability {
        Applicability::Always => "always",
        Applicability::Suggested => "suggested",
    }
}
