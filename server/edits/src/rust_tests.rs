//! Where tests of Rust go: into the module of tests that there is, or a new one at the end of the target's module.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span, SyntaxParser};

use crate::indent::{IndentStyle, leading_blanks};
use crate::site::Site;
use crate::walk::is_comment;

/// How tests are put in.
pub(crate) struct TestPlace {
    /// The byte they go to.
    pub(crate) at: u32,
    /// What is to be laid out there.
    pub(crate) code: String,
    /// What its lines begin with there.
    pub(crate) indent: String,
    /// The lines before it.
    pub(crate) before: String,
    /// The lines behind it.
    pub(crate) after: String,
}

/// Where code goes that is nothing but tests; `None` where it is something else.
pub(crate) fn test_place(site: &Site, code: &str, parser: &mut SyntaxParser) -> Option<TestPlace> {
    if site.language() != Language::Rust || !code.contains("test") {
        return None;
    }
    let tree = parser.parse_fresh(Language::Rust, code)?;
    let answer = items(tree.root_node(), code);
    let is_test = |(node, attributes): &(Node<'_>, String)| {
        node.kind() == "function_item" && attributes.contains("test")
    };
    let is_import = |(node, _): &(Node<'_>, String)| node.kind() == "use_declaration";
    let module = match answer.as_slice() {
        [item] if is_test_module(item) => Some(item.0),
        all if all.iter().any(is_test) && all.iter().all(|item| is_test(item) || is_import(item)) => None,
        _ => return None,
    };
    if tree.root_node().has_error() {
        return None;
    }
    let name = module.and_then(|module| name_of(module, code)).unwrap_or("tests");
    let text = site.buffer().text();
    let around = module_around(site);
    let there = items(around, text)
        .into_iter()
        .find(|item| is_test_module(item) && name_of(item.0, text) == Some(name));
    let body = |node: Node<'_>, text: &str| {
        let body = node.child_by_field_name("body")?;
        Some((body.start_byte() + 1, text.get(body.start_byte() + 1..body.end_byte() - 1)?.to_owned()))
    };
    let ending = site.line_ending().as_str();
    let unit = site.indent_style().unwrap_or(IndentStyle::Spaces(4)).unit();
    if let Some((start, inside)) = there.and_then(|(node, _)| body(node, text)) {
        let tests = module.map_or_else(|| Some(code.to_owned()), |node| Some(body(node, code)?.1))?;
        // The imports that the module has are not brought again.
        let is_known = |line: &&str| {
            line.trim().starts_with("use ") && inside.lines().any(|other| other.trim() == line.trim())
        };
        let tests: Vec<&str> = tests.lines().filter(|line| !is_known(line)).collect();
        let first = inside.lines().find(|line| !line.trim().is_empty());
        let gap = if first.is_some() { ending.repeat(2) } else { ending.to_owned() };
        let is_closed = inside.trim_end_matches([' ', '\t']).ends_with('\n');
        return Some(TestPlace {
            at: (start + inside.trim_end().len()) as u32,
            code: tests.join("\n").trim_matches('\n').to_owned(),
            indent: first.map_or(unit, |line| leading_blanks(line).to_owned()),
            before: gap,
            after: if is_closed { String::new() } else { ending.to_owned() },
        });
    }
    let is_file = around.kind() == "source_file";
    let end = if is_file { text.len() } else { around.end_byte() - 1 };
    let inside = text.get(..end)?.trim_end();
    let last = inside.get(inside.rfind('\n').map_or(0, |at| at + 1)..)?;
    let outer = if is_file { "" } else { leading_blanks(last) };
    let before = ending.repeat(2);
    let place = TestPlace {
        at: inside.len() as u32,
        code: code.trim_end().to_owned(),
        indent: outer.to_owned(),
        before,
        after: String::new(),
    };
    if module.is_some() {
        return Some(place);
    }
    let lines = [
        format!("{outer}#[cfg(test)]"),
        format!("{outer}mod tests {{"),
        format!("{outer}{unit}use super::*;"),
    ];
    Some(TestPlace {
        before: format!("{}{}{}", place.before, lines.join(ending), ending.repeat(2)),
        indent: format!("{outer}{unit}"),
        after: format!("{ending}{outer}}}"),
        ..place
    })
}

fn is_test_module((node, attributes): &(Node<'_>, String)) -> bool {
    node.kind() == "mod_item" && attributes.contains("cfg(test)")
}

fn name_of<'t>(item: Node<'_>, text: &'t str) -> Option<&'t str> {
    text.get(item.child_by_field_name("name")?.byte_range())
}

/// The body of the module that the target is in, or the file.
fn module_around(site: &Site) -> Node<'_> {
    let root = site.tree().root_node();
    let target = site.target();
    let inner = root.descendant_for_byte_range(target.start as usize, target.end as usize);
    let is_module = |node: &Node<'_>| {
        node.kind() == "declaration_list" && node.parent().is_some_and(|parent| parent.kind() == "mod_item")
    };
    std::iter::successors(inner, Node::parent)
        .find(|node| is_module(node) && Span::of(*node).contains(target))
        .unwrap_or(root)
}

/// The items of a module, each with its attributes.
fn items<'t>(module: Node<'t>, text: &str) -> Vec<(Node<'t>, String)> {
    let mut cursor = module.walk();
    let (mut found, mut attributes) = (Vec::new(), String::new());
    for child in module.named_children(&mut cursor) {
        match child.kind() {
            "attribute_item" => attributes += text.get(child.byte_range()).unwrap_or(""),
            kind if is_comment(kind) => {}
            _ => found.push((child, std::mem::take(&mut attributes))),
        }
    }
    found
}
