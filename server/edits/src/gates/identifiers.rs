//! The names in a part of a tree, and what each is there for.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::walk::{Step, preorder};

/// What a name is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// It introduces the name.
    Binding,
    /// It introduces a member: a method, a property. It is known behind a dot or a path, not by itself.
    MemberBinding,
    /// It stands alone, so it must be in scope.
    Reference,
    /// A path begins with it: it must be in scope, or be a package.
    PathStart,
    /// It is what an import begins with.
    Package,
    /// It belongs to what is before it: `.name`, `::name`, a field, a property.
    Member,
    /// It is inside a macro call, where a name can be anything, or it is a macro's name.
    Loose,
}

/// A name.
pub(crate) struct Identifier<'t> {
    pub(crate) name: &'t str,
    pub(crate) role: Role,
    /// Of a member in a path: what the path begins with.
    pub(crate) start: Option<&'t str>,
}

/// How far up to look for what a name is part of.
const LOOK_UP: usize = 64;

/// The names of a region.
pub(crate) fn identifiers<'t>(
    language: Language,
    root: Node<'_>,
    text: &'t str,
    region: Span,
) -> Vec<Identifier<'t>> {
    let mut found = Vec::new();
    // The import that was entered last, and whether its first name was seen.
    let mut import: Option<Span> = None;
    preorder(root, region, |way| {
        let Some(step) = way.last() else { return false };
        let span = Span::of(step.node);
        if matches!(
            step.kind,
            "attribute_item" | "inner_attribute_item" | "macro_definition" | "lifetime" | "label"
        ) {
            return false;
        }
        if step.kind == "use_declaration" {
            import = Some(span);
        }
        if !is_name(step.kind) || !region.contains(span) {
            return true;
        }
        let Some(name) = text.get(span.range()).filter(|name| !name.is_empty()) else { return false };
        if language == Language::Rust && name == "_" {
            // No name: a type or value that the compiler finds.
            return false;
        }
        let role = if language == Language::Rust {
            let first = import.is_some_and(|import| import.contains(span));
            if first {
                import = Some(Span::at(0));
                Some(Role::Package)
            } else {
                rust_role(way)
            }
        } else {
            script_role(way, name)
        };
        let start = path_start(way, text).filter(|_| role == Some(Role::Member));
        let is_in_library = start
            .is_some_and(|start| matches!(start, "std" | "core" | "alloc" | "crate" | "self" | "super" | ""));
        let role = role.filter(|_| !is_in_library);
        found.extend(role.map(|role| Identifier { name: name.trim_start_matches("r#"), role, start }));
        false
    });
    found
}

/// Whether nodes of this kind are names.
fn is_name(kind: &str) -> bool {
    matches!(
        kind,
        "identifier"
            | "type_identifier"
            | "field_identifier"
            | "shorthand_field_identifier"
            | "property_identifier"
            | "private_property_identifier"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern"
    )
}

/// Whether a node of this kind names a member, wherever it stands.
pub(crate) fn is_member(kind: &str) -> bool {
    matches!(kind, "field_identifier" | "property_identifier" | "private_property_identifier")
}

/// What the path begins with that a name of Rust is in, if it is in one.
fn path_start<'t>(way: &[Step<'_>], text: &'t str) -> Option<&'t str> {
    let path =
        way.iter().rev().skip(1).take(LOOK_UP).take_while(|step| step.kind.starts_with("scoped_")).last();
    let start = text.get(path?.node.start_byte()..)?;
    Some(start.split("::").next().unwrap_or("").trim())
}

fn rust_role(way: &[Step<'_>]) -> Option<Role> {
    let [.., parent, step] = way else { return None };
    let mut outer = way.iter().rev().skip(1).take(LOOK_UP);
    if outer.clone().any(|step| step.kind == "use_declaration" || step.kind == "extern_crate_declaration") {
        return Some(Role::Binding);
    }
    if step.kind == "shorthand_field_identifier" {
        return Some(Role::Binding);
    }
    match (parent.kind, step.field) {
        ("macro_invocation", Some("macro")) => return Some(Role::Loose),
        ("scoped_identifier" | "scoped_type_identifier", Some("name")) => return Some(Role::Member),
        ("scoped_identifier" | "scoped_type_identifier", Some("path")) => return Some(Role::PathStart),
        ("function_item" | "function_signature_item", Some("name")) if is_in_type(way) => {
            return Some(Role::MemberBinding);
        }
        ("struct_expression" | "generic_type" | "generic_function", _) => return Some(Role::Reference),
        ("type_binding", Some("name")) => return Some(Role::Member),
        (kind, Some("name")) if kind.ends_with("_item") || kind.ends_with("_parameter") => {
            return Some(Role::Binding);
        }
        ("enum_variant" | "associated_type" | "field_declaration", Some("name")) => {
            return Some(Role::Binding);
        }
        // Type parameters without bounds were plain children in older grammars.
        ("type_parameters", _) => return Some(Role::Binding),
        _ => {}
    }
    if step.kind == "field_identifier" {
        return Some(Role::Member);
    }
    if outer.any(|step| step.kind == "token_tree") {
        return Some(Role::Loose);
    }
    Some(if rust_pattern(way) { Role::Binding } else { Role::Reference })
}

/// Whether the item that a name is of is a member of an `impl` or a trait.
fn is_in_type(way: &[Step<'_>]) -> bool {
    matches!(way, [.., of, _list, _item, _name] if matches!(of.kind, "impl_item" | "trait_item"))
}

/// Whether a name stands in a pattern, where it introduces a variable.
fn rust_pattern(way: &[Step<'_>]) -> bool {
    for pair in way.windows(2).rev().take(LOOK_UP) {
        let [parent, child] = pair else { return false };
        if parent.kind == "closure_parameters" || child.field == Some("pattern") {
            return true;
        }
        // The type of a pattern, a guard, and the path of a constant are looked up, not introduced.
        if matches!(child.field, Some("type" | "condition" | "value")) || !parent.kind.ends_with("pattern") {
            return false;
        }
    }
    false
}

fn script_role(way: &[Step<'_>], name: &str) -> Option<Role> {
    let [.., parent, step] = way else { return None };
    if way.iter().rev().take(LOOK_UP).any(|step| step.kind == "import_statement") {
        return Some(Role::Binding);
    }
    if step.kind == "shorthand_property_identifier_pattern" {
        return Some(Role::Binding);
    }
    if matches!(parent.kind, "jsx_attribute" | "jsx_namespace_name") {
        return None;
    }
    if is_member(step.kind) {
        let defines = step.field == Some("key")
            || ["_definition", "_signature", "enum_body", "enum_assignment"]
                .iter()
                .any(|end| parent.kind.ends_with(end));
        // The members of an enumeration are in scope in it.
        let binding = if parent.kind.starts_with("enum") { Role::Binding } else { Role::MemberBinding };
        return Some(if defines { binding } else { Role::Member });
    }
    match (parent.kind, step.field) {
        ("nested_type_identifier", Some("name")) => return Some(Role::Member),
        ("jsx_opening_element" | "jsx_closing_element" | "jsx_self_closing_element", Some("name")) => {
            // Elements of the page are written small.
            return name.starts_with(char::is_uppercase).then_some(Role::Reference);
        }
        ("infer_type", _) => return Some(Role::Binding),
        ("type_predicate" | "export_specifier" | "asserts", _) => return Some(Role::Reference),
        (_, Some("name")) => return Some(Role::Binding),
        ("catch_clause" | "arrow_function", Some("parameter")) => return Some(Role::Binding),
        _ => {}
    }
    Some(if script_pattern(way) { Role::Binding } else { Role::Reference })
}

fn script_pattern(way: &[Step<'_>]) -> bool {
    for pair in way.windows(2).rev().take(LOOK_UP) {
        let [parent, child] = pair else { return false };
        match (parent.kind, child.field) {
            (_, Some("right" | "type" | "decorator")) => return false,
            ("formal_parameters", _)
            | ("required_parameter" | "optional_parameter", Some("pattern"))
            | ("variable_declarator", Some("name"))
            | ("catch_clause" | "arrow_function", Some("parameter"))
            | ("for_in_statement", Some("left")) => return true,
            ("object_pattern" | "array_pattern" | "rest_pattern" | "pair_pattern", _) => {}
            ("assignment_pattern" | "object_assignment_pattern", Some("left")) => {}
            _ => return false,
        }
    }
    false
}
