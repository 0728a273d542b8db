//! Rules that look at files together, in an editor: what `autodao check` finds in the folder.

#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

mod support;

use std::path::Path;

use autodao_tests::client::{Client, edit, file_uri, range};
use autodao_tests::editor::capabilities;
use serde_json::{Value, json};
use support::{folder, run};

const FIRST: &str = "pub fn first(x: u32) -> u32 {\n    let y = x + 1;\n    let z = y * 2;\n    z - 3\n}\n";

fn second() -> String {
    FIRST.replace("first", "second")
}

/// An editor that has a folder open and shows progress.
fn editor_in(root: &Path) -> Client {
    let mut client = Client::in_process();
    let folders = json!([{"uri": file_uri(root), "name": "project"}]);
    let mut abilities = capabilities();
    abilities["window"] = json!({"workDoneProgress": true});
    abilities["workspace"]["workspaceFolders"] = json!(true);
    client.reply_with("window/workDoneProgress/create", autodao_tests::client::Reply::Result(Value::Null));
    let params =
        json!({"processId": null, "rootUri": null, "capabilities": abilities, "workspaceFolders": folders});
    client.initialize_with(params);
    client
}

/// What the command line finds in a file of a folder, as an editor shows it.
fn checked(root: &Path, path: &str) -> Vec<(Value, String, String)> {
    let ran = run(root, &["check", "--format", "json"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(1), ""));
    let lines = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let number = |value: &Value| value.as_u64().unwrap() as u32 - 1;
    lines
        .filter(|finding| finding["path"] == path)
        .map(|finding| {
            let start = [number(&finding["line"]), number(&finding["column"])];
            let end = [number(&finding["end_line"]), number(&finding["end_column"])];
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            (range(start, end), text("rule"), text("message"))
        })
        .collect()
}

fn shown(diagnostics: &[Value]) -> Vec<(Value, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    diagnostics
        .iter()
        .map(|found| (found["range"].clone(), text(&found["code"]), text(&found["message"])))
        .collect()
}

fn has(diagnostics: &[Value], rule: &str) -> bool {
    diagnostics.iter().any(|found| found["code"] == rule)
}

#[test]
fn a_copy_of_a_function_in_a_file_that_is_not_open_is_named() {
    let project = folder(&[("src/a.rs", FIRST), ("src/b.rs", &second())]);
    let b = file_uri(&project.path().join("src/b.rs"));
    let client = editor_in(project.path());
    client.open(&b, "rust", &second());
    let found = client.diagnostics_when(&b, 1, |found| has(found, "duplicate-function"));
    assert_eq!(shown(&found), checked(project.path(), "src/b.rs"));
    // It is shown how far it is, unless it is done before the client made a place for that.
    client.next("window/workDoneProgress/create", |_| true);
    for said in client.take_all("$/progress") {
        let title = said.params["value"]["title"].as_str();
        assert!(title.is_none_or(|title| title.starts_with("AutoDAO: comparing files in ")), "{title:?}");
    }
}

#[test]
fn what_is_typed_in_one_document_counts_in_another() {
    let project = folder(&[("src/a.rs", FIRST), ("src/b.rs", &second())]);
    let place = |path: &str| file_uri(&project.path().join(path));
    let (a, b) = (place("src/a.rs"), place("src/b.rs"));
    let client = editor_in(project.path());
    client.open(&a, "rust", FIRST);
    client.open(&b, "rust", &second());
    client.diagnostics_when(&b, 1, |found| has(found, "duplicate-function"));
    client.change(&a, 2, json!([edit([1, 16], [1, 17], "7")]));
    client.diagnostics_when(&b, 1, |found| !has(found, "duplicate-function"));
    // What is not saved counts until the document is closed: on disk the file is as it was.
    client.close(&a);
    client.diagnostics_when(&b, 1, |found| has(found, "duplicate-function"));
    // The finding moves with an edit at once, before anything is compared again.
    client.change(&b, 2, json!([edit([0, 0], [0, 0], "\n\n")]));
    let moved = client.next_diagnostics(&b, 2);
    let copy = moved.iter().find(|found| found["code"] == "duplicate-function").unwrap();
    assert_eq!(copy["range"], range([2, 7], [2, 13]));
    client.take_all("$/progress");
}

#[test]
fn files_that_come_and_go_on_disk_are_noticed() {
    let project = folder(&[
        ("package.json", "{}"),
        ("src/a.ts", "import { b } from \"./b\";\nexport const a = () => b;\n"),
    ]);
    let root = project.path();
    let (a, b) = (file_uri(&root.join("src/a.ts")), file_uri(&root.join("src/b.ts")));
    let client = editor_in(root);
    let text = std::fs::read_to_string(root.join("src/a.ts")).unwrap();
    client.open(&a, "typescript", &text);
    assert!(!has(&client.next_diagnostics(&a, 1), "import-cycle"));
    // The folder is being looked at. How far that is, is not told where it is done at once.
    client.next("window/workDoneProgress/create", |_| true);
    std::fs::write(root.join("src/b.ts"), "import { a } from \"./a\";\nexport const b = () => a;\n").unwrap();
    let told = |kind: u32| {
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": b, "type": kind}]}));
    };
    told(1);
    let found = client.diagnostics_when(&a, 1, |found| has(found, "import-cycle"));
    assert_eq!(shown(&found), checked(root, "src/a.ts"));
    std::fs::remove_file(root.join("src/b.ts")).unwrap();
    told(3);
    client.diagnostics_when(&a, 1, |found| !has(found, "import-cycle"));
    // A rule that is switched off is off for files together, too.
    std::fs::write(root.join("src/b.ts"), "import { a } from \"./a\";\nexport const b = () => a;\n").unwrap();
    told(1);
    client.diagnostics_when(&a, 1, |found| has(found, "import-cycle"));
    std::fs::write(root.join("autodao.toml"), "[rules]\nimport-cycle = \"off\"\n").unwrap();
    let settings = file_uri(&root.join("autodao.toml"));
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": settings, "type": 1}]}));
    client.diagnostics_when(&a, 1, |found| !has(found, "import-cycle"));
    client.take_all("$/progress");
}
