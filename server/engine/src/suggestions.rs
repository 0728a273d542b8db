//! What could be done about templates: where their edits come to nothing, what none of them is for, what they say for
//! nothing. Figures are of the ledger, changes are ready as diffs; nothing is changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use autodao_ledger::{Day, Ledger, LedgerError, Outcome, Worse};
use autodao_templates::{Layer, Library, Problem, ProblemKind, Vocabulary, lint_text};

use crate::act::tokens_of;
use crate::unified_diff;

mod context;
mod week;

pub use week::{WeekSummary, WeekVersion, week_summary};

/// Edits of a template before it is judged.
const LEAST: u64 = 20;
/// The share of tokens for nothing that is worth a word.
const WASTE: f64 = 0.15;
/// The share of edits without a template of their own that is worth a word.
const WITHOUT: f64 = 0.25;
/// The template for what no other one is for.
const ANYTHING: &str = "custom-instruction";

/// Something that could be done.
#[derive(Clone, PartialEq, Debug)]
pub struct Suggestion {
    /// What kind of suggestion it is: a stable name.
    pub id: &'static str,
    /// The template, with `@` and its version where it is about one.
    pub about: String,
    /// What was seen and what to do, in a sentence or two.
    pub text: String,
    /// Tokens: of waste those of the whole time, of changes those of each edit. What is only moved saves none.
    pub tokens: u64,
    /// The change, ready to be applied.
    pub diff: Option<String>,
}

/// Edits of one version.
#[derive(Default)]
struct Sums {
    edits: u64,
    tokens: u64,
    wasted: u64,
    /// Tokens by how and why they came to nothing.
    causes: BTreeMap<(Outcome, String), u64>,
}

/// What could be done about the templates in use and those the edits of some days were made with; the most tokens
/// first. Both days are included.
///
/// # Errors
/// The ledger cannot be read.
pub fn suggestions(
    ledger: &Ledger,
    library: &Library,
    vocabulary: &Vocabulary,
    first: Day,
    last: Day,
) -> Result<Vec<Suggestion>, LedgerError> {
    let mut found = wasted(ledger, first, last)?;
    found.extend(context::unused(ledger, library, first, last)?);
    found.extend(worse(ledger, first, last)?);
    for template in library.in_use().filter(|template| template.layer != Layer::Builtin) {
        found.extend(said_for_nothing(&template.folder, template.layer, vocabulary));
    }
    found.sort_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| (a.id, &a.about).cmp(&(b.id, &b.about))));
    Ok(found)
}

fn wasted(ledger: &Ledger, first: Day, last: Day) -> Result<Vec<Suggestion>, LedgerError> {
    let edits = ledger.collect_edits(first, last, |edit| {
        let planned = edit.planned.as_ref()?;
        let template = planned.template.clone()?;
        let waste = edit.outcome.is_waste().then(|| (edit.outcome, edit.cause.clone()));
        let what = (planned.task.clone(), planned.language.clone(), planned.node.clone());
        Some((template, what, edit.tokens.total(), waste))
    })?;
    let mut versions: BTreeMap<_, Sums> = BTreeMap::new();
    let mut without: BTreeMap<_, u64> = BTreeMap::new();
    let all = edits.len() as u64;
    for (template, what, tokens, waste) in edits {
        if template.name == ANYTHING {
            *without.entry(what).or_default() += 1;
        }
        let sums = versions.entry(template).or_default();
        sums.edits += 1;
        sums.tokens = sums.tokens.saturating_add(tokens);
        if let Some(cause) = waste {
            sums.wasted = sums.wasted.saturating_add(tokens);
            *sums.causes.entry(cause).or_default() += tokens;
        }
    }
    let mut found = Vec::new();
    for (template, sums) in versions {
        let share = sums.wasted as f64 / sums.tokens.max(1) as f64;
        let most = sums.causes.iter().max_by_key(|(_, tokens)| **tokens);
        let Some(((outcome, cause), most)) = most.filter(|_| sums.edits >= LEAST && share >= WASTE) else {
            continue;
        };
        let why =
            if cause.is_empty() { outcome.name().to_owned() } else { format!("{}: {cause}", outcome.name()) };
        found.push(Suggestion {
            id: "wasted-tokens",
            about: format!("{}@{}", template.name, template.version),
            text: format!(
                "{:.0} % of its tokens came to nothing ({} of {} in {} edits), most of them {why} ({most}). {}",
                share * 100.0,
                sums.wasted,
                sums.tokens,
                sums.edits,
                cure(*outcome)
            ),
            tokens: sums.wasted,
            diff: None,
        });
    }
    // A kind of task, then what stands out in it.
    let mut by_task: BTreeMap<_, (u64, (u64, String))> = BTreeMap::new();
    for ((task, language, node), edits) in without {
        let (sum, most) = by_task.entry((task, language)).or_default();
        *sum += edits;
        if let Some(node) = node.filter(|_| edits > most.0) {
            *most = (edits, node);
        }
    }
    for ((task, language), (edits, (most, node))) in by_task {
        if all >= LEAST && edits as f64 >= all as f64 * WITHOUT {
            found.push(Suggestion {
                id: "no-template",
                about: ANYTHING.to_owned(),
                text: format!(
                    "{edits} of {all} edits had no template of their own: task `{task}` in {language}{}. If they ask for the same in other words, begin one with `autodao templates new`.",
                    if most * 2 > edits { format!(", {most} of them at a `{node}`") } else { String::new() }
                ),
                tokens: 0,
                diff: None,
            });
        }
    }
    Ok(found)
}

fn cure(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused => {
            "Say in the template what the gate asks for, add a reply like that to its tests, and compare the versions in an experiment."
        }
        Outcome::Undone | Outcome::Rejected => {
            "What comes back is not what is wanted: be more exact in the template, or give it more context."
        }
        Outcome::Cancelled => "It is stopped before it ends: smaller targets or a faster model.",
        _ => "Look at one with `autodao tokens edit`.",
    }
}

fn worse(ledger: &Ledger, first: Day, last: Day) -> Result<Vec<Suggestion>, LedgerError> {
    let anomalies = ledger.analyse(first, last)?.anomalies;
    let suggestion = |anomaly: autodao_ledger::Anomaly| {
        let what = match anomaly.worse {
            Worse::Acceptance { .. } => "fewer of its edits are applied".to_owned(),
            Worse::Survival { .. } => "fewer of its edits stay".to_owned(),
            Worse::Refusals { .. } => "more of its replies are refused".to_owned(),
            Worse::Tokens { before, now } => format!("its edits take {now:.0} tokens instead of {before:.0}"),
        };
        Suggestion {
            id: "worse-version",
            about: format!("{}@{}", anomaly.template, anomaly.version),
            text: format!(
                "Since {} {what}. Compare them with `autodao experiment start`, or go back with `autodao templates rollback {}`.",
                anomaly.before, anomaly.template
            ),
            tokens: 0,
            diff: None,
        }
    };
    Ok(anomalies.into_iter().map(suggestion).collect())
}

/// Sentences that are there twice or that every prompt has anyway, and text that no prompt cache reaches.
fn said_for_nothing(folder: &Path, layer: Layer, vocabulary: &Vocabulary) -> Vec<Suggestion> {
    let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut found = Vec::new();
    let Ok(skill) = fs::read_to_string(folder.join("SKILL.md")) else { return found };
    let prompt = fs::read_to_string(folder.join("prompt.mj")).unwrap_or_default();
    for (file, text) in [("SKILL.md", &skill), ("prompt.mj", &prompt)] {
        if text.is_empty() {
            continue;
        }
        for problem in lint_text(folder, layer, (file, text), vocabulary) {
            let shown = format!("{name}/{file}");
            let Problem { span, kind, .. } = problem;
            let Some(piece) = text.get(span.clone()).filter(|piece| !piece.is_empty()) else { continue };
            let without = without(text, span.start, span.end);
            let (id, said, tokens, diff) = match kind {
                ProblemKind::DuplicateInstruction => {
                    ("said-twice", "is said twice", tokens_of(piece), unified_diff(&shown, text, &without))
                }
                ProblemKind::FormInstruction => (
                    "said-anyway",
                    "is said by every prompt",
                    tokens_of(piece),
                    unified_diff(&shown, text, &without),
                ),
                ProblemKind::VolatileBeforeStable { .. } => {
                    let moved = format!("{}\n\n{}\n", skill.trim_end(), piece.trim());
                    let diff = unified_diff(&format!("{name}/SKILL.md"), &skill, &moved)
                        + &unified_diff(&shown, text, &without);
                    (
                        "out-of-cache",
                        "never varies and stands behind what does: no prompt cache reaches it",
                        0,
                        diff,
                    )
                }
                _ => continue,
            };
            let start: String = piece.trim().chars().take(50).collect();
            let text = format!("`{}` {said}.", start.replace('\n', " "));
            found.push(Suggestion { id, about: name.clone(), text, tokens, diff: Some(diff) });
        }
    }
    found
}

/// A text without a part of it, and without the blank that would stand there twice.
fn without(text: &str, start: usize, end: usize) -> String {
    let (before, after) = (text.get(..start).unwrap_or(""), text.get(end..).unwrap_or(""));
    let before = if after.starts_with([' ', '\n']) { before.trim_end_matches(' ') } else { before };
    format!("{before}{after}")
}
