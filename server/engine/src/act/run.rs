//! The way of one edit: asked, checked, repaired once, brought to the text as it is now.

use std::sync::Arc;
use std::time::Instant;

use autodao_edits::{
    Checks, Ending, Gate, Names, Outcome as Checked, Pending, Proposal, QualityDelta, Refusal,
    Request as EditRequest,
};
use autodao_ledger::Limit;
use autodao_providers::{Client, Request};
use autodao_quality::Severity;
use autodao_syntax::{Buffer, SyntaxParser};
use tokio::sync::watch;

use super::ask::{Answer, Asking, NoAnswer, ask, cancelled, request_tokens};
use super::cache::{Origin, RequestHash};
use super::estimate::Estimate;
use super::examine::{Examination, ROUNDS, SECRETS};
use super::importing::{IndexNames, add_imports};
use super::kept::KeptRequests;
use super::models::Model;
use super::outcome::{Outcome, Progress, ReadyEdit};
use super::place::Place;
use super::plan::Plan;
use super::queue::Priority;
use super::record::Record;
use super::shared::Shared;
use super::shown::shown_pieces;
use crate::config::Confirm;
use crate::diagnosis::WorkspaceName;
use crate::index::WorkspaceIndexes;

/// By how much an edit may lower a dimension's score before a person has to look, in hundredths of a point.
const MUCH_WORSE: u16 = 100;

/// One edit under way.
pub(crate) struct Run<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) plan: &'a Plan,
    pub(crate) place: &'a Place,
    pub(crate) client: Arc<Client>,
    pub(crate) models: &'a [Model],
    pub(crate) limits: &'a [Limit],
    pub(crate) kept: Option<KeptRequests>,
    pub(crate) priority: Priority,
    /// Whether another answer is wanted than one that is known.
    pub(crate) anew: bool,
    pub(crate) cancel: watch::Receiver<bool>,
    pub(crate) progress: &'a (dyn Fn(Progress) + Sync),
    pub(crate) warned: &'a (dyn Fn(String) + Sync),
}

/// A proposal as it was brought to the text of one version.
pub(crate) struct Given {
    /// The text of that version.
    pub(crate) before: Arc<Buffer>,
    /// The proposal for it.
    pub(crate) proposal: Box<Proposal>,
}

/// What came of the rounds.
struct Rounds {
    outcome: Outcome,
    proposal: Option<Box<Proposal>>,
    given: Option<Given>,
    reply: Option<String>,
}

impl Rounds {
    fn without_edit(outcome: Outcome, reply: Option<String>) -> Self {
        Self { outcome, proposal: None, given: None, reply }
    }
}

/// What a finished run leaves for the record of its fate and for who asks about it later.
pub(crate) struct Finished {
    /// Whose it is.
    pub(crate) symbol: String,
    pub(crate) outcome: Outcome,
    pub(crate) record: Record,
    pub(crate) proposal: Option<Box<Proposal>>,
    /// What was given out.
    pub(crate) given: Option<Given>,
    /// What the model said last.
    pub(crate) reply: Option<String>,
}

impl Run<'_> {
    /// Goes the whole way.
    pub(crate) async fn go(mut self, workspace: &WorkspaceName) -> Finished {
        let began = Instant::now();
        let prices = self.shared.prices();
        let mut record = Record::begin(self.shared.ledger.clone(), self.plan, workspace, prices, began);
        let rounds = self.rounds(&mut record).await;
        self.finished(record, rounds)
    }

    /// Goes on with an answer that was asked for before. It is not repaired.
    pub(crate) fn conclude(&self, record: Record, answer: &Answer) -> Finished {
        let rounds = self.judged(answer);
        let rounds = rounds
            .unwrap_or_else(|refusal| Rounds::without_edit(refused(&refusal), Some(answer.text.clone())));
        self.finished(record, rounds)
    }

    fn finished(&self, record: Record, rounds: Rounds) -> Finished {
        let Rounds { outcome, proposal, given, reply } = rounds;
        match &outcome {
            Outcome::Edit(_) => {
                let quality = proposal.as_ref().and_then(|proposal| proposal.report.quality.as_ref());
                let pieces =
                    |proposal: &Proposal| tokio::task::block_in_place(|| shown_pieces(self.plan, proposal));
                record.offered(quality, proposal.as_deref().map(pieces).unwrap_or_default());
            }
            Outcome::Refused { gate, .. } => record.refused(gate),
            Outcome::Message(_) => record.told(),
            _ => {}
        }
        let symbol = self.plan.task.target.symbol();
        Finished { symbol, outcome, record, proposal, given, reply }
    }

    async fn rounds(&mut self, record: &mut Record) -> Rounds {
        let mut request = self.plan.request();
        let mut round = 1;
        let mut is_trimmed = false;
        loop {
            let (answer, hash) = match self.answer(request.clone(), round, record).await {
                Ok(answer) => answer,
                Err(NoAnswer::Cancelled) => return Rounds::without_edit(Outcome::Cancelled, None),
                Err(NoAnswer::Budget(over)) => return Rounds::without_edit(Outcome::Failed(over), None),
                Err(NoAnswer::Failed(error)) => {
                    if let Some(less) = self.plan.trimmed(&error).filter(|_| !is_trimmed && round == 1) {
                        (is_trimmed, request) = (true, less);
                        continue;
                    }
                    return Rounds::without_edit(Outcome::Failed(error.to_string()), None);
                }
            };
            (self.progress)(Progress::Checking);
            // Analysis takes milliseconds, on a file of 11,000 lines tens of them.
            let judged = tokio::task::block_in_place(|| self.judged(&answer));
            let is_kept = matches!(&judged, Ok(rounds) if !matches!(rounds.outcome, Outcome::Refused { .. }));
            if !is_kept || answer.ending == Ending::Length {
                // What was refused is not worth keeping, and who asks again for words that were cut off hopes for the
                // rest.
                self.shared.cache.forget(&hash);
            }
            let refusal = match judged {
                Ok(rounds) => return rounds,
                Err(refusal) => refusal,
            };
            if round == ROUNDS || !refusal.repairable {
                return Rounds::without_edit(refused(&refusal), Some(answer.text));
            }
            record.refused(refusal.gate.name());
            round += 1;
            self.examination().tell(&mut request, answer.text, &refusal);
        }
    }

    /// What an answer comes to, unless it is refused by its contract.
    fn judged(&self, answer: &Answer) -> Result<Rounds, Box<Refusal>> {
        let reply = Some(answer.text.clone());
        match self.check(answer) {
            Err(reason) => {
                let outcome = Outcome::Refused { gate: SECRETS.to_owned(), reason };
                Ok(Rounds::without_edit(outcome, reply))
            }
            Ok(Checked::Message(text)) => Ok(Rounds::without_edit(Outcome::Message(text), reply)),
            Ok(Checked::Proposal(proposal)) => {
                let (outcome, given) = bring(self.plan, self.place, &proposal);
                Ok(Rounds { outcome, proposal: Some(proposal), given, reply })
            }
            Ok(Checked::Refusal(refusal)) => Err(refusal),
        }
    }

    /// Gets a reply: one known, or one asked for now.
    async fn answer(
        &mut self,
        request: Request,
        round: u32,
        record: &mut Record,
    ) -> Result<(Answer, RequestHash), NoAnswer> {
        let first = &self.models[0].endpoint;
        let http = first.format.encode(first, &request).map_err(NoAnswer::Failed)?;
        let hash = http.sha256();
        let input = self.shared.ratios.input(first, request_tokens(&request));
        let estimate = Estimate::new(input, self.plan.estimate.output, &self.models[0], self.shared.prices());
        let queue = self.shared.queue_of(&self.models[0]);
        let request = Arc::new(request);
        let (cancel, priority, progress) = (&mut self.cancel, self.priority, self.progress);
        let mut waiting_cancel = cancel.clone();
        let asking = Asking {
            client: &self.client,
            breakers: &self.shared.breakers,
            models: self.models,
            prices: self.shared.prices(),
            limits: self.limits,
            estimate,
            ratios: &self.shared.ratios,
            kept: self.kept.as_ref(),
            heard: &|tokens| progress(Progress::Heard { tokens }),
            warned: self.warned,
        };
        let asked = async {
            let permit = tokio::select! {
                biased;
                () = cancelled(&mut waiting_cancel) => {
                    record.cancelled(None);
                    return Err(NoAnswer::Cancelled);
                }
                permit = queue.enter(priority) => permit,
            };
            let Some(_permit) = permit else {
                record.not_asked("busy");
                return Err(NoAnswer::Budget("too many edits wait for this model already".to_owned()));
            };
            progress(Progress::Asked { round, estimate });
            let answer = ask(request, record, cancel, &asking).await?;
            let bytes = answer.text.len();
            Ok((answer, bytes))
        };
        progress(Progress::Waiting);
        if self.anew {
            self.shared.cache.forget(&hash);
        }
        let (answer, origin) = self.shared.cache.get_or_ask(hash, || asked).await?;
        if origin == Origin::Known {
            tracing::debug!("the reply is known");
        }
        Ok((answer, hash))
    }

    fn examination(&self) -> Examination<'_> {
        let base = self.place.base();
        Examination {
            edit: &self.plan.edit,
            redaction: &self.plan.redaction,
            quality: self.plan.new_file.is_none().then(|| (Arc::clone(&base.config.profile), base.role)),
        }
    }

    fn check(&self, answer: &Answer) -> Result<Checked, String> {
        let examination = self.examination();
        self.with_names(|names| examination.of(answer, names))
    }

    /// Judges with all that is known of the place.
    pub(crate) fn judge(&self, judge: impl Fn(&EditRequest, &mut Checks<'_>) -> Checked) -> Checked {
        let examination = self.examination();
        self.with_names(|names| examination.judge(names, |checks| judge(&self.plan.edit, checks)))
    }

    fn with_names<T>(&self, judge: impl Fn(Option<&dyn Names>) -> T) -> T {
        with_names(&self.shared.indexes, self.place, judge)
    }
}

/// Works with the names that a place's workspace knows, if it has any.
fn with_names<T>(indexes: &WorkspaceIndexes, place: &Place, work: impl Fn(Option<&dyn Names>) -> T) -> T {
    let path = place.base().path.as_deref();
    let known =
        path.and_then(|path| indexes.read(path, |index, _, _| work(Some(&IndexNames::of(index, path)))));
    known.unwrap_or_else(|| work(None))
}

/// Brings a proposal to the text of its place as it is now.
pub(crate) fn bring(plan: &Plan, place: &Place, proposal: &Proposal) -> (Outcome, Option<Given>) {
    if let Some(path) = &plan.new_file {
        let edit = ReadyEdit {
            label: label(plan),
            version: 0,
            edits: proposal.edits.clone(),
            new_file: Some(path.clone()),
            confirm: None,
            warnings: warnings(proposal),
        };
        return (Outcome::Edit(edit), None);
    }
    let Some(now) = place.now() else {
        let reason = "the document was closed meanwhile".to_owned();
        return (Outcome::Refused { gate: "conflict".to_owned(), reason }, None);
    };
    let mut pending = Pending::new(&plan.edit);
    if now.version != proposal.version {
        pending.follow(&now.changes, &now.buffer, now.version);
    }
    let rebased = with_names(&plan.indexes, place, |names| {
        let mut parser = SyntaxParser::default();
        pending.rebase(&plan.edit, proposal, None, &mut Checks { parser: &mut parser, names, quality: None })
    });
    match rebased {
        Checked::Proposal(mut rebased) => {
            let confirm = confirmation(plan, place, &rebased, proposal.report.quality.as_ref());
            let (path, language) = (place.base().path.as_deref(), plan.task.target.language);
            let edit = (now.buffer.text(), &mut *rebased);
            let added = add_imports(&plan.indexes, path, language, edit, &proposal.report.imports);
            if !added.is_empty() {
                tracing::debug!("added {}", added.join(" "));
            }
            let edit = ReadyEdit {
                label: label(plan),
                version: rebased.version,
                warnings: warnings(proposal),
                edits: rebased.edits.clone(),
                new_file: None,
                confirm,
            };
            (Outcome::Edit(edit), Some(Given { before: now.buffer, proposal: rebased }))
        }
        Checked::Refusal(refusal) => (refused(&refusal), None),
        Checked::Message(text) => (Outcome::Message(text), None),
    }
}

pub(crate) fn refused(refusal: &Refusal) -> Outcome {
    Outcome::Refused { gate: refusal.gate.name().to_owned(), reason: refusal.reason.clone() }
}

fn label(plan: &Plan) -> String {
    let symbol = plan.task.target.symbol();
    let title = plan.template.spec.title.trim_end_matches("...");
    if symbol.is_empty() { title.to_owned() } else { format!("{title}: {symbol}") }
}

fn warnings(proposal: &Proposal) -> Vec<String> {
    proposal.report.warnings().map(|(gate, warning)| format!("{}: {warning}", gate.name())).collect()
}

/// Why a person should look at an edit first, if one should. `quality` is what the edit does as it was made: it is not
/// judged anew for what was typed meanwhile.
fn confirmation(
    plan: &Plan,
    place: &Place,
    proposal: &Proposal,
    quality: Option<&QualityDelta>,
) -> Option<String> {
    match place.base().config.ai.confirm.unwrap_or_default() {
        Confirm::Never => return None,
        Confirm::Always => return Some("every AI edit is to be confirmed".to_owned()),
        Confirm::Doubtful => {}
    }
    let rules = quality.iter().flat_map(|quality| &quality.rules);
    // A hint is no reason to keep a user from an edit.
    let told = rules.filter(|rule| rule.severity != Severity::Hint);
    let introduced: u32 = told.map(|rule| rule.after.saturating_sub(rule.before)).sum();
    if introduced > 0 {
        return Some(format!("it brings {introduced} new finding{}", if introduced == 1 { "" } else { "s" }));
    }
    let mut scores = quality.iter().flat_map(|quality| &quality.scores);
    if let Some(worse) = scores.find(|score| score.after + MUCH_WORSE <= score.before) {
        let points = |score: u16| f64::from(score) / 100.0;
        let (dimension, before, after) = (worse.dimension.name(), points(worse.before), points(worse.after));
        return Some(format!("it lowers the file's score for {dimension} from {before:.1} to {after:.1}"));
    }
    if let Some((_, gone)) = proposal.report.warnings().find(|(gate, _)| *gate == Gate::Items) {
        return Some(gone.to_owned());
    }
    // What goes beside the target may have a place of its own.
    let meant = [plan.edit.site.target(), proposal.before];
    let outside = proposal
        .edits
        .iter()
        .any(|edit| meant.iter().all(|meant| edit.span.end < meant.start || edit.span.start > meant.end));
    (outside && proposal.version == plan.edit.site.version())
        .then(|| "it changes more than its target".to_owned())
}
