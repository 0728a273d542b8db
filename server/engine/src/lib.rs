//! What the fronts delegate to: open documents, their analysis, configuration, checks of files and folders.
//!
//! Invariants:
//! - A [`Session`] applies what an editor says in the order it is told; its methods return in microseconds.
//! - A diagnosis is for exactly one version; one for an older version than the document's is never delivered.
//! - The editor and the command line give the same findings for the same text at the same place.

pub mod act;
pub mod bench;
mod changed;
mod check;
pub mod config;
mod diagnosis;
mod experiments;
mod fix;
mod following;
mod hash;
mod hover;
pub mod index;
mod install;
mod lens;
mod library;
mod measure;
pub mod memory;
mod menu;
pub mod prices;
mod project;
mod replace;
mod rules;
mod score;
mod session;
mod signature;
mod source;
mod state;
mod suggestions;
mod surveys;
mod template_file;
mod template_source;
mod template_tests;
mod together;
mod tree;
mod worker;

pub use changed::{ChangedError, changed_since};
pub use check::{Checked, FileProblem, check_source, check_text, open_file, open_text};
pub use diagnosis::{Content, Diagnosis, DocumentKey, Listener, Snapshot};
pub use experiments::{
    Allocation, ArmStanding, Ended, Experiment, ExperimentError, Experiments, Standing, standing,
};
pub use fix::{apply_edits, edits_between, fix_all, unified_diff};
pub use following::{Followed, Following};
pub use hover::{FunctionHover, hover};
pub use install::{InstallError, Installed, export, install};
pub use lens::{FunctionLens, lenses};
pub use library::{TemplateFolders, TemplateLocks, template_vocabulary};
pub use measure::{MeasuredFile, measure_tree};
pub use menu::{Action, ActionKind, menu};
pub use project::role_of;
pub use replace::replace_file;
pub use rules::{UnknownRule, find_rule, find_rule_at, find_rules_at, own_rules_at};
pub use score::{ScoredFile, score_tree};
pub use session::{Changed, Session};
pub use signature::SignatureError;
pub use suggestions::{Suggestion, WeekSummary, WeekVersion, combined_diff, suggestions, week_summary};
pub use surveys::{Refreshed, WorkspaceSurveys};
pub use template_file::{template_completions, template_hover};
pub use template_source::{SourceError, TemplateSource};
pub use template_tests::{OldVersion, TemplateTestOptions, TemplateTests};
pub use tree::{CheckOptions, check_tree};

pub use autodao_ledger as ledger;
pub use autodao_providers as providers;
pub use autodao_quality as quality;
pub use autodao_syntax as syntax;
pub use autodao_templates as templates;
