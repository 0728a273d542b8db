//! The AI side of an editor's session: what can be asked for, what is under way, what was done last.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use autodao_edits::Proposal;
use autodao_ledger::{By, Day, LedgerError, Moment, Report};
use autodao_syntax::Span;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::ask::cancelled;
use super::explain::{DryRun, explain, explain_parts};
use super::fate::{EditHover, Fates, Looks, Tracked, at_moments, until_committed};
use super::health::{Depth, Health, health};
use super::invocation::{Invocation, Offered};
use super::located::located;
use super::models::Models;
use super::offer::{Offer, offers};
use super::outcome::{Outcome, Progress};
use super::parts::{Together, passed, split};
use super::place::Place;
use super::plan::{Plan, plan};
use super::queue::Priority;
use super::record::Records;
use super::run::{Finished, Given, Run, bring};
use super::shared::{Known, Shared, lock};
use super::status::Status;
use super::trust::may_be_sent;
use crate::Session;
use crate::config::AiSettings;
use crate::diagnosis::{DocumentKey, Snapshot};
use crate::index::WorkspaceIndexes;

/// Names an edit within its process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EditNumber(u64);

/// Who is told how an edit goes. Called on the threads that edits run on.
pub trait Observer: Send + Sync + 'static {
    /// How far it is.
    fn progressed(&self, edit: EditNumber, progress: Progress);

    /// Something to know although it goes on.
    fn warned(&self, edit: EditNumber, warning: String);

    /// It is over. Of an edit, [`Assistant::settled`] has to be told what became of it.
    fn finished(&self, edit: EditNumber, outcome: Outcome);
}

/// The AI side of a session.
pub struct Assistant {
    pub(super) shared: Arc<Shared>,
    session: Option<Arc<Session>>,
    runtime: OnceLock<Option<Runtime>>,
    numbers: AtomicU64,
    pub(super) edits: Arc<Mutex<Edits>>,
    /// Told when an edit came to its end.
    ended: Arc<Condvar>,
    fates: Arc<Fates>,
}

#[derive(Default)]
pub(super) struct Edits {
    /// How to stop each that is under way.
    running: HashMap<EditNumber, watch::Sender<bool>>,
    /// Those that were given out and not settled.
    offered: HashMap<EditNumber, Done>,
    /// The last that came to an end, and what it was asked with.
    pub(super) last: Option<Last>,
    /// The user interrupted the program: nothing is begun any more.
    interrupted: bool,
    /// The last that was applied and not taken back.
    pub(super) applied: Option<Arc<Tracked>>,
}

/// An edit that came to an end.
pub(crate) struct Done {
    pub(crate) plan: Arc<Plan>,
    pub(crate) place: Place,
    /// One, or one for each part that is in the edit.
    pub(crate) records: Records,
    pub(super) proposal: Option<Box<Proposal>>,
    /// What was given out last.
    pub(crate) given: Option<Given>,
}

/// What can be said of, and done about, the last edit.
pub(super) struct Last {
    document: DocumentKey,
    invocation: Invocation,
    explanation: String,
}

impl Assistant {
    /// The assistant of a session. Costs nothing until it is asked.
    pub fn new(session: Option<Arc<Session>>) -> Self {
        Self {
            shared: Arc::new(Shared::new()),
            session,
            runtime: OnceLock::new(),
            numbers: AtomicU64::new(1),
            edits: Arc::default(),
            ended: Arc::default(),
            fates: Arc::default(),
        }
    }

    /// What a model can be asked for at a range of a document.
    pub fn offers(&self, snapshot: &Snapshot, range: Span) -> Vec<Offer> {
        let settings = &snapshot.config.ai;
        if settings.enabled == Some(false) || may_be_sent(snapshot.path.as_deref()).is_err() {
            return Vec::new();
        }
        let known = self.shared.known_models(settings);
        if matches!(known, Known::NotYet) && self.shared.begin_looking() {
            let shared = Arc::clone(&self.shared);
            match self.runtime() {
                Some(runtime) => drop(runtime.spawn(async move { shared.look().await })),
                None => return Vec::new(),
            }
        }
        offers(&self.shared, snapshot, range, &known)
    }

    /// Starts an edit of an open document. The observer is told how it goes, the end included.
    pub fn start(
        &self,
        document: &DocumentKey,
        invocation: Invocation,
        observer: Arc<dyn Observer>,
    ) -> EditNumber {
        let number = EditNumber(self.numbers.fetch_add(1, Ordering::Relaxed));
        let following = self.session.as_ref().and_then(|session| session.follow(document));
        let Some(following) = following else {
            observer.finished(number, Outcome::Failed("the document is not open".to_owned()));
            return number;
        };
        self.run(number, Place::Open(Box::new(following)), invocation, observer);
        number
    }

    /// Starts an edit of a file that no editor has open.
    pub fn start_on_file(
        &self,
        file: Snapshot,
        invocation: Invocation,
        observer: Arc<dyn Observer>,
    ) -> EditNumber {
        let number = EditNumber(self.numbers.fetch_add(1, Ordering::Relaxed));
        self.run(number, Place::File(Box::new(file)), invocation, observer);
        number
    }

    fn run(&self, number: EditNumber, place: Place, invocation: Invocation, observer: Arc<dyn Observer>) {
        let Some(runtime) = self.runtime() else {
            return observer.finished(number, Outcome::Failed("no thread for AI edits".to_owned()));
        };
        let mut edits = lock(&self.edits);
        let (stop, cancel) = watch::channel(edits.interrupted);
        edits.running.insert(number, stop);
        drop(edits);
        let (shared, edits) = (Arc::clone(&self.shared), Arc::clone(&self.edits));
        let ended = Arc::clone(&self.ended);
        runtime.spawn(async move {
            let document = Arc::clone(&place.base().key);
            let mut again = Invocation { anew: true, ..invocation.clone() };
            let version = place.base().version;
            let (outcome, done, explanation) =
                edit(&shared, number, place, invocation, cancel, &*observer).await;
            let mut edits = lock(&edits);
            edits.running.remove(&number);
            let symbol = done.as_ref().map(|done| done.plan.task.target.symbol()).unwrap_or_default();
            again.offered = Some(Offered { version, symbol });
            edits.last = Some(Last { document, invocation: again, explanation });
            if let (Outcome::Edit(_), Some(done)) = (&outcome, done) {
                edits.offered.insert(number, done);
            }
            drop(edits);
            ended.notify_all();
            observer.finished(number, outcome);
        });
    }

    /// Keeps an edit that came to an end outside [`Self::start`], until it is settled.
    pub(super) fn keep(&self, done: Done, outcome: &Outcome) -> EditNumber {
        let number = EditNumber(self.numbers.fetch_add(1, Ordering::Relaxed));
        if matches!(outcome, Outcome::Edit(_)) {
            lock(&self.edits).offered.insert(number, done);
        }
        number
    }

    /// Thinks an edit of a file out, and asks nothing: what would be sent, and what it would take.
    pub fn dry_run(&self, file: &Snapshot, invocation: &Invocation) -> Result<DryRun, String> {
        let runtime = self.runtime().ok_or("no thread for AI edits")?;
        let settings = &file.config.ai;
        let models = match self.shared.known_models(settings) {
            Known::Models(models) => models,
            Known::NotYet | Known::Looking => runtime.block_on(self.shared.look()),
        }?;
        let model = models.first().ok_or("no model")?;
        let library = self.shared.library(&file.config);
        let around = self.shared.surroundings(&library, model);
        match split(file, invocation, around)? {
            Some(split) => DryRun::of_parts(&split),
            None => DryRun::of(&plan(file, invocation, around)?),
        }
    }

    /// The models that would be asked, looked for if need be; or why there is none.
    pub fn models(&self, settings: &AiSettings) -> Models {
        match (self.shared.known_models(settings), self.runtime()) {
            (Known::Models(models), _) => models,
            (_, Some(runtime)) => runtime.block_on(self.shared.look()),
            (_, None) => Err("no thread for AI edits".to_owned()),
        }
    }

    /// Takes the key of a model from a client the user trusts. It is kept in memory only, and sent to the origin of
    /// the URL only.
    ///
    /// # Errors
    /// The URL is none, or the key cannot be one.
    pub fn set_key(&self, model: &str, url: &str, key: &str) -> Result<(), String> {
        self.shared.keys.give(model, url, key)
    }

    /// Forgets the key a client gave for a model, or all of them.
    pub fn clear_key(&self, model: Option<&str>) {
        self.shared.keys.clear(model);
    }

    /// Looks at every model of the settings, as deep as it is asked for.
    pub fn health(&self, settings: &AiSettings, depth: Depth) -> Vec<Health> {
        self.runtime()
            .map_or_else(Vec::new, |runtime| runtime.block_on(health(&self.shared, settings, depth)))
    }

    /// Stops an edit. It ends as [`Outcome::Cancelled`], unless it was over already.
    pub fn cancel(&self, edit: EditNumber) {
        if let Some(stop) = lock(&self.edits).running.get(&edit) {
            stop.send_replace(true);
        }
    }

    /// Stops what is under way, and what is started later, when the user interrupts the program (SIGINT), instead of
    /// ending it at once: what it took is told to the ledger. From then on an interrupt does nothing else.
    pub fn stop_on_interrupt(&self) {
        let edits = Arc::clone(&self.edits);
        let interrupted = async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                let mut edits = lock(&edits);
                edits.interrupted = true;
                #[expect(clippy::iter_over_hash_type, reason = "each is stopped, in whatever order")]
                for stop in edits.running.values() {
                    stop.send_replace(true);
                }
            }
        };
        if let Some(runtime) = self.runtime() {
            runtime.spawn(interrupted);
        }
    }

    /// How many edits are under way.
    pub fn running(&self) -> usize {
        lock(&self.edits).running.len()
    }

    /// What AI edits cost by now. Reads the ledger: blocks for milliseconds.
    pub fn status(&self, settings: &AiSettings) -> Status {
        Status::of(&self.shared, settings, self.running())
    }

    /// What AI edits of some days took, as the command line reports it. Blocks for milliseconds.
    pub fn report(&self, first: Day, last: Day, by: By) -> Result<Report, LedgerError> {
        if let Err(error) = self.shared.ledger.flush().wait() {
            tracing::warn!("the report is behind the ledger: {error}");
        }
        self.shared.ledger.report(first, last, by)
    }

    /// Looks for models when nobody did yet and settings name none. Returns whether it looked. Blocks for up to a
    /// second.
    pub fn look_around(&self, settings: &AiSettings) -> bool {
        let is_off = settings.enabled == Some(false);
        if !is_off
            && matches!(self.shared.known_models(settings), Known::NotYet)
            && self.shared.begin_looking()
        {
            // Whether there are any is said where one is asked for.
            return self.runtime().is_some_and(|runtime| {
                let _ = runtime.block_on(self.shared.look());
                true
            });
        }
        false
    }

    /// Stops everything and tells the ledger; to be called when the editor is gone. What is not told by then, in a
    /// second, is left open in the ledger.
    pub fn close(&self) {
        let edits = lock(&self.edits);
        #[expect(clippy::iter_over_hash_type, reason = "each is stopped, in whatever order")]
        for stop in edits.running.values() {
            stop.send_replace(true);
        }
        let patience = Duration::from_secs(1);
        let waited = self.ended.wait_timeout_while(edits, patience, |edits| !edits.running.is_empty());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.fates.look_at_commits();
        self.fates.end().look();
        if let Err(error) = self.shared.ledger.flush().wait() {
            tracing::error!("the ledger is without the last events: {error}");
        }
    }

    /// The edit again, for the text as it is now: the editor did not take it because the text had changed. `None`
    /// when the text has not changed, or there is no edit any more.
    pub fn again(&self, edit: EditNumber, refused_version: i32) -> Option<Outcome> {
        let mut edits = lock(&self.edits);
        let done = edits.offered.get_mut(&edit)?;
        let proposal = done.proposal.as_ref()?;
        if done.plan.new_file.is_some() || done.place.now().is_none_or(|now| now.version == refused_version) {
            return None;
        }
        let (outcome, given) = bring(&done.plan, &done.place, proposal);
        done.given = given;
        Some(outcome)
    }

    /// Says that an edit was only asked for to be looked at: what becomes of it nobody will tell.
    pub fn only_shown(&self, edit: EditNumber) {
        lock(&self.edits).offered.remove(&edit);
    }

    /// Says what became of an edit that was given out.
    pub fn settled(&self, edit: EditNumber, applied: bool) {
        let mut edits = lock(&self.edits);
        let Some(done) = edits.offered.remove(&edit) else { return };
        if !applied {
            self.shared.forget(&done.plan);
            return done.records.rejected("editor");
        }
        done.records.applied();
        let spent = done.records.spent();
        let document = Arc::clone(&done.place.base().key);
        let tracked = Arc::new(Tracked::new(edit, document, done, spent));
        edits.applied = Some(Arc::clone(&tracked));
        drop(edits);
        let (Some(_), Place::Open(_), Some(runtime)) =
            (&tracked.done.given, &tracked.done.place, self.runtime())
        else {
            return;
        };
        let weak = Arc::downgrade(&tracked);
        if self.fates.follow(tracked) {
            runtime.spawn(until_committed(Arc::downgrade(&self.fates)));
        }
        // Texts are compared: milliseconds.
        let look =
            |edit: &Arc<Tracked>, moment| tokio::task::block_in_place(|| Looks::at(edit, moment).look());
        runtime.spawn(at_moments(weak, look));
    }

    /// A document was edited.
    pub fn changed(&self, document: &DocumentKey) {
        self.fates.changed(document);
    }

    /// A document was saved.
    pub fn saved(&self, document: &DocumentKey) {
        self.look(self.fates.now(document, Moment::Save));
    }

    /// A document is about to be closed.
    pub fn closing(&self, document: &DocumentKey) {
        self.look(self.fates.closing(document));
    }

    fn look(&self, looks: Looks) {
        if let Some(runtime) = self.runtime().filter(|_| !looks.is_empty()) {
            runtime.spawn_blocking(move || looks.look());
        }
    }

    /// What is to be said of the AI edit that wrote what is at an offset of a document.
    pub fn hover(&self, document: &DocumentKey, offset: u32) -> Option<EditHover> {
        self.fates.at(document, offset)
    }

    /// What the last edit was asked with, to ask for it once more.
    pub fn last(&self) -> Option<(DocumentKey, Invocation)> {
        let edits = lock(&self.edits);
        edits.last.as_ref().map(|last| (Arc::clone(&last.document), last.invocation.clone()))
    }

    /// What the last edit was: task, template, context, request, gates. Markdown.
    pub fn explain_last(&self) -> Option<String> {
        lock(&self.edits).last.as_ref().map(|last| last.explanation.clone())
    }

    /// What is defined in the folders that are worked in. Whoever knows them has them built.
    pub fn indexes(&self) -> &Arc<WorkspaceIndexes> {
        &self.shared.indexes
    }

    /// Reads templates anew and looks for models again when they are next needed.
    pub fn reload(&self) {
        self.shared.reload();
    }

    pub(super) fn runtime(&self) -> Option<&Runtime> {
        let start = || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("autodao-edits")
                .enable_all()
                .build();
            runtime.inspect_err(|error| tracing::error!("no thread for AI edits: {error}")).ok()
        };
        self.runtime.get_or_init(start).as_ref()
    }
}

impl Drop for Assistant {
    fn drop(&mut self) {
        // An edit whose sender is gone is cancelled.
        lock(&self.edits).running.clear();
        if let Some(Some(runtime)) = self.runtime.take() {
            // Long enough to tell the ledger that edits were cancelled; no provider is waited for.
            runtime.shutdown_timeout(Duration::from_millis(200));
        }
    }
}

/// Goes the whole way of one edit, planning included.
async fn edit(
    shared: &Arc<Shared>,
    number: EditNumber,
    place: Place,
    invocation: Invocation,
    mut cancel: watch::Receiver<bool>,
    observer: &dyn Observer,
) -> (Outcome, Option<Done>, String) {
    let failed = |why: String| (Outcome::Failed(why.clone()), None, why);
    let invocation = match located(place.base(), invocation) {
        Ok(invocation) => invocation,
        Err(why) => return failed(why),
    };
    let config = Arc::clone(&place.base().config);
    tokio::task::block_in_place(|| shared.keys.ask(&config.ai));
    let models = match shared.known_models(&config.ai) {
        Known::Models(models) => models,
        Known::NotYet | Known::Looking => {
            tokio::select! {
                biased;
                () = cancelled(&mut cancel) => return (Outcome::Cancelled, None, "cancelled".to_owned()),
                models = shared.look() => models,
            }
        }
    };
    let models = match models {
        Ok(models) => models,
        Err(why) => return failed(why),
    };
    let Some(model) = models.first() else { return failed("no model".to_owned()) };
    let library = shared.library(&config);
    let planned = tokio::task::block_in_place(|| {
        let around = shared.surroundings(&library, model);
        match split(place.base(), &invocation, around)? {
            Some(split) => Ok((split.whole, split.parts)),
            None => plan(place.base(), &invocation, around).map(|plan| (plan, Vec::new())),
        }
    });
    let (plan, parts) = match planned {
        Ok((plan, parts)) => (Arc::new(plan), parts),
        Err(why) => return failed(why),
    };
    let workspace = place.base().workspace();
    let limits = config.ai.budget.limits();
    let run = Run {
        shared,
        plan: &plan,
        place: &place,
        client: shared.client(),
        models: &models,
        limits: &limits,
        kept: shared.kept(&config.ai),
        priority: Priority::Interactive,
        anew: invocation.anew,
        cancel,
        progress: &|progress| observer.progressed(number, progress),
        warned: &|warning| observer.warned(number, warning),
    };
    if parts.is_empty() {
        let Finished { outcome, record, proposal, given, reply, .. } = run.go(&workspace).await;
        shared.tally.count(&shared.ledger, record.edit());
        let explanation = explain(&plan, &outcome, proposal.as_deref(), reply.as_deref());
        let records = Records(vec![record]);
        return (outcome, Some(Done { plan, place, records, proposal, given }), explanation);
    }
    let together = run.go_by_parts(&parts, &workspace).await;
    together.parts.iter().for_each(|part| shared.tally.count(&shared.ledger, part.record.edit()));
    let explanation = explain_parts(&parts, &together);
    let Together { outcome, parts, proposal, given } = together;
    let is_edit = matches!(outcome, Outcome::Edit(_));
    let (in_it, _): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| passed(part).is_some());
    let records = Records(in_it.into_iter().map(|part| part.record).collect());
    if !is_edit {
        // Each passed alone; together they did not.
        records.rejected("parts");
    }
    (outcome, Some(Done { plan, place, records, proposal, given }), explanation)
}
