//! What an edit was: everything that can be said of it afterwards, or before it is asked for.

use std::fmt::Write as _;

use autodao_edits::{Proposal, Verdict};
use autodao_providers::HeaderText;

use super::estimate::Estimate;
use super::known::KnownNames;
use super::outcome::Outcome;
use super::parts::{Split, Together, passed};
use super::plan::Plan;

/// An edit in Markdown: task, template, context, request, gates, outcome.
pub(crate) fn explain(
    plan: &Plan,
    outcome: &Outcome,
    proposal: Option<&Proposal>,
    reply: Option<&str>,
) -> String {
    let mut text = describe(plan);
    if let Some(proposal) = proposal {
        text.push_str("\n## Gates\n\n");
        for result in &proposal.report.results {
            let said = match &result.verdict {
                Verdict::Passed => "passed".to_owned(),
                Verdict::Warned(warning) => format!("passed, but {warning}"),
                Verdict::Failed(reason) => format!("failed: {reason}"),
                Verdict::NotApplicable => continue,
            };
            line(&mut text, &format!("- {}: {said}", result.gate.name()));
        }
    }
    text.push_str("\n## Outcome\n\n");
    line(&mut text, &said(outcome));
    if let Some(reply) = reply {
        text.push_str("\n## Reply\n\n");
        text.push_str(reply);
        text.push('\n');
    }
    text
}

/// As [`explain`], of a task in parts.
pub(crate) fn explain_parts(parts: &[Plan], together: &Together) -> String {
    let told = parts
        .iter()
        .zip(&together.parts)
        .map(|(plan, part)| explain(plan, &part.outcome, part.proposal.as_deref(), part.reply.as_deref()));
    let mut text = told.collect::<Vec<_>>().join("\n");
    let passed = together.parts.iter().filter(|part| passed(part).is_some()).count();
    line(&mut text, &format!("\n# Together\n\n- {passed} of {} parts passed", parts.len()));
    line(&mut text, &format!("- {}", said(&together.outcome)));
    text
}

/// An outcome in a line.
fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Edit(edit) => format!("{}: {} change(s)", edit.label, edit.edits.len()),
        Outcome::Message(_) => "a message".to_owned(),
        Outcome::Refused { gate, reason } => format!("refused by the gate `{gate}`: {reason}"),
        Outcome::Failed(why) => format!("failed: {why}"),
        Outcome::Cancelled => "cancelled".to_owned(),
    }
}

/// What an edit would send and take.
#[derive(Clone, PartialEq, Debug)]
pub struct DryRun {
    /// Task, template, context and estimate. Markdown.
    pub description: String,
    /// The HTTP request, keys redacted.
    pub request: String,
    /// What it is expected to take.
    pub estimate: Estimate,
}

impl DryRun {
    pub(crate) fn of(plan: &Plan) -> Result<Self, String> {
        let endpoint = &plan.model.endpoint;
        let http = endpoint.format.encode(endpoint, &plan.request()).map_err(|error| error.to_string())?;
        let mut request = format!("{} {}\n", http.method, http.url);
        for header in &http.headers {
            let value = match &header.value {
                HeaderText::Plain(text) => text,
                HeaderText::Secret(_) => "(redacted)",
            };
            line(&mut request, &format!("{}: {value}", header.name));
        }
        line(&mut request, "");
        line(&mut request, &String::from_utf8_lossy(&http.body));
        Ok(Self { description: describe(plan), request, estimate: plan.estimate })
    }

    /// All requests of a task in parts.
    pub(crate) fn of_parts(split: &Split) -> Result<Self, String> {
        let runs: Vec<Self> = split.parts.iter().map(Self::of).collect::<Result<_, _>>()?;
        let join = |of: fn(&Self) -> &str| runs.iter().map(of).collect::<Vec<_>>().join("\n");
        let mut description = String::new();
        line(&mut description, &format!("# {} parts, {}\n", runs.len(), split.whole.estimate.label()));
        description.push_str(&join(|run| &run.description));
        Ok(Self { description, request: join(|run| &run.request), estimate: split.whole.estimate })
    }
}

/// What is known before anything is asked: task, template, context, estimate, request.
pub(crate) fn describe(plan: &Plan) -> String {
    let mut text = String::new();
    let task = &plan.task;
    line(&mut text, &format!("# {}: {}\n", plan.template.spec.title, task.target.symbol()));
    line(&mut text, &format!("- task: {} ({})", task.kind.name(), task.complexity.name()));
    line(
        &mut text,
        &format!("- template: {}@{}, {}", plan.template.name, plan.template.version, plan.form.name()),
    );
    if let Some(chosen) = &plan.chosen {
        let percent = f64::from(chosen.propensity.basis_points()) / 100.0;
        line(&mut text, &format!("- version: drawn with a chance of {percent} %, for an experiment"));
    }
    line(&mut text, &format!("- model: {} at {}", plan.model.label(), plan.model.endpoint.base_url));
    line(
        &mut text,
        &format!("- estimate: {}, at most {} tokens of reply", plan.estimate.label(), plan.max_output),
    );
    let (input, output) = plan.baseline;
    line(&mut text, &format!("- the whole file instead: ~{} tokens", input + output));
    if !plan.redaction.is_empty() {
        let rules = plan.redaction.rules().join(", ");
        let hidden = plan.redaction.hidden();
        line(
            &mut text,
            &format!("- taken out of the prompt: secrets ({rules}), {hidden} kinds of hidden characters"),
        );
    }
    text.push_str("\n## Context\n\n");
    let target = &plan.context.target;
    line(&mut text, &format!("- {} ({} tokens)", target.reason, target.tokens));
    for piece in &plan.context.pieces {
        line(&mut text, &format!("- {} ({} tokens)", piece.reason, piece.tokens));
    }
    for finding in &plan.context.findings {
        line(
            &mut text,
            &format!("- Finding on line {}: {} ({} tokens)", finding.line, finding.rule, finding.tokens),
        );
    }
    for piece in &plan.context.left_out {
        line(&mut text, &format!("- left out: {} ({} tokens)", piece.reason, piece.tokens));
    }
    if let Some(known) = &plan.known {
        tell_known(&mut text, known);
    }
    text.push_str("\n## Request\n\n");
    line(&mut text, &plan.prompt.system);
    line(&mut text, &plan.prompt.user);
    text
}

/// What of the workspace is told, name by name, and why; and what just missed.
fn tell_known(text: &mut String, known: &KnownNames) {
    line(text, &format!("- Known names of the workspace ({} tokens)", known.tokens));
    for name in &known.shown {
        let tier = name.tier.unwrap_or("name");
        let chance = name.probability * 100.0;
        line(text, &format!("  - {} ({tier}, {chance:.1} %): {}; {}", name.name, name.reason, name.path));
    }
    for name in &known.left_out {
        let chance = name.probability * 100.0;
        line(text, &format!("  - left out: {} ({chance:.1} %): {}; {}", name.name, name.reason, name.path));
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}
