//! What users' rules find, and what is said of mistakes in them.

use std::sync::Arc;

use super::*;
use crate::analysis::tests::analyse;
use crate::{PlacedFinding, Profile};

const RULE: &str = "; id: no-exit\n; message: `{call}` ends the program\n; severity: warning\n; dimension: error-handling\n; languages: rust\n; fix: bail!()\n; fix-title: Return an error\n((scoped_identifier) @call @finding (#eq? @call \"process::exit\"))\n";

#[test]
fn a_rule_finds_what_its_query_captures() {
    let id = read_rule(RULE).unwrap();
    assert_eq!(read_rule(RULE).unwrap(), id, "the same text is the same rule");
    let mut profile = Profile::default();
    profile.add_rules(&[id]);
    profile.compile_queries(Language::Rust);
    let report =
        analyse(Arc::new(profile), Language::Rust, "fn f() { process::exit(1); process::abort(); }\n");
    let found: Vec<_> = report.findings.iter().map(PlacedFinding::finding).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].rule, &*found[0].message, found[0].span),
        (id, "`process::exit` ends the program", Span::new(9, 22))
    );
    assert_eq!(found[0].fixes[0].edits[0].text, "bail!()");
    assert_eq!(Catalog::builtin().rule(id).id, "no-exit");
    let plain = analyse(Profile::shared_default(), Language::Rust, "fn f() { process::exit(1); }\n");
    assert!(plain.findings.is_empty(), "a rule of one project is none of another's");
}

#[test]
fn what_is_captured_several_times_is_one_finding_with_all_of_it() {
    let rule = "; id: no-risk\n; message: {{{args}}}\n; severity: warning\n; dimension: error-handling\n; languages: javascript\n; fix: safe({args})\n; fix-title: Be safe\n((call_expression (identifier) @name (arguments (_)* @args)) @finding (#eq? @name \"risky\"))\n";
    let id = read_rule(rule).unwrap();
    let mut profile = Profile::default();
    profile.only(&[]);
    profile.add_rules(&[id]);
    profile.compile_queries(Language::JavaScript);
    let report = analyse(Arc::new(profile), Language::JavaScript, "risky(1, /* b */ c, d);\nrisky();\n");
    let found: Vec<_> = report.findings.iter().map(PlacedFinding::finding).collect();
    let told: Vec<_> = found.iter().map(|finding| &*finding.message).collect();
    assert_eq!(told, ["{1, /* b */ c, d}", "{{args}}"]);
    assert_eq!(found[0].fixes[0].edits[0].text, "safe(1, /* b */ c, d)");
    assert!(found[1].fixes.is_empty());
}

#[test]
fn a_change_of_a_users_rule_holds() {
    let id = read_rule(RULE).unwrap();
    let mut profile = Profile::default();
    profile.add_rules(&[id]);
    assert_eq!(profile.level(id), Level::On(crate::Severity::Warning));
    let off = crate::RuleChange { level: Some(Level::Off), options: Vec::new() };
    profile.change("no-exit", &off).unwrap();
    profile.compile_queries(Language::Rust);
    let report = analyse(Arc::new(profile), Language::Rust, "fn f() { process::exit(1); }\n");
    assert!(report.findings.is_empty());
}

#[test]
fn every_mistake_names_its_place() {
    let errors = |text: &str| {
        let errors = read_rule(text).unwrap_err();
        let shown = errors.iter().map(|error| format!("{} | {}", &text[error.span.range()], error.message));
        shown.collect::<Vec<_>>()
    };
    assert_eq!(errors("(a) @b").len(), 5, "the five keys that are needed");
    let bad = RULE.replace("rust\n", "rust, cobol\n").replace("scoped_identifier", "scope");
    assert_eq!(
        errors(&bad),
        [
            "rust, cobol | `cobol` is no language: there are rust, typescript, tsx, javascript",
            "scope | the grammar of rust has no such node"
        ]
    );
    assert_eq!(
        errors(&RULE.replace("no-exit", "unwrap-used")),
        ["unwrap-used | `unwrap-used` is the id of a rule that is built in"]
    );
    assert_eq!(
        errors(&RULE.replace("{call}", "{cal}")),
        ["`{cal}` ends the program | no pattern captures `@cal`"]
    );
    assert_eq!(
        errors(&RULE.replace("@finding", "@found")),
        [" | no pattern captures `@finding`: it says what to underline"]
    );
    assert_eq!(
        errors(&RULE.replace("; fix-title: Return an error\n", "; fixtitle: x\n"))[0].split(": there").next(),
        Some("fixtitle | there is no key `fixtitle`")
    );
    assert_eq!(errors(&format!("{RULE}(")).len(), 1);
    assert_eq!(errors("(a (b \"(\") @c").last().unwrap(), "( | this bracket is not closed");
    let both = RULE
        .replace("languages: rust", "languages: typescript, javascript")
        .replace("scoped_identifier", "identifier");
    assert_eq!(errors(&both.replace("{call}", "{cal}")).len(), 1, "told once for both languages");
    let unknown = errors(&RULE.replace("#eq?", "#has-ancestor?"));
    assert!(
        unknown[0].starts_with("#has-ancestor? | there is no predicate `#has-ancestor?`: there are #eq?")
    );
    let matched = RULE.replace("#eq? @call \"process::exit\"", "#match? @call \"(\"");
    assert_eq!(errors(&matched), ["( | Invalid regex '('"]);
}
