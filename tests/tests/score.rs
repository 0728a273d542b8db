//! `autodao score`, through the program, and what an editor shows of it.
#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

mod support;

use autodao_tests::client::{Client, range};
use serde_json::{Value, json};
use support::{folder, run};

const RUST: &str = "pub fn f(a: Option<u8>) -> u8 {\n    if a.is_some() && b {\n        g(|c| c)\n    }\n    a.unwrap()\n}\n";
const SCRIPT: &str = "export const h = (a) => a?.b ? 1 : () => 2;\nclass C {\n  get x() { return 1; }\n}\n";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn functions_are_listed_one_a_line() {
    let project = folder(&[("src/a.rs", RUST), ("src/b.js", SCRIPT)]);
    let listed = |profile: &[&str]| {
        let arguments = [&["score", "--functions", "--format", "json"], profile].concat();
        let ran = run(project.path(), &arguments);
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
        lines(&ran.stdout)
    };
    let found = listed(&[]);
    assert_eq!(
        found[0],
        json!({
            "file": "src/a.rs", "name": "f", "start_line": 1, "end_line": 6, "cognitive": 2, "cyclomatic": 3,
            "params": 1, "nesting": 1, "tokens": 37, "code_lines": 6,
        })
    );
    let places = |found: &[Value]| -> Vec<_> {
        let place =
            |row: &Value| format!("{}:{} {}", row["file"], row["start_line"], row["name"]).replace('"', "");
        found.iter().map(place).collect()
    };
    let scripts = ["src/b.js:1 h", "src/b.js:1 <anonymous>", "src/b.js:3 get x"];
    assert_eq!(places(&found), [&["src/a.rs:1 f"][..], &scripts].concat());
    let closures = listed(&["--profile", "rust-code-analysis"]);
    assert_eq!(places(&closures), [&["src/a.rs:1 f", "src/a.rs:3 <anonymous>"][..], &scripts].concat());
    let unknown = run(project.path(), &["score", "--functions", "--profile", "x"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("whitepaper, sonarjs-2.0.4, rust-code-analysis"), "{}", unknown.stderr);
}

#[test]
fn a_score_says_what_it_is_lost_to() {
    let deep = "pub fn d() { for a in b { while c { if d { match e { F => if g { h() }, _ => {} } } } } }\n";
    let project = folder(&[("src/a.rs", RUST), ("src/deep.rs", deep), ("src/none.rs", "// nothing\n")]);
    let ran = run(project.path(), &["score", "--format", "json"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    let whole: Value = serde_json::from_str(&ran.stdout).unwrap();
    let sum = |of: &Value| {
        of["costs"].as_array().unwrap().iter().map(|cost| cost["points"].as_f64().unwrap()).sum::<f64>()
    };
    for scored in [&whole, &whole["files"][0], &whole["files"][1]] {
        let score = scored["score"].as_f64().unwrap();
        assert!(score < 10.0 && (10.0 - score - sum(scored)).abs() < 1e-9, "{scored:#}");
        assert!(scored["dimensions"]["functionality"].is_null(), "nothing was run");
    }
    assert!(whole["files"][2]["score"].is_null(), "there is no code in it");
    let costs = whole["files"][0]["costs"].as_array().unwrap();
    assert!(costs.iter().any(|cost| cost["rule"] == "unwrap-used" && cost["count"] == 1), "{costs:#?}");
    let costs = whole["files"][1]["costs"].as_array().unwrap();
    assert!(costs.iter().any(|cost| cost["function"] == "d" && cost["cause"] == "nesting"), "{costs:#?}");
    let table = run(project.path(), &["score"]).stdout;
    assert!(table.starts_with("score ") && table.contains("src/deep.rs:1: d\n"), "{table}");
    assert!(table.contains("error-handling: unwrap-used (1 finding)\n"), "{table}");
}

#[test]
fn an_editor_shows_a_function_s_score_at_its_name() {
    const URI: &str = "file:///project/src/a.ts";
    let mut client = Client::in_process();
    client.initialize(json!({}));
    client.open(URI, "typescript", "const a = 1;\nconst f = (a: A) => { if (a) { b(); } };\n");
    client.next_diagnostics(URI, 1);
    let mut hover = |line: u32, character: u32| {
        let position = json!({"line": line, "character": character});
        client.request("textDocument/hover", json!({"textDocument": {"uri": URI}, "position": position}))
    };
    let shown = hover(1, 6);
    assert_eq!(shown["range"], range([1, 6], [1, 7]));
    let expected = "score 10.0 of 10\ncognitive complexity 1, cyclomatic complexity 2, nesting 1, parameters 1, lines of code 1";
    assert_eq!(shown["contents"], json!({"kind": "plaintext", "value": expected}));
    assert!(hover(0, 6).is_null() && hover(1, 25).is_null());
}

#[test]
fn a_function_with_a_low_score_has_a_lens_where_the_user_wants_one() {
    const URI: &str = "file:///project/src/a.ts";
    let mut client = Client::in_process();
    client.initialize(json!({}));
    let deep =
        "function d() { for (;;) { while (c) { if (d) { for (;;) { if (g) { h(); } else { i(); } } } } } }";
    client.open(URI, "typescript", &format!("function f() {{}}\n{deep}\n"));
    client.next_diagnostics(URI, 1);
    let lenses =
        |client: &mut Client| client.request("textDocument/codeLens", json!({"textDocument": {"uri": URI}}));
    assert_eq!(lenses(&mut client), json!([]), "none is asked for");
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": {"autodao": {"editor": {"lens-below": 10}}}}),
    );
    let found = lenses(&mut client);
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
    assert_eq!(found[0]["range"], range([1, 9], [1, 10]));
    let title = found[0]["command"]["title"].as_str().unwrap();
    assert!(title.starts_with("score ") && title.contains("cognitive complexity"), "{title}");
    client.request(
        "workspace/executeCommand",
        json!({"command": "autodao.show", "arguments": found[0]["command"]["arguments"]}),
    );
    client.next("window/showMessage", |message| message["message"].as_str().unwrap().contains("nesting 5"));
}
