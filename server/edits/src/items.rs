//! The named items of a part of a tree, with their signatures.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use crate::walk::{Step, preorder};

/// A named item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item<'t> {
    /// Its node's kind.
    pub(crate) kind: &'t str,
    /// Its name; of an `impl`, the trait and the type.
    pub(crate) name: String,
    /// The names from the outermost item of the part to this one.
    pub(crate) path: String,
    /// The whole node.
    pub(crate) span: Span,
    /// From its start to its body or value.
    pub(crate) signature: Span,
    /// Whether it lies inside a function.
    pub(crate) local: bool,
}

const ITEM_KINDS: [&str; 31] = [
    "function_item",
    "function_signature_item",
    "struct_item",
    "union_item",
    "enum_item",
    "enum_variant",
    "field_declaration",
    "trait_item",
    "impl_item",
    "mod_item",
    "type_item",
    "associated_type",
    "const_item",
    "static_item",
    "macro_definition",
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "abstract_class_declaration",
    "method_definition",
    "interface_declaration",
    "type_alias_declaration",
    "enum_declaration",
    "internal_module",
    "module",
    "function_signature",
    "method_signature",
    "abstract_method_signature",
    "public_field_definition",
    "field_definition",
    "variable_declarator",
];

/// Whether nodes of this kind have a body that runs: names in it are nobody else's.
pub(crate) fn is_function(kind: &str) -> bool {
    matches!(
        kind,
        "function_item"
            | "closure_expression"
            | "function_declaration"
            | "generator_function_declaration"
            | "function_expression"
            | "generator_function"
            | "arrow_function"
            | "method_definition"
            | "class_static_block"
    )
}

/// The items of a region, an outer one before those in it.
pub(crate) fn items<'t>(root: Node<'t>, text: &str, region: Span) -> Vec<Item<'t>> {
    let mut found: Vec<Item<'t>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    preorder(root, region, |way| {
        let Some((step, outer)) = way.split_last() else { return false };
        if !region.contains(Span::of(step.node)) || !ITEM_KINDS.contains(&step.kind) {
            return true;
        }
        let Some(name) = name(step.node, text) else { return true };
        let span = Span::of(step.node);
        while open.last().is_some_and(|&index| !found[index].span.contains(span)) {
            open.pop();
        }
        let path = match open.last() {
            Some(&index) => format!("{}.{name}", found[index].path),
            None => name.clone(),
        };
        open.push(found.len());
        let local = is_local(outer);
        found.push(Item { kind: step.kind, name, path, span, signature: signature(step.node, text), local });
        true
    });
    found
}

/// How far towards the root to look for a function.
const LOOK_UP: usize = 256;

fn is_local(outer: &[Step<'_>]) -> bool {
    outer.iter().rev().take(LOOK_UP).any(|step| is_function(step.kind))
}

fn name(node: Node<'_>, text: &str) -> Option<String> {
    let part = |field| {
        let node = node.child_by_field_name(field)?;
        text.get(Span::of(node).range())
    };
    if node.kind() == "impl_item" {
        let of = part("type")?;
        return Some(part("trait").map_or_else(|| of.to_owned(), |name| format!("{name} for {of}")));
    }
    let name = part("name").or_else(|| part("property"))?;
    // A declarator that takes a value apart has no name of its own.
    (!name.is_empty() && !name.starts_with(['{', '['])).then(|| name.to_owned())
}

/// Up to the body of a function or type, or the value of a variable.
fn signature(node: Node<'_>, text: &str) -> Span {
    let span = Span::of(node);
    let value = node.child_by_field_name("value");
    if node.kind() == "macro_definition" {
        // Its arms are all there is of it.
        let name = node.child_by_field_name("name").map_or(span.end, |name| Span::of(name).end);
        return Span::new(span.start, name);
    }
    let body = node.child_by_field_name("body").or_else(|| value?.child_by_field_name("body")).or(value);
    let end = body.map_or(span.end, |body| Span::of(body).start.max(span.start));
    let head = text.get(span.start as usize..end as usize).unwrap_or("");
    Span::new(span.start, span.start + head.trim_end().len() as u32)
}
