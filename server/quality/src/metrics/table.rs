//! The functions of a whole file with their metrics.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use super::name::{self, Scope};
use super::{Definition, FlowTracker, FunctionMetrics};
use crate::kinds::{Kind, Kinds};
use crate::visit::is_test_attribute;

/// A function with what is measured of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeasuredFunction {
    /// As it is called in its surroundings: its own name, or that of what it is bound to (a variable, a property);
    /// `<anonymous>` when there is none, `[computed]` for a computed key, `get x` and `set x` for accessors of a
    /// class.
    pub name: String,
    /// Names from the outermost item to this one, joined by `.` in scripts and `::` in Rust. Not unique.
    pub path: String,
    /// The whole function, modifiers included, attributes and comments before it left out.
    pub span: Span,
    /// Its name, or of one without a name what stands before its body.
    pub name_span: Span,
    /// The line it starts on, from 1.
    pub start_line: u32,
    /// The line it ends on, from 1.
    pub end_line: u32,
    /// Whether an attribute says that it is test code, or in a module of tests.
    pub test: bool,
    /// What is measured of it.
    pub metrics: FunctionMetrics,
}

/// A whole file, measured.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileMetrics {
    /// Every function that is measured alone, outer before inner, in the order they start.
    pub functions: Vec<MeasuredFunction>,
    /// Leaves of the syntax tree, comments left out.
    pub tokens: u32,
    /// Lines with code on them.
    pub code_lines: u32,
    /// How many of the tokens an attribute says to be test code.
    pub test_tokens: u32,
    /// How many of the lines.
    pub test_lines: u32,
}

/// Measures all that is below a node.
pub fn measure(root: Node<'_>, text: &str, language: Language, definition: Definition) -> FileMetrics {
    let kinds = Kinds::of(language);
    let mut tracker = FlowTracker::new(language, definition);
    let mut file = FileMetrics::default();
    let mut open: Vec<usize> = Vec::new();
    let mut ancestors: Vec<Node<'_>> = Vec::new();
    let mut scope = Scope::new(language);
    let mut tests = Tests::default();
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let kind = kinds.get(node);
        tracker.enter(node, &cursor);
        if !kind.is(Kind::COMMENT) {
            let counted = (tracker.tokens(), tracker.code_lines());
            tests.enter(node, kind, ancestors.len(), text, counted);
            if cursor.goto_first_child() {
                let mut name = None;
                if tracker.is_measured(kinds.flow(node)) {
                    open.push(file.functions.len());
                    let function = name::of_function(node, &ancestors, text);
                    let path = scope.path_of(&function);
                    name = Some(function.clone());
                    let mut function = start(node, kinds, text, function, path);
                    function.test = tests.is_inside();
                    file.functions.push(function);
                }
                tracker.descend(node);
                scope.enter(node, name, &ancestors, text);
                ancestors.push(node);
                continue;
            }
            tracker.leaf(node);
        }
        while !cursor.goto_next_sibling() {
            if let Some(metrics) = tracker.ascend()
                && let Some(function) = open.pop().and_then(|index| file.functions.get_mut(index))
            {
                function.metrics = metrics;
            }
            ancestors.pop();
            scope.leave(ancestors.len());
            if let Some((tokens, lines)) = tests.leave(ancestors.len()) {
                file.test_tokens += tracker.tokens() - tokens;
                file.test_lines += tracker.code_lines() - lines;
            }
            if !cursor.goto_parent() {
                file.tokens = tracker.tokens();
                file.code_lines = tracker.code_lines();
                return file;
            }
        }
    }
}

/// Where test code is.
#[derive(Default)]
struct Tests {
    /// The depth at which an attribute said so of the item after it.
    announced: Option<usize>,
    /// The depth of the item, and the tokens and lines counted before it.
    inside: Option<(usize, (u32, u32))>,
}

impl Tests {
    fn is_inside(&self) -> bool {
        self.inside.is_some()
    }

    fn enter(&mut self, node: Node<'_>, kind: Kind, depth: usize, text: &str, counted: (u32, u32)) {
        if kind.is(Kind::ATTRIBUTE) {
            if is_test_attribute(text.get(node.byte_range()).unwrap_or("")) {
                self.announced = Some(depth);
            }
        } else if self.announced.is_some_and(|announced| announced >= depth) {
            let is_here = self.announced.take() == Some(depth);
            if is_here && self.inside.is_none() {
                self.inside = Some((depth, counted));
            }
        }
    }

    /// The walk leaves a node at this depth; returns what was counted before it when it was test code.
    fn leave(&mut self, depth: usize) -> Option<(u32, u32)> {
        self.inside.take_if(|(at, _)| *at == depth).map(|(_, counted)| counted)
    }
}

fn start(node: Node<'_>, kinds: &Kinds, text: &str, name: String, path: String) -> MeasuredFunction {
    MeasuredFunction {
        name,
        path,
        span: Span::of(node),
        name_span: name::span_of(node, kinds, text),
        start_line: node.start_position().row as u32 + 1,
        end_line: node.end_position().row as u32 + 1,
        test: false,
        metrics: FunctionMetrics::default(),
    }
}

#[cfg(test)]
mod tests {
    use autodao_syntax::SyntaxParser;

    use super::*;
    use crate::metrics::MetricProfile;

    fn names(language: Language, profile: MetricProfile, text: &str) -> Vec<(String, String)> {
        let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
        assert!(!tree.root_node().has_error(), "{text}");
        let found = measure(tree.root_node(), text, language, Definition::of(profile, language));
        found.functions.into_iter().map(|function| (function.name, function.path)).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect()
    }

    #[test]
    fn functions_of_scripts_are_called_as_what_they_are_bound_to() {
        let text = "namespace n { export class A { get x() { return 1 } #p = () => { q(() => 1) }; ['c']() {} 'k'() {} } }\n\
                    const f = async (a) => a, o = { m() {}, n: function () {}, get g() { return 1 } };\n\
                    a.b.c = (function* () {}); export default () => {};";
        assert_eq!(
            names(Language::TypeScript, MetricProfile::SonarJs, text),
            pairs(&[
                ("get x", "n.A.get x"),
                ("p", "n.A.p"),
                ("<anonymous>", "n.A.p.<anonymous>"),
                ("[computed]", "n.A.[computed]"),
                ("k", "n.A.k"),
                ("f", "f"),
                ("m", "o.m"),
                ("n", "o.n"),
                ("g", "o.g"),
                ("c", "c"),
                ("<anonymous>", "<anonymous>"),
            ])
        );
    }

    #[test]
    fn closures_of_rust_are_functions_where_they_stand_alone() {
        let text =
            "mod m { impl<T> Tr for S<T> { fn f() { |a| a; fn g() {} } } trait Q { fn h() {} fn i(); } }";
        let own = [("f", "m::<S<T> as Tr>::f"), ("g", "m::<S<T> as Tr>::f::g"), ("h", "m::Q::h")];
        assert_eq!(names(Language::Rust, MetricProfile::Whitepaper, text), pairs(&own));
        let closure = ("<anonymous>", "m::<S<T> as Tr>::f::<anonymous>");
        assert_eq!(
            names(Language::Rust, MetricProfile::RustCodeAnalysis, text),
            pairs(&[own[0], closure, own[1], own[2]])
        );
    }

    #[test]
    fn test_code_is_told_apart() {
        let text = "fn a() { b(); }\n#[cfg(test)]\n#[x]\nmod t {\n #[test]\n fn c() {\n }\n}\n#[inline]\nfn d() {}\n\
                    #[test]\n// why\nfn e() {}\n";
        let tree = SyntaxParser::default().parse_fresh(Language::Rust, text).unwrap();
        let definition = Definition::default_for(Language::Rust);
        let file = measure(tree.root_node(), text, Language::Rust, definition);
        let tests: Vec<_> = file.functions.iter().map(|function| (&*function.name, function.test)).collect();
        assert_eq!(tests, [("a", false), ("c", true), ("d", false), ("e", true)]);
        assert_eq!((file.code_lines, file.test_lines), (12, 6));
        assert_eq!((file.tokens, file.test_tokens), (55, 20));
    }
}
