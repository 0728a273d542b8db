//! What is being asked: kind, complexity, requirements, parts.
//!
//! A [`Target`] is what a cursor or a selection stands for: the smallest whole item, or the run of items, with its
//! documentation and attributes. A [`Task`] is what is wanted of it. Nothing here asks a model; what cannot be told
//! stays [`TaskKind::Unknown`].
//!
//! Invariants: nothing panics on any text, tree or selection; nothing recurses over a tree; finding a target costs
//! one descent from the root, not a look at the file.

mod classify;
mod complexity;
mod item;
mod kind;
mod parts;
mod requirements;
mod surroundings;
mod target;
mod task;

pub use classify::classify;
pub use complexity::{Complexity, Measures};
pub use item::Item;
pub use kind::TaskKind;
pub use parts::parts;
pub use requirements::Requirements;
pub use surroundings::{Surroundings, surroundings};
pub use target::{Target, target_at, target_of_file};
pub use task::{Asked, Task};
