//! What the model gets to see, under a token budget.
//!
//! [`gather`] takes a target and its file and gives pieces of text, each with its role, the reason it is there and
//! what it costs. The same arguments give the same pieces. Tokens are counted by a function the caller gives, for
//! only the caller knows the model.

mod brief;
mod dedent;
mod enclosing;
mod gather;
mod imports;
mod known;
mod pack;
pub mod rank;

pub use dedent::{Dedented, dedent};
pub use gather::{Context, ContextError, Finding, FindingLine, Piece, Request, Role, gather};
pub use pack::{Allowance, Pack, Packed, Tier, pack};
