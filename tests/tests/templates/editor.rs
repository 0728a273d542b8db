//! Templates in an editor: what is wrong in them while they are written.

use std::fs;

use autodao_tests::client::{Client, file_uri};
use autodao_tests::editor::{capabilities, context, editor, edits_of};
use serde_json::json;

use crate::commands::{desk, replace, said};
use crate::desk::Desk;

#[test]
fn a_template_is_linted_while_it_is_written_and_mended_by_its_fix() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let path = desk.path("autodao/templates/tidy/template.toml");
    let text = fs::read_to_string(&path).unwrap();
    let mut client = editor();
    let uri = file_uri(&path);
    client.open(&uri, "toml", &text);
    assert!(client.next_diagnostics(&uri, 1).is_empty());
    let mistaken = text.replace("[output]\n", "[output]\ncomments_onli = true\nkeep_items = false\n");
    let mistaken = mistaken.replace("keep_items = true\n", "");
    client.change(&uri, 2, json!([{"text": mistaken}]));
    let found = client.next_diagnostics(&uri, 2);
    let said: Vec<_> = found.iter().map(|one| (&one["code"], &one["severity"])).collect();
    assert!(said.contains(&(&json!("relaxed-guard"), &json!(1))), "it is a project's: {said:?}");
    let unknown = found.iter().find(|one| one["code"] == "unknown-key").unwrap();
    let range = &unknown["range"];
    let line = mistaken.lines().position(|line| line.starts_with("comments_onli")).unwrap();
    assert_eq!(range["start"], json!({"line": line, "character": 0}));
    let place = |end: &str| [0, 1].map(|at| range[end][["line", "character"][at]].as_u64().unwrap() as u32);
    let actions = client.actions(&uri, place("start"), place("end"), context());
    let edits = actions.iter().filter(|action| action["kind"] == "quickfix").map(|action| edits_of(action).0);
    let texts: Vec<_> = edits.map(|edits| edits[0]["newText"].clone()).collect();
    assert_eq!(texts, [json!("comments_only"), json!("")], "it is meant, or it is removed");
    // The other files count as they are on the disk.
    client.change(&uri, 3, json!([{"text": text.replace("0.1.0", "0.2.0")}]));
    let found = client.next_diagnostics(&uri, 3);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "version-mismatch", "{found:?}");
    let skill = desk.path("autodao/templates/tidy/SKILL.md");
    let uri = file_uri(&skill);
    let hidden = fs::read_to_string(&skill).unwrap() + "Be\u{200b} good. See [this](../other.md).\n";
    client.open(&uri, "markdown", &hidden);
    let found = client.next_diagnostics(&uri, 1);
    assert!(found.iter().any(|one| one["code"] == "hidden-unicode"), "{found:?}");
    // What is no template's file is none of ours.
    let other = file_uri(&desk.path("autodao/templates/tidy/README.md"));
    client.open(&other, "markdown", &hidden);
    assert!(client.next_diagnostics(&other, 1).is_empty());
}

#[test]
fn a_template_without_its_other_files_is_read_all_the_same() {
    let desk = desk();
    let client = editor();
    for (name, text) in [
        ("template.toml", "schema = 1\nkind = \"code-actoin\"\n"),
        ("prompt.mj", "{{ targt }}"),
        ("SKILL.md", "no front matter"),
    ] {
        let uri = file_uri(&desk.path("autodao/templates/new").join(name));
        client.open(&uri, "plaintext", text);
        let found = client.next_diagnostics(&uri, 1);
        assert!(name == "prompt.mj" || !found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn variables_node_kinds_and_fixed_tokens_are_explained() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let mut client = editor();
    let mut hover = |name: &str, text: &str, at: &str| {
        let path = desk.path("autodao/templates").join(name);
        let uri = file_uri(&path);
        client.open(&uri, "plaintext", text);
        client.next_diagnostics(&uri, 1);
        let line = text.lines().position(|line| line.contains(at)).unwrap();
        let character = text.lines().nth(line).unwrap().find(at).unwrap() + 1;
        let params =
            json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
        let found = client.request("textDocument/hover", params);
        found["contents"]["value"].as_str().unwrap_or("").to_owned()
    };
    let config = desk.read("autodao/templates/tidy/template.toml");
    let node = config.replace("[match]\n", "[match]\nnode = [\"function_item\"]\n");
    assert_eq!(hover("tidy/template.toml", &node, "function_item"), "A kind of node of rust.");
    assert_eq!(
        hover("tidy/template.toml", &node, "kind ="),
        "Under what it is offered. Takes `code-action`, `diagnostic-fix`, `generate-test`, `explain`. Where it is not stated: code-action."
    );
    let keys =
        "schema = 1\n[output]\nkeep_items = true\n[budget]\nfixed_tokens = 1\n[input.a]\ntype = \"int\"\n";
    let said = hover("tidy/template.toml", keys, "keep_items");
    assert_eq!(said, "No item goes missing. Takes `true`, `false`. Where it is not stated: true.");
    assert!(hover("tidy/template.toml", keys, "fixed_tokens").ends_with("250 unless stated."));
    assert_eq!(
        hover("tidy/template.toml", keys, "type"),
        "What it takes. Takes `string`, `int`, `bool`, `enum`."
    );
    let tests = desk.read("autodao/templates/tidy/tests/basic.toml");
    assert_eq!(hover("tidy/tests/basic.toml", &tests, "max_tokens"), "The most tokens the prompt may have.");
    assert_eq!(
        hover("templates.lock", "schema = 1\n[label.tidy]\ncanary = \"0.1.0\"\n", "canary"),
        "The version that a few try."
    );
    assert!(
        hover("tidy/prompt.mj", "{{ target }}\n{{ other }}\n", "target").starts_with("The code to work on")
    );
    let skill = desk.read("autodao/templates/tidy/SKILL.md");
    let tokens = hover("tidy/SKILL.md", &skill, "description");
    assert!(tokens.starts_with("At most ") && tokens.ends_with(" 250 are allowed."), "{tokens}");
}

#[test]
fn what_can_be_written_in_a_template_is_offered() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let mut client = editor();
    let mut offered = |name: &str, text: &str| {
        let path = desk.path("autodao/templates").join(name);
        let uri = file_uri(&path);
        let (before, after) = text.split_once("|>").unwrap();
        client.open(&uri, "plaintext", &format!("{before}{after}"));
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
        let params =
            json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
        let found = client.request("textDocument/completion", params);
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
        found.as_array().cloned().unwrap_or_default()
    };
    let labels = |found: &[serde_json::Value]| -> Vec<String> {
        found.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    };
    let prompt = offered("tidy/prompt.mj", "Größe 😀 {{ ta|> }}");
    assert!(labels(&prompt).contains(&"target".to_owned()), "{prompt:?}");
    let target = prompt.iter().find(|item| item["label"] == "target").unwrap();
    let range = &target["textEdit"]["range"];
    assert_eq!((&range["start"]["character"], &range["end"]["character"]), (&json!(12), &json!(14)));
    assert!(target["detail"].as_str().unwrap().starts_with("The code to work on"), "{target}");
    let node =
        offered("tidy/template.toml", "schema = 1\n[match]\nlanguage = [\"rust\"]\nnode = [\"function_|>\"]");
    assert!(labels(&node).contains(&"function_item".to_owned()));
    assert!(!labels(&node).contains(&"function_declaration".to_owned()), "that is of another language");
    let task = offered("tidy/template.toml", "[match]\ntask = |>");
    assert_eq!(task[0]["textEdit"]["newText"], "\"fix\"");
    assert_eq!(
        labels(&offered("templates.lock", "schema = 1\n[pin]\ntidy = \"|>\"")),
        ["production", "staging", "canary"]
    );
    let case = offered("tidy/tests/basic.toml", "schema = 1\n[[case]]\nname = \"a\"\n|>");
    assert!(labels(&case).contains(&"target".to_owned()) && !labels(&case).contains(&"name".to_owned()));
    assert_eq!(labels(&offered("tidy/tests/basic.toml", "[[case.replay]]\noutcome = |>")).len(), 3);
    assert!(labels(&offered("tidy/SKILL.md", "---\n|>")).contains(&"description".to_owned()));
    // The body is sent as it is, and other files are other servers'.
    assert!(offered("tidy/SKILL.md", "---\nname: a\ndescription: b\n---\n{{ |> }}").is_empty());
    assert!(offered("tidy/notes/prompt.mj", "{{ |> }}").is_empty());
    assert!(offered("../src/a.rs", "fn a() { |> }").is_empty());
}

#[test]
fn a_template_is_offered_where_its_query_holds() {
    let desk = Desk::new();
    desk.file("autodao.toml", "");
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let config = "autodao/templates/tidy/template.toml";
    let query = "(function_item body: (block (expression_statement (for_expression)))) @it";
    replace(&desk, config, "[match]\n", &format!("[match]\nlanguage = [\"rust\"]\nquery = \"{query}\"\n"));
    assert_eq!(said(&desk, &["templates", "lint", "--deny-warnings"]), "");
    let variables = desk.variables();
    let variables: Vec<_> = variables.iter().map(|(name, path)| (*name, path.as_path())).collect();
    let mut client = Client::process_with(&variables).reading();
    client.initialize(capabilities());
    let text = "fn a(n: u32) {\n    for i in 0..n {\n        println!(\"{i}\");\n    }\n}\n\nfn b(n: u32) -> u32 {\n    n + n\n}\n";
    let uri = file_uri(&desk.file("src/a.rs", text));
    client.open(&uri, "rust", text);
    client.next_diagnostics(&uri, 1);
    let mut offered = |line: u32| -> Vec<String> {
        let context = json!({"diagnostics": [], "only": ["refactor.rewrite"], "triggerKind": 1});
        let actions = client.actions(&uri, [line, 4], [line, 4], context);
        let titles = actions.iter().map(|action| action["title"].as_str().unwrap());
        titles.filter_map(|title| Some(title.split_once(" (")?.0.to_owned())).collect()
    };
    let (with_loop, without) = (offered(0), offered(6));
    assert!(with_loop.contains(&"Tidy".to_owned()), "{with_loop:?}");
    assert!(without.contains(&"Simplify".to_owned()) && !without.contains(&"Tidy".to_owned()), "{without:?}");
    // One that no grammar knows is told, where it goes wrong.
    let wrong = desk.read(config).replace("for_expression", "for_expresion");
    let uri = file_uri(&desk.path(config));
    client.open(&uri, "toml", &wrong);
    let found = client.next_diagnostics(&uri, 1);
    assert_eq!((found.len(), &found[0]["code"]), (1, &json!("bad-query")), "{found:#?}");
    let start = &found[0]["range"]["start"];
    let line = wrong.lines().position(|line| line.starts_with("query")).unwrap();
    let column = wrong.lines().nth(line).unwrap().find("for_expresion").unwrap();
    assert_eq!((&start["line"], &start["character"]), (&json!(line), &json!(column)));
}
