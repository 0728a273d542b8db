//! Each break in the flow, counted by hand.

use autodao_syntax::SyntaxParser;

use super::*;
use crate::kinds::Kind;
use crate::metrics::{MetricProfile, function_metrics, measure};

fn of(language: Language, text: &str) -> u32 {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    assert!(!tree.root_node().has_error(), "{text}");
    let kinds = Kinds::of(language);
    let mut todo = vec![tree.root_node()];
    while let Some(node) = todo.pop() {
        if kinds.get(node).is(Kind::FUNCTION) {
            return function_metrics(node, language).cognitive;
        }
        todo.extend(node.children(&mut node.walk()).collect::<Vec<_>>().into_iter().rev());
    }
    panic!("no function in {text}")
}

#[test]
fn rust_functions() {
    for (text, expected) in [
        ("fn f() { a(); }", 0),
        ("fn f() { if a { b } }", 1),
        ("fn f() { if a { if b { c } } else { d } }", 4),
        ("fn f() { if a {} else if b {} else if c {} else {} }", 4),
        ("fn f() { for x in y { while z { loop {} } } }", 6),
        ("fn f() { match x { A => if a {}, _ => {} } }", 3),
        ("fn f() { a && b && c || d || e && f }", 3),
        ("fn f() { a && (b && c) && !(d && e) }", 2),
        ("fn f() { let Some(x) = y else { return }; }", 1),
        ("fn f() { v.iter().map(|x| if x { 1 } else { 2 }) }", 3),
        ("fn f() { 'a: loop { break 'a; } }", 2),
        ("fn f() { fn g() { if a {} } if b {} }", 1),
        ("fn f() { if let A = b && c && let D = e {} }", 2),
        ("fn f() { a?; b!(if c {}); unsafe { d } }", 0),
    ] {
        assert_eq!(of(Language::Rust, text), expected, "{text}");
    }
}

#[test]
fn script_functions() {
    for (text, expected) in [
        ("function f() { if (a) b(); else if (c) d(); else e(); }", 3),
        ("function f() { for (;;) { for (a of b) { do {} while (c) } } }", 6),
        ("function f() { switch (a) { case 1: if (b) {} } }", 3),
        ("function f() { try { if (a) {} } catch { if (b) {} } finally { if (c) {} } }", 5),
        ("function f() { return a ? b : c ? d : e; }", 3),
        ("function f() { return a && b && c || d && e; }", 2),
        ("function f() { return a || b ?? c; }", 0),
        ("function f() { const g = () => { if (a) {} }; if (b) {} }", 1),
        ("function f() { x: for (;;) { continue x; } }", 2),
        ("const f = async (a) => { while (a) { if (b) return; } }", 3),
    ] {
        assert_eq!(of(Language::JavaScript, text), expected, "{text}");
    }
}

fn metrics_of(language: Language, text: &str) -> FunctionMetrics {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    assert!(!tree.root_node().has_error(), "{text}");
    function_metrics(tree.root_node().child(0).unwrap(), language)
}

#[test]
fn paths() {
    for (text, expected) in [
        ("fn f() { a?; b!(if c {}); }", 1),
        ("fn f() { if a && b || c {} else if d {} else {} }", 5),
        ("fn f() { match a { B | C => {}, D if e => {}, _ => {} } }", 4),
        ("fn f() { let Some(a) = b else { return }; }", 2),
        ("fn f() { if let A = b && c && let D = e {} }", 4),
        ("fn f() { v.map(|x| if x { 1 } else { 2 }); fn g() { if a {} } }", 2),
        ("fn f() { for a in b {} while c {} loop {} }", 4),
    ] {
        assert_eq!(metrics_of(Language::Rust, text).cyclomatic, expected, "{text}");
    }
    for (text, expected) in [
        ("function f(a = 1, { b = 2, c: [d = 3] }) {}", 4),
        ("function f() { a?.b; a?.[b]; a?.(b); }", 4),
        ("function f() { a ??= b; a ||= b; a &&= b; a += b; }", 4),
        ("function f() { a && b || c; d ?? e; }", 4),
        ("function f() { switch (a) { case 1: case 2: break; default: } }", 3),
        ("function f() { try {} catch {} finally {} return a ? b : c; }", 3),
        ("function f() { class A { b = c && d; static { if (e) {} } m() { if (e) {} } } }", 1),
    ] {
        assert_eq!(metrics_of(Language::JavaScript, text).cyclomatic, expected, "{text}");
    }
}

#[test]
fn blocks() {
    for (text, expected) in [
        ("fn f() { if a {} else if b { if c {} } else { for d in e {} } }", 2),
        ("fn f() { match a { B => if c { loop {} }, _ => {} } }", 3),
        ("fn f() { v.map(|x| if x { while y {} }); }", 2),
        ("fn f() { if (if a { b } else { c }) {} }", 1),
    ] {
        assert_eq!(metrics_of(Language::Rust, text).nesting, expected, "{text}");
    }
    for (text, expected) in [
        ("function f() { if (a) if (b) while (c) {} }", 2),
        ("function f() { try { if (a) {} } catch { for (;;) if (b) {} } }", 3),
        ("function f() { a(() => { if (b) {} }); }", 0),
    ] {
        assert_eq!(metrics_of(Language::JavaScript, text).nesting, expected, "{text}");
    }
}

#[test]
fn signature_and_length() {
    let metrics = metrics_of(Language::Rust, "fn f(&self, /* c */ a: A, #[b] c: C) {\n\n // d\n e();\n}");
    assert_eq!((metrics.parameters, metrics.arguments(), metrics.receiver), (3, 2, true));
    assert_eq!((metrics.code_lines, metrics.tokens), (3, 24));
    let closure = "fn f() { |_, (a, b), c: C| a }";
    let tree = SyntaxParser::default().parse_fresh(Language::Rust, closure).unwrap();
    let profile = Definition::of(MetricProfile::RustCodeAnalysis, Language::Rust);
    let found = measure(tree.root_node(), closure, Language::Rust, profile);
    assert_eq!(found.functions[1].metrics.parameters, 3);
    let metrics = metrics_of(Language::JavaScript, "function f(a, b = 1, { c }, ...d) {}");
    assert_eq!((metrics.parameters, metrics.arguments()), (4, 4));
}

/// Cognitive complexity and nesting of each function, as a profile counts.
fn counted(language: Language, definition: Definition, text: &str) -> Vec<(u32, u32)> {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    assert!(!tree.root_node().has_error(), "{text}");
    let file = measure(tree.root_node(), text, language, definition);
    file.functions.iter().map(|function| (function.metrics.cognitive, function.metrics.nesting)).collect()
}

#[test]
fn profiles_of_scripts_differ_where_they_say() {
    let language = Language::Tsx;
    let paper = Definition::of(MetricProfile::Whitepaper, language);
    let own = Definition::default_for(language);
    let sonar = Definition::of(MetricProfile::SonarJs, language);
    for (text, by_paper, by_own, by_sonar) in [
        ("function f() { return a || b; }", (1, 0), (0, 0), (0, 0)),
        ("function f() { return <A>{a && (b)}</A>; }", (1, 0), (0, 0), (0, 0)),
        ("function f() { return <A>{a && (b ? c : d)}</A>; }", (2, 0), (2, 0), (2, 0)),
        ("function f() { const g = a ? (() => 1) : 2; if (b) {} }", (2, 1), (2, 1), (3, 1)),
        ("function f() { if (a) {} else if (b) {} while (c) { if (d) {} } }", (5, 2), (5, 2), (5, 1)),
    ] {
        for (definition, expected) in [(paper, by_paper), (own, by_own), (sonar, by_sonar)] {
            assert_eq!(counted(language, definition, text)[0], expected, "{text}");
        }
    }
}

#[test]
fn profiles_of_rust_differ_where_they_say() {
    let language = Language::Rust;
    let paper = Definition::of(MetricProfile::Whitepaper, language);
    let analysis = Definition::of(MetricProfile::RustCodeAnalysis, language);
    assert_eq!(Definition::default_for(language), paper);
    for (text, by_paper, by_analysis) in [
        ("fn f() { loop { if a {} } }", &[3][..], &[1][..]),
        ("fn f() { a || b && c || d }", &[3], &[2]),
        ("fn f() { a && b; c && d; }", &[2], &[1]),
        ("fn f() { a && b; !c; c && d; }", &[2], &[2]),
        ("fn f() { if let A = b && c {} }", &[2], &[1]),
        ("fn f() { let A = b else { if c {} }; }", &[3], &[2]),
        ("fn f() { fn g() { if a {} } }", &[0, 1], &[0, 2]),
        ("fn f() { if x.any(|a| if b { c } else { d }) {} }", &[4], &[1, 4]),
        ("fn f() { match a { B => while c {}, _ => {} } }", &[3], &[3]),
    ] {
        for (definition, expected) in [(paper, by_paper), (analysis, by_analysis)] {
            let found: Vec<_> =
                counted(language, definition, text).into_iter().map(|(cognitive, _)| cognitive).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
