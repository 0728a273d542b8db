//! `use` declarations.

use autodao_quality::TextEdit;
use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use super::modules::path_of;
use super::{ImportRequest, Imports, children, line_end, slice};
use crate::builtins::std_path;

/// Lists in lists are not followed deeper.
const MAX_DEPTH: usize = 16;

pub(super) fn add(request: &ImportRequest<'_>, names: &[&String], found: &mut Imports) {
    let scope = scope(request);
    let uses = children(scope, |kind| kind == "use_declaration");
    let known: Vec<(String, String)> = uses
        .iter()
        .filter_map(|node| node.child_by_field_name("argument"))
        .flat_map(|argument| leaves(slice(request.text, argument)))
        .collect();
    let mut lines: Vec<(String, String)> = Vec::new();
    for name in names {
        if known.iter().any(|(_, local)| local == *name) {
            continue;
        }
        // What the workspace says goes first: it may have a type of that name.
        match path_of(request, name).or_else(|| std_path(name).map(str::to_owned)) {
            Some(path) => lines.push(((*name).clone(), path)),
            None => found.unresolved.push((*name).clone()),
        }
    }
    if lines.is_empty() {
        return;
    }
    let text = request.text;
    let end = line_end(text);
    let after = uses.iter().rev().find(|node| stands_alone(text, **node));
    let indent = after.map_or_else(|| inner_indent(text, scope), |node| indent_of(text, *node));
    let statement = |path: &str| format!("{indent}use {path};{end}");
    let mut added: Vec<(u32, String)> = Vec::new();
    for (name, path) in lines {
        let line = statement(&path);
        let first = path.split("::").next().unwrap_or("");
        // Beside what comes from the same place, in alphabetical order; else behind the last one.
        let same: Vec<&Node<'_>> = uses
            .iter()
            .filter(|node| stands_alone(text, **node) && is_plain(text, **node))
            .filter(|node| argument(text, **node).split("::").next() == Some(first))
            .collect();
        let at = match same.iter().find(|node| argument(text, ***node) > path.as_str()) {
            Some(next) => line_start(text, next.start_byte()),
            None => match same.last().copied().or(after) {
                Some(last) => line_after(text, last.end_byte()),
                None => beginning(text, scope),
            },
        };
        let is_first = after.is_none() && added.is_empty();
        let needs_break = at > 0 && !text.get(..at).is_some_and(|before| before.ends_with('\n'));
        let mut line = if needs_break { format!("{end}{line}") } else { line };
        let next = text.get(at..).unwrap_or("");
        if is_first && !next.is_empty() && !next.starts_with(['\n', '\r']) && scope.kind() == "source_file" {
            line += end;
        }
        added.push((at as u32, line));
        found.added.push((name, format!("use {path};")));
    }
    added.sort();
    for (at, line) in added {
        match found.edits.last_mut().filter(|edit| edit.span.start == at) {
            Some(edit) => {
                // A blank line behind the first of several goes behind the last.
                if edit.text.ends_with(&format!("{end}{end}")) {
                    edit.text.truncate(edit.text.len() - end.len());
                    edit.text += &line;
                    edit.text += end;
                } else {
                    edit.text += &line;
                }
            }
            None => found.edits.push(TextEdit { span: Span::at(at), text: line }),
        }
    }
}

/// The file, or the body of the module that the edit is in.
fn scope<'a>(request: &ImportRequest<'a>) -> Node<'a> {
    let mut scope = request.tree.root_node();
    let mut cursor = scope.walk();
    while cursor.goto_first_child_for_byte(request.at.start as usize).is_some() {
        let node = cursor.node();
        if !Span::of(node).contains(request.at) {
            break;
        }
        if node.kind() == "declaration_list"
            && node.parent().is_some_and(|parent| parent.kind() == "mod_item")
        {
            scope = node;
        }
    }
    scope
}

/// Every path that the tree of a `use` brings, with the name it has then.
pub(super) fn leaves(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Vec<(String, String)> =
        vec![(String::new(), source.split_whitespace().collect::<Vec<_>>().join(" "))];
    let mut steps = 0;
    while let Some((prefix, rest)) = open.pop() {
        steps += 1;
        if steps > 512 || prefix.matches("::").count() > MAX_DEPTH {
            break;
        }
        let rest = rest.trim();
        if let Some(at) = rest.find('{') {
            let head = rest[..at].trim();
            let inner = rest[at + 1..].strip_suffix('}').unwrap_or(&rest[at + 1..]);
            let mut parts = split(inner);
            parts.reverse();
            open.extend(parts.into_iter().map(|part| (format!("{prefix}{head}"), part.to_owned())));
            continue;
        }
        let (path, local) = match rest.split_once(" as ") {
            Some((path, local)) => (path.trim(), Some(local.trim())),
            None => (rest, None),
        };
        let full =
            if path == "self" { prefix.trim_end_matches("::").to_owned() } else { format!("{prefix}{path}") };
        let last = full.rsplit("::").next().unwrap_or("").to_owned();
        if !last.is_empty() && last != "*" {
            found.push((full, local.map_or(last, str::to_owned)));
        }
    }
    found
}

/// The parts of a list, commas in inner lists apart.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_u32, 0);
    for (at, sign) in list.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[from..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn argument<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    node.child_by_field_name("argument").map_or("", |argument| slice(text, argument))
}

/// Whether it brings names into this module alone, under no condition.
fn is_plain(text: &str, node: Node<'_>) -> bool {
    slice(text, node).starts_with("use ")
        && node.prev_sibling().is_none_or(|before| before.kind() != "attribute_item")
}

fn stands_alone(text: &str, node: Node<'_>) -> bool {
    text.get(line_start(text, node.start_byte())..node.start_byte())
        .is_some_and(|before| before.trim().is_empty())
        && text.get(node.end_byte()..).is_none_or(|rest| {
            rest.split('\n').next().is_none_or(|rest| rest.trim().is_empty() || rest.trim().starts_with("//"))
        })
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// Where the next line begins.
fn line_after(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end + 1)
}

fn indent_of(text: &str, node: Node<'_>) -> String {
    text.get(line_start(text, node.start_byte())..node.start_byte()).unwrap_or("").to_owned()
}

/// How the first item of a module is indented.
fn inner_indent(text: &str, scope: Node<'_>) -> String {
    if scope.kind() == "source_file" {
        return String::new();
    }
    scope.named_child(0).map_or_else(String::new, |first| indent_of(text, first))
}

/// Behind the comments, attributes and `extern crate`s that a module begins with.
fn beginning(text: &str, scope: Node<'_>) -> usize {
    let is_file = scope.kind() == "source_file";
    let mut at = if is_file { 0 } else { line_after(text, scope.start_byte()) };
    if is_file && text.starts_with('\u{feff}') {
        at = '\u{feff}'.len_utf8();
    }
    for node in children(scope, |kind| !matches!(kind, "{" | "}")) {
        let is_inner_comment = matches!(node.kind(), "line_comment" | "block_comment")
            && ["//!", "/*!"].iter().any(|start| slice(text, node).starts_with(start));
        if !is_inner_comment
            && !matches!(node.kind(), "inner_attribute_item" | "extern_crate_declaration" | "shebang")
        {
            break;
        }
        let end = node.end_byte();
        at = if text.get(..end).is_some_and(|before| before.ends_with('\n')) {
            end
        } else {
            line_after(text, end)
        };
    }
    // A blank line behind them stays before what is added.
    let rest = text.get(at..).unwrap_or("");
    let blank = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'));
    match blank {
        Some(next) if at > 0 && !next.is_empty() => text.len() - next.len(),
        _ => at,
    }
}
