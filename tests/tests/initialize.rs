//! Every kind of client is understood: what real editors send first, and what is the least they could send.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::path::PathBuf;

use autodao_tests::client::{Client, range};
use autodao_tests::workspace;
use serde_json::{Value, json};

/// A character outside the BMP stands before the finding: its column tells the encoding.
const TEXT: &str = "fn f() { /* 😀 */ a.unwrap(); }\n";
const URI: &str = "file:///project/src/a.rs";

/// What is expected of a server by one client.
struct Expected {
    encoding: &'static str,
    pulls: bool,
}

/// Initializes, opens a file, and gets its diagnostics the way this client gets them.
fn serves(name: &str, params: Value, expected: &Expected) {
    let mut client = Client::process();
    let capabilities = client.initialize_with(params);
    assert_eq!(capabilities["positionEncoding"], expected.encoding, "{name}");
    assert_eq!(capabilities["diagnosticProvider"].is_object(), expected.pulls, "{name}: pull");
    client.open(URI, "rust", TEXT);
    let found = if expected.pulls {
        let pull = json!({"textDocument": {"uri": URI}, "identifier": "autodao"});
        let report = client.request("textDocument/diagnostic", pull);
        assert!(client.take_all("textDocument/publishDiagnostics").is_empty(), "{name}: nothing is pushed");
        report["items"].as_array().unwrap().clone()
    } else {
        client.next_diagnostics(URI, 1)
    };
    let column = match expected.encoding {
        "utf-8" => 22,
        "utf-16" => 20,
        _ => 19,
    };
    assert_eq!(found.len(), 1, "{name}");
    assert_eq!(found[0]["range"], range([0, column], [0, column + 8]), "{name}");
}

/// Where requests recorded from real editors lie, if they are there.
fn recorded() -> Option<PathBuf> {
    let shared = std::env::var_os("AUTODAO_SHARED").map(PathBuf::from);
    let shared = shared.or_else(|| Some(workspace().parent()?.join("shared")))?;
    let folder = shared.join("tools/editors/initialize");
    folder.is_dir().then_some(folder)
}

#[test]
fn what_real_editors_send_is_understood() {
    let Some(folder) = recorded() else {
        println!(
            "skipped: no recorded requests; AUTODAO_SHARED names the folder that has tools/editors/initialize"
        );
        return;
    };
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let mut params: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        if params["processId"].is_number() {
            // Whatever has the recorded number here is not the editor.
            params["processId"] = json!(std::process::id());
        }
        let expected = match name.split('-').next() {
            Some("neovim") => Expected { encoding: "utf-8", pulls: false },
            Some("vscode") => Expected { encoding: "utf-16", pulls: true },
            _ => Expected { encoding: "utf-16", pulls: false },
        };
        serves(&name, params, &expected);
        seen.push(name);
    }
    assert!(seen.len() >= 5, "only {seen:?} in {}", folder.display());
}

#[test]
fn a_client_that_says_nothing_of_itself() {
    let expected = Expected { encoding: "utf-16", pulls: false };
    serves("nothing", json!({"capabilities": {}}), &expected);
    serves(
        "nulls",
        json!({"processId": null, "rootUri": null, "rootPath": null, "workspaceFolders": null, "initializationOptions": null, "trace": "off", "capabilities": {}}),
        &expected,
    );
}

#[test]
fn a_client_that_counts_bytes() {
    let general = json!({"positionEncodings": ["utf-16", "utf-8"]});
    let params = json!({"capabilities": {"general": general}});
    serves("bytes", params, &Expected { encoding: "utf-8", pulls: false });
}

#[test]
fn a_client_that_counts_characters() {
    let general = json!({"positionEncodings": ["utf-32", "utf-16"]});
    let params = json!({"capabilities": {"general": general}});
    serves("characters", params, &Expected { encoding: "utf-32", pulls: false });
}

#[test]
fn a_client_that_pulls_and_can_be_told_to_pull_again() {
    let capabilities = json!({
        "textDocument": {"diagnostic": {"dynamicRegistration": true}},
        "workspace": {"diagnostics": {"refreshSupport": true}},
    });
    serves("pull", json!({"capabilities": capabilities}), &Expected { encoding: "utf-16", pulls: true });
}

#[test]
fn a_client_that_pulls_and_cannot_be_told_to_pull_again() {
    let capabilities =
        json!({"textDocument": {"diagnostic": {}, "publishDiagnostics": {"versionSupport": true}}});
    serves("push", json!({"capabilities": capabilities}), &Expected { encoding: "utf-16", pulls: false });
    let options = json!({"diagnostics": "pull"});
    let params = json!({"capabilities": capabilities, "initializationOptions": options});
    serves("chosen", params, &Expected { encoding: "utf-16", pulls: true });
}

#[test]
fn only_what_the_client_can_register_is_registered() {
    for (capabilities, expected) in [
        (json!({}), None),
        (
            json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}}),
            Some(vec!["workspace/didChangeWatchedFiles"]),
        ),
        (
            json!({"workspace": {
                "didChangeWatchedFiles": {"dynamicRegistration": true},
                "didChangeConfiguration": {"dynamicRegistration": true},
            }}),
            Some(vec!["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"]),
        ),
    ] {
        let mut client = Client::process();
        client.initialize(capabilities);
        // What is said after `initialized` was handled comes after what is asked for then.
        client.next("window/logMessage", |_| true);
        let asked = client.take_all("client/registerCapability");
        let methods = asked.first().map(|request| {
            let registrations = request.params["registrations"].as_array().unwrap();
            registrations.iter().map(|one| one["method"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        });
        assert_eq!(methods, expected.map(|methods| methods.into_iter().map(str::to_owned).collect()));
    }
}
