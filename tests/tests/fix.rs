//! `autodao fix`, and the commands that explain, through the program.
#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

mod support;

use std::fs;
use std::path::Path;

use expect_test::expect;
use serde_json::Value;
use support::{folder, run};

const NESTED: &str =
    "fn f(a: bool, b: bool) {\n    if a {\n        if b {\n            g();\n        }\n    }\n}\n";
const DEBUG: &str = "function f(a) {\r\n  debugger;\r\n  throw `no ${a}`;\r\n}\r\n";

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn what_keeps_behaviour_is_fixed_and_nothing_else() {
    let suggestion = "fn f(a: Option<u8>) -> Option<u8> { Some(a.unwrap()) }\n";
    let folder =
        folder(&[("src/a.rs", NESTED), ("src/b.js", DEBUG), ("src/c.rs", suggestion), ("gen/d.rs", NESTED)]);
    fs::write(folder.path().join("autodao.toml"), "[files]\nexclude = [\"gen\"]\n").unwrap();
    let ran = run(folder.path(), &["fix"]);
    assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), "2 fixes in 2 files\n", ""));
    assert_eq!(
        read(folder.path(), "src/a.rs"),
        "fn f(a: bool, b: bool) {\n    if a && b {\n        g();\n    }\n}\n"
    );
    assert_eq!(read(folder.path(), "src/b.js"), "function f(a) {\r\n  throw `no ${a}`;\r\n}\r\n");
    assert_eq!(read(folder.path(), "src/c.rs"), suggestion);
    assert_eq!(read(folder.path(), "gen/d.rs"), NESTED);
    let again = run(folder.path(), &["fix"]);
    assert_eq!((again.code, &*again.stdout), (Some(0), "0 fixes in 0 files\n"));
    assert_eq!(fs::read_dir(folder.path().join("src")).unwrap().count(), 3, "nothing is left beside them");
}

#[test]
fn a_diff_writes_nothing() {
    let folder = folder(&[("src/a.rs", NESTED), ("src/b.js", DEBUG)]);
    let ran = run(folder.path(), &["fix", "--diff", "src/a.rs"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), "diff: 1 fix in 1 file\n"));
    expect![[r#"
        --- a/src/a.rs
        +++ b/src/a.rs
        @@ -1,7 +1,5 @@
         fn f(a: bool, b: bool) {
        -    if a {
        -        if b {
        -            g();
        -        }
        +    if a && b {
        +        g();
             }
         }
    "#]]
    .assert_eq(&ran.stdout);
    assert_eq!(read(folder.path(), "src/a.rs"), NESTED);
    let all = run(folder.path(), &["fix", "--diff"]);
    assert!(all.stdout.contains("-  debugger;\r\n"), "line ends are those of the file");
}

#[test]
fn rules_narrow_what_is_fixed() {
    let folder = folder(&[("a.js", DEBUG), ("autodao.toml", "[rules]\ndebug-left = \"off\"\n")]);
    let ran = run(folder.path(), &["fix", "--rules", "debug-left,collapsible-if"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), "1 fix in 1 file\n"));
    assert_eq!(read(folder.path(), "a.js"), "function f(a) {\r\n  throw `no ${a}`;\r\n}\r\n");
    let ran = run(folder.path(), &["fix", "--rules", "throw-literals"]);
    assert_eq!(ran.stderr, "error: there is no rule `throw-literals`; did you mean `throw-literal`?\n");
    assert_eq!(ran.code, Some(2));
    assert!(read(folder.path(), "a.js").contains('`'));
}

#[test]
fn what_is_no_text_is_left_as_it_is() {
    let folder = folder(&[("a.rs", NESTED)]);
    let bytes = [NESTED.as_bytes(), b"// \xe9\n"].concat();
    fs::write(folder.path().join("b.rs"), &bytes).unwrap();
    let ran = run(folder.path(), &["fix"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), "1 fix in 1 file\n"));
    let at = NESTED.len() + 3;
    assert_eq!(
        ran.stderr,
        format!(
            "error: b.rs: not valid UTF-8 at line 8 (byte {at}): save it as UTF-8
"
        )
    );
    assert_eq!(fs::read(folder.path().join("b.rs")).unwrap(), bytes);
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = folder(&[]);
    let list = run(folder.path(), &["rules"]);
    assert!(
        list.stdout.lines().any(|line| line.starts_with("unwrap-used  ") && line.contains("error-handling"))
    );
    let one = run(folder.path(), &["rules", "throw-literal"]);
    expect![[r#"
        throw-literal

        Flags      `throw` of a literal: a string, a text put together, a number, an object
        Why        What is thrown should say where it was thrown. A literal has no stack and no cause, and a handler that reads `error.message` gets `undefined`.
        Dimension  error-handling
        Level      warning
        Languages  typescript, tsx, javascript
        Reference  ESLint no-throw-literal <https://eslint.org/docs/latest/rules/no-throw-literal>

        Flagged in typescript:

            function f() { if (b) throw "no " + b; if (c) throw "no " + c + "."; if (a) throw "no"; throw { code: 1 }; }
                                        ^^^^^^^^^               ^^^^^^^^^^^^^^^               ^^^^        ^^^^^^^^^^^

        Not flagged:

            function f() { throw new Error("no" + a); throw a + b; }
    "#]]
    .assert_eq(&one.stdout);
    let options = run(folder.path(), &["rules", "cognitive-complexity"]).stdout;
    assert!(options.contains("Options    max = 15: the highest complexity that is not flagged\n"));
    let json = run(folder.path(), &["rules", "unwrap-used", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["reference"]["name"], "Clippy unwrap_used");
    let unknown = run(folder.path(), &["rules", "unwrap"]);
    assert_eq!(unknown.code, Some(2));
    assert_eq!(unknown.stderr, "error: there is no rule `unwrap`; did you mean `unwrap-used`?\n");
}

#[test]
fn the_schema_is_one_and_takes_a_good_configuration() {
    let schema = run(folder(&[]).path(), &["config", "schema"]);
    assert_eq!(schema.code, Some(0));
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema.stdout).unwrap()).unwrap();
    assert!(
        validator
            .is_valid(&serde_json::json!({"rules": {"unwrap-used": "off"}, "files": {"exclude": ["a"]}}))
    );
    assert!(!validator.is_valid(&serde_json::json!({"rules": {"unwrap-use": "off"}})));
}

#[test]
fn the_doctor_names_what_is_wrong_in_a_configuration() {
    let folder =
        folder(&[("autodao.toml", "# ü\n[rules]\n\"zebra\" = \"off\"\n"), ("good/autodao.toml", "")]);
    let ran = run(folder.path(), &["doctor"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(2), ""));
    assert!(ran.stdout.contains("autodao.toml: 1 problem\n    autodao.toml:3:1: there is no rule `zebra`; `autodao rules` lists them\n"), "{}", ran.stdout);
    let good = run(&folder.path().join("good"), &["doctor", "--format", "json"]);
    assert_eq!(good.code, Some(0));
    let good: Value = serde_json::from_str(&good.stdout).unwrap();
    assert_eq!(good["configuration"][0]["path"], "autodao.toml");
    assert_eq!(good["user_data"]["exists"], false);
    assert_eq!(good["languages"].as_array().unwrap().len(), 4);
}
