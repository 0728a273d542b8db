//! AI edits: from a place in a text and a wish to a checked edit.
//!
//! A *plan* costs no token: target, task, template, context, prompt, estimate. A *run* asks the model,
//! holds the reply to its contract, has it repaired once, and brings the edit to the text as it is by then. The
//! [`Assistant`] keeps what is under way; fronts tell it what became of the edits it gave out.
//!
//! Invariants:
//! - No edit is given out that did not pass every gate for exactly the version it names.
//! - Every request is told to the ledger before it leaves, and its end when it comes, however it comes.
//! - Cancelling closes the connection to the provider and frees its place.

mod ask;
mod assistant;
mod cache;
mod commits;
mod estimate;
mod examine;
mod explain;
mod fate;
mod health;
mod importing;
mod invocation;
mod kept;
mod keyring;
mod keys;
pub(crate) mod known;
mod located;
mod models;
mod offer;
mod outcome;
mod overflow;
mod parts;
mod place;
mod plan;
mod provider_batch;
mod queue;
mod ratios;
mod record;
mod run;
mod sample;
mod shared;
mod shown;
mod status;
mod template_query;
mod trust;
mod undo;

pub(crate) use ask::{Answer, request_tokens};
pub(crate) use estimate::tokens_of;
pub(crate) use examine::{Examination, ROUNDS, SECRETS};
pub(crate) use plan::{contract_of, max_output, request_of, terms_of};
pub(crate) use shared::lock;
pub(crate) use template_query::query_mistake;
pub(crate) use trust::conceal;

pub use assistant::{Assistant, EditNumber, Observer};
pub use estimate::Estimate;
pub use explain::DryRun;
pub use fate::EditHover;
pub use health::{Depth, Health};
pub use invocation::{Invocation, Offered};
pub use kept::kept_requests;
pub use keys::keep_key;
pub use known::{KnownName, KnownNames};
pub use models::{Model, Models};
pub use offer::{Offer, OfferKind};
pub use outcome::{Outcome, Progress, ReadyEdit};
pub use plan::Plan;
pub use provider_batch::{BatchAnswer, BatchEdit, BatchJob, BatchProgress, BatchResult};
pub use status::{Filled, Status, Sums};
