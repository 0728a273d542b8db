//! No ERROR or MISSING node that was not there before.

use autodao_syntax::tree_sitter::Tree;
use autodao_syntax::{Span, SyntaxParser};
use rustc_hash::FxHashMap;

use crate::change::Change;
use crate::site::Site;
use crate::walk::errors;

pub(crate) fn check(site: &Site, change: &mut Change, parser: &mut SyntaxParser) -> Result<(), String> {
    let Err(reason) = compare(site, site.tree(), change, &change.tree) else { return Ok(()) };
    // An incremental parse may recover from an error in another way than one from nothing.
    let (Some(before), Some(after)) = (
        parser.parse_fresh(site.language(), site.buffer().text()),
        parser.parse_fresh(site.language(), change.text()),
    ) else {
        return Err(reason);
    };
    compare(site, &before, change, &after)?;
    change.tree = after;
    Ok(())
}

fn compare(site: &Site, before: &Tree, change: &Change, after: &Tree) -> Result<(), String> {
    let old_text = site.buffer().text();
    let delta = i64::from(change.after.end) - i64::from(change.before.end);
    let mut outside: FxHashMap<(Span, &str), u32> = FxHashMap::default();
    let mut inside: FxHashMap<(&str, &str), u32> = FxHashMap::default();
    for (span, kind) in errors(before.root_node()) {
        if span.touches(change.before) {
            *inside.entry((old_text.get(span.range()).unwrap_or(""), kind)).or_default() += 1;
        } else {
            let moved = if span.start >= change.before.end { span.moved(delta) } else { span };
            *outside.entry((moved, kind)).or_default() += 1;
        }
    }
    for (span, kind) in errors(after.root_node()) {
        let text = change.text().get(span.range()).unwrap_or("");
        let known = if span.touches(change.after) {
            inside.get_mut(&(text, kind))
        } else {
            outside.get_mut(&(span, kind))
        };
        match known {
            Some(count) if *count > 0 => *count -= 1,
            _ => return Err(describe(change, span, kind, text)),
        }
    }
    Ok(())
}

fn describe(change: &Change, span: Span, kind: &str, text: &str) -> String {
    let line = change.buffer.lines().line_of(span.start);
    let shown = change.buffer.line(line).map_or("", |line| change.buffer.slice(line)).trim();
    let first = change.buffer.lines().line_of(change.after.start);
    let number = i64::from(line) - i64::from(first) + 1;
    let clipped = |text: &str| text.chars().take(80).collect::<String>();
    if kind == "ERROR" {
        let near = text.lines().next().unwrap_or("").trim();
        format!("syntax error at line {number} (`{}`), near `{}`", clipped(shown), clipped(near))
    } else {
        format!("syntax error at line {number} (`{}`): `{kind}` is missing", clipped(shown))
    }
}
