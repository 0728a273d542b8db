//! Every rule's examples, run as tests.

use autodao_syntax::{Language, Span, SyntaxParser};

use crate::{Applicability, Catalog, Finding, PlacedFinding, Profile, TextEdit};

/// The findings of one rule in a text, in offsets of the text.
pub(crate) fn findings(rule: &str, language: Language, text: &str) -> Vec<Finding> {
    let (id, _) = Catalog::builtin().find(rule).unwrap();
    let mut profile = Profile::default();
    profile.only(&[id]);
    profile.compile_queries(language);
    let report = crate::analysis::tests::analyse(profile.into(), language, text);
    report.findings.iter().map(PlacedFinding::finding).collect()
}

/// The text after edits.
pub(crate) fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut text = text.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

/// Takes `⟦` and `⟧` out of a text and returns the ranges between them.
pub(super) fn marked(text: &str) -> (String, Vec<Span>) {
    let (mut plain, mut spans, mut open) = (String::new(), Vec::new(), Vec::new());
    for c in text.chars() {
        match c {
            '⟦' => open.push(plain.len()),
            '⟧' => spans.push(Span::new(open.pop().unwrap() as u32, plain.len() as u32)),
            c => plain.push(c),
        }
    }
    spans.sort();
    (plain, spans)
}

#[test]
fn every_rule_does_what_its_examples_say() {
    for (_, rule) in Catalog::builtin().iter() {
        // Their examples would be as long as what they flag.
        let is_about_length = matches!(
            rule.id,
            "long-file" | "long-function" | "file-too-large" | "excessive-fan-out" | "god-module"
        );
        let is_about_more = matches!(rule.check, crate::Check::Workspace);
        assert!(!rule.examples.is_empty() || is_about_length || is_about_more, "{} has no example", rule.id);
        for example in rule.examples {
            let (bad, expected) = marked(example.bad);
            let found = findings(rule.id, example.language, &bad);
            let spans: Vec<_> = found.iter().map(|f| f.span).collect();
            let shown: Vec<_> = spans.iter().map(|span| &bad[span.range()]).collect();
            assert_eq!(spans, expected, "{}: found {shown:?} in\n{bad}", rule.id);
            let good = findings(rule.id, example.language, example.good);
            assert!(good.is_empty(), "{}: found {good:?} in\n{}", rule.id, example.good);
            let fixes: Vec<_> = found
                .iter()
                .flat_map(|f| &f.fixes)
                .filter(|fix| fix.applicability == Applicability::Always)
                .collect();
            if example.fixed.is_empty() {
                assert!(fixes.is_empty(), "{}: an example's fix is not shown", rule.id);
                continue;
            }
            let edits: Vec<_> = fixes.iter().flat_map(|fix| fix.edits.clone()).collect();
            let fixed = apply(&bad, &edits);
            assert_eq!(fixed, example.fixed, "{}", rule.id);
            let again = findings(rule.id, example.language, &fixed);
            assert!(
                again.iter().all(|f| f.fixes.iter().all(|x| x.applicability == Applicability::Suggested)),
                "{}",
                rule.id
            );
        }
    }
}

#[test]
fn every_example_parses() {
    for (_, rule) in Catalog::builtin().iter().filter(|(_, rule)| rule.id != "conflict-marker") {
        for example in rule.examples {
            for text in [marked(example.bad).0.as_str(), example.good, example.fixed] {
                let tree = SyntaxParser::default().parse_fresh(example.language, text).unwrap();
                assert!(!tree.root_node().has_error(), "{}: {text}", rule.id);
            }
        }
    }
}

#[test]
fn rules_have_distinct_names_and_complete_documentation() {
    let mut names: Vec<_> = Catalog::builtin().iter().map(|(_, rule)| rule.id).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for (_, rule) in Catalog::builtin().iter() {
        assert!(rule.reference.url.starts_with("https://"), "{}", rule.id);
        assert!(!rule.flags.is_empty() && !rule.why.is_empty() && !rule.languages.is_empty(), "{}", rule.id);
    }
}
