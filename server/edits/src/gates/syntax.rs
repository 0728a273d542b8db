//! No syntax error that was not there before: neither an ERROR or MISSING node nor what a conforming parser refuses.
//! Where the two do not agree, the conforming parser decides: tree-sitter's grammars are behind their languages, and
//! take what no compiler does.

use autodao_conformance::{Comparison, SyntaxError, compare as compare_whole};
use autodao_syntax::SyntaxTree;
use autodao_syntax::{Language, Span, SyntaxParser};
use rustc_hash::FxHashMap;

use crate::change::Change;
use crate::contract::Contract;
use crate::items::is_function;
use crate::site::Site;
use crate::walk::{errors, preorder};

/// What the trees say. Where a conforming parser finds the text valid, it is.
pub(crate) fn check(
    site: &Site,
    contract: Contract,
    change: &mut Change,
    parser: &mut SyntaxParser,
) -> Result<(), String> {
    let checked = check_tree(site, change, parser);
    checked.or_else(|reason| match compared(site, contract, change) {
        Comparison::Valid => Ok(()),
        _ => Err(reason),
    })
}

/// What a conforming parser says of a text that the trees have no error in.
pub(crate) fn confirm(site: &Site, contract: Contract, change: &Change) -> Result<(), String> {
    let error = misplaced(change).or_else(|| match compared(site, contract, change) {
        Comparison::Valid | Comparison::Unknown => None,
        Comparison::Broken(error) => Some(error),
        // What was broken elsewhere may stay so.
        Comparison::BothBroken { before, after } => {
            let within = |errors: &[SyntaxError], span: Span| {
                errors.iter().filter(|error| error.span.touches(span)).cloned().collect::<Vec<_>>()
            };
            let (old, mut new) = (within(&before, change.before), within(&after, change.after));
            if new.len() > old.len() { new.pop() } else { None }
        }
    });
    error.map_or(Ok(()), |error| Err(describe(change, error.span, &error.message)))
}

/// A new `export` in a function, which the parser takes for one in a namespace.
fn misplaced(change: &Change) -> Option<SyntaxError> {
    let mut found = None;
    preorder(change.tree.root_node(), change.after, |way| {
        if let [.., function, _block, step] = way
            && step.kind == "export_statement"
            && is_function(function.kind)
        {
            let span = Span::of(step.node);
            found
                .get_or_insert(SyntaxError { span, message: "no export may stand in a function".to_owned() });
        }
        found.is_none()
    });
    found
}

fn compared(site: &Site, contract: Contract, change: &Change) -> Comparison {
    match contract {
        // A new file is by itself.
        Contract::NewFile => compare_whole(site.language(), "", change.new_text()),
        _ => compare_whole(site.language(), site.buffer().text(), change.text()),
    }
}

fn check_tree(site: &Site, change: &mut Change, parser: &mut SyntaxParser) -> Result<(), String> {
    if let Err(reason) = compare(site, site.tree(), change, &change.tree) {
        if !site.tree().root_node().has_error() {
            // A text without errors has one tree, however it is come by.
            return Err(reason);
        }
        // An incremental parse may recover from an error in another way than one from nothing.
        let before = parser.parse_fresh(site.language(), site.buffer().text()).ok_or(reason)?;
        let after = parser.parse_fresh(site.language(), change.text()).ok_or("the text cannot be parsed")?;
        compare(site, &before, change, &after)?;
        change.tree = after;
    }
    // Where an error elsewhere reaches over the target, its tree tells nothing of the target.
    let covered = site.tree().root_node().has_error()
        && errors(site.tree().root_node()).iter().any(|(span, _)| reaches_over(*span, change.before));
    if covered {
        let old = errors_alone(parser, site.language(), site.buffer().slice(change.before));
        let new = errors_alone(parser, site.language(), change.new_text());
        if new > old {
            return Err("the new code does not parse by itself".into());
        }
    }
    Ok(())
}

/// How many errors a piece of code has by itself, or as a member of a class.
fn errors_alone(parser: &mut SyntaxParser, language: Language, code: &str) -> usize {
    let mut count = |code: &str| {
        let tree = parser.parse_fresh(language, code);
        tree.map_or(usize::MAX, |tree| errors(tree.root_node()).len())
    };
    let alone = count(code);
    if language.is_script() { alone.min(count(&format!("class _ {{\n{code}\n}}"))) } else { alone }
}

/// Whether a node is around the target, and more.
fn reaches_over(span: Span, target: Span) -> bool {
    span.contains(target) && span != target
}

fn compare(site: &Site, before: &SyntaxTree, change: &Change, after: &SyntaxTree) -> Result<(), String> {
    let old_text = site.buffer().text();
    let delta = i64::from(change.after.end) - i64::from(change.before.end);
    let mut outside: FxHashMap<(Span, &str), u32> = FxHashMap::default();
    let mut inside: FxHashMap<(&str, &str), u32> = FxHashMap::default();
    let mut over = 0_u32;
    for (span, kind) in errors(before.root_node()) {
        if reaches_over(span, change.before) && kind == "ERROR" {
            over += 1;
        } else if span.touches(change.before) {
            *inside.entry((old_text.get(span.range()).unwrap_or(""), kind)).or_default() += 1;
        } else {
            let moved = if span.start >= change.before.end { span.moved(delta) } else { span };
            *outside.entry((moved, kind)).or_default() += 1;
        }
    }
    for (span, kind) in errors(after.root_node()) {
        let text = change.text().get(span.range()).unwrap_or("");
        let known = if reaches_over(span, change.after) && kind == "ERROR" {
            Some(&mut over)
        } else if span.touches(change.after) {
            inside.get_mut(&(text, kind))
        } else {
            outside.get_mut(&(span, kind))
        };
        match known {
            Some(count) if *count > 0 => *count -= 1,
            _ => return Err(describe_node(change, span, kind, text)),
        }
    }
    Ok(())
}

/// What is wrong, as a model that is to mend it can use it.
fn describe_node(change: &Change, span: Span, kind: &str, text: &str) -> String {
    if kind == "ERROR" {
        let near = text.lines().next().unwrap_or("").trim();
        describe(change, span, &format!("near `{}`", clipped(near)))
    } else {
        describe(change, span, &format!("`{kind}` is missing"))
    }
}

fn describe(change: &Change, span: Span, what: &str) -> String {
    let line = change.buffer.lines().line_of(span.start);
    let shown = change.buffer.line(line).map_or("", |line| change.buffer.slice(line)).trim();
    let first = change.buffer.lines().line_of(change.after.start);
    let number = i64::from(line) - i64::from(first) + 1;
    format!("syntax error at line {number} (`{}`): {what}", clipped(shown))
}

fn clipped(text: &str) -> String {
    text.chars().take(80).collect()
}
