//! `autodao templates list` and `show`.

use std::fmt::Write as _;
use std::path::Path;

use autodao_engine::templates::{Template, at_most_tokens};
use serde::Serialize;

use super::foreign;
use super::{Here, Style, Trouble, layer_name, say};
use crate::exit;
use crate::output::{Color, complain, print, print_json};
use crate::path::{printable, shown};

/// A template for programs.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    version: String,
    layer: &'static str,
    in_use: bool,
    title: &'a str,
    tasks: &'a [String],
    contracts: Vec<&'static str>,
    fixed_tokens: usize,
    sha256: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
}

pub(super) fn list(all: bool, format: Style) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let used: Vec<_> = here.library.in_use().collect();
    let rows: Vec<_> = here
        .library
        .all()
        .map(|template| (template, used.iter().any(|used| std::sync::Arc::ptr_eq(used, template))))
        .filter(|(_, in_use)| all || *in_use)
        .map(|(template, in_use)| row(&here, template, in_use))
        .collect();
    for problem in here.library.problems() {
        complain("warning", &printable(&problem.to_string()));
    }
    Ok(match format {
        Style::Json => print_json(exit::CLEAN, &rows),
        Style::Human => print(Color::Never, exit::CLEAN, |out| {
            let width = rows.iter().map(|row| row.name.len() + row.version.len() + 1).max().unwrap_or(0);
            for row in &rows {
                let id = format!("{}@{}", row.name, row.version);
                let mut notes =
                    vec![row.layer.to_owned(), format!("at most {} fixed tokens", row.fixed_tokens)];
                notes.extend(row.labels.iter().map(|&label| label.to_owned()));
                notes.extend(row.pin.iter().map(|pin| format!("pinned to {pin}")));
                notes.extend((!row.in_use).then(|| "not in use".to_owned()));
                writeln!(out, "{id:width$}  {}  ({})", printable(row.title), notes.join(", "))?;
            }
            Ok(())
        }),
    })
}

fn row<'a>(here: &Here, template: &'a Template, in_use: bool) -> Listed<'a> {
    let labels = here.lock.labels();
    let carried = labels.filter(|(name, _, version)| *name == template.name && **version == template.version);
    Listed {
        name: &template.name,
        version: template.version.to_string(),
        layer: layer_name(template.layer),
        in_use,
        title: &template.spec.title,
        tasks: &template.spec.applies.tasks,
        contracts: template.spec.contracts.iter().map(|contract| contract.name()).collect(),
        fixed_tokens: fixed_tokens(template),
        sha256: template.hash.to_string(),
        labels: carried.map(|(_, label, _)| label.name()).collect(),
        pin: here.lock.pin(&template.name).filter(|_| in_use).map(ToString::to_string),
    }
}

/// How many tokens of every prompt never vary, at most, with the contract that takes most.
pub(super) fn fixed_tokens(template: &Template) -> usize {
    let contracts = template.spec.contracts.iter();
    contracts.map(|&contract| at_most_tokens(template.fixed_bytes(contract))).max().unwrap_or(0)
}

pub(super) fn show(name: &str) -> Result<u8, Trouble> {
    if let Some(foreign) = foreign::read(Path::new(name))? {
        return Ok(foreign.show());
    }
    let here = Here::read()?;
    let template = here.template(name)?;
    let spec = &template.spec;
    let applies = &spec.applies;
    let mut text = String::new();
    let mut line = |head: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "{head:12} {}", printable(&value));
        }
    };
    line("Name", format!("{}@{}", template.name, template.version));
    line("Title", spec.title.clone());
    line("For", template.description.clone());
    line("From", format!("{}, {}", layer_name(template.layer), shown(&template.folder)));
    line("Kind", spec.kind.name().to_owned());
    line("Languages", applies.languages.join(", "));
    line("Tasks", applies.tasks.join(", "));
    line("Nodes", applies.nodes.join(", "));
    line("Files", applies.globs.join(", "));
    line("Findings", applies.diagnostics.join(", "));
    line("Inputs", spec.inputs.keys().cloned().collect::<Vec<_>>().join(", "));
    line("Context", spec.context.join(", "));
    line("Reply", spec.contracts.iter().map(|contract| contract.name()).collect::<Vec<_>>().join(", "));
    let budget = spec.budget;
    line(
        "Tokens",
        format!(
            "at most {} fixed of {}; {} in, {} out",
            fixed_tokens(template),
            budget.fixed_tokens,
            budget.input_tokens,
            budget.output_tokens
        ),
    );
    line("SHA-256", template.hash.to_string());
    let body = template.body().lines().map(printable).collect::<Vec<_>>().join("\n");
    Ok(say(&format!("{text}\n{body}")))
}
