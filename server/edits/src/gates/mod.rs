//! The gates, one file each, and the order they are asked in.

mod comments;
mod elision;
mod identifiers;
mod names;
pub(crate) mod quality;
mod residue;
mod silence;
mod size;
mod structure;
mod surroundings;
mod syntax;

use crate::change::Change;
use crate::contract::{Contract, Terms};
use crate::gate::{Gate, GateReport, Verdict};
use crate::propose::Checks;
use crate::site::Site;

/// What a gate looks at.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) site: &'a Site,
    pub(crate) change: &'a Change,
    pub(crate) contract: Contract,
    pub(crate) terms: &'a Terms,
}

/// A verdict of one of the gates that only pass or fail.
fn verdict(result: Result<(), String>) -> Verdict {
    result.map_or_else(Verdict::Failed, |()| Verdict::Passed)
}

/// Asks every gate. Where the text does not parse as it should, what depends on that is not asked.
pub(crate) fn run(
    site: &Site,
    change: &mut Change,
    contract: Contract,
    terms: &Terms,
    checks: &mut Checks<'_>,
) -> GateReport {
    let mut report = GateReport::default();
    report.add(Gate::Syntax, verdict(syntax::check(site, contract, change, checks.parser)));
    let view = View { site, change, contract, terms };
    // What a model leaves in place of code often does not parse either: saying so is the better hint.
    let residue = verdict(residue::check(view));
    if !report.passed() {
        report.add(Gate::Residue, residue);
        return report;
    }
    report.add(Gate::Surroundings, surroundings::check(view));
    if !report.passed() {
        report.add(Gate::Residue, residue);
        return report;
    }
    let structure = structure::Structure::of(view);
    report.add(Gate::Kind, structure.kind());
    report.add(Gate::Items, structure.items());
    report.add(Gate::Signature, structure.signature());
    report.add(Gate::Comments, comments::check(view));
    report.add(Gate::Elision, verdict(elision::check(view)));
    report.add(Gate::Residue, residue);
    let (names, imports) = names::check(view, checks.names);
    report.add(Gate::Names, names);
    report.imports = imports;
    if let Some(baseline) = checks.quality.as_deref_mut() {
        let (verdict, delta) = quality::check(view, baseline);
        report.add(Gate::Quality, verdict);
        report.quality = delta;
    } else {
        report.add(Gate::Quality, Verdict::NotApplicable);
    }
    if let Err(reason) = silence::check(view) {
        report.fail(Gate::Quality, reason);
    }
    report.add(Gate::Size, size::check(view));
    // Last: it is the dearest, and whoever knows better what is wrong has said so by now.
    if report.passed()
        && let Err(reason) = syntax::confirm(site, contract, view.change)
    {
        report.fail(Gate::Syntax, reason);
    }
    report
}
