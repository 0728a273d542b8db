//! `RULES.md` is what the catalog says: `UPDATE_EXPECT=1 cargo test -p autodao-quality --test rules_page` writes it.

#![expect(clippy::panic, reason = "what is missing in a test is a failure of the test")]

use std::collections::BTreeMap;
use std::fmt::Write;

use autodao_quality::{Catalog, Dimension, Example, Rule};
use expect_test::expect_file;

/// Counted by `cargo xtask noise`.
const NOISE: &str = include_str!("../noise.tsv");

/// How often rules speak in mature code.
#[derive(Default)]
struct Noise<'a> {
    /// Lines that are not blank, by language.
    lines: BTreeMap<&'a str, f64>,
    /// Findings by rule, severity and language.
    counts: BTreeMap<(&'a str, &'a str, &'a str), f64>,
    /// By language.
    packages: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Noise<'a> {
    fn read(table: &'a str) -> Self {
        let mut noise = Self::default();
        for row in table.lines().filter(|row| !row.starts_with('#')) {
            let mut cells = row.split('\t');
            let mut cell = || cells.next().unwrap_or("");
            let (language, what, count) = (cell(), cell(), cell());
            let count: f64 = count.parse().unwrap_or_else(|error| panic!("{row}: {error}"));
            if let Some(package) = what.strip_prefix("package ") {
                noise.packages.entry(language).or_default().push(package);
            } else if let Some((severity, rule)) = what.split_once(' ') {
                noise.counts.insert((rule, severity, language), count);
            } else {
                noise.lines.insert(language, count);
            }
        }
        noise
    }

    fn per_thousand(&self, language: &str, of: impl Fn(&str, &str) -> bool) -> f64 {
        let counts = self.counts.iter();
        let counted = counts.filter(|((rule, severity, own), _)| *own == language && of(rule, severity));
        1000.0 * counted.map(|(_, count)| count).fold(0.0, |sum, count| sum + count) / self.lines[language]
    }

    fn of_rule(&self, rule: &Rule) -> String {
        let applies =
            |language: &&&str| rule.languages.iter().any(|own| own.name().eq_ignore_ascii_case(language));
        let shown =
            self.lines.keys().filter(applies).map(|language| {
                format!("{:.2} {language}", self.per_thousand(language, |id, _| id == rule.id))
            });
        shown.collect::<Vec<_>>().join(", ")
    }
}

fn page() -> Result<String, std::fmt::Error> {
    let noise = Noise::read(NOISE);
    let mut page = String::new();
    let rules = || Catalog::builtin().iter().map(|(_, rule)| rule);
    writeln!(
        page,
        "# Rules\n\n\
         Written from the catalog; `autodao rules ID` says the same in a terminal. A rule's level and options are set in\n\
         `autodao.toml`: `[rules]`, `unwrap-used = \"off\"`.\n\n\
         *Noise* is how many findings a rule has in 1,000 lines of mature code that are not blank, tests included:\n"
    )?;
    for (language, packages) in &noise.packages {
        let warnings = noise.per_thousand(language, |_, severity| matches!(severity, "error" | "warning"));
        writeln!(
            page,
            "- {language}: {} in {} lines of {}; errors and warnings of all rules together: {warnings:.2}",
            packages.len(),
            noise.lines[language],
            packages.join(", "),
        )?;
    }
    writeln!(page, "\n| Rule | Dimension | Level | Languages | Fix | Noise |\n|---|---|---|---|---|---|")?;
    for rule in rules() {
        let fix = if rule.examples.iter().any(|example| !example.fixed.is_empty()) { "yes" } else { "" };
        writeln!(
            page,
            "| [{id}](#{id}) | {} | {} | {} | {fix} | {} |",
            rule.dimension.name(),
            rule.level.name(),
            languages(rule),
            noise.of_rule(rule),
            id = rule.id,
        )?;
    }
    for dimension in Dimension::ALL {
        writeln!(page, "\n## {}", dimension.name())?;
        for rule in rules().filter(|rule| rule.dimension == dimension) {
            write_rule(&mut page, rule)?;
        }
    }
    Ok(page)
}

fn write_rule(page: &mut String, rule: &Rule) -> std::fmt::Result {
    writeln!(page, "\n### {}\n\nFlags {}. {}\n", rule.id, rule.flags, rule.why)?;
    writeln!(page, "- follows [{}]({})", rule.reference.name, rule.reference.url)?;
    writeln!(page, "- {} in {}", rule.level.name(), languages(rule))?;
    for option in rule.options {
        writeln!(page, "- `{} = {}`: {}", option.name, option.default, option.describes)?;
    }
    for Example { language, bad, fixed, good } in rule.examples {
        let mut block = |title: &str, text: &str| {
            let fence = if text.contains("```") { "~~~~" } else { "```" };
            let end = if text.ends_with('\n') { "" } else { "\n" };
            writeln!(page, "\n{title}\n\n{fence}{}\n{text}{end}{fence}", language.extensions()[0])
        };
        block("Flagged:", &bad.replace(['⟦', '⟧'], ""))?;
        if !fixed.is_empty() {
            block("After its fix:", fixed)?;
        }
        block("Not flagged:", good)?;
    }
    Ok(())
}

fn languages(rule: &Rule) -> String {
    rule.languages.iter().map(|language| language.name()).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_page_is_current() {
    // Some examples end their lines as Windows does; the file does not.
    expect_file!["../RULES.md"].assert_eq(&page().unwrap().replace("\r\n", "\n"));
}
