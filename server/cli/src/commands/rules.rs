//! `autodao rules`: the catalog and the user's own rules as a table, or one rule explained.

use std::io::{self, Write};
use std::path::Path;

use autodao_engine::quality::{Catalog, Example, Rule};
use autodao_engine::{find_rule_at, own_rules_at};
use serde::Serialize;

use super::Style;
use crate::exit;
use crate::output::{Color, complain, print, print_json};

mod marks;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The rule to explain; all are listed when there is none, your own that hold in this folder last.
    id: Option<String>,
    /// How it is shown.
    #[arg(long, value_enum, default_value_t)]
    format: Style,
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    let style = arguments.format;
    let Some(id) = &arguments.id else {
        let own = own_rules_at(Path::new("."));
        let rules = Catalog::builtin().iter().map(|(_, rule)| rule).chain(own.iter().map(|(_, rule)| *rule));
        return match style {
            Style::Human => print(Color::Never, exit::CLEAN, |out| write_table(rules, out)),
            Style::Json => print_json(exit::CLEAN, &rules.map(Described::from).collect::<Vec<_>>()),
        };
    };
    match (find_rule_at(id, Path::new(".")), style) {
        (Ok((_, rule)), Style::Human) => print(Color::Never, exit::CLEAN, |out| explain(rule, out)),
        (Ok((_, rule)), Style::Json) => print_json(exit::CLEAN, &Described::from(rule)),
        (Err(error), _) => {
            complain("error", &error.to_string());
            exit::TROUBLE
        }
    }
}

fn write_table<'a>(rules: impl Iterator<Item = &'a Rule>, out: &mut dyn Write) -> io::Result<()> {
    let row = |rule: &'a Rule| {
        [
            rule.id.to_owned(),
            rule.dimension.name().to_owned(),
            rule.level.name().to_owned(),
            languages(rule).join(" "),
            rule.flags.to_owned(),
        ]
    };
    let head = ["RULE", "DIMENSION", "LEVEL", "LANGUAGES", "FLAGS"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(rules.map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    for [id, dimension, level, languages, flags] in &rows {
        let [a, b, c, d] = widths;
        writeln!(out, "{id:a$}  {dimension:b$}  {level:c$}  {languages:d$}  {flags}")?;
    }
    Ok(())
}

fn explain(rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", rule.id)?;
    writeln!(out, "Flags      {}", rule.flags)?;
    if !rule.why.is_empty() {
        writeln!(out, "Why        {}", rule.why)?;
    }
    writeln!(out, "Dimension  {}", rule.dimension.name())?;
    writeln!(out, "Level      {}", rule.level.name())?;
    writeln!(out, "Languages  {}", languages(rule).join(", "))?;
    match (rule.reference.name, rule.reference.url) {
        (name, "") => writeln!(out, "Reference  {name}")?,
        (name, url) => writeln!(out, "Reference  {name} <{url}>")?,
    }
    for (index, option) in rule.options.iter().enumerate() {
        let head = if index == 0 { "Options" } else { "" };
        writeln!(out, "{head:9}  {} = {}: {}", option.name, option.default, option.describes)?;
    }
    for example in rule.examples {
        writeln!(out, "\nFlagged in {}:\n", example.language.name())?;
        write_indented(&marks::underlined(example.bad), out)?;
        if !example.fixed.is_empty() {
            writeln!(out, "\nAfter `autodao fix`:\n")?;
            write_indented(example.fixed, out)?;
        }
        writeln!(out, "\nNot flagged:\n")?;
        write_indented(example.good, out)?;
    }
    Ok(())
}

fn write_indented(text: &str, out: &mut dyn Write) -> io::Result<()> {
    text.lines().try_for_each(|line| {
        let indent = if line.is_empty() { "" } else { "    " };
        writeln!(out, "{indent}{line}")
    })
}

fn languages(rule: &Rule) -> Vec<&'static str> {
    rule.languages.iter().map(|language| language.name()).collect()
}

/// A rule for programs.
#[derive(Serialize)]
struct Described {
    id: &'static str,
    dimension: &'static str,
    level: &'static str,
    languages: Vec<&'static str>,
    flags: &'static str,
    why: &'static str,
    reference: DescribedReference,
    options: Vec<DescribedOption>,
    examples: Vec<DescribedExample>,
}

#[derive(Serialize)]
struct DescribedReference {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct DescribedOption {
    name: &'static str,
    default: u32,
    describes: &'static str,
}

/// `bad` has its findings between `⟦` and `⟧`.
#[derive(Serialize)]
struct DescribedExample {
    language: &'static str,
    bad: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    fixed: &'static str,
    good: &'static str,
}

impl From<&Rule> for Described {
    fn from(rule: &Rule) -> Self {
        let options = rule.options.iter().map(|option| DescribedOption {
            name: option.name,
            default: option.default,
            describes: option.describes,
        });
        let examples = rule.examples.iter().map(|&Example { language, bad, fixed, good }| DescribedExample {
            language: language.name(),
            bad,
            fixed,
            good,
        });
        Self {
            id: rule.id,
            dimension: rule.dimension.name(),
            level: rule.level.name(),
            languages: languages(rule),
            flags: rule.flags,
            why: rule.why,
            reference: DescribedReference { name: rule.reference.name, url: rule.reference.url },
            options: options.collect(),
            examples: examples.collect(),
        }
    }
}
