//! Edits through a provider's batch API: thought out now, answered within a day, judged as any other.
//!
//! A [`BatchJob`] is what has to be on disk between the two. It is given to whoever keeps it before anything is sent:
//! who starts again with it asks for what became of the batch and pays for nothing twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use autodao_ledger::{EditId, EventId};
use autodao_providers::{
    BatchItem, BatchReply, BatchState, Error, ErrorKind, HttpRequest, Request, Sought, StopReason,
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::Assistant;
use super::ask::{Answer, ending_of, request_tokens, stop_name};
use super::assistant::{Done, EditNumber};
use super::estimate::{Estimate, tokens_of};
use super::invocation::Invocation;
use super::models::Model;
use super::outcome::Outcome;
use super::place::Place;
use super::plan::{Plan, Surroundings, plan};
use super::queue::Priority;
use super::record::{OpenRequest, Record, Records, Spent};
use super::run::{Finished, Run};
use crate::config::AiSettings;
use crate::diagnosis::{Snapshot, WorkspaceName};

/// An edit that is thought out and can be part of a batch.
pub struct BatchEdit {
    plan: Plan,
    request: Request,
    workspace: WorkspaceName,
    http: HttpRequest,
    id: String,
}

impl BatchEdit {
    /// Names the request by all that is sent: the same text, template and model give the same id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// A batch at a provider, as it is kept while nobody waits for it. Holds no text and no key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BatchJob {
    /// The provider's id for it. `None`: it was about to be sent.
    id: Option<String>,
    /// What tells it from other batches of the same account.
    mark: String,
    model: String,
    url: String,
    sent_ms: u64,
    /// By the ids of their requests.
    edits: BTreeMap<String, SentEdit>,
}

impl BatchJob {
    /// How many requests it has.
    pub fn len(&self) -> usize {
        self.edits.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    fn age(&self) -> Duration {
        Duration::from_millis(now_ms().saturating_sub(self.sent_ms))
    }
}

/// What the ledger knows of a request of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct SentEdit {
    edit: EditId,
    request: EventId,
    /// Tokens of the prompt, as they are counted here.
    prompt: u64,
}

/// An answer out of a batch, as it is kept until it is judged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BatchAnswer {
    edit: EditId,
    text: String,
    stop: String,
    is_refusal: bool,
}

/// What came of one request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BatchResult {
    /// An answer, to be judged by [`Assistant::finish_batch_edit`].
    Answered(BatchAnswer),
    /// The provider's error, for the user.
    Failed(String),
    /// Its time was up before its turn. It took nothing.
    NotAsked,
}

/// How far a batch is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BatchProgress {
    /// The provider works on it.
    Working {
        /// Requests that came to an end.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// It is over, and what it took is in the ledger. By the ids of the requests.
    Ended(BTreeMap<String, BatchResult>),
    /// The provider cannot be asked now, for this reason; it may be later.
    Unreachable(String),
    /// The provider did not accept it, for this reason. It took nothing.
    Rejected(String),
}

impl Assistant {
    /// Whether the model that is asked first has a batch API.
    ///
    /// # Errors
    /// It has none, or there is no model; in words for the user.
    pub fn has_batches(&self, settings: &AiSettings) -> Result<(), String> {
        self.batch_model(settings).map(drop)
    }

    /// Thinks an edit of a file out, to be asked for in a batch. Of a template under experiment the version in use is
    /// taken: the answer comes on another day.
    ///
    /// # Errors
    /// There is no plan, or the model has no batch API; in words for the user.
    pub fn plan_batch_edit(&self, file: &Snapshot, invocation: &Invocation) -> Result<BatchEdit, String> {
        let model = self.batch_model(&file.config.ai)?;
        let library = self.shared.library(&file.config);
        let around = Surroundings { chooser: None, ..self.shared.surroundings(&library, &model) };
        let plan = plan(file, invocation, around)?;
        let request = plan.request();
        let http = model.endpoint.format.encode_whole(&model.endpoint, &request);
        let http = http.map_err(|error| error.to_string())?;
        let id = http.sha256().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(BatchEdit { plan, request, workspace: file.workspace(), http, id })
    }

    /// Sends edits as one batch. `keep` is given the job before anything is sent, and again with the provider's id.
    ///
    /// # Errors
    /// A budget is used up, the job cannot be kept, or the provider did not accept it. What was kept last says whether
    /// there may be a batch all the same.
    pub fn send_batch(
        &self,
        settings: &AiSettings,
        edits: &[BatchEdit],
        keep: &mut dyn FnMut(Option<&BatchJob>) -> Result<(), String>,
    ) -> Result<BatchJob, String> {
        let model = self.batch_model(settings)?;
        let (prices, limits) = (self.shared.prices(), settings.budget.limits());
        let mut job = BatchJob {
            id: None,
            mark: format!("{}", EditId::new()),
            model: model.name.clone(),
            url: model.endpoint.base_url.to_string(),
            sent_ms: now_ms(),
            edits: BTreeMap::new(),
        };
        let mut told: Vec<(Record, OpenRequest)> = Vec::new();
        let give_up = |told: &[(Record, OpenRequest)]| {
            told.iter().for_each(|(record, open)| record.cancelled(Some((open, Some(Spent::nothing())))));
        };
        let kept = self.shared.kept(settings);
        for BatchEdit { plan, request, workspace, http, id } in edits {
            let ledger = self.shared.ledger.clone();
            let mut record = Record::begin(ledger, plan, workspace, prices, Instant::now());
            let prompt = request_tokens(request);
            let input = self.shared.ratios.input(&model.endpoint, prompt);
            let estimate = Estimate::in_batch(input, plan.estimate.output, &model, prices);
            match record.requested(&model, &estimate, &limits) {
                Ok((open, warning)) => {
                    warning.into_iter().for_each(|warning| tracing::warn!("{warning}"));
                    record.sent(&open, http.sha256());
                    if let Some(kept) = &kept {
                        kept.keep(record.edit(), open.id, http);
                    }
                    let sent = SentEdit { edit: record.edit(), request: open.id, prompt };
                    job.edits.insert(id.clone(), sent);
                    told.push((record, open));
                }
                Err(over) => {
                    record.not_asked("budget");
                    give_up(&told);
                    return Err(over);
                }
            }
        }
        // On disk before anything is sent: both what it may take and where to ask for it.
        let on_disk = self.shared.ledger.flush().wait().map_err(|error| error.to_string());
        if let Err(why) = on_disk.and_then(|()| keep(Some(&job))) {
            give_up(&told);
            return Err(why);
        }
        let items: Vec<_> = edits
            .iter()
            .map(|edit| BatchItem { id: edit.id.clone(), request: edit.request.clone() })
            .collect();
        let client = self.shared.client();
        let sent = self.wait(client.submit_batch(&model.endpoint, &items, &job.mark))?;
        match sent {
            Ok(id) => {
                job.id = Some(id);
                keep(Some(&job))?;
                Ok(job)
            }
            Err(failure) if failure.may_be_there => Err(failure.to_string()),
            Err(failure) => {
                told.iter().for_each(|(record, open)| record.failed(open, &failure.error, None, None));
                keep(None)?;
                Err(failure.to_string())
            }
        }
    }

    /// Makes sure that a job that was kept is a batch at its provider. `false`: it never came there, and is to be sent
    /// anew.
    ///
    /// # Errors
    /// The settings have another model by now, or nobody can say whether the provider has it.
    pub fn resume_batch(&self, settings: &AiSettings, job: &mut BatchJob) -> Result<bool, String> {
        let model = self.model_of(settings, job)?;
        if job.id.is_some() {
            return Ok(true);
        }
        let client = self.shared.client();
        let sought = self.wait(client.find_batch(&model.endpoint, &job.mark, job.len()))?;
        match sought.map_err(|error| error.to_string())? {
            Sought::Found(id) => {
                job.id = Some(id);
                Ok(true)
            }
            Sought::NotThere => {
                for sent in job.edits.values() {
                    let (record, open) = self.told(sent, job.age());
                    record.cancelled(Some((&open, Some(Spent::nothing()))));
                }
                Ok(false)
            }
            Sought::Perhaps(ids) => Err(format!(
                "the program was stopped while it sent a batch of {} requests, and {} has some of that size: {}",
                job.len(),
                model.name,
                ids.join(", ")
            )),
        }
    }

    /// Asks how far a batch is, and tells the ledger what it took when it is over.
    ///
    /// # Errors
    /// The settings have another model by now, or the provider does not say.
    pub fn look_at_batch(&self, settings: &AiSettings, job: &BatchJob) -> Result<BatchProgress, String> {
        let model = self.model_of(settings, job)?;
        let Some(id) = &job.id else { return Err("the batch was not sent".to_owned()) };
        let client = self.shared.client();
        let replies: Result<_, Error> = self.wait(async {
            match client.look_at_batch(&model.endpoint, id).await? {
                BatchState::Working { done, of } => Ok(Err(BatchProgress::Working { done, of })),
                BatchState::Ended(results) => client.batch_replies(&model.endpoint, &results).await.map(Ok),
            }
        })?;
        match replies {
            Ok(Ok(replies)) => Ok(BatchProgress::Ended(self.book(&model, job, replies))),
            Ok(Err(working)) => Ok(working),
            Err(error) if error.kind.is_transient() => Ok(BatchProgress::Unreachable(error.to_string())),
            Err(error) if matches!(error.kind, ErrorKind::BadRequest { .. }) => {
                for sent in job.edits.values() {
                    let (record, open) = self.told(sent, job.age());
                    record.failed(&open, &error, None, None);
                }
                Ok(BatchProgress::Rejected(error.to_string()))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Tells the ledger of every request of a batch what came of it, also of those the provider says nothing of.
    fn book(
        &self,
        model: &Model,
        job: &BatchJob,
        replies: Vec<(String, BatchReply)>,
    ) -> BTreeMap<String, BatchResult> {
        let mut replies: BTreeMap<_, _> = replies.into_iter().collect();
        let mut results = BTreeMap::new();
        for (id, sent) in &job.edits {
            let (record, open) = self.told(sent, job.age());
            let result = match replies.remove(id).unwrap_or(BatchReply::NotAsked) {
                BatchReply::Answered(answer) => {
                    let counted = (sent.prompt, tokens_of(&answer.text));
                    let spent = Spent::in_batch(answer.usage, counted, model, self.shared.prices());
                    let stop = stop_name(&answer.stop).to_owned();
                    record.answered(&open, spent, &stop, None);
                    if let Some(usage) = answer.usage.filter(|_| answer.stop.is_whole()) {
                        self.shared.ratios.learn(&model.endpoint, counted, &usage);
                    }
                    let (text, is_refusal) = (answer.text, answer.is_refusal);
                    BatchResult::Answered(BatchAnswer { edit: sent.edit, text, stop, is_refusal })
                }
                BatchReply::Failed(error) => {
                    record.failed(&open, &error, None, None);
                    BatchResult::Failed(error.to_string())
                }
                BatchReply::NotAsked => {
                    record.cancelled(Some((&open, Some(Spent::nothing()))));
                    BatchResult::NotAsked
                }
            };
            results.insert(id.clone(), result);
        }
        results
    }

    /// Judges an answer out of a batch for a file as it is now. The plan must be of the same request.
    pub fn finish_batch_edit(
        &self,
        file: Snapshot,
        edit: BatchEdit,
        answer: &BatchAnswer,
    ) -> (EditNumber, Outcome) {
        let (prices, limits) = (self.shared.prices(), file.config.ai.budget.limits());
        let record =
            Record::begun_before(self.shared.ledger.clone(), answer.edit, prices, Duration::default());
        let stop = StopReason::read(&answer.stop);
        let ending = if answer.is_refusal { autodao_edits::Ending::Refused } else { ending_of(&stop) };
        let said = Answer { text: answer.text.clone(), ending, usage: None };
        let (_stop, cancel) = watch::channel(false);
        let (plan, place) = (Arc::new(edit.plan), Place::File(Box::new(file)));
        let run = Run {
            anew: false,
            shared: &self.shared,
            plan: &plan,
            place: &place,
            client: self.shared.client(),
            models: std::slice::from_ref(&plan.model),
            limits: &limits,
            kept: None,
            priority: Priority::Background,
            cancel,
            progress: &|_| {},
            warned: &|_| {},
        };
        let Finished { outcome, record, proposal, given, .. } = run.conclude(record, &said);
        self.shared.tally.count(&self.shared.ledger, record.edit());
        let records = Records(vec![record]);
        let number = self.keep(Done { plan: Arc::clone(&plan), place, records, proposal, given }, &outcome);
        (number, outcome)
    }

    /// The model that is asked first: batches have no stand-ins.
    fn batch_model(&self, settings: &AiSettings) -> Result<Model, String> {
        self.shared.keys.ask(settings);
        let model = self.models(settings)?.into_iter().next().ok_or("no model")?;
        if model.endpoint.format.has_batches() {
            return Ok(model);
        }
        let format = model.endpoint.format.name();
        Err(format!(
            "the model `{}` speaks {format}, which has no batch API: leave out --provider-batch",
            model.name
        ))
    }

    /// The model a job was sent to, if it is still the one to ask: a batch is known to its own account only.
    fn model_of(&self, settings: &AiSettings, job: &BatchJob) -> Result<Model, String> {
        let model = self.batch_model(settings)?;
        if model.name == job.model && model.endpoint.base_url.as_str() == job.url {
            return Ok(model);
        }
        Err(format!(
            "the batch was sent to the model `{}` at {}: that has to be the model in use",
            job.model, job.url
        ))
    }

    fn told(&self, sent: &SentEdit, ago: Duration) -> (Record, OpenRequest) {
        let ledger = self.shared.ledger.clone();
        let record = Record::begun_before(ledger, sent.edit, self.shared.prices(), ago);
        (record, OpenRequest::sent_before(sent.request, ago))
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, String> {
        let runtime = self.runtime().ok_or("no thread for AI edits")?;
        Ok(runtime.block_on(future))
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
