//! What a version of a template is to those who use it, in short: enough to know how far a change has to raise its
//! version when the text of before is gone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::spec::{InputKind, Instruction};
use crate::{Bump, Input, Template};

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
        promises.insert(format!("min_score_delta {:?}", gates.min_score_delta));
        for (name, input) in &spec.inputs {
            let head = if input.default.is_none() { NEEDS } else { "input " };
            promises.insert(format!("{head}{name} {}", hash(&[&of_input(input)])));
        }
        let settings = format!("{:?} {:?} {:?} {:?}", spec.applies, spec.context, spec.budget, spec.model);
        let said = hash(&[template.body(), template.prompt().unwrap_or(""), &settings]);
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

fn of_input(input: &Input) -> String {
    let mut text = match &input.kind {
        InputKind::Text { pattern, max_length } => {
            format!("string {} {max_length}", pattern.as_ref().map_or("", |pattern| pattern.as_str()))
        }
        InputKind::Int { min, max } => format!("int {min} {max}"),
        InputKind::Bool => "bool".to_owned(),
        InputKind::Enum(words) => format!("enum {}", words.join("\n")),
    };
    let _ = write!(text, "\0{:?}\0{}", input.default, input.description);
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
