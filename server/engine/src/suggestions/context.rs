//! Kinds of context that no accepted edit had anything of.

use std::collections::BTreeMap;
use std::fs;

use autodao_ledger::{Day, Ledger, LedgerError};
use autodao_templates::{Layer, Library, Template, VersionReq, wilson};

use super::{LEAST, Suggestion, TemplateEdit};

/// Accepted edits that had a kind of context in their prompts.
#[derive(Default)]
struct Shown {
    edits: u64,
    used: u64,
    tokens: u64,
}

/// What could be left out of the prompts of each version of a template.
pub(super) fn unused(
    ledger: &Ledger,
    library: &Library,
    first: Day,
    last: Day,
) -> Result<Vec<Suggestion>, LedgerError> {
    // What was not wanted says nothing of what it needed.
    let edits = ledger.collect_edits(first, last, |edit| {
        let template = edit.planned.as_ref()?.template.clone()?;
        (edit.outcome == autodao_ledger::Outcome::Applied).then(|| (template, edit.pieces.clone()))
    })?;
    let mut shown: BTreeMap<_, Shown> = BTreeMap::new();
    for (template, pieces) in edits {
        for piece in pieces {
            let sums = shown.entry((template.clone(), piece.role)).or_default();
            sums.edits += 1;
            sums.used += u64::from(piece.used);
            sums.tokens = sums.tokens.saturating_add(piece.tokens.into());
        }
    }
    let never = shown.into_iter().filter(|(_, shown)| shown.used == 0 && shown.edits >= LEAST);
    let suggestion = |((template, role), shown): ((autodao_ledger::Template, String), Shown)| {
        let Shown { edits, tokens, .. } = shown;
        let each = tokens / edits.max(1);
        let (_, most) = wilson(0, edits);
        let version = VersionReq::parse(&format!("={}", template.version)).ok();
        let known = version.and_then(|version| library.find(&template.name, &version));
        let edit = known.and_then(|known| without_role(known, &role));
        let how = match (&edit, known.map(|known| known.layer)) {
            (None, Some(Layer::Builtin)) => {
                format!(" Begin one without it: `autodao templates new NAME --from {}`.", template.name)
            }
            _ => String::new(),
        };
        let suggestion = Suggestion {
            id: "context-unused",
            about: format!("{}@{}", template.name, template.version),
            text: format!(
                "`{role}` stood in the prompts of {edits} edits that were accepted, and none of them has a name that only it brought: {each} tokens each for nothing. Surely fewer than {:.0} % of such edits would miss it.{how}",
                most * 100.0
            ),
            tokens: each,
            diff: None,
            edits: Vec::new(),
        };
        suggestion.with_edits(edit.into_iter().collect())
    };
    Ok(never.map(suggestion).collect())
}

/// The change of a template's file that leaves a kind of context out; `None` where the file does not name it.
fn without_role(template: &Template, role: &str) -> Option<TemplateEdit> {
    if template.layer == Layer::Builtin {
        return None;
    }
    let text = fs::read_to_string(template.folder.join("template.toml")).ok()?;
    let document = toml_edit::Document::parse(text.as_str()).ok()?;
    let list = document.get("context")?.get("include")?.as_array()?;
    let at = list.iter().position(|value| value.as_str() == Some(role))?;
    let place = |at: usize| list.get(at).and_then(toml_edit::Value::span);
    // With the comma to the next one, or to the one before.
    let cut = match (place(at)?, place(at + 1), at.checked_sub(1).and_then(place)) {
        (own, Some(next), _) => own.start..next.start,
        (own, None, Some(before)) => before.end..own.end,
        (own, None, None) => own,
    };
    let file = template.folder.join("template.toml");
    Some(TemplateEdit { file, layer: template.layer, place: cut, text: String::new() })
}
