//! Rules of a user's own, on the command line and in an editor.

#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

mod support;

use autodao_tests::client::{file_uri, rules};
use autodao_tests::editor::editor;
use serde_json::json;
use support::{folder, run};

const RULE: &str = "\
; id: no-exit
; message: `{call}` ends the program without a word
; severity: error
; dimension: error-handling
; languages: rust
; fix: return
; fix-title: Return instead
((scoped_identifier) @call @finding (#eq? @call \"process::exit\"))
";
const CODE: &str = "fn f() { process::exit(1); }\n";

#[test]
fn a_projects_rule_is_checked_and_configured_like_any_other() {
    let project = folder(&[("autodao/rules/no-exit.scm", RULE), ("src/a.rs", CODE)]);
    let ran = run(project.path(), &["check", "--format", "github"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("no-exit"), "{}", ran.stdout);
    for format in ["json", "sarif", "human"] {
        let ran = run(project.path(), &["check", "--format", format]);
        assert!(ran.stdout.contains("ends the program without a word"), "{}", ran.stdout);
    }
    std::fs::write(project.path().join("autodao.toml"), "[rules]\nno-exit = \"off\"\n").unwrap();
    let ran = run(project.path(), &["check"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{}", ran.stdout);
}

#[test]
fn a_projects_rule_is_listed_explained_and_fixed_by_name() {
    let rule = RULE.replace("; fix-title", "; fix-applicability: always\n; fix-title");
    let code = "fn f() { process::exit(1); a.unwrap(); return (); }\n";
    let project = folder(&[("autodao/rules/no-exit.scm", &rule), ("src/a.rs", code)]);
    let list = run(project.path(), &["rules"]).stdout;
    assert!(list.lines().last().unwrap().starts_with("no-exit  "), "{list}");
    let one = run(project.path(), &["rules", "no-exit"]);
    assert_eq!(one.code, Some(0), "{}", one.stderr);
    assert!(one.stdout.contains("`{call}` ends the program without a word"), "{}", one.stdout);
    assert!(one.stdout.contains("Reference  a rule of your own\n"), "{}", one.stdout);
    let ran = run(project.path(), &["fix", "--rules", "no-exit", "src"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let fixed = std::fs::read_to_string(project.path().join("src/a.rs")).unwrap();
    assert_eq!(fixed, code.replace("process::exit", "return"));
    let ran = run(project.path(), &["fix", "--rules", "no-exist"]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.stderr, "error: there is no rule `no-exist`; did you mean `no-exit`?\n");
    // Elsewhere it is no rule's name.
    assert_eq!(run(folder(&[]).path(), &["rules", "no-exit"]).code, Some(2));
}

#[test]
fn a_mistake_in_a_rule_is_named_and_the_other_rules_hold() {
    let broken = RULE.replace("scoped_identifier", "scope");
    let project = folder(&[("autodao/rules/broken.scm", &broken), ("src/a.rs", "fn f() { a.unwrap(); }\n")]);
    let ran = run(project.path(), &["check"]);
    assert!(
        ran.stderr.contains("autodao/rules/broken.scm:8:3: the grammar of rust has no such node"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("unwrap-used"), "{}", ran.stdout);
}

#[test]
fn a_rule_is_checked_while_it_is_written_and_holds_when_it_is_saved() {
    let project =
        folder(&[("autodao/rules/no-exit.scm", &RULE.replace("finding (", "found (")), ("src/a.rs", CODE)]);
    let place = |path: &str| file_uri(&project.path().join(path));
    let (rule, code) = (place("autodao/rules/no-exit.scm"), place("src/a.rs"));
    let client = editor();
    client.open(&code, "rust", CODE);
    assert_eq!(rules(&client.next_diagnostics(&code, 1)), [""; 0]);
    client.open(&rule, "scheme", &RULE.replace("finding (", "found ("));
    let found = client.next_diagnostics(&rule, 1);
    assert_eq!(found[0]["message"], "no pattern captures `@finding`: it says what to underline");
    client.change(&rule, 2, json!([{"text": RULE}]));
    assert!(client.next_diagnostics(&rule, 2).is_empty());
    std::fs::write(project.path().join("autodao/rules/no-exit.scm"), RULE).unwrap();
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": rule}}));
    let found = client.diagnostics_when(&code, 1, |found| !found.is_empty());
    assert_eq!(rules(&found), ["no-exit"]);
}
