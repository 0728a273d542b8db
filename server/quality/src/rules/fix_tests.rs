//! What every fix has to keep: syntax, comments, line endings. Tried on the rules' examples and variations of them.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, SyntaxParser};
use proptest::prelude::*;

use super::tests::{apply, findings, marked};
use crate::{Catalog, Rule};

/// In comments of both kinds.
const MARK: &str = "kept";

fn parses(language: Language, text: &str) -> bool {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    !tree.root_node().has_error()
}

/// Where the leaves of a text start.
fn leaf_starts(language: Language, text: &str) -> Vec<usize> {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    let mut starts = Vec::new();
    let mut todo: Vec<Node<'_>> = vec![tree.root_node()];
    while let Some(node) = todo.pop() {
        if node.child_count() == 0 {
            starts.push(node.start_byte());
        }
        todo.extend(node.children(&mut node.walk()));
    }
    starts.sort_unstable();
    starts
}

/// Applies each fix of a rule in a text by itself, and looks at what it leaves.
fn check(rule: &Rule, language: Language, text: &str) {
    if !parses(language, text) {
        return;
    }
    let bare_breaks = |text: &str| text.replace("\r\n", "").contains('\n');
    for finding in findings(rule.id, language, text) {
        for fix in &finding.fixes {
            let edits = &fix.edits;
            assert!(
                edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start),
                "{}: {edits:?}",
                rule.id
            );
            let fixed = apply(text, edits);
            assert!(parses(language, &fixed), "{}, {}: breaks\n{text}\ninto\n{fixed}", rule.id, fix.title);
            // What these find are comments.
            let is_about_comments = matches!(rule.id, "commented-out-code" | "chat-residue");
            let kept = is_about_comments || fixed.matches(MARK).count() == text.matches(MARK).count();
            assert!(kept, "{}, {}: loses a comment of\n{text}\nin\n{fixed}", rule.id, fix.title);
            assert!(
                bare_breaks(text) || !bare_breaks(&fixed),
                "{}, {}: mixes line breaks in {fixed:?}",
                rule.id,
                fix.title
            );
        }
    }
}

fn texts() -> Vec<(&'static Rule, Language, String)> {
    let rules = Catalog::builtin().iter().map(|(_, rule)| rule);
    rules
        .filter(|rule| !matches!(rule.id, "conflict-marker"))
        .flat_map(|rule| rule.examples.iter().map(move |example| (rule, example)))
        .map(|(rule, example)| (rule, example.language, marked(example.bad).0))
        .collect()
}

#[test]
fn a_fix_keeps_syntax_and_line_breaks() {
    for (rule, language, text) in texts() {
        check(rule, language, &text);
        check(rule, language, &text.replace('\n', "\r\n"));
        check(rule, language, &text.replace("    ", "\t"));
        let spread = text.replace("; ", ";\n    ").replace("{ ", "{\n    ");
        check(rule, language, &spread);
        check(rule, language, &spread.replace('\n', "\r\n"));
    }
}

#[test]
fn where_the_parser_had_to_guess_nothing_is_fixed() {
    for text in [
        "const a = <C on={p.flag ? true : false} />;",
        "function f() { const a = b ? true : false; @@ }",
        "const a = b ? true : false;\n@@@ (\n",
    ] {
        let found = findings("needless-bool", Language::TypeScript, text);
        assert!(found.iter().all(|finding| finding.fixes.is_empty()), "{text}: {found:?}");
    }
    let text = "const a = b ? true : false;\nfunction f() { @@ }\n";
    assert_eq!(
        findings("needless-bool", Language::TypeScript, text)[0].fixes.len(),
        1,
        "that is read as it is"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_fix_keeps_comments(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        spread in any::<bool>(),
        comment in prop::sample::select(vec!["/* kept */", "// kept\n"]),
    ) {
        let texts = texts();
        let (rule, language, text) = which.get(&texts);
        let mut text = if spread { text.replace("; ", ";\n    ").replace("{ ", "{\n    ") } else { text.clone() };
        let starts = leaf_starts(*language, &text);
        text.insert_str(*at.get(&starts), comment);
        check(rule, *language, &text);
    }
}
