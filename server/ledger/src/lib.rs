//! Every edit accounted for: journal, index, budgets, reports.
//!
//! Each process appends [`Event`]s to a journal of its own; the journals are the truth. An index in sled, built from
//! them and at any time again, holds edits and the sums of each day. Any number of processes share a ledger: they
//! take turns at the index under a short lease.
//!
//! Invariants:
//! - An event whose [`Receipt`] is ready survives the death of its process and a loss of power.
//! - An event counts once, however often it was written, read or imported.
//! - The sums of a day are a function of its events, whatever their order.
//! - What cannot be read is named as a [`Loss`], never passed over; damage of the index costs time, not events.
//! - No source text is stored.

mod analysis;
mod background;
mod backup;
mod budget;
mod day;
mod digest;
mod edit;
mod error;
mod event;
mod frame;
mod id;
mod index;
mod ingest;
mod journal;
mod layout;
mod lease;
mod ledger;
mod manifest;
mod prune;
mod rate;
mod receipt;
mod record;
mod report;
mod segment;
mod sketch;
mod source;
mod spending;
mod stats;
mod store;
mod stored_edit;
mod transfer;
mod verify;
mod writer;

pub use analysis::{Analysis, Anomaly, TaskWeek, Waste, Week, Worse};
pub use budget::{BudgetState, Exceeded, Limit, Over, Scope, Unit, Verdict};
pub use day::{Day, ParseDayError};
pub use digest::{Digest, ParseDigestError};
pub use edit::{Edit, Outcome, Request};
pub use error::{LedgerError, Loss, LossKind};
pub use event::{
    Answered, Baseline, Cancelled, Chosen, Compared, Cost, Estimate, Event, EventKind, Failed, Latency,
    Moment, Offered, Planned, Refused, Rejected, RequestLog, Requested, Reworked, Route, Score, Sent, Share,
    ShownPiece, Source, Survived, Template, Tokens, Usage,
};
pub use id::{EditId, EventId, ParseIdError};
pub use ingest::Ingested;
pub use ledger::{Ledger, Options, Reservation, ReserveError, Retention};
pub use prune::Pruned;
pub use rate::Rate;
pub use receipt::{AppendError, Receipt};
pub use report::{By, Percentiles, Report, Row, Summary};
pub use sketch::Sketch;
pub use spending::Spend;
pub use stats::{Cell, Counts, Dimensions, Leader, Leaders, ScoreSum, Stats, Survival, WasteSum};
pub use transfer::Imported;
pub use verify::Verified;
