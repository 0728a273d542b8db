//! One walk over a tree that finds definitions, identifiers and imports.

use rustc_hash::FxHashMap;
use tree_sitter::{Node, Tree};

use super::definition::{Container, ContainerKind, Definition, DefinitionKind as Kind};
use super::file::Occurrence;
use super::signature::signature;
use crate::{Language, Span};

/// Names above this many bytes are no names that anybody writes.
const MAX_NAME_BYTES: usize = 128;

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) names: Vec<Box<str>>,
    pub(super) definitions: Vec<Definition>,
    pub(super) occurrences: Vec<Occurrence>,
    pub(super) imports: Vec<(Span, Box<str>, Box<str>)>,
}

/// A container that the walk is in.
struct Frame {
    depth: usize,
    container: Container,
    is_function: bool,
    /// Whether what it holds can be named wherever it can.
    opens: bool,
}

struct Walk<'a> {
    language: Language,
    text: &'a str,
    found: Found,
    ids: FxHashMap<&'a str, u32>,
    frames: Vec<Frame>,
    exported: Vec<u32>,
}

pub(super) fn extract(language: Language, text: &str, tree: &Tree) -> Found {
    let mut walk = Walk {
        language,
        text,
        found: Found::default(),
        ids: FxHashMap::default(),
        frames: Vec::new(),
        exported: Vec::new(),
    };
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        let node = cursor.node();
        while walk.frames.last().is_some_and(|frame| frame.depth >= depth) {
            walk.frames.pop();
        }
        walk.enter(node, depth);
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return walk.finish();
            }
            depth -= 1;
        }
    }
}

impl<'a> Walk<'a> {
    fn finish(mut self) -> Found {
        for definition in &mut self.found.definitions {
            definition.is_visible |=
                definition.container.kind == ContainerKind::File && self.exported.contains(&definition.name);
        }
        self.found
    }

    fn slice(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn id(&mut self, name: &'a str) -> Option<u32> {
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return None;
        }
        let next = self.ids.len() as u32;
        let id = *self.ids.entry(name).or_insert(next);
        if id == next {
            self.found.names.push(name.into());
        }
        Some(id)
    }

    fn enter(&mut self, node: Node<'a>, depth: usize) {
        if !node.is_named() {
            return;
        }
        let kind = node.kind();
        if is_identifier(kind) {
            if let Some(name) = self.id(self.slice(node)) {
                self.found.occurrences.push(Occurrence { name, at: node.start_byte() as u32 });
            }
            if kind == "property_identifier" && parent_is(node, "enum_body") {
                self.define(Kind::Variant, node, node);
            } else if kind == "shorthand_property_identifier_pattern"
                && parent_is(node, "object_pattern")
                && let Some(declarator) = node.parent().and_then(|pattern| pattern.parent())
                && declarator.kind() == "variable_declarator"
            {
                self.define(Kind::Variable, declarator, node);
            }
            return;
        }
        if self.language == Language::Rust {
            self.enter_rust(node, kind, depth);
        } else {
            self.enter_script(node, kind, depth);
        }
    }

    fn enter_rust(&mut self, node: Node<'a>, kind: &str, depth: usize) {
        let defined = match kind {
            "function_item" | "function_signature_item" => Kind::Function,
            "struct_item" | "union_item" => Kind::Struct,
            "enum_item" => Kind::Enum,
            "enum_variant" => Kind::Variant,
            "trait_item" => Kind::Trait,
            "type_item" | "associated_type" => Kind::Type,
            "const_item" | "static_item" => Kind::Constant,
            "mod_item" => Kind::Module,
            "macro_definition" => Kind::Macro,
            "field_declaration" => Kind::Field,
            "use_declaration" | "extern_crate_declaration" => {
                let source = node.child_by_field_name("argument").map_or("", |path| self.slice(path));
                self.found.imports.push((Span::of(node), source.into(), "".into()));
                return;
            }
            "impl_item" => {
                let name = node.child_by_field_name("type").map_or("", |of| self.slice(of));
                let name = name.split('<').next().unwrap_or("").rsplit("::").next().unwrap_or("").trim();
                let opens = node.child_by_field_name("trait").is_some();
                self.push(node, depth, ContainerKind::Impl, name, false, opens);
                return;
            }
            _ => return,
        };
        let Some(name) = node.child_by_field_name("name") else { return };
        self.define(defined, node, name);
        let name = self.slice(name);
        match defined {
            Kind::Function => self.push(node, depth, ContainerKind::Function, name, true, false),
            Kind::Struct => self.push(node, depth, ContainerKind::Type, name, false, false),
            Kind::Enum | Kind::Trait => self.push(node, depth, ContainerKind::Type, name, false, true),
            Kind::Module => self.push(node, depth, ContainerKind::Module, name, false, false),
            _ => {}
        }
    }

    fn enter_script(&mut self, node: Node<'a>, kind: &str, depth: usize) {
        let defined = match kind {
            "function_declaration" | "generator_function_declaration" | "function_signature" => {
                Kind::Function
            }
            "class_declaration" | "abstract_class_declaration" => Kind::Class,
            "interface_declaration" => Kind::Interface,
            "type_alias_declaration" => Kind::Type,
            "enum_declaration" => Kind::Enum,
            "enum_assignment" => Kind::Variant,
            "method_definition" | "method_signature" | "abstract_method_signature" => Kind::Method,
            "property_signature" | "public_field_definition" | "field_definition" => Kind::Field,
            "internal_module" | "module" => Kind::Module,
            "variable_declarator" => Kind::Variable,
            "pair" => match node.child_by_field_name("value") {
                Some(value) if is_function_value(value.kind()) => Kind::Method,
                _ => return,
            },
            "required_parameter" | "optional_parameter" => {
                let is_property = node.child(0).is_some_and(|first| first.kind() == "accessibility_modifier");
                if let Some(name) = node.child_by_field_name("pattern").filter(|_| is_property) {
                    self.define(Kind::Field, node, name);
                }
                return;
            }
            "import_statement" => {
                let source = node.child_by_field_name("source").map_or("", |source| self.slice(source));
                let source = source.trim_matches(['"', '\'', '`']);
                let clause = (0..node.named_child_count() as u32)
                    .filter_map(|at| node.named_child(at))
                    .find(|child| child.kind() == "import_clause");
                // Types only are said by a word before the clause.
                let word = node.child(1).filter(|child| child.kind() == "type");
                let clause = clause.map_or("", |clause| {
                    let from = word.map_or(clause.start_byte(), |word| word.start_byte());
                    self.text.get(from..clause.end_byte()).unwrap_or("")
                });
                self.found.imports.push((Span::of(node), source.into(), clause.into()));
                return;
            }
            "export_specifier" => {
                let name = node.child_by_field_name("name").map_or("", |name| self.slice(name));
                let id = self.id(name);
                self.exported.extend(id);
                return;
            }
            _ if is_function_value(kind) => {
                let name = bound_name(node).map_or("", |name| self.slice(name));
                self.push(node, depth, ContainerKind::Function, name, true, false);
                return;
            }
            _ => return,
        };
        let name = ["name", "key", "property"].into_iter().find_map(|field| node.child_by_field_name(field));
        let Some(name) = name else { return };
        let is_plain = !name.kind().ends_with("_pattern") && name.kind() != "computed_property_name";
        if is_plain {
            self.define(defined, node, name);
        }
        let name = if is_plain { self.slice(name) } else { "" };
        match defined {
            Kind::Function | Kind::Method if kind != "pair" => {
                self.push(node, depth, ContainerKind::Function, name, true, false);
            }
            Kind::Class | Kind::Interface | Kind::Type | Kind::Enum => {
                self.push(node, depth, ContainerKind::Type, name, false, true);
            }
            Kind::Module => self.push(node, depth, ContainerKind::Module, name, false, false),
            Kind::Variable => self.push(node, depth, ContainerKind::Variable, name, false, true),
            _ => {}
        }
    }

    fn push(
        &mut self,
        node: Node<'_>,
        depth: usize,
        kind: ContainerKind,
        name: &'a str,
        is_function: bool,
        opens: bool,
    ) {
        let container = Container { kind, name: self.id(name), span: Span::of(node) };
        self.frames.push(Frame { depth, container, is_function, opens });
    }

    fn define(&mut self, kind: Kind, node: Node<'_>, name: Node<'_>) {
        let Some(id) = self.id(self.slice(name)) else { return };
        let file =
            Container { kind: ContainerKind::File, name: None, span: Span::new(0, self.text.len() as u32) };
        let frame = self.frames.last();
        let is_visible = if self.language == Language::Rust {
            kind == Kind::Macro || frame.is_some_and(|frame| frame.opens) || is_public(node)
        } else {
            frame.map_or_else(|| is_exported(node), |frame| frame.opens)
        };
        let signature = signature(self.language, kind, node, name, self.text);
        self.found.definitions.push(Definition {
            name: id,
            kind,
            is_visible,
            is_default: self.language.is_script() && is_default_export(node),
            container: frame.map_or(file, |frame| frame.container),
            scope: self.frames.iter().rev().find(|frame| frame.is_function).map(|frame| frame.container.span),
            span: Span::of(node),
            signature: signature.into(),
        });
    }
}

fn is_identifier(kind: &str) -> bool {
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

pub(super) fn is_function_value(kind: &str) -> bool {
    matches!(kind, "arrow_function" | "function_expression" | "generator_function")
}

fn parent_is(node: Node<'_>, kind: &str) -> bool {
    node.parent().is_some_and(|parent| parent.kind() == kind)
}

/// What a function value is bound to.
fn bound_name(node: Node<'_>) -> Option<Node<'_>> {
    let parent = node.parent()?;
    let field = match parent.kind() {
        "variable_declarator" | "public_field_definition" => "name",
        "pair" => "key",
        "field_definition" => "property",
        _ => return None,
    };
    parent.child_by_field_name(field).filter(|name| is_identifier(name.kind()))
}

fn is_public(node: Node<'_>) -> bool {
    node.child(0).is_some_and(|first| first.kind() == "visibility_modifier")
}

/// Whether a declaration of the file itself is exported where it stands.
fn is_exported(node: Node<'_>) -> bool {
    let mut parent = node.parent();
    for _ in 0..3 {
        match parent {
            Some(around) if around.kind() == "export_statement" => return true,
            Some(around) => parent = around.parent(),
            None => return false,
        }
    }
    false
}

/// Whether a declaration is what its file exports by default.
fn is_default_export(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| {
        parent.kind() == "export_statement" && parent.child(1).is_some_and(|word| word.kind() == "default")
    })
}
