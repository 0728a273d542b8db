//! What `template.toml` says: where a template applies, what it takes, may cost, and what the reply must be.

mod input;
mod read;

use std::collections::BTreeMap;

pub use input::{Input, InputError, InputKind, InputValue};
pub(crate) use read::{rewritten, version};

use crate::{Contract, Match};

/// The kinds of tasks a template can serve. `unknown` is none of them: what is not understood goes to `custom`.
pub const TASKS: [&str; 10] = [
    "fix",
    "error-handling",
    "document",
    "test",
    "simplify",
    "optimise",
    "types",
    "explain",
    "refactor",
    "custom",
];

/// What may stand in a prompt beside the target.
pub const PIECES: [&str; 6] = ["enclosing", "imports", "findings", "signatures", "callers", "tests"];

/// Under what a template is offered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TemplateKind {
    /// A change the user asks for.
    #[default]
    CodeAction,
    /// A change that answers a finding.
    DiagnosticFix,
    /// New tests.
    GenerateTest,
    /// Words for the user, no change.
    Explain,
}

impl TemplateKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::CodeAction, Self::DiagnosticFix, Self::GenerateTest, Self::Explain];

    /// Its name in `template.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeAction => "code-action",
            Self::DiagnosticFix => "diagnostic-fix",
            Self::GenerateTest => "generate-test",
            Self::Explain => "explain",
        }
    }
}

/// What makes the varying half of the prompt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Engine {
    /// No engine runs over anything of the template's: the standard prompt is used.
    #[default]
    None,
    /// `prompt.mj`, rendered by minijinja; undefined variables are errors.
    Minijinja,
}

/// Whether the user must say something for the template to make sense.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Instruction {
    /// Without an instruction it cannot run.
    Required,
    /// An instruction is added when there is one.
    #[default]
    Optional,
}

/// What a reply must hold beside its form. These are demands on top of those that no template can lift: that it
/// parses, elides nothing, leaves no fence or conflict marker.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gates {
    /// The target's signature stays as it is. On unless switched off, which a workspace's template cannot.
    pub keep_signature: bool,
    /// No item of the target goes missing. On unless switched off, which a workspace's template cannot.
    pub keep_items: bool,
    /// New items may stand beside the target in the reply. Off unless switched on, which a workspace's template
    /// cannot.
    pub new_items: bool,
    /// Nothing but comments changes.
    pub comments_only: bool,
    /// The finding the template was invoked for is gone afterwards.
    pub resolves_finding: bool,
    /// The least change of the score of the target's worst function, in points of 10; negative lets it fall.
    pub min_score_delta: Option<f64>,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            keep_signature: true,
            keep_items: true,
            new_items: false,
            comments_only: false,
            resolves_finding: false,
            min_score_delta: None,
        }
    }
}

impl Gates {
    /// Whether a reply that holds what these demand holds what others do.
    pub fn demand(&self, others: &Self) -> bool {
        let mut both = *self;
        both.add(others);
        let free = |strict: bool, others: bool| strict || !others;
        both == *self
            && free(self.keep_signature, others.keep_signature)
            && free(self.keep_items, others.keep_items)
            && free(!self.new_items, !others.new_items)
    }

    /// Demands also what others do that can be added to.
    pub(crate) fn add(&mut self, others: &Self) {
        self.comments_only |= others.comments_only;
        self.resolves_finding |= others.resolves_finding;
        let least = |gates: &Self| gates.min_score_delta.unwrap_or(f64::NEG_INFINITY);
        if least(others) > least(self) {
            self.min_score_delta = others.min_score_delta;
        }
    }
}

/// What a use of the template may cost, in tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// Text that is the same whatever the target: 250 unless stated.
    pub fixed_tokens: u32,
    /// The whole prompt: 2000 unless stated.
    pub input_tokens: u32,
    /// The reply; to be sent as the request's output limit: 1024 unless stated.
    pub output_tokens: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { fixed_tokens: 250, input_tokens: 2000, output_tokens: 1024 }
    }
}

/// A class of models. Shared templates name no vendor's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ModelClass {
    /// Small or local.
    Cheap,
    /// What most tasks need.
    Balanced,
    /// The best there is.
    Strong,
}

impl ModelClass {
    /// Every class, the cheapest first.
    pub const ALL: [Self; 3] = [Self::Cheap, Self::Balanced, Self::Strong];

    /// Its name in `template.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cheap => "cheap",
            Self::Balanced => "balanced",
            Self::Strong => "strong",
        }
    }
}

/// What is asked of the model.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Model {
    /// Classes that suit, best first; empty for whatever the task's complexity asks for.
    pub prefer: Vec<ModelClass>,
    /// Sampling temperature, 0 to 2; 0 unless stated.
    pub temperature: f64,
    /// Texts that end a reply, at most 4.
    pub stop: Vec<String>,
}

/// What a `template.toml` says. A folder without one has these defaults and serves `custom` tasks.
#[derive(Clone, PartialEq, Debug)]
pub struct Spec {
    /// Under what it is offered.
    pub kind: TemplateKind,
    /// Its name in menus.
    pub title: String,
    /// What makes the varying half of the prompt.
    pub engine: Engine,
    /// Whether the user must say something.
    pub instruction: Instruction,
    /// Where it applies.
    pub applies: Match,
    /// What it takes beside the code, by name.
    pub inputs: BTreeMap<String, Input>,
    /// What it wants to see beside the target, of [`PIECES`]; what comes last is left out first.
    pub context: Vec<String>,
    /// The forms of reply it can work with, best first; never empty.
    pub contracts: Vec<Contract>,
    /// What a reply must hold.
    pub gates: Gates,
    /// What it may cost.
    pub budget: Budget,
    /// What is asked of the model.
    pub model: Model,
}

impl Spec {
    /// What holds for a skill that says nothing of ours.
    pub(crate) fn of_plain_skill(name: &str) -> Self {
        Self {
            kind: TemplateKind::default(),
            title: title_of(name),
            engine: Engine::None,
            instruction: Instruction::Optional,
            applies: Match { tasks: vec!["custom".to_owned()], ..Match::default() },
            inputs: BTreeMap::new(),
            context: PIECES[..3].iter().map(|&piece| piece.to_owned()).collect(),
            contracts: vec![Contract::Hunks, Contract::WholeNode],
            gates: Gates::default(),
            budget: Budget::default(),
            model: Model::default(),
        }
    }
}

/// `extract-helper` becomes `Extract helper`.
fn title_of(name: &str) -> String {
    let mut title = name.replace('-', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}
