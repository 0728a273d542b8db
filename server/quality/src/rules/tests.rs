//! Every rule's examples, run as tests.

use autodao_syntax::{Language, Span, SyntaxParser};

use crate::{Applicability, Catalog, Example, Finding, PlacedFinding, Profile, Rule, TextEdit};

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
fn marked(text: &str) -> (String, Vec<Span>) {
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

/// What is wrong with an example.
fn judge(rule: &Rule, example: &Example) -> Result<(), String> {
    let (bad, expected) = marked(example.bad);
    let found = findings(rule.id, example.language, &bad);
    let spans: Vec<_> = found.iter().map(|f| f.span).collect();
    let shown: Vec<_> = spans.iter().map(|span| &bad[span.range()]).collect();
    if spans != expected {
        return Err(format!("found {shown:?}, expected {expected:?} in\n{bad}"));
    }
    let good = findings(rule.id, example.language, example.good);
    if let Some(found) = good.first() {
        return Err(format!("found {:?} in\n{}", &example.good[found.span.range()], example.good));
    }
    let fixes: Vec<_> = found
        .iter()
        .flat_map(|f| &f.fixes)
        .filter(|fix| fix.applicability == Applicability::Always)
        .flat_map(|fix| fix.edits.clone())
        .collect();
    if example.fixed.is_empty() {
        return if fixes.is_empty() { Ok(()) } else { Err("a fix is not shown".to_owned()) };
    }
    let fixed = apply(&bad, &fixes);
    if fixed != example.fixed {
        return Err(format!("fixed to\n{fixed:?}\ninstead of\n{:?}", example.fixed));
    }
    let again = findings(rule.id, example.language, &fixed);
    let mut fixes = again.iter().flat_map(|f| &f.fixes);
    if fixes.any(|fix| fix.applicability == Applicability::Always) {
        return Err("a fix makes room for itself".to_owned());
    }
    Ok(())
}

#[test]
fn every_rule_does_what_its_examples_say() {
    let mut problems = Vec::new();
    for (_, rule) in Catalog::builtin().iter() {
        // Their examples would be as long as what they flag.
        let is_about_length = matches!(rule.id, "long-file" | "file-too-large");
        assert!(!rule.examples.is_empty() || is_about_length, "{} has no example", rule.id);
        for example in rule.examples {
            problems.extend(judge(rule, example).err().map(|problem| format!("{}: {problem}\n", rule.id)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.concat());
}

#[test]
fn every_example_parses() {
    let are_about_errors = |id| matches!(id, "syntax-error" | "conflict-marker" | "code-fence-left");
    for (_, rule) in Catalog::builtin().iter().filter(|(_, rule)| !are_about_errors(rule.id)) {
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
