//! What has to come of a reply that goes the whole way: through every gate, to the text as it would be afterwards.

use std::fmt;

use crate::Contract;
use crate::reader::Table;

/// How a reply ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Fate {
    /// It is offered as an edit.
    #[default]
    Offered,
    /// A gate refuses it.
    Refused,
    /// It is shown as words.
    Message,
}

impl Fate {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Offered, Self::Refused, Self::Message];

    /// Its name in tests and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Refused => "refused",
            Self::Message => "message",
        }
    }
}

/// What came of a reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Came {
    /// How it ended.
    pub fate: Fate,
    /// The gate that refused it; empty else.
    pub gate: String,
    /// The whole text afterwards, the words for the user, or the reason of the refusal.
    pub text: String,
    /// Whether the text afterwards parses, where it is code.
    pub parses: bool,
    /// Findings that the edit brings.
    pub new_findings: u32,
    /// Tokens of all requests and replies.
    pub tokens: u64,
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fate {
            Fate::Offered => f.write_str("it is offered"),
            Fate::Message => f.write_str("it is shown as words"),
            Fate::Refused => write!(f, "it is refused by the gate `{}`: {}", self.gate, self.text),
        }
    }
}

/// What is wanted of a reply.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// How it has to end.
    pub fate: Fate,
    /// The gate that has to refuse it; any where none is named.
    pub gate: Option<String>,
    /// What the text has to hold.
    pub contains: Vec<String>,
    /// What the text must not hold.
    pub not_contains: Vec<String>,
    /// The whole text, blanks at its end left out.
    pub becomes: Option<String>,
    /// The most findings an edit may bring.
    pub new_findings: Option<u32>,
    /// The most tokens of all requests and replies.
    pub max_tokens: Option<u64>,
}

/// The keys of a table that says what is wanted.
pub(crate) const WANTED_KEYS: [&str; 7] =
    ["outcome", "gate", "contains", "not_contains", "becomes", "new_findings", "max_tokens"];

impl Wanted {
    pub(crate) fn read(table: &mut Table<'_, '_>) -> Self {
        let fate = table.choice("outcome", &Fate::ALL.map(Fate::name));
        let fate = Fate::ALL.into_iter().find(|known| Some(known.name()) == fate).unwrap_or_default();
        let gate = table.text("gate").map(str::to_owned);
        if gate.is_some() && fate != Fate::Refused {
            table.bad("gate", "left out: only a reply that is refused has one");
        }
        let mut texts =
            |key: &str| table.texts(key).into_iter().map(|(text, _)| text.to_owned()).collect::<Vec<_>>();
        let (contains, not_contains) = (texts("contains"), texts("not_contains"));
        let becomes = table.text("becomes").map(str::to_owned);
        let new_findings =
            table.number("new_findings", 0, 1_000).and_then(|number| u32::try_from(number).ok());
        let max_tokens =
            table.number("max_tokens", 1, 10_000_000).and_then(|tokens| u64::try_from(tokens).ok());
        Self { fate, gate, contains, not_contains, becomes, new_findings, max_tokens }
    }

    /// Why what came is not what is wanted; empty when it is.
    pub fn failures(&self, came: &Came) -> Vec<String> {
        if came.fate != self.fate || self.gate.as_ref().is_some_and(|gate| *gate != came.gate) {
            return vec![came.to_string()];
        }
        let mut failures = Vec::new();
        if came.fate == Fate::Offered && !came.parses {
            failures.push("what it becomes does not parse".to_owned());
        }
        let missing = self.contains.iter().filter(|text| !came.text.contains(text.as_str()));
        failures.extend(missing.map(|text| format!("`{text}` is not in what comes of it")));
        let present = self.not_contains.iter().filter(|text| came.text.contains(text.as_str()));
        failures.extend(present.map(|text| format!("`{text}` is in what comes of it")));
        if self.becomes.as_ref().is_some_and(|text| text.trim_end() != came.text.trim_end()) {
            failures.push(format!("it becomes:\n{}", came.text));
        }
        if let Some(most) = self.new_findings.filter(|most| came.new_findings > *most) {
            failures.push(format!("it brings {} findings, and {most} are allowed", came.new_findings));
        }
        if let Some(most) = self.max_tokens.filter(|most| came.tokens > *most) {
            failures.push(format!("it takes {} tokens, and {most} are allowed", came.tokens));
        }
        failures
    }
}

/// A recorded reply, and what has to come of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// Its name, which its cassette has, too.
    pub name: String,
    /// The form that is asked for; the case's or the template's first where it is not said.
    pub contract: Option<Contract>,
    /// What has to come of it.
    pub wanted: Wanted,
}

/// What has to come of replies that a model gives now.
#[derive(Clone, PartialEq, Debug)]
pub struct LiveTerms {
    /// The form that is asked for; the case's or the template's first where it is not said.
    pub contract: Option<Contract>,
    /// What each reply is held to.
    pub wanted: Wanted,
    /// What the lower bound of the share of replies that hold to it has to reach, 0 to 1.
    pub pass_rate: f64,
}

/// What `pass_rate` is where a test does not say it.
const PASS_RATE: f64 = 0.5;

impl LiveTerms {
    pub(crate) fn read(mut table: Table<'_, '_>) -> Self {
        table.only(&[&WANTED_KEYS[..], &["contract", "pass_rate"]].concat());
        let contract = contract(&mut table);
        let wanted = Wanted::read(&mut table);
        let pass_rate = table.decimal("pass_rate", 0.0, 1.0).unwrap_or(PASS_RATE);
        Self { contract, wanted, pass_rate }
    }
}

/// The form that a table asks for.
pub(crate) fn contract(table: &mut Table<'_, '_>) -> Option<Contract> {
    table.choice("contract", &Contract::ALL.map(Contract::name)).and_then(Contract::from_name)
}
