//! What a change does to the score of a text.

use std::sync::Arc;
use std::time::Instant;

use autodao_syntax::{Buffer, Language, MAX_PARSED_BYTES, Span, SyntaxParser};

use super::file::{BLOCKED, Counted, is_blocker};
use super::function::{FunctionScore, score_function};
use super::matching::{Functions, match_functions, pair_by_key, snippet_hash};
use crate::metrics::{Definition, FileMetrics, MeasuredFunction, measure};
use crate::{Analysis, Catalog, FileRole, PlacedFinding, Profile, RuleId, Severity};

/// How much debt a change may add or take and still count as none, in lines.
const EPSILON: f64 = 0.5;

/// The highest score of a text into which a change has put what is not written yet.
const UNFINISHED: f64 = 6.0;

/// Rules about code that is not written yet.
const UNFINISHED_RULES: [&str; 3] = ["unimplemented", "unimplemented-macro", "placeholder-impl"];

/// One version of a text with all that is compared.
#[derive(Clone, Debug)]
pub struct Side {
    buffer: Buffer,
    metrics: FileMetrics,
    findings: Vec<PlacedFinding>,
    broken: bool,
}

impl Side {
    /// Looks at a text as the editor would, at its end.
    pub fn new(profile: &Arc<Profile>, language: Language, role: FileRole, text: &str) -> Self {
        let buffer = Buffer::new(text.to_owned());
        let mut analysis = Analysis::new(Arc::clone(profile), Some(language), role);
        profile.compile_queries(language);
        let is_parsed = text.len() <= MAX_PARSED_BYTES;
        let tree = is_parsed.then(|| SyntaxParser::default().parse_fresh(language, text)).flatten();
        let metrics = match &tree {
            Some(tree) => {
                analysis.update(text, tree, Instant::now());
                measure(tree.root_node(), text, language, Definition::default_for(language))
            }
            None => {
                analysis.update_unparsed(text);
                FileMetrics::default()
            }
        };
        let report = analysis.report(&buffer);
        Self { buffer, metrics, findings: report.findings, broken: report.broken }
    }

    /// Its functions.
    pub fn metrics(&self) -> &FileMetrics {
        &self.metrics
    }

    /// What was found in it, as far as it counts for a score.
    pub fn counted(&self) -> Vec<Counted> {
        self.findings.iter().map(Counted::from).collect()
    }

    fn functions(&self) -> Functions<'_> {
        Functions { text: self.buffer.text(), functions: &self.metrics.functions }
    }

    fn debt(&self) -> f64 {
        let debt = |sum, function: &MeasuredFunction| sum + score_function(&function.metrics).debt;
        self.metrics.functions.iter().fold(0.0, debt)
    }

    /// The finding's rule and text, and the text of its line.
    fn identity(&self, finding: &PlacedFinding) -> ((RuleId, u64), u64) {
        let span = finding.span();
        let text = self.buffer.text();
        let snippet = text.get(span.range()).unwrap_or("");
        let start =
            text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or("");
        let line = rest.split('\n').next().unwrap_or("");
        ((finding.relative().rule, snippet_hash(snippet)), snippet_hash(line))
    }
}

/// Whether a change is for the better, as far as the text tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Something is worse and nothing better: more debt, or a new error or warning.
    Regresses,
    /// Something is worse and something better. Who wants no regression takes it for one.
    Mixed,
    /// Neither.
    Neutral,
    /// Something is better and nothing worse.
    Improves,
}

/// A function that was changed, or is there in one of the texts alone.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionDelta {
    /// Its path: after the change, or before it when it is gone.
    pub path: String,
    /// Before the change.
    pub before: Option<FunctionScore>,
    /// After it.
    pub after: Option<FunctionScore>,
}

/// A finding that only one of the texts has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeltaFinding {
    /// The rule.
    pub rule: RuleId,
    /// Its severity.
    pub severity: Severity,
    /// Where it is, in the text that has it.
    pub span: Span,
    /// Its message.
    pub message: Box<str>,
}

/// What a change does. All but the cap turns into its opposite when the change is taken back.
#[derive(Clone, PartialEq, Debug)]
pub struct Delta {
    /// Lines of debt the change adds; below 0 for a change for the better.
    pub debt: f64,
    /// Functions whose metrics changed, and those that came and went.
    pub functions: Vec<FunctionDelta>,
    /// Findings the change brought.
    pub introduced: Vec<DeltaFinding>,
    /// Findings it took away.
    pub fixed: Vec<DeltaFinding>,
    /// How many findings were there before and still are.
    pub pre_existing: usize,
    /// Whether the text after the change has a syntax error and the one before had none.
    pub breaks: bool,
    /// Whether it is the other way round.
    pub mends: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// The highest score the new text may be given for what was put into it.
    pub cap: Option<f64>,
}

/// Compares two versions of a text.
pub fn delta(before: &Side, after: &Side) -> Delta {
    let debt = after.debt() - before.debt();
    let (introduced, fixed, pre_existing) = compare_findings(before, after);
    let (breaks, mends) = (after.broken && !before.broken, before.broken && !after.broken);
    let matters = |finding: &DeltaFinding| finding.severity <= Severity::Warning;
    let worse = debt > EPSILON || breaks || introduced.iter().any(matters);
    let better = debt < -EPSILON || mends || fixed.iter().any(matters);
    let verdict = match (worse, better) {
        (true, false) => Verdict::Regresses,
        (true, true) => Verdict::Mixed,
        (false, false) => Verdict::Neutral,
        (false, true) => Verdict::Improves,
    };
    let blocks = |f: &DeltaFinding| is_blocker(&Counted { rule: f.rule, severity: f.severity });
    let unfinished = |f: &DeltaFinding| UNFINISHED_RULES.contains(&Catalog::builtin().rule(f.rule).id);
    let cap = if breaks || introduced.iter().any(blocks) {
        Some(BLOCKED)
    } else {
        introduced.iter().any(unfinished).then_some(UNFINISHED)
    };
    let functions = compare_functions(before, after);
    Delta { debt, functions, introduced, fixed, pre_existing, breaks, mends, verdict, cap }
}

fn compare_functions(before: &Side, after: &Side) -> Vec<FunctionDelta> {
    let pairs = match_functions(before.functions(), after.functions());
    let (old, new) = (&before.metrics.functions, &after.metrics.functions);
    let score = |function: &MeasuredFunction| Some(score_function(&function.metrics));
    let mut deltas = Vec::new();
    let mut of_new: Vec<Option<usize>> = vec![None; new.len()];
    let mut is_kept = vec![false; old.len()];
    for (b, a) in pairs {
        of_new[a] = Some(b);
        is_kept[b] = true;
    }
    for (function, b) in new.iter().zip(of_new) {
        let earlier = b.map(|b| &old[b]);
        if earlier.is_none_or(|earlier| earlier.metrics != function.metrics) {
            let before = earlier.and_then(score);
            deltas.push(FunctionDelta { path: function.path.clone(), before, after: score(function) });
        }
    }
    for (function, _) in old.iter().zip(is_kept).filter(|(_, is_kept)| !is_kept) {
        deltas.push(FunctionDelta { path: function.path.clone(), before: score(function), after: None });
    }
    deltas
}

/// Findings that only `after` has, that only `before` has, and how many both have.
fn compare_findings(before: &Side, after: &Side) -> (Vec<DeltaFinding>, Vec<DeltaFinding>, usize) {
    let identities = |side: &Side| -> Vec<_> { side.findings.iter().map(|f| side.identity(f)).collect() };
    let (old, new) = (identities(before), identities(after));
    let (mut fixed, mut introduced) = ((0..old.len()).collect(), (0..new.len()).collect());
    let mut pairs = Vec::new();
    // First those on a line that is the same, then those whose line was changed too.
    let with_line = (|index: usize| old[index], |index: usize| new[index]);
    pair_by_key(&mut fixed, &mut introduced, &mut pairs, with_line);
    let without = (|index: usize| old[index].0, |index: usize| new[index].0);
    pair_by_key(&mut fixed, &mut introduced, &mut pairs, without);
    let placed = |side: &Side, indexes: Vec<usize>| {
        indexes.into_iter().map(|index| placed(&side.findings[index])).collect::<Vec<_>>()
    };
    (placed(after, introduced), placed(before, fixed), pairs.len())
}

fn placed(finding: &PlacedFinding) -> DeltaFinding {
    let Counted { rule, severity } = Counted::from(finding);
    DeltaFinding { rule, severity, span: finding.span(), message: finding.relative().message.clone() }
}
