//! Every rule's examples, run as tests.

use autodao_syntax::{Language, Span, SyntaxParser};
use proptest::prelude::*;

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
        let is_about_length = matches!(
            rule.id,
            "long-file" | "long-function" | "file-too-large" | "excessive-fan-out" | "god-module"
        );
        let is_about_more = matches!(rule.check, crate::Check::Workspace);
        assert!(!rule.examples.is_empty() || is_about_length || is_about_more, "{} has no example", rule.id);
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

/// Words that make texts of which rules find something, and of which much is broken.
const RUST: [&str; 44] = [
    "fn f() {\n",
    "}\n",
    "{ ",
    " }",
    "(",
    ")",
    ";",
    "\n",
    "\r\n",
    "    ",
    "\t",
    "a",
    "b()",
    "1",
    "=",
    "let a = ",
    "if a ",
    "if let A = b ",
    "else ",
    "if a { return; } else { b(); }",
    "if a {\n    return;\n} else {\n    b();\n}\n",
    "if a {\n    b();\n} else {\n    if c {\n        d();\n    }\n}\n",
    "if a { true } else { false }",
    "if a { b() } else { b() }",
    "match a { 1 => b, _ => b }",
    "return",
    "return a",
    "break;",
    "continue;",
    "panic!();",
    "// c\n",
    "/* c */",
    "// let a = 1;\n",
    "// f(a);\n",
    "// Here's the updated code\n",
    "\n```\n",
    "unsafe { a }",
    "a && b && c && d && e",
    "!a",
    "&a",
    "#[a]\n",
    "impl S {\n",
    "fn g() -> u8 { return 1; }\n",
    "|x| ",
];
const SCRIPT: [&str; 60] = [
    "function f() {\n",
    "}\n",
    "{ ",
    " }",
    "(",
    ")",
    ";",
    "\n",
    "\r\n",
    "  ",
    "\t",
    "a",
    "b()",
    "1",
    "=",
    "const a = ",
    "if (a) ",
    "else ",
    "if (a) { return; } else { b(); }",
    "if (a) {\n  return 1;\n} else {\n  b()\n}\n",
    "if (a) return; else b();\n",
    "if (a) {\n  b();\n} else {\n  if (c) {\n    d();\n  }\n}\n",
    "if (a) { if (b) { c(); } }",
    "if (a) b(); else { if (c) d(); }",
    "a ? true : false",
    "if (a) { return true; } else { return false; }",
    "if (a) { b() } else { b() }",
    "switch (a) { case 1: ",
    "default: ",
    "return",
    "return a ? b : c ? d : e;\n",
    "break;",
    "continue;",
    "throw a;",
    "// c\n",
    "/* c */",
    "// let a = 1;\n",
    "// f(a);\n",
    "// Here's the updated code\n",
    "\n```\n",
    "`",
    "${",
    "a && b && c && d && e",
    "!",
    "a!",
    "!.b",
    "![0]",
    ".c",
    "?.d",
    "new ",
    "delete ",
    "x as any as T",
    "<T extends any>",
    "class C {\n",
    "m() {}\n",
    "// @ts-ignore\n",
    "() => ",
    "for (const a of b) ",
    "<p>",
    "</p>",
];

fn text_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(words), 1..24).prop_map(|words| words.concat())
}

/// Spans lie in the text, edits are in order, and a fix leaves whole what was whole.
fn check_fixes(language: Language, text: &str) -> Result<(), TestCaseError> {
    let is_broken = |text: &str| {
        SyntaxParser::default().parse_fresh(language, text).is_none_or(|tree| tree.root_node().has_error())
    };
    let report = crate::analysis::tests::analyse(Profile::shared_default(), language, text);
    let was_broken = is_broken(text);
    for finding in report.findings.iter().map(PlacedFinding::finding) {
        prop_assert!(text.get(finding.span.range()).is_some(), "{finding:?} in {text:?}");
        for fix in &finding.fixes {
            prop_assert!(fix.edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{fix:?}");
            prop_assert!(fix.edits.iter().all(|edit| text.get(edit.span.range()).is_some()), "{fix:?}");
            let fixed = apply(text, &fix.edits);
            prop_assert!(was_broken || !is_broken(&fixed), "{}:\n{text}\n->\n{fixed}", fix.title);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn fixes_leave_whole_what_was_whole_in_rust(text in text_of(&RUST)) {
        check_fixes(Language::Rust, &text)?;
    }

    #[test]
    fn fixes_leave_whole_what_was_whole_in_scripts(text in text_of(&SCRIPT), typed in any::<bool>()) {
        check_fixes(if typed { Language::TypeScript } else { Language::JavaScript }, &text)?;
    }
}
