//! Template files: parse, match, render.
//!
//! A template is a folder: `SKILL.md` (an Agent Skill that other tools read too), `template.toml` (what is ours:
//! where it applies, what it takes, what it may cost and what the reply must be) and, if the standard prompt does
//! not do, `prompt.mj`. `SKILL.md`'s body is the stable half of every prompt and never goes through an engine;
//! `prompt.mj` is the half that varies. So the two halves are apart in the files as they are in [`Rendered`].
//!
//! Invariants:
//! - A template is data. It cannot name an endpoint, a key, a command, or another file, and one from a workspace
//!   cannot relax what is asked of a reply.
//! - Whatever bytes its files hold, reading gives problems with a place and a cure, and nothing panics.
//! - A rendering is bounded in time and memory, whatever the template says.

mod builtin;
mod bump;
mod case;
mod cassette;
mod completion;
mod contract;
mod dialect;
mod experiment;
mod explanation;
mod fence;
mod fix;
mod folder;
mod form;
mod library;
mod lint;
mod lock;
mod matching;
mod occasions;
mod outline;
mod portable;
mod problem;
mod prompt;
mod proportion;
mod reader;
mod render;
mod replay;
mod scaffold;
mod secret;
mod selection;
mod skill;
mod spec;
mod template;
mod trial;
mod words;

pub use builtin::builtin_files;
pub use bump::{Bump, BumpError, Bumped, bump};
pub use case::{Case, read_cases};
pub use cassette::{Cassette, Made, Question, Reported, Turn};
pub use completion::{Completion, WordKind, completions};
pub use contract::Contract;
pub use dialect::{Dialect, ForeignPrompt, read_foreign};
pub use experiment::{Bounds, Spent, Tally, Terms, Verdict, judge};
pub use explanation::describe_key;
pub use fence::{fenced, one_line};
pub use fix::{FileChange, Fix};
pub use folder::{EditedFile, MAX_FILE_BYTES, MAX_TEMPLATES, OwnedFiles, is_template_folder, read_files};
pub use form::FormError;
pub use library::Library;
pub use lint::{
    QueryCheck, Vocabulary, apply_fixes, lint, lint_edited, lint_folder, lint_library, lint_lock, lint_text,
    lint_versions, parse_text,
};
pub use lock::{LOCK_FILE, Label, Lock, LockError, Locked, Pin, Pointer};
pub use matching::{Candidate, Match, Place};
pub use occasions::Occasions;
pub use outline::Outline;
pub use portable::{MAX_PORTABLE_FILES, PortableFile, is_portable, portable_files};
pub use problem::{Problem, ProblemKind, Severity};
pub use prompt::{VARIABLES, describe_variable};
pub use proportion::{mcnemar, wilson};
pub use render::{Finding, Piece, Prompt, RenderError, Rendered};
pub use replay::{Came, Fate, LiveTerms, Replay, Wanted};
pub use scaffold::{ScaffoldError, scaffold};
pub use selection::{Arm, Occasion, Selection, chances, draw, select};
pub use semver::{Version, VersionReq};
pub use skill::skill_name;
pub use spec::{
    Budget, Engine, Gates, Input, InputError, InputKind, InputValue, Instruction, Model, ModelClass, PIECES,
    Spec, TASKS, TemplateKind,
};
pub use template::{ContentHash, Files, Layer, Parsed, Template, at_most_tokens};
pub use trial::{
    Judge, Level, LiveResult, Measured, Outcome, PairsResult, Report, Sample, TokensResult, Trial,
    TrialOptions, judge_form, test_folder,
};
