//! A week of edits, by the versions of templates they were made with.

use std::collections::BTreeMap;

use autodao_ledger::{Day, Ledger, LedgerError};
use autodao_templates::{Library, Vocabulary};
use serde::Serialize;

use super::{Suggestion, suggestions};

/// How many days the suggestions of a week look back from its Sunday.
const DAYS: i32 = 28;

/// One version of a template in a week.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct WeekVersion {
    /// The template's name, `@`, its version.
    pub template: String,
    /// Its edits.
    pub edits: u64,
    /// Those whose fate is known.
    pub tried: u64,
    /// Of those, the ones that stayed.
    pub kept: u64,
    /// Tokens of all of them.
    pub tokens: u64,
    /// Of those, tokens that came to nothing.
    pub wasted: u64,
    /// Tokens of an edit in the week before; `None` when it made none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

impl WeekVersion {
    /// Tokens of an edit.
    pub fn tokens_per_edit(&self) -> u64 {
        self.tokens / self.edits.max(1)
    }
}

/// A week.
#[derive(Clone, PartialEq, Debug)]
pub struct WeekSummary {
    /// Its Monday, of UTC.
    pub monday: Day,
    /// Its name, as `2026-W47` (ISO 8601).
    pub name: String,
    /// What its edits were made with; the most tokens first.
    pub versions: Vec<WeekVersion>,
    /// What could be done, by the four weeks that end with it.
    pub suggestions: Vec<Suggestion>,
}

/// Sums a week up.
///
/// # Errors
/// The ledger cannot be read.
pub fn week_summary(
    ledger: &Ledger,
    library: &Library,
    vocabulary: &Vocabulary,
    day: Day,
) -> Result<WeekSummary, LedgerError> {
    let monday = day.week();
    let sunday = monday.plus(6);
    let mut versions = by_version(ledger, monday, sunday)?;
    let before = by_version(ledger, monday.plus(-7), sunday.plus(-7))?;
    for (name, version) in &mut versions {
        version.before = before.get(name).map(WeekVersion::tokens_per_edit);
    }
    let mut versions: Vec<_> = versions.into_values().collect();
    versions.sort_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| a.template.cmp(&b.template)));
    let (year, week) = monday.iso_week();
    Ok(WeekSummary {
        monday,
        name: format!("{year}-W{week:02}"),
        versions,
        suggestions: suggestions(ledger, library, vocabulary, sunday.plus(1 - DAYS), sunday)?,
    })
}

fn by_version(ledger: &Ledger, first: Day, last: Day) -> Result<BTreeMap<String, WeekVersion>, LedgerError> {
    let edits = ledger.collect_edits(first, last, |edit| {
        let template = edit.planned.as_ref()?.template.as_ref()?;
        let name = format!("{}@{}", template.name, template.version);
        Some((name, edit.stayed(), edit.tokens.total(), edit.outcome.is_waste()))
    })?;
    let mut versions: BTreeMap<String, WeekVersion> = BTreeMap::new();
    for (name, stayed, tokens, is_waste) in edits {
        let version = versions.entry(name.clone()).or_default();
        version.template = name;
        version.edits += 1;
        version.tried += u64::from(stayed.is_some());
        version.kept += u64::from(stayed == Some(true));
        version.tokens = version.tokens.saturating_add(tokens);
        version.wasted = version.wasted.saturating_add(if is_waste { tokens } else { 0 });
    }
    Ok(versions)
}
