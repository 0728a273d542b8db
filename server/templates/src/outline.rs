//! What a version of a template is to those who use it, in short: enough to know how far a change has to raise its
//! version when the text of before is gone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::spec::{InputKind, Instruction};
use crate::{Bump, Input, InputValue, Template};

/// What callers rely on, word by word, and a hash of what the model is told and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outline {
    /// What callers rely on: inputs, forms of reply, what a reply has to hold.
    pub promises: BTreeSet<String>,
    /// What is said to the model, and where the template applies: 16 hexadecimal digits.
    pub said: String,
}

/// How a promise starts that asks something of callers: one more of them breaks those there are.
const NEEDS: &str = "needs ";

impl Outline {
    /// That of a template.
    pub fn of(template: &Template) -> Self {
        let spec = &template.spec;
        let gates = spec.gates;
        let mut promises = BTreeSet::from([format!("kind {}", spec.kind.name())]);
        if spec.instruction == Instruction::Required {
            promises.insert(format!("{NEEDS}an instruction"));
        }
        promises.extend(spec.contracts.iter().map(|contract| format!("contract {}", contract.name())));
        let demands = [
            ("keep_signature", gates.keep_signature),
            ("keep_items", gates.keep_items),
            ("new_items", gates.new_items),
            ("comments_only", gates.comments_only),
            ("resolves_finding", gates.resolves_finding),
        ];
        promises.extend(demands.map(|(name, is_on)| format!("{name} {is_on}")));
        let delta = gates.min_score_delta.map_or_else(|| "none".to_owned(), |delta| delta.to_string());
        promises.insert(format!("min_score_delta {delta}"));
        for (name, input) in &spec.inputs {
            let head = if input.default.is_none() { NEEDS } else { "input " };
            promises.insert(format!("{head}{name} {}", hash(&[&of_input(input)])));
        }
        let said = hash(&[template.body(), template.prompt().unwrap_or(""), &settings(template)]);
        Self { promises, said }
    }

    /// How far a template that was this raises its version at least.
    pub fn least_bump(&self, now: &Template) -> Bump {
        let now = Self::of(now);
        let broken = self.promises.difference(&now.promises).next().is_some();
        let asks_more = now.promises.difference(&self.promises).any(|promise| promise.starts_with(NEEDS));
        if broken || asks_more {
            Bump::Major
        } else if self == &now {
            Bump::Patch
        } else {
            Bump::Minor
        }
    }
}

/// Where a template applies, what it gets to see and may cost, word by word: what is not stated leaves no trace, so that a
/// key that templates may have one day changes nothing of those that do not have it.
fn settings(template: &Template) -> String {
    let spec = &template.spec;
    let applies = &spec.applies;
    let mut text = String::new();
    let lists = [
        ("language", &applies.languages),
        ("task", &applies.tasks),
        ("node", &applies.nodes),
        ("globs", &applies.globs),
        ("diagnostic", &applies.diagnostics),
        ("context", &spec.context),
        ("stop", &spec.model.stop),
    ];
    for (name, words) in lists.into_iter().filter(|(_, words)| !words.is_empty()) {
        let _ = writeln!(text, "{name} {}", words.join("\n"));
    }
    let bounds = [("min_lines", applies.min_lines), ("max_lines", applies.max_lines)];
    for (name, lines) in bounds.into_iter().filter_map(|(name, lines)| Some((name, lines?))) {
        let _ = writeln!(text, "{name} {lines}");
    }
    if let Some(query) = &applies.query {
        let _ = writeln!(text, "query {query}");
    }
    let budget = spec.budget;
    let _ = writeln!(text, "{} {} {}", budget.fixed_tokens, budget.input_tokens, budget.output_tokens);
    let classes: Vec<_> = spec.model.prefer.iter().map(|class| class.name()).collect();
    let _ = write!(text, "{} {}", classes.join(" "), spec.model.temperature);
    text
}

/// An input that is held to the same is the same.
fn of_input(input: &Input) -> String {
    let mut text = match &input.kind {
        InputKind::Text { pattern, max_length } => {
            format!("string {} {max_length}", pattern.as_ref().map_or("", |pattern| pattern.as_str()))
        }
        InputKind::Int { min, max } => format!("int {min} {max}"),
        InputKind::Bool => "bool".to_owned(),
        InputKind::Enum(words) => format!("enum {}", words.join("\n")),
    };
    let default = match &input.default {
        None => String::new(),
        Some(InputValue::Text(value)) => value.clone(),
        Some(InputValue::Int(value)) => value.to_string(),
        Some(InputValue::Bool(value)) => value.to_string(),
    };
    let _ = write!(text, "\0{default}\0{}", input.description);
    text
}

fn hash(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        let text = text.replace("\r\n", "\n");
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().iter().take(8).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
