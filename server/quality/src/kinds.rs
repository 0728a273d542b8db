//! Which node kinds of a grammar are functions, loops, comments and containers.

use std::sync::OnceLock;

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::metrics::Flow;

/// What a node kind is, as far as several rules or the walk need to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Kind(u16);

impl Kind {
    /// A function with a body of its own: also closures and methods.
    pub(crate) const FUNCTION: Self = Self(1);
    /// A closure or arrow function: it sees its function's variables and is not an item.
    pub(crate) const CLOSURE: Self = Self(1 << 1);
    /// A loop.
    pub(crate) const LOOP: Self = Self(1 << 2);
    /// A comment.
    pub(crate) const COMMENT: Self = Self(1 << 3);
    /// A Rust attribute, which is a sibling before what it belongs to.
    pub(crate) const ATTRIBUTE: Self = Self(1 << 4);
    /// An item whose members are items: `impl`, `mod`, `class`, `namespace`, `export`.
    pub(crate) const CONTAINER: Self = Self(1 << 5);
    /// The node between a container and its members.
    pub(crate) const BODY: Self = Self(1 << 6);
    /// Text in which a comment would be text: a template string, JSX.
    pub(crate) const VERBATIM: Self = Self(1 << 7);
    /// A module: an attribute on it holds for all in it.
    pub(crate) const MODULE: Self = Self(1 << 8);

    /// Whether it is one of `kinds`.
    pub(crate) const fn is(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn of_rust(name: &str) -> Self {
        match name {
            "function_item" => Self::FUNCTION,
            "closure_expression" => Self::FUNCTION.and(Self::CLOSURE),
            "async_block" => Self::CLOSURE,
            "for_expression" | "while_expression" | "loop_expression" => Self::LOOP,
            "line_comment" | "block_comment" => Self::COMMENT,
            "attribute_item" | "inner_attribute_item" => Self::ATTRIBUTE,
            "mod_item" => Self::CONTAINER.and(Self::MODULE),
            "impl_item" | "trait_item" | "foreign_mod_item" => Self::CONTAINER,
            "declaration_list" => Self::BODY,
            _ => Self::default(),
        }
    }

    fn of_script(name: &str) -> Self {
        match name {
            "function_declaration"
            | "function_expression"
            | "generator_function"
            | "generator_function_declaration"
            | "method_definition" => Self::FUNCTION,
            "arrow_function" => Self::FUNCTION.and(Self::CLOSURE),
            "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => Self::LOOP,
            "comment" | "html_comment" => Self::COMMENT,
            "class_declaration"
            | "abstract_class_declaration"
            | "export_statement"
            | "ambient_declaration" => Self::CONTAINER,
            "internal_module" | "module" => Self::CONTAINER.and(Self::MODULE),
            "class_body" => Self::BODY,
            "template_string" | "jsx_element" | "jsx_self_closing_element" => Self::VERBATIM,
            _ => Self::default(),
        }
    }
}

/// A field of the grammars. Looking a field up by its number is many times faster than by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// What a `let ... else` or an `if` does otherwise.
    Alternative,
    /// A call's arguments.
    Arguments,
    /// What a function or a loop does.
    Body,
    /// What is decided by.
    Condition,
    /// What an `if` does.
    Consequence,
    /// What `new` constructs.
    Constructor,
    /// The member of a Rust field access.
    Member,
    /// What is done after a `try` whatever happens.
    Finalizer,
    /// What a call calls.
    Function,
    /// The `catch` of a `try`.
    Handler,
    /// What a `for (;;)` does first.
    Initializer,
    /// A property's name.
    Key,
    /// A labelled jump's label.
    Label,
    /// Left operand.
    Left,
    /// A macro invocation's macro.
    Macro,
    /// The name something is given.
    Name,
    /// What is accessed.
    Object,
    /// An operator.
    Operator,
    /// A single parameter: of a `catch`, of an arrow function without parentheses.
    Parameter,
    /// A function's parameters.
    Parameters,
    /// What a `let` or a loop binds.
    Pattern,
    /// A script's member access's member.
    Property,
    /// What a Rust function returns, as it is written.
    ReturnType,
    /// Right operand.
    Right,
    /// The module of an import.
    Source,
    /// The trait of a Rust `impl`.
    Trait,
    /// The type something is declared with.
    Type,
    /// What is bound, assigned or accessed.
    Value,
}

impl Field {
    const NAMES: [&str; 28] = [
        "alternative",
        "arguments",
        "body",
        "condition",
        "consequence",
        "constructor",
        "field",
        "finalizer",
        "function",
        "handler",
        "initializer",
        "key",
        "label",
        "left",
        "macro",
        "name",
        "object",
        "operator",
        "parameter",
        "parameters",
        "pattern",
        "property",
        "return_type",
        "right",
        "source",
        "trait",
        "type",
        "value",
    ];
}

/// What is known of a language's grammar: its kinds by kind id, its fields.
pub(crate) struct Kinds {
    kinds: Vec<Kind>,
    flows: Vec<Flow>,
    fields: [u16; Field::NAMES.len()],
    /// The tokens `&&`, `||` and `??`.
    pub(crate) and: u16,
    pub(crate) or: u16,
    pub(crate) coalesce: u16,
}

impl Kinds {
    /// The table of a language, made on first use.
    pub(crate) fn of(language: Language) -> &'static Self {
        static TABLES: [OnceLock<Kinds>; 4] = [const { OnceLock::new() }; 4];
        TABLES[language as usize].get_or_init(|| {
            let grammar = language.grammar();
            let rust = language == Language::Rust;
            let kind_of = if rust { Kind::of_rust as fn(&str) -> Kind } else { Kind::of_script };
            let names: Vec<_> = (0..grammar.node_kind_count() as u16)
                .map(|id| grammar.node_kind_is_named(id).then(|| grammar.node_kind_for_id(id)).flatten())
                .collect();
            Self {
                kinds: names.iter().map(|name| name.map_or(Kind::default(), kind_of)).collect(),
                flows: (0..grammar.node_kind_count() as u16).map(|id| Flow::of(&grammar, rust, id)).collect(),
                fields: Field::NAMES.map(|name| grammar.field_id_for_name(name).map_or(0, Into::into)),
                and: grammar.id_for_node_kind("&&", false),
                or: grammar.id_for_node_kind("||", false),
                coalesce: grammar.id_for_node_kind("??", false),
            }
        })
    }

    /// What a node is. An ERROR node is nothing.
    pub(crate) fn get(&self, node: Node<'_>) -> Kind {
        self.kinds.get(node.kind_id() as usize).copied().unwrap_or_default()
    }

    /// How a node bears on the flow of control.
    pub(crate) fn flow(&self, node: Node<'_>) -> Flow {
        self.flows.get(node.kind_id() as usize).copied().unwrap_or_default()
    }

    /// A node's child in a field.
    pub(crate) fn child<'t>(&self, node: Node<'t>, field: Field) -> Option<Node<'t>> {
        match self.fields[field as usize] {
            0 => None,
            id => node.child_by_field_id(id),
        }
    }

    /// The number of a field, 0 when the grammar has none of its name.
    pub(crate) fn field_id(&self, field: Field) -> u16 {
        self.fields[field as usize]
    }
}
