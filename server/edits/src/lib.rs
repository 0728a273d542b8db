//! From a model's reply to a checked edit: contracts, gates, rebase.
//!
//! Pure functions over snapshots. [`propose`] takes what a model said about a [`Site`] and gives an [`Outcome`]:
//! a [`Proposal`] that passed every gate, a message, or a [`Refusal`] with its reason. A [`Pending`] follows what
//! the user types meanwhile; an [`Applied`] can be taken back.
//!
//! Invariants:
//! - A reply that did not end as its model meant, that holds no code, or that can be read in two ways is never an
//!   edit.
//! - What lies outside the target is byte for byte as it was, and is read by the parser as it was.
//! - No proposal adds an ERROR or MISSING node.
//! - Nothing the user typed is lost: both sides survive literally, or there is no edit.

mod applied;
mod builtins;
mod change;
mod contract;
mod diff;
mod encode;
mod extract;
mod fence;
mod fit;
mod gate;
mod gates;
mod ground;
mod head;
mod hunk;
mod import;
mod indent;
mod insert;
mod items;
mod literal;
mod names;
mod outcome;
mod pending;
mod propose;
mod reading;
mod reply;
mod rust_tests;
mod shortest;
mod site;
mod survival;
mod tokens;
mod typed;
mod walk;

pub use applied::{Applied, UndoError};
pub use contract::{Allowance, Contract, ItemTerm, Limits, NameTerm, QualityTerms, SignatureTerm, Terms};
pub use diff::{apply, inverse};
pub use encode::{Encoded, encode, site_of};
pub use gate::{Gate, GateReport, GateResult, Verdict};
pub use gates::quality::{DimensionDelta, QualityBaseline, QualityDelta, RuleDelta, ScoreDelta};
pub use import::{ImportRequest, Imports, imports};
pub use indent::{IndentStyle, LineEnding};
pub use names::Names;
pub use outcome::{Outcome, Proposal, Refusal};
pub use pending::Pending;
pub use propose::{Checks, Request, combine, decode, propose};
pub use reply::{Ending, MAX_REPLY_BYTES, Reply};
pub use site::{Site, SiteError};
pub use survival::{Survival, survival};
