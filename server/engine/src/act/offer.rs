//! What can be asked of a model at a place: the light bulb's content that costs something.

use std::sync::Arc;

use autodao_quality::Catalog;
use autodao_syntax::{Buffer, Span};
use autodao_tasks::{Target, TaskKind, classify, target_at};
use autodao_templates::{Contract as Form, Instruction, Template};

use super::estimate::{Estimate, tokens_of};
use super::invocation::{Invocation, Offered};
use super::models::Model;
use super::parts::parts_of;
use super::plan::{TemplatePlace, explains, form_of, kind_of, makes_file, new_file_beside, output_of};
use super::shared::{Known, Shared};
use crate::diagnosis::Snapshot;

/// The most findings that are offered to be resolved at one place.
const FINDINGS: usize = 3;
/// Tokens of context that a prompt is thought to have before it is made.
const CONTEXT_GUESS: u64 = 120;

/// Something a model can be asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// What it does, with what it will take.
    pub title: String,
    /// How editors group it.
    pub kind: OfferKind,
    /// What is chosen with it.
    pub invocation: Invocation,
    /// Index of the finding it resolves or explains.
    pub finding: Option<usize>,
    /// Why it cannot be chosen now, if it cannot.
    pub disabled: Option<String>,
    /// Whether it makes a file.
    pub new_file: bool,
}

/// How editors group an offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfferKind {
    /// Resolves a finding.
    Fix,
    /// Changes or adds code.
    Rewrite,
    /// Says something.
    Explain,
}

/// The offers at a range of a document. Costs one descent in the tree and a look at the target's text.
pub(crate) fn offers(shared: &Shared, snapshot: &Snapshot, range: Span, known: &Known) -> Vec<Offer> {
    let Some((language, tree)) = snapshot.language.zip(snapshot.tree()).filter(|_| !snapshot.desynced) else {
        return Vec::new();
    };
    let text = snapshot.buffer.text();
    // A cursor in a comment above an item is at the item.
    let at_item = || {
        let range = Span::at(behind_comments(&snapshot.buffer, range.start)?);
        Some((target_at(language, text, &tree, range)?, range))
    };
    let here = target_at(language, text, &tree, range).map(|target| (target, range));
    let Some((target, range)) = here.or_else(at_item) else { return Vec::new() };
    let library = shared.library(&snapshot.config);
    let catalog = Catalog::builtin();
    let touched: Vec<(usize, &str, &str)> = snapshot
        .findings
        .iter()
        .enumerate()
        .filter(|(_, placed)| placed.span().touches(range) && target.span.overlaps(placed.span()))
        .map(|(index, placed)| (index, catalog.rule(placed.relative().rule).id, &*placed.relative().message))
        .take(FINDINGS)
        .collect();
    let rules: Vec<&str> = touched.iter().map(|(_, rule, _)| *rule).collect();
    let place = TemplatePlace::of(snapshot, &target, &tree, &library);
    let queries = place.queries();
    let tokens = tokens_of(text.get(target.span.range()).unwrap_or(""));
    let running = shared.chooser.running();
    let workspace = snapshot.workspace().key;
    let drawn = |template: &Arc<Template>, task: &str| {
        shared.chooser.foretell(&running, &library, template, workspace, task)
    };
    let mut offers = Vec::new();
    let mut named: Vec<&str> = Vec::new();
    for candidate in library.candidates(&place.with(&queries, &rules)) {
        let template = candidate.template;
        // Of templates for the same task the one that fits best is offered.
        let task = template.spec.applies.tasks.first().map_or(template.name.as_str(), String::as_str);
        if named.contains(&task) {
            continue;
        }
        named.push(task);
        let target = &target;
        let offer =
            Offering { shared, snapshot, range, target, template, tokens, known, parts: 0, drawn: &drawn };
        if candidate.diagnostic.is_some() {
            offers
                .extend(touched.iter().map(|(index, rule, message)| offer.of_finding(*index, rule, message)));
        } else {
            let parts = parts_of(&library, template, (snapshot, target, &tree)).len();
            offers.push(Offering { parts, ..offer }.plain());
        }
    }
    // What mends comes first, then what changes; the rest keeps the library's order.
    offers.sort_by_key(|offer| offer.kind as u8);
    offers
}

struct Offering<'a> {
    shared: &'a Shared,
    snapshot: &'a Snapshot,
    range: Span,
    target: &'a Target,
    template: &'a Arc<Template>,
    tokens: u64,
    known: &'a Known,
    /// How many items are asked for apart; none when it is one request.
    parts: usize,
    /// The version that an experiment draws today for a kind of task.
    drawn: &'a dyn Fn(&Arc<Template>, &str) -> Arc<Template>,
}

impl Offering<'_> {
    fn plain(&self) -> Offer {
        let instruction = instruction_at(self.snapshot, self.range, self.target.span);
        let needs_words = self.template.spec.instruction == Instruction::Required;
        let missing = (needs_words && instruction.is_none())
            .then(|| "write what to do in a comment, `// ai: ...`, above the code or in it".to_owned());
        let kind = if explains(self.template) { OfferKind::Explain } else { OfferKind::Rewrite };
        let words = if needs_words { instruction.unwrap_or_default() } else { String::new() };
        let title = match words.as_str() {
            "" => self.template.spec.title.clone(),
            words => format!("AI: {}", shortened(words, 40)),
        };
        self.offer(title, kind, None, None, words, missing)
    }

    fn of_finding(&self, index: usize, rule: &str, message: &str) -> Offer {
        let (verb, kind) =
            if explains(self.template) { ("Explain", OfferKind::Explain) } else { ("Fix", OfferKind::Fix) };
        let title = format!("{verb}: {}", shortened(message, 60));
        self.offer(title, kind, Some(index), Some(rule.to_owned()), String::new(), None)
    }

    fn offer(
        &self,
        title: String,
        kind: OfferKind,
        finding: Option<usize>,
        rule: Option<String>,
        instruction: String,
        missing: Option<String>,
    ) -> Offer {
        let task = match (&rule, kind_of(self.template)) {
            (Some(_), _) => TaskKind::Fix,
            (None, Some(kind)) => kind,
            (None, None) => classify(&instruction),
        };
        let new_file = makes_file(self.template, self.target.language);
        let missing = missing.or_else(|| {
            let beside = new_file.then(|| new_file_beside(self.snapshot.path.as_deref()));
            beside.and_then(Result::err)
        });
        let (title, disabled) = match self.known {
            Known::Models(Ok(models)) => match models.first() {
                Some(model) => (self.priced(&title, model, task), missing),
                None => (title, Some("no model".to_owned())),
            },
            Known::Models(Err(why)) => (title, Some(why.clone())),
            Known::NotYet | Known::Looking => (title, Some("looking for a model".to_owned())),
        };
        let selection = self.range;
        let offered = Offered { version: self.snapshot.version, symbol: self.target.symbol() };
        let invocation = Invocation {
            selection,
            template: self.template.name.clone(),
            rule,
            instruction,
            offered: Some(offered),
            anew: false,
        };
        Offer { title, kind, invocation, finding, disabled, new_file }
    }

    fn priced(&self, title: &str, model: &Model, task: TaskKind) -> String {
        let template = (self.drawn)(self.template, task.name());
        let form = form_of(&template, model, (self.snapshot.buffer.text(), self.target), self.tokens)
            .unwrap_or(Form::WholeNode);
        let fixed = template.fixed_bytes(form) as u64 / 4;
        let requests = self.parts.max(1) as u64;
        let input = (fixed + CONTEXT_GUESS) * requests + self.tokens;
        let estimate = Estimate::new(input, output_of(form, self.tokens), model, self.shared.prices());
        let title = title.trim_end_matches("...");
        match self.parts {
            0 => format!("{title} ({}, {})", estimate.label(), model.label()),
            parts => format!("{title} ({parts} items, {}, {})", estimate.label(), model.label()),
        }
    }
}

/// Lines of comments that are looked at above a place.
const COMMENT_LINES: u32 = 200;

/// The words of a comment `// ai: ...` on a line of the selection, right above it, or among the comments right above
/// the target.
fn instruction_at(snapshot: &Snapshot, range: Span, target: Span) -> Option<String> {
    let lines = snapshot.buffer.lines();
    let first = lines.line_of(range.start).saturating_sub(1);
    let last = lines.line_of(range.end).min(first + COMMENT_LINES);
    let words = |line: u32| {
        let comment = comment_on(&snapshot.buffer, line)?.trim_start_matches(['/', '!', ' ']);
        let words = comment.strip_prefix("ai:").or_else(|| comment.strip_prefix("AI:"))?.trim();
        (!words.is_empty()).then(|| words.to_owned())
    };
    let above = lines.line_of(target.start);
    let comments = (above.saturating_sub(COMMENT_LINES)..above)
        .rev()
        .take_while(|line| comment_on(&snapshot.buffer, *line).is_some());
    (first..=last).rev().find_map(words).or_else(|| comments.into_iter().find_map(words))
}

/// What a line says behind `//`, where it is a comment and nothing else.
fn comment_on(buffer: &Buffer, line: u32) -> Option<&str> {
    buffer.slice(buffer.line(line)?).trim_start().strip_prefix("//")
}

/// The first word behind the comments on whose lines an offset is; `None` where it is on no comment's.
fn behind_comments(buffer: &Buffer, offset: u32) -> Option<u32> {
    let first = buffer.lines().line_of(offset);
    let after = (first..first + COMMENT_LINES).find(|line| comment_on(buffer, *line).is_none())?;
    let line = buffer.line(after).filter(|_| after > first)?;
    let content = buffer.slice(line);
    (!content.trim().is_empty()).then(|| line.start + (content.len() - content.trim_start().len()) as u32)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}
