//! What can be done at a place: the light bulb's content, without a model.

use autodao_quality::{Applicability, Catalog, Finding, TextEdit};
use autodao_syntax::{Buffer, Language, Span};

use crate::diagnosis::Snapshot;

/// What an action is, as editors group them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionKind {
    /// Mends a finding.
    QuickFix,
    /// Applies every fix of the file that keeps behaviour.
    FixAll,
    /// Switches a rule off here or in the file.
    Suppress,
}

/// One action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    /// What it does, as an imperative.
    pub title: String,
    /// How it is grouped.
    pub kind: ActionKind,
    /// What it changes, in ascending order; `None` for [`ActionKind::FixAll`], which is worked out when chosen.
    pub edits: Option<Vec<TextEdit>>,
    /// What it changes in other files, and in this one where [`Self::edits`] is empty. It needs that nothing of them was
    /// changed since.
    pub files: Vec<autodao_templates::FileChange>,
    /// Index of the finding (or, in a configuration file, the problem) it is for.
    pub finding: Option<usize>,
    /// Whether it is what most would choose.
    pub preferred: bool,
}

/// The actions at a range of a document; none when its text may differ from the editor's.
pub fn menu(snapshot: &Snapshot, range: Span) -> Vec<Action> {
    let mut actions = Vec::new();
    if snapshot.desynced {
        return actions;
    }
    for (index, problem) in
        snapshot.problems.iter().enumerate().filter(|(_, problem)| problem.span.touches(range))
    {
        if let Some(replacement) = &problem.replacement {
            let title = match replacement.text.as_str() {
                "" => "Remove it".to_owned(),
                _ => format!("Change to `{}`", replacement.name),
            };
            actions.push(Action {
                title,
                kind: ActionKind::QuickFix,
                edits: Some(vec![TextEdit::replace(problem.span, replacement.text.clone())]),
                files: Vec::new(),
                finding: Some(index),
                preferred: true,
            });
        }
        for (rank, fix) in problem.fixes.iter().enumerate() {
            actions.push(Action {
                title: fix.title.clone(),
                kind: ActionKind::QuickFix,
                edits: Some(Vec::new()),
                files: fix.changes.clone(),
                finding: Some(index),
                preferred: rank == 0 && problem.replacement.is_none(),
            });
        }
    }
    let mut suppressions: Vec<Action> = Vec::new();
    for (index, placed) in
        snapshot.findings.iter().enumerate().filter(|(_, placed)| placed.span().touches(range))
    {
        let finding = placed.finding();
        for (rank, fix) in finding.fixes.iter().enumerate() {
            actions.push(Action {
                title: fix.title.clone(),
                kind: ActionKind::QuickFix,
                edits: Some(fix.edits.clone()),
                files: Vec::new(),
                finding: Some(index),
                preferred: rank == 0 && fix.applicability == Applicability::Always,
            });
        }
        let rule = Catalog::builtin().rule(finding.rule).id;
        let mut suppress = |title: String, edit: TextEdit| {
            if !suppressions.iter().any(|action| action.title == title) {
                let (kind, edits) = (ActionKind::Suppress, Some(vec![edit]));
                let (files, finding) = (Vec::new(), Some(index));
                suppressions.push(Action { title, kind, edits, files, finding, preferred: false });
            }
        };
        if finding.annotatable {
            suppress(format!("Allow `{rule}` here"), allow_here(&snapshot.buffer, &finding, rule));
        }
        suppress(format!("Allow `{rule}` in this file"), allow_in_file(&snapshot.buffer, rule));
    }
    actions.append(&mut suppressions);
    if snapshot.language.is_some_and(|language| has_fix(snapshot, language)) {
        actions.push(Action {
            title: "Fix all that AutoDAO can fix safely in this file".to_owned(),
            kind: ActionKind::FixAll,
            edits: None,
            files: Vec::new(),
            finding: None,
            preferred: false,
        });
    }
    actions
}

fn has_fix(snapshot: &Snapshot, _language: Language) -> bool {
    let fixes = snapshot.findings.iter().flat_map(|placed| &placed.relative().fixes);
    fixes.into_iter().any(|fix| fix.applicability == Applicability::Always)
}

/// A comment line above the finding's line, indented like it.
fn allow_here(buffer: &Buffer, finding: &Finding, rule: &str) -> TextEdit {
    let line = buffer.lines().line_of(finding.span.start);
    let span = buffer.line(line).unwrap_or_default();
    let content = buffer.slice(span);
    let mark = if content.starts_with('\u{feff}') { 3 } else { 0 };
    let content = &content[mark as usize..];
    let indent = &content[..content.len() - content.trim_start_matches([' ', '\t']).len()];
    TextEdit::insert(span.start + mark, format!("{indent}// autodao: allow({rule}){}", line_break(buffer)))
}

/// A comment line at the file's start, behind a byte order mark and a `#!` line.
fn allow_in_file(buffer: &Buffer, rule: &str) -> TextEdit {
    let text = buffer.text();
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let shebang = text[mark..].starts_with("#!") && !text[mark..].starts_with("#![");
    let at = if shebang { buffer.lines().start(1).unwrap_or(buffer.len()) } else { mark as u32 };
    TextEdit::insert(at, format!("// autodao: allow-file({rule}){}", line_break(buffer)))
}

/// The line break the text uses: that of its first line.
fn line_break(buffer: &Buffer) -> &'static str {
    let text = buffer.text();
    match text.find(['\r', '\n']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
}
