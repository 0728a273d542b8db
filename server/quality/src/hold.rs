//! Findings of an item that is broken at the moment keep their last good state for a while.
//!
//! Typing goes through broken states: between `foo(` and `foo()` the tree around the cursor makes no sense, and
//! its findings would vanish and come back. A held finding stays, moved with the text, until the item parses
//! again or [`HOLD`] is over. Only typing is treated so: a program's edits are seen as they are, at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use autodao_syntax::Span;

use crate::Finding;
use crate::facts::Facts;

/// How long the findings of a broken item are kept: longer than the pause between two keystrokes, shorter than
/// a look at the list of problems.
pub const HOLD: Duration = Duration::from_millis(250);

/// What an item showed before it broke.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    /// When it ends. Set when the item broke; further edits do not put it off.
    pub(crate) until: Instant,
    /// What was found in the items that were there.
    pub(crate) held: Vec<Held>,
}

/// What one item showed and stated.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) findings: Option<Arc<[Finding]>>,
    pub(crate) facts: Option<Arc<Facts>>,
    pub(crate) item: Span,
}

impl Hold {
    pub(crate) fn shift(&mut self, delta: i64) {
        for held in &mut self.held {
            held.item = held.item.moved(delta);
        }
    }
}
