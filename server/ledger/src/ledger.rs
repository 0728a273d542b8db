//! The handle: cheap to clone, shared by all threads of a process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::background::Background;
use crate::budget::{self, BudgetState, Limit, Over, Verdict};
use crate::index::Index;
use crate::ingest::ingest;
use crate::layout::Layout;
use crate::lease::Lease;
use crate::spending::{self, EditSpending, Spend, Spending};
use crate::writer::Writer;
use crate::{AppendError, Day, EditId, Event, EventId, EventKind, Ingested, LedgerError, Receipt, Requested};

/// How a ledger is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// How long to wait for another process.
    pub patience: Duration,
    /// How long things are kept.
    pub retention: Retention,
    /// How often the index is brought up to date in the background while events come. `None` leaves it to reports.
    pub ingest_every: Option<Duration>,
}

/// How long things are kept. Sums are kept forever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Days of what is only for a look into single requests.
    pub request_log_days: u32,
    /// Days of events.
    pub event_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { request_log_days: 30, event_days: 365 }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            retention: Retention::default(),
            ingest_every: Some(Duration::from_secs(60)),
        }
    }
}

/// Journals in the archive that are packed when there are more.
const MAX_LOOSE: usize = 64;

/// A ledger in a folder. Any number of processes may use the same one.
#[derive(Clone)]
pub struct Ledger(Arc<Inner>);

pub(crate) struct Inner {
    layout: Layout,
    options: Options,
    writer: Writer,
    edits: Mutex<EditSpending>,
    notices: Mutex<Vec<String>>,
    background: Background,
}

/// A request that was held against the budgets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reservation {
    /// Whether it may be sent.
    pub verdict: Verdict,
    /// The id of the request to settle, by an event that it was answered, failed or was cancelled. `None` when it
    /// was refused.
    pub request: Option<EventId>,
}

/// Why a request could not be held against the budgets.
#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    /// What is spent cannot be found out.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The reservation could not be written: other windows do not see it.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl Ledger {
    /// A handle with the usual options. Nothing on disk is touched before the first event or report.
    pub fn open(folder: impl AsRef<Path>) -> Self {
        Self::open_with(folder, Options::default())
    }

    /// A handle. Nothing on disk is touched before the first event or report.
    pub fn open_with(folder: impl AsRef<Path>, options: Options) -> Self {
        let layout = Layout::new(folder.as_ref());
        let writer = Writer::new(layout.clone());
        Self(Arc::new(Inner {
            layout,
            options,
            writer,
            edits: Mutex::default(),
            notices: Mutex::default(),
            background: Background::default(),
        }))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.0.layout.root()
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.0.layout
    }

    /// How it is kept.
    pub fn options(&self) -> Options {
        self.0.options
    }

    /// Hands an event to the thread that writes. Returns at once; the receipt tells when the event is on disk. Texts
    /// longer than 256 bytes are cut.
    pub fn append(&self, event: Event) -> Receipt {
        self.0.edits.lock().unwrap_or_else(PoisonError::into_inner).observe(&event);
        if let Some(interval) = self.0.options.ingest_every {
            self.0.background.wake(interval, || Arc::downgrade(&self.0));
        }
        self.0.writer.append(event)
    }

    /// A receipt for all events appended so far.
    pub fn flush(&self) -> Receipt {
        self.0.writer.flush()
    }

    /// Events in memory that the disk has not taken yet.
    pub fn unsaved(&self) -> usize {
        self.0.writer.unsaved()
    }

    /// What users should know and were not told: an index that was built anew.
    pub fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds a request against budgets that all windows share, and reserves its estimate unless it is refused. The
    /// reservation is the event of the request; it is on disk when this returns. Blocks for some milliseconds: not
    /// for a thread that must answer an editor.
    pub fn reserve(
        &self,
        edit: EditId,
        requested: Requested,
        limits: &[Limit],
    ) -> Result<Reservation, ReserveError> {
        let mut verdict = Verdict::Allow;
        let mut lease = None;
        if !limits.is_empty() {
            self.0.layout.create()?;
            lease = Some(Lease::acquire(&self.0.layout.budget_lock(), self.0.options.patience)?);
            verdict = budget::check(limits, &self.spending(limits)?, self.spent_by(edit), edit, &requested);
        }
        if matches!(verdict, Verdict::Refuse(_)) {
            return Ok(Reservation { verdict, request: None });
        }
        let event = Event::new(edit, EventKind::Requested(requested));
        let request = Some(event.id);
        self.append(event).wait()?;
        drop(lease);
        Ok(Reservation { verdict, request })
    }

    /// How full limits are today, for a workspace and a template.
    pub fn budgets(
        &self,
        limits: &[Limit],
        workspace: &str,
        template: Option<&str>,
    ) -> Result<Vec<BudgetState>, LedgerError> {
        let (spending, today) = (self.spending(limits)?, Day::today());
        let state =
            |limit: &Limit| budget::state(*limit, &spending, Spend::default(), today, workspace, template);
        Ok(limits.iter().map(state).collect())
    }

    /// What is spent and reserved today, in all windows.
    pub fn spent_today(&self) -> Result<Spend, LedgerError> {
        let today = Day::today();
        Ok(self.all_spending()?.sum(|bucket| bucket.day == today))
    }

    /// What an edit of this process spent and reserved, while it is one of its last 256.
    pub fn spent_by(&self, edit: EditId) -> Spend {
        self.0.edits.lock().unwrap_or_else(PoisonError::into_inner).of(edit)
    }

    fn spending(&self, limits: &[Limit]) -> Result<Spending, LedgerError> {
        // What an edit spent is known without a look at the files.
        if limits.iter().all(|limit| limit.over == Over::Edit) {
            return Ok(Spending::default());
        }
        self.all_spending()
    }

    fn all_spending(&self) -> Result<Spending, LedgerError> {
        if let Some(spending) = spending::current(&self.0.layout)? {
            return Ok(spending);
        }
        // The first one ever, or the checkpoint was lost: an ingest writes it.
        self.with_index(|_, _| Ok(()))?;
        Ok(spending::current(&self.0.layout)?.unwrap_or_default())
    }

    /// What the background thread does: brings the index up to date if nobody else is at it, and packs the archive
    /// when many processes have left their journals there.
    pub(crate) fn keep_house(inner: Arc<Inner>) {
        let ledger = Self(inner);
        let layout = ledger.layout();
        let is_free = || -> Result<(), LedgerError> {
            layout.create()?;
            Lease::acquire(&layout.index_lock(), Duration::ZERO).map(drop)
        };
        let many = || Layout::files(&layout.archive(), &["journal"]).map(|files| files.len() > MAX_LOOSE);
        let keep = || -> Result<(), LedgerError> {
            is_free()?;
            ledger.ingest()?;
            if many()? {
                ledger.prune()?;
            }
            Ok(())
        };
        match keep() {
            Ok(()) | Err(LedgerError::Busy { .. }) => {}
            Err(error) => tracing::warn!("the ledger's index is not up to date: {error}"),
        }
    }

    /// Brings the index up to date with all journals.
    pub fn ingest(&self) -> Result<Ingested, LedgerError> {
        self.with_index(|_, ingested| Ok(ingested.clone()))
    }

    /// Works on an index that is up to date, under the lease. Damage is repaired by building the index anew, once.
    pub(crate) fn with_index<T>(
        &self,
        mut work: impl FnMut(&mut Index, &Ingested) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let layout = &self.0.layout;
        layout.create()?;
        let _lease = self.lease()?;
        match attempt(layout, &mut work) {
            Err(LedgerError::DamagedIndex(reason)) => {
                let aside = self.set_index_aside()?;
                let notice = format!(
                    "the ledger's index was damaged ({reason}) and is built anew from the journals; the old one is {}",
                    aside.display()
                );
                tracing::warn!("{notice}");
                self.0.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
                attempt(layout, &mut work)
            }
            result => result,
        }
    }

    pub(crate) fn lease(&self) -> Result<Lease, LedgerError> {
        Lease::acquire(&self.0.layout.index_lock(), self.0.options.patience)
    }

    /// Moves the index away; of those moved before, none is kept. The caller holds the lease.
    pub(crate) fn set_index_aside(&self) -> Result<PathBuf, LedgerError> {
        let layout = &self.0.layout;
        for old in Layout::files(layout.root(), &["damaged"])? {
            std::fs::remove_dir_all(&old).map_err(LedgerError::io(&old))?;
        }
        let index = layout.index();
        let aside = layout.root().join(format!("index-{}.damaged", EventId::new()));
        std::fs::rename(&index, &aside).map_err(LedgerError::io(&index))?;
        Ok(aside)
    }
}

/// One try. sled panics on some kinds of damage; that is damage like any other.
pub(crate) fn attempt<T>(
    layout: &Layout,
    work: &mut impl FnMut(&mut Index, &Ingested) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let run = || {
        let mut index = Index::open(layout.index())?;
        let ingested = ingest(&mut index, layout)?;
        work(&mut index, &ingested)
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(LedgerError::DamagedIndex(format!("panic: {said}")))
    })
}
