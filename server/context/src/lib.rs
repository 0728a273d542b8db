//! What the model gets to see, under a token budget.
//!
//! [`gather`] takes a target and its file and gives pieces of text, each with its role, the reason it is there and
//! what it costs. The same arguments give the same pieces. Tokens are counted by a function the caller gives, for
//! only the caller knows the model.

mod dedent;
mod enclosing;
mod gather;
mod imports;

pub use dedent::{Dedented, dedent};
pub use gather::{Context, ContextError, Finding, FindingLine, Piece, Request, Role, gather};
