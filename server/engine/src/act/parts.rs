//! A task about many items, done item by item: each part is asked for by itself, and what passes is one edit.
//!
//! A part's prompt holds what that part needs, several are asked for at a time, and a part that is refused does not
//! take the others with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use autodao_edits::{Contract, Outcome as Checked, Proposal, Request as EditRequest, Site, combine};
use autodao_syntax::{OutlineKind, SyntaxTree};
use autodao_tasks::{Target, TaskKind, parts, target_at};
use autodao_templates::{Library, Template};
use futures_util::{FutureExt as _, StreamExt as _, stream};

use super::estimate::{Estimate, tokens_of};
use super::invocation::Invocation;
use super::outcome::{Outcome, Progress};
use super::plan::{Obstacle, Plan, Surroundings, TemplatePlace, kind_of, plan, terms_of, tree_of};
use super::queue::Priority;
use super::run::{Finished, Given, Run, bring, refused};
use crate::config::Confirm;
use crate::diagnosis::{Snapshot, WorkspaceName};

/// Targets of fewer tokens are asked for whole: parts repeat what every prompt says.
const SPLIT_FROM: u64 = 800;
/// The most parts of one edit. Nobody reviews more.
const MOST: usize = 100;
/// How many parts are under way at a time. How many of them an endpoint takes is its queue's business.
const AT_ONCE: usize = 8;

/// A task in parts.
pub(crate) struct Split {
    /// What they make together: held to the same terms, and told as one.
    pub(crate) whole: Plan,
    /// In the order of the text; two at least.
    pub(crate) parts: Vec<Plan>,
}

/// What came of all parts.
pub(crate) struct Together {
    pub(crate) outcome: Outcome,
    /// Of each part, in the order of the text.
    pub(crate) parts: Vec<Finished>,
    pub(crate) proposal: Option<Box<Proposal>>,
    pub(crate) given: Option<Given>,
}

/// The parts a template's task about a target falls into; none where it is asked for whole.
pub(crate) fn parts_of(
    library: &Library,
    template: &Template,
    (snapshot, target, tree): (&Snapshot, &Target, &SyntaxTree),
) -> Vec<Target> {
    let text = snapshot.buffer.text();
    let Some(kind) = kind_of(template).filter(|kind| kind.is_per_item()) else { return Vec::new() };
    if tokens_of(text.get(target.span.range()).unwrap_or("")) < SPLIT_FROM {
        return Vec::new();
    }
    let mut found = parts(target, text, tree);
    let is_code = |part: &Target| {
        part.item().is_some_and(|item| matches!(item.kind, OutlineKind::Function | OutlineKind::Method))
    };
    // Whatever is declared can be documented; the rest is about what is done.
    found.retain(|part| kind == TaskKind::Document || is_code(part));
    found.retain(|part| {
        let place = TemplatePlace::of(snapshot, part, tree, library);
        let queries = place.queries();
        library
            .candidates(&place.with(&queries, &[]))
            .iter()
            .any(|candidate| candidate.template.name == template.name)
    });
    // One item left of many is still a part: the rest is none of the task's business.
    if found.iter().any(|part| part.span == target.span) { Vec::new() } else { found }
}

/// Thinks every part out, if the task is one for parts.
pub(crate) fn split(
    snapshot: &Snapshot,
    invocation: &Invocation,
    around: Surroundings<'_>,
) -> Result<Option<Split>, Obstacle> {
    let Some((language, template)) = snapshot.language.zip(around.library.get(&invocation.template)) else {
        return Ok(None);
    };
    if invocation.rule.is_some() || snapshot.desynced {
        return Ok(None);
    }
    let tree = tree_of(snapshot, language)?;
    let target = target_at(language, snapshot.buffer.text(), &tree, invocation.selection);
    let Some(target) = target else { return Ok(None) };
    let targets = parts_of(around.library, template, (snapshot, &target, &tree));
    if targets.is_empty() {
        return Ok(None);
    }
    if targets.len() > MOST {
        return Err(format!("there are {} items here, {MOST} at most are done at once", targets.len()));
    }
    let plan_part = |part: &Target| {
        let invocation = Invocation { selection: part.span, ..invocation.clone() };
        plan(snapshot, &invocation, around)
    };
    let mut parts = Vec::with_capacity(targets.len());
    let mut obstacle = None;
    for part in &targets {
        match plan_part(part) {
            Ok(part) => parts.push(part),
            Err(why) => obstacle = Some(why),
        }
    }
    let Some(first) = targets.iter().find_map(|part| plan_part(part).ok()) else {
        return Err(obstacle.unwrap_or_default());
    };
    let site = Site::new(Arc::clone(&snapshot.buffer), language, snapshot.version, tree.clone(), target.span)
        .map_err(|error| error.to_string())?;
    let terms = terms_of(template, None, &snapshot.config.profile);
    let mut whole = first;
    whole.edit = EditRequest { site, contract: Contract::Hunks, terms };
    whole.task.target = target;
    whole.estimate = parts.iter().map(|part| part.estimate).sum();
    share(whole.baseline, &mut parts);
    Ok(Some(Split { whole, parts }))
}

/// The naive way takes the file once, not once for each part.
fn share((input, output): (u64, u64), parts: &mut [Plan]) {
    let count = parts.len().max(1) as u64;
    for (index, part) in parts.iter_mut().enumerate() {
        let rest = |sum: u64| sum / count + u64::from((index as u64) < sum % count);
        part.baseline = (rest(input), rest(output));
    }
}

impl std::iter::Sum for Estimate {
    fn sum<I: Iterator<Item = Self>>(estimates: I) -> Self {
        let nothing = Self { cost_micros: Some(0), ..Self::default() };
        estimates.fold(nothing, |sum, part| Self {
            input: sum.input + part.input,
            output: sum.output + part.output,
            cost_micros: sum.cost_micros.zip(part.cost_micros).map(|(sum, part)| sum + part),
        })
    }
}

impl Run<'_> {
    /// Asks for every part, and makes one edit of what passed.
    pub(crate) async fn go_by_parts(self, parts: &[Plan], workspace: &WorkspaceName) -> Together {
        let done = AtomicUsize::new(0);
        (self.progress)(Progress::Part { done: 0, of: parts.len() });
        let mut going = Vec::with_capacity(parts.len());
        for part in parts {
            going.push(self.part(part, workspace, &done, parts.len()).boxed());
        }
        let finished: Vec<_> = stream::iter(going).buffered(AT_ONCE).collect().await;
        (self.progress)(Progress::Checking);
        let (outcome, proposal, given) = tokio::task::block_in_place(|| self.combined(&finished));
        Together { outcome, parts: finished, proposal, given }
    }

    /// Goes the way of one part, and says that it is done.
    async fn part(&self, plan: &Plan, workspace: &WorkspaceName, done: &AtomicUsize, of: usize) -> Finished {
        let run = Run {
            plan,
            // Tokens of several replies at a time say nothing.
            progress: &|_| {},
            client: Arc::clone(&self.client),
            kept: self.kept.clone(),
            priority: Priority::Background,
            cancel: self.cancel.clone(),
            ..*self
        };
        let finished = run.go(workspace).await;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(Progress::Part { done, of });
        finished
    }

    fn combined(&self, parts: &[Finished]) -> (Outcome, Option<Box<Proposal>>, Option<Given>) {
        if *self.cancel.borrow() {
            return (Outcome::Cancelled, None, None);
        }
        let passed: Vec<&Proposal> = parts.iter().filter_map(passed).collect();
        if passed.is_empty() {
            // What stopped them tells more than what a gate said of one.
            let failed = parts.iter().find(|part| matches!(part.outcome, Outcome::Failed(_)));
            let told = failed.or(parts.first()).map(|part| part.outcome.clone());
            return (told.unwrap_or(Outcome::Cancelled), None, None);
        }
        let proposal = match self.judge(|request, checks| combine(request, &passed, checks)) {
            Checked::Proposal(proposal) => proposal,
            Checked::Refusal(refusal) => return (refused(&refusal), None, None),
            Checked::Message(text) => return (Outcome::Message(text), None, None),
        };
        let (mut outcome, given) = bring(self.plan, self.place, &proposal);
        if let Outcome::Edit(edit) = &mut outcome {
            edit.warnings.extend(parts.iter().filter_map(left_out));
            let many = || format!("it changes {} of {} items", passed.len(), parts.len());
            let never = self.place.base().config.ai.confirm == Some(Confirm::Never);
            edit.confirm = edit.confirm.take().or_else(|| (!never).then(many));
        }
        (outcome, Some(proposal), given)
    }
}

/// What a part came to, if that is an edit.
pub(crate) fn passed(part: &Finished) -> Option<&Proposal> {
    matches!(part.outcome, Outcome::Edit(_)).then_some(part.proposal.as_deref()).flatten()
}

/// Why a part is left as it is.
fn left_out(part: &Finished) -> Option<String> {
    let why = match &part.outcome {
        Outcome::Edit(_) => return None,
        Outcome::Refused { gate, reason } => format!("{reason} (gate: {gate})"),
        Outcome::Failed(why) => why.clone(),
        Outcome::Message(_) => "there was no edit in the answer".to_owned(),
        Outcome::Cancelled => "cancelled".to_owned(),
    };
    Some(format!("{} is left as it is: {why}", part.symbol))
}
