//! What could be done about templates: where their edits come to nothing, what none of them is for, what they say for
//! nothing. Figures are of the ledger, changes are ready as diffs; nothing is changed.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use autodao_ledger::{Day, Ledger, LedgerError, Outcome, Worse};
use autodao_templates::{Layer, Library, Problem, ProblemKind, Vocabulary, lint_text};

use crate::act::tokens_of;
use crate::library::WORKSPACE_TEMPLATES;
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
    /// The change, ready to be applied: its paths are those from the workspace's folder, for `git apply` or `patch -p1`
    /// there; of the user's own templates those from the folder that holds these.
    pub diff: Option<String>,
    /// What the diff does.
    edits: Vec<TemplateEdit>,
}

/// A part of a template's file that is to be something else.
#[derive(Clone, PartialEq, Eq, Debug)]
struct TemplateEdit {
    file: PathBuf,
    layer: Layer,
    place: Range<usize>,
    text: String,
}

impl Suggestion {
    /// Whether its change is one of the workspace's files, and so part of [`combined_diff`].
    pub fn is_of_workspace(&self) -> bool {
        self.edits.iter().any(|edit| edit.layer == Layer::Workspace)
    }

    fn with_edits(self, edits: Vec<TemplateEdit>) -> Self {
        let diff = diff_of(&edits);
        Self { diff: Some(diff).filter(|diff| !diff.is_empty()), edits, ..self }
    }
}

/// The changes of all suggestions as one diff that applies as a whole, the user's own templates left out; empty where no
/// suggestion knows a change.
pub fn combined_diff(suggestions: &[Suggestion]) -> String {
    let edits = suggestions.iter().flat_map(|one| one.edits.iter().cloned());
    diff_of(&edits.filter(|edit| edit.layer == Layer::Workspace).collect::<Vec<_>>())
}

fn diff_of(edits: &[TemplateEdit]) -> String {
    let mut by_file: BTreeMap<(&Path, Layer), Vec<&TemplateEdit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry((&edit.file, edit.layer)).or_default().push(edit);
    }
    let mut diff = String::new();
    for ((file, layer), mut edits) in by_file {
        let Ok(before) = fs::read_to_string(file) else { continue };
        edits.sort_by_key(|edit| (edit.place.start, edit.place.end));
        edits.dedup();
        let (mut after, mut until) = (before.clone(), before.len());
        // From the end, so that places before stay; of two that overlap the first one waits for the next time.
        for edit in edits.into_iter().rev().filter(|edit| before.get(edit.place.clone()).is_some()) {
            if edit.place.end <= until {
                after.replace_range(edit.place.clone(), &edit.text);
                until = edit.place.start;
            }
        }
        diff += &unified_diff(&shown_path(file, layer), &before, &after);
    }
    diff
}

/// A template's file as a diff names it.
fn shown_path(file: &Path, layer: Layer) -> String {
    // The template's folder and the file, below the folder of templates.
    let parts: Vec<_> =
        file.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    let below: Vec<_> = parts.iter().rev().map(AsRef::as_ref).collect();
    let below = below.join("/");
    if layer == Layer::Workspace { format!("{WORKSPACE_TEMPLATES}/{below}") } else { below }
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
            edits: Vec::new(),
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
                edits: Vec::new(),
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
            edits: Vec::new(),
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
        let edit = |file: &str, place: Range<usize>, text: String| TemplateEdit {
            file: folder.join(file),
            layer,
            place,
            text,
        };
        for problem in lint_text(folder, layer, (file, text), vocabulary) {
            let Problem { span, kind, .. } = problem;
            let Some(piece) = text.get(span.clone()).filter(|piece| !piece.is_empty()) else { continue };
            let removed = edit(file, with_blanks(text, &span), String::new());
            let (id, said, tokens, edits) = match kind {
                ProblemKind::DuplicateInstruction => {
                    ("said-twice", "is said twice", tokens_of(piece), vec![removed])
                }
                ProblemKind::FormInstruction => {
                    ("said-anyway", "is said by every prompt", tokens_of(piece), vec![removed])
                }
                ProblemKind::VolatileBeforeStable { .. } => {
                    let end = skill.trim_end().len();
                    let moved = edit("SKILL.md", end..skill.len(), format!("\n\n{}\n", piece.trim()));
                    (
                        "out-of-cache",
                        "never varies and stands behind what does: no prompt cache reaches it",
                        0,
                        vec![moved, removed],
                    )
                }
                _ => continue,
            };
            let start: String = piece.trim().chars().take(50).collect();
            let text = format!("`{}` {said}.", start.replace('\n', " "));
            let about = name.clone();
            let found_one = Suggestion { id, about, text, tokens, diff: None, edits: Vec::new() };
            found.push(found_one.with_edits(edits));
        }
    }
    found
}

/// A part of a text, and the blanks before it that would stand there twice without it.
fn with_blanks(text: &str, place: &Range<usize>) -> Range<usize> {
    let (before, after) = (text.get(..place.start).unwrap_or(""), text.get(place.end..).unwrap_or(""));
    let before = if after.starts_with([' ', '\n']) { before.trim_end_matches(' ') } else { before };
    before.len()..place.end
}
