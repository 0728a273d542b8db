//! How node kinds bear on the flow of control.

use autodao_syntax::tree_sitter;

/// What a node kind means to the metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Flow {
    #[default]
    None,
    /// A function that is measured alone.
    Function,
    /// A Rust closure: it is measured with its function, one level deeper.
    Closure,
    /// A Rust `impl` or `trait`.
    Space,
    If,
    Else,
    Loop,
    /// Rust's `loop`.
    Forever,
    /// `match` and `switch`: one branching, however many arms.
    Match,
    /// An arm of a `match`, a `case` of a `switch`.
    Case,
    Try,
    Catch,
    Ternary,
    /// A `let` that may have an `else`.
    Let,
    /// `break` and `continue`, which may have a label.
    Jump,
    /// An expression that may be a logical one.
    Binary,
    /// A Rust expression with a prefix operator.
    Unary,
    Parenthesized,
    /// Conditions joined by `&&` in Rust's `if let` chains.
    LetChain,
    /// An assignment with an operator, which may be a logical one.
    Assignment,
    /// The `?.` of a member access.
    OptionalChain,
    /// The token `?.`: in an optional chain, or by itself in a call.
    OptionalToken,
    /// A binding with a default value.
    Default,
    /// A parameter that may have a default value.
    Parameter,
    /// A class field or static block: its code runs when the class is made.
    Initializer,
    /// The braces of JSX.
    Braces,
    /// A Rust token that rust-code-analysis counts as a branch, wherever it stands.
    BranchToken,
}

impl Flow {
    /// What a kind of a grammar is.
    pub(crate) fn of(grammar: &tree_sitter::Language, rust: bool, kind: u16) -> Self {
        let Some(name) = grammar.node_kind_for_id(kind) else { return Self::None };
        match (grammar.node_kind_is_named(kind), rust) {
            (true, true) => Self::of_rust(name),
            (true, false) => Self::of_script(name),
            (false, true) => match name {
                "if" | "for" | "while" | "loop" | "?" | "&&" | "||" => Self::BranchToken,
                _ => Self::None,
            },
            (false, false) => {
                if name == "?." {
                    Self::OptionalToken
                } else {
                    Self::None
                }
            }
        }
    }

    fn of_rust(name: &str) -> Self {
        match name {
            "function_item" => Self::Function,
            "closure_expression" => Self::Closure,
            "impl_item" | "trait_item" => Self::Space,
            "if_expression" => Self::If,
            "else_clause" => Self::Else,
            "for_expression" | "while_expression" => Self::Loop,
            "loop_expression" => Self::Forever,
            "match_expression" => Self::Match,
            "match_arm" => Self::Case,
            "let_declaration" => Self::Let,
            "break_expression" | "continue_expression" => Self::Jump,
            "binary_expression" => Self::Binary,
            "unary_expression" => Self::Unary,
            "parenthesized_expression" => Self::Parenthesized,
            "let_chain" => Self::LetChain,
            _ => Self::None,
        }
    }

    fn of_script(name: &str) -> Self {
        match name {
            "function_declaration"
            | "function_expression"
            | "generator_function"
            | "generator_function_declaration"
            | "method_definition"
            | "arrow_function" => Self::Function,
            "if_statement" => Self::If,
            "else_clause" => Self::Else,
            "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => Self::Loop,
            "switch_statement" => Self::Match,
            "switch_case" => Self::Case,
            "try_statement" => Self::Try,
            "catch_clause" => Self::Catch,
            "ternary_expression" => Self::Ternary,
            "break_statement" | "continue_statement" => Self::Jump,
            "binary_expression" => Self::Binary,
            "parenthesized_expression" => Self::Parenthesized,
            "augmented_assignment_expression" => Self::Assignment,
            "optional_chain" => Self::OptionalChain,
            "assignment_pattern" | "object_assignment_pattern" => Self::Default,
            "required_parameter" | "optional_parameter" => Self::Parameter,
            "class_static_block" | "public_field_definition" | "field_definition" => Self::Initializer,
            "jsx_expression" => Self::Braces,
            _ => Self::None,
        }
    }
}
