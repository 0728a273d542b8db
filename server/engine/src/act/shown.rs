//! What a model saw beside the target, and whether the edit has something of it: by names and counts, for the ledger.

use std::collections::{BTreeMap, BTreeSet};

use autodao_edits::Proposal;
use autodao_ledger::ShownPiece;
use autodao_syntax::{Language, Span, SyntaxParser};
use autodao_templates::{Finding, Piece};

use super::known;
use super::plan::{Plan, fill};

/// The kinds of context of a plan's prompt. A kind was of use where the edit has a name that stood nowhere else in the
/// prompt; its tokens are those that a prompt without it has fewer.
pub(crate) fn shown_pieces(plan: &Plan, proposal: &Proposal) -> Vec<ShownPiece> {
    let mut pieces: Vec<(&str, Piece<'_>)> = plan
        .context
        .pieces
        .iter()
        .map(|piece| (piece.role.name(), Piece { title: &piece.reason, text: &piece.text }))
        .collect();
    let known = plan.known.as_ref().filter(|known| !known.text.is_empty());
    pieces.extend(known.map(|known| (known::ROLE, Piece { title: known::TITLE, text: &known.text })));
    if pieces.is_empty() {
        return Vec::new();
    }
    let all = tokens_with(plan, &pieces, None);
    let written = identifiers(plan.task.target.language, &proposal.text, proposal.after);
    let mut by_role: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (role, piece) in &pieces {
        by_role.entry(*role).or_default().extend(words(piece.text));
    }
    let findings = plan.context.findings.iter().map(|finding| finding.message.as_str());
    let said: BTreeSet<&str> = [plan.context.target.text.as_str(), &plan.instruction]
        .into_iter()
        .chain(findings)
        .flat_map(words)
        .collect();
    let is_of = |role: &str, name: &str| by_role.get(role).is_some_and(|names| names.contains(name));
    by_role
        .keys()
        .map(|role| {
            let only_here = |name: &&String| {
                let name = name.as_str();
                is_of(role, name)
                    && !said.contains(name)
                    && !by_role.keys().any(|other| other != role && is_of(other, name))
            };
            let without = tokens_with(plan, &pieces, Some(role));
            ShownPiece {
                role: (*role).to_owned(),
                tokens: u32::try_from(all.saturating_sub(without)).unwrap_or(u32::MAX),
                used: written.iter().any(|name| only_here(&name)),
            }
        })
        .collect()
}

/// The tokens of a prompt's varying half without one kind of context, counted exactly.
fn tokens_with(plan: &Plan, pieces: &[(&str, Piece<'_>)], without: Option<&str>) -> usize {
    let kept: Vec<_> =
        pieces.iter().filter(|(role, _)| Some(*role) != without).map(|(_, piece)| *piece).collect();
    let findings: Vec<_> = plan
        .context
        .findings
        .iter()
        .map(|finding| Finding { line: finding.line, rule: &finding.rule, message: &finding.message })
        .collect();
    let said = (plan.shown_path.as_str(), plan.instruction.as_str());
    let rendered = fill(&plan.template, plan.form, &plan.task, &plan.context, (&kept, &findings), said);
    rendered.map_or(0, |rendered| known::exact_tokens(&rendered.user))
}

/// The words of a text, keywords and all.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    text.split(move |c| !is_part(c)).filter(|word| !word.is_empty())
}

/// The names in a part of a text, without the language's own words.
fn identifiers(language: Language, text: &str, part: Span) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Some(tree) = SyntaxParser::default().parse_fresh(language, text) else { return names };
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.kind().ends_with("identifier") && node.child_count() == 0 && part.overlaps(Span::of(node)) {
            names.extend(text.get(node.byte_range()).map(str::to_owned));
        }
        let may_hold = part.touches(Span::of(node));
        if may_hold && cursor.goto_first_child() || cursor.goto_next_sibling() {
            continue;
        }
        loop {
            if !cursor.goto_parent() {
                return names;
            }
            if cursor.goto_next_sibling() {
                break;
            }
        }
    }
}
