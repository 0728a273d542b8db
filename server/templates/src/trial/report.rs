//! What became of a template's tests, for people and for programs.

use std::fmt::{self, Write};

use serde::Serialize;

/// What a test looks at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
pub enum Level {
    /// That the files can be read, and what lints say.
    #[serde(rename = "L0")]
    Lint,
    /// What a case renders to.
    #[serde(rename = "L1")]
    Render,
    /// Whether a reply is taken.
    #[serde(rename = "L2")]
    Contract,
    /// What comes of a recorded reply.
    #[serde(rename = "L3")]
    Replay,
    /// What comes of replies that a model gives now.
    #[serde(rename = "L4")]
    Live,
    /// How another version does on the same cases.
    #[serde(rename = "L5")]
    Compare,
}

impl Level {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lint => "L0",
            Self::Render => "L1",
            Self::Contract => "L2",
            Self::Replay => "L3",
            Self::Live => "L4",
            Self::Compare => "L5",
        }
    }

    const ALL: [Self; 6] =
        [Self::Lint, Self::Render, Self::Contract, Self::Replay, Self::Live, Self::Compare];
}

/// What was measured in a test, whichever way it went.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// Replies that a model gave now.
    Live(LiveResult),
    /// Prompts of two versions.
    Tokens(TokensResult),
    /// What two versions came to.
    Pairs(PairsResult),
}

/// How replies did that a model gave now.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct LiveResult {
    /// Those that are as wanted.
    pub passed: u64,
    /// All of them.
    pub samples: u64,
    /// How many were to be asked for: the budget may end before.
    pub asked_for: u64,
    /// The lower bound of the share that passes, 95 %, Wilson's.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// What the lower bound has to reach.
    pub pass_rate: f64,
    /// What all of them took.
    pub tokens: u64,
}

/// The tokens of two versions' prompts for the same cases, counted in o200k.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct TokensResult {
    /// Prompts of each version.
    pub prompts: u64,
    /// Tokens of all of the old version's.
    pub old: u64,
    /// Tokens of all of the new version's.
    pub new: u64,
    /// The least difference of a pair, the old one's taken from the new one's.
    pub least: i64,
    /// The greatest.
    pub most: i64,
}

/// What two versions came to on the same cases.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct PairsResult {
    /// Pairs.
    pub pairs: u64,
    /// Only the old version passed.
    pub old_only: u64,
    /// Only the new version passed.
    pub new_only: u64,
    /// Pairs that could not be made, for one of them has no recorded reply.
    pub left_out: u64,
    /// How likely they differ so much when neither is better, McNemar's exact test.
    pub p: f64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live(live) => write!(
                f,
                "{} of {} replies as wanted ({} asked for), surely between {:.0} and {:.0} %, {:.0} % wanted; {} tokens",
                live.passed,
                live.samples,
                live.asked_for,
                live.low * 100.0,
                live.high * 100.0,
                live.pass_rate * 100.0,
                live.tokens
            ),
            Self::Tokens(tokens) => write!(
                f,
                "{} -> {} tokens in {} prompts, {:+} to {:+} each",
                tokens.old, tokens.new, tokens.prompts, tokens.least, tokens.most
            ),
            Self::Pairs(pairs) => {
                write!(
                    f,
                    "{} pairs: only the old one passes {}, only the new one {}; p = {:.3}",
                    pairs.pairs, pairs.old_only, pairs.new_only, pairs.p
                )?;
                match pairs.left_out {
                    0 => Ok(()),
                    left_out => write!(f, "; {left_out} without a recorded reply left out"),
                }
            }
        }
    }
}

/// How a test went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "outcome", content = "why", rename_all = "lowercase")]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Not as expected: what is wrong.
    Failed(Vec<String>),
    /// Not run: why.
    Skipped(String),
}

/// One test.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Trial {
    /// What it looks at.
    pub level: Level,
    /// Its name.
    pub name: String,
    /// How it went.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How many tokens the prompt has, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<usize>,
    /// What was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

/// The tests of one template.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// The template's folder.
    pub template: String,
    /// Its version; empty when it cannot be read.
    pub version: String,
    /// The tests, in the order they were run.
    pub trials: Vec<Trial>,
}

impl Report {
    /// Adds a test: one without failures passed.
    pub fn add(&mut self, level: Level, name: &str, failures: Vec<String>, tokens: Option<usize>) {
        let outcome = if failures.is_empty() { Outcome::Passed } else { Outcome::Failed(failures) };
        self.trials.push(Trial { level, name: name.to_owned(), outcome, tokens, measured: None });
    }

    /// Adds a test in which something was measured.
    pub fn measure(&mut self, level: Level, name: &str, failures: Vec<String>, measured: Measured) {
        self.add(level, name, failures, None);
        if let Some(trial) = self.trials.last_mut() {
            trial.measured = Some(measured);
        }
    }

    /// Adds a test that was not run.
    pub fn skip(&mut self, level: Level, name: &str, why: String) {
        let (name, outcome) = (name.to_owned(), Outcome::Skipped(why));
        self.trials.push(Trial { level, name, outcome, tokens: None, measured: None });
    }

    /// How many tests passed, failed and were left out.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&Outcome) -> bool| self.trials.iter().filter(|trial| is(&trial.outcome)).count();
        (
            count(|outcome| matches!(outcome, Outcome::Passed)),
            count(|outcome| matches!(outcome, Outcome::Failed(_))),
            count(|outcome| matches!(outcome, Outcome::Skipped(_))),
        )
    }

    /// Whether no test failed.
    pub fn is_green(&self) -> bool {
        self.counts().1 == 0
    }

    /// A line for the template and some for every test that did not pass.
    pub fn human(&self) -> String {
        let (passed, failed, skipped) = self.counts();
        let mut text = format!("{} {}: {passed} passed, {failed} failed", self.template, self.version);
        if skipped > 0 {
            let _ = write!(text, ", {skipped} skipped");
        }
        let of = |level: Level| self.trials.iter().filter(|trial| trial.level == level).count();
        let levels = Level::ALL.map(|level| (level.name(), of(level))).into_iter();
        let levels: Vec<_> =
            levels.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}")).collect();
        let _ = writeln!(text, " ({})", levels.join(", "));
        for trial in &self.trials {
            let (word, lines) = match &trial.outcome {
                Outcome::Passed if trial.measured.is_none() => continue,
                Outcome::Passed => ("passed", &[][..]),
                Outcome::Failed(failures) => ("FAILED", failures.as_slice()),
                Outcome::Skipped(reason) => ("skipped", std::slice::from_ref(reason)),
            };
            let _ = write!(text, "  {word} {} {}", trial.level.name(), trial.name);
            let _ = match &trial.measured {
                Some(measured) => writeln!(text, ": {measured}"),
                None => writeln!(text),
            };
            for line in lines.iter().flat_map(|line| line.lines()) {
                let _ = writeln!(text, "    {line}");
            }
        }
        text
    }

    /// Reports as a JUnit XML document, a suite a template.
    pub fn junit(reports: &[Self]) -> String {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
        for report in reports {
            let (_, failed, skipped) = report.counts();
            let (name, tests) = (escaped(&report.template), report.trials.len());
            let _ = writeln!(
                text,
                "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\">"
            );
            for trial in &report.trials {
                let test = escaped(&format!("{} {}", trial.level.name(), trial.name));
                let _ = write!(text, "    <testcase classname=\"{name}\" name=\"{test}\"");
                let mut inside = match &trial.outcome {
                    Outcome::Passed => String::new(),
                    Outcome::Failed(failures) => format!(
                        "<failure message=\"{}\">{}</failure>",
                        escaped(failures.first().map_or("", String::as_str)),
                        escaped(&failures.join("\n"))
                    ),
                    Outcome::Skipped(reason) => format!("<skipped message=\"{}\"/>", escaped(reason)),
                };
                if let Some(measured) = &trial.measured {
                    let _ = write!(inside, "<system-out>{}</system-out>", escaped(&measured.to_string()));
                }
                let _ = match inside.as_str() {
                    "" => writeln!(text, "/>"),
                    inside => writeln!(text, ">{inside}</testcase>"),
                };
            }
            text.push_str("  </testsuite>\n");
        }
        text + "</testsuites>\n"
    }
}

/// Text as XML has it; what XML cannot hold at all is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
