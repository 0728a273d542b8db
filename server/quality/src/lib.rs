//! Rules, findings and fixes over syntax trees, computed item by item.
//!
//! A [`Profile`] is the catalog of rules with the user's levels and options. An [`Analysis`] holds what is known
//! of one file; told of an edit and the new tree it looks again only at the items the edit touched.
//!
//! Invariants:
//! - What an incremental analysis reports equals what a fresh one of the same tree reports.
//! - A rule sees its item and the item's context, never its neighbours: that is what makes the first true.
//! - No rule panics, recurses over the tree, or walks towards the root without a bound.

mod analysis;
mod calls;
mod catalog;
mod comment;
mod comments;
mod dispatch;
mod facts;
mod finding;
mod hold;
mod imports;
mod kinds;
mod layout;
mod macro_tokens;
mod message_template;
pub mod metrics;
mod note;
mod partition;
mod profile;
mod query_rule;
mod query_text;
mod reconcile;
mod report;
mod role;
mod rule;
mod rules;
pub mod score;
mod search;
mod suppression;
mod unit;
mod user_rule;
mod visit;
mod walk;
mod workspace;

pub use analysis::Analysis;
pub use catalog::{Catalog, RuleId};
pub use finding::{Applicability, Finding, Fix, TextEdit};
pub use hold::HOLD;
pub use note::PlacedNote;
pub use profile::{Profile, RuleChange, RuleChangeError};
pub use report::{FunctionNote, PlacedFinding, PlacedFunctions, Report};
pub use role::FileRole;
pub use rule::{
    Check, Dimension, Example, Level, NodeCheck, QueryCheck, QueryFix, Reference, Rule, RuleOption, Severity,
};
pub use user_rule::{UserRuleError, is_rule_read, read_rule, rule_name, rule_problems};
pub use workspace::{FileSurvey, Import, WorkspaceFile, workspace_findings};
