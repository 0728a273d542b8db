//! What the fronts delegate to: open documents, their analysis, configuration, checks of files and folders.
//!
//! Invariants:
//! - A [`Session`] applies what an editor says in the order it is told; its methods return in microseconds.
//! - A diagnosis is for exactly one version; one for an older version than the document's is never delivered.
//! - The editor and the command line give the same findings for the same text at the same place.

mod check;
pub mod config;
mod diagnosis;
mod fix;
pub mod memory;
mod menu;
mod project;
mod session;
mod worker;

pub use check::{CheckOptions, Checked, FileProblem, check_text, check_tree};
pub use diagnosis::{Content, Diagnosis, DocumentKey, Listener, Snapshot};
pub use fix::{apply_edits, edits_between, fix_all};
pub use menu::{Action, ActionKind, menu};
pub use project::role_of;
pub use session::{Changed, Session};

pub use autodao_quality as quality;
pub use autodao_syntax as syntax;
