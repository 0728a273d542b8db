//! What became of a template's tests, for people and for programs.

use std::fmt::Write;

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
}

impl Level {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lint => "L0",
            Self::Render => "L1",
            Self::Contract => "L2",
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
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
}

/// The tests of one template.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// The template's folder.
    pub template: String,
    /// Its version; empty when it cannot be read.
    pub version: String,
    /// The tests, in the order they were run.
    pub trials: Vec<Trial>,
}

impl Report {
    pub(super) fn add(&mut self, level: Level, name: &str, failures: Vec<String>, tokens: Option<usize>) {
        let outcome = if failures.is_empty() { Outcome::Passed } else { Outcome::Failed(failures) };
        self.trials.push(Trial { level, name: name.to_owned(), outcome, tokens });
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
        text.push('\n');
        for trial in &self.trials {
            let (word, lines) = match &trial.outcome {
                Outcome::Passed => continue,
                Outcome::Failed(failures) => ("FAILED", failures.as_slice()),
                Outcome::Skipped(reason) => ("skipped", std::slice::from_ref(reason)),
            };
            let _ = writeln!(text, "  {word} {} {}", trial.level.name(), trial.name);
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
                let _ = match &trial.outcome {
                    Outcome::Passed => writeln!(text, "/>"),
                    Outcome::Failed(failures) => writeln!(
                        text,
                        "><failure message=\"{}\">{}</failure></testcase>",
                        escaped(failures.first().map_or("", String::as_str)),
                        escaped(&failures.join("\n"))
                    ),
                    Outcome::Skipped(reason) => {
                        writeln!(text, "><skipped message=\"{}\"/></testcase>", escaped(reason))
                    }
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
