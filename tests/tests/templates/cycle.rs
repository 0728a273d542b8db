//! The whole life of a shared template, as a user lives it.

use autodao_tests::client::{Client, file_uri};
use autodao_tests::editor::{capabilities, context, titled};
use serde_json::{Value, json};

use crate::commands::{replace, said};
use crate::desk::{Desk, at};
use crate::outcomes::{Told, tell};
use crate::quick_fixes::apply;
use crate::sharing::Shared;

#[test]
fn installed_mended_tested_raised_tried_judged_and_taken_back() {
    // A project with files, and a template that somebody shares.
    let desk = Desk::new();
    desk.file("autodao.toml", "");
    desk.file("Cargo.toml", "[package]\nname = \"sample\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    let code = desk.file("src/lib.rs", "pub fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}\n");
    desk.file("web/area.ts", "export function area(a: number): number {\n    return a * a;\n}\n");
    desk.git(&["init", "-q"]);
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-qm", "sample"]);
    let used_for_edits = || {
        let ran = desk.act(&at(&code, 2), "tidy", &["--dry-run"]);
        let line = ran.stdout.lines().find_map(|line| line.strip_prefix("- template: tidy@"));
        line.unwrap_or_else(|| panic!("{}{}", ran.stdout, ran.stderr)).split(',').next().unwrap().to_owned()
    };
    let shared = Shared::new();
    let address = shared.commit();

    // Somebody's mistake keeps it out.
    let config = std::fs::read_to_string(shared.file("tidy/template.toml")).unwrap();
    let mistaken = config.replace("[output]\n", "[output]\nresolves_findin = true\n");
    std::fs::write(shared.file("tidy/template.toml"), mistaken).unwrap();
    std::fs::remove_file(shared.file("templates.lock")).unwrap();
    shared.commit();
    let refused = desk.run(&["templates", "install", &address]);
    assert!(
        refused.code == Some(1) && refused.stderr.contains("write `resolves_finding`"),
        "{}",
        refused.stderr
    );
    std::fs::write(shared.file("tidy/template.toml"), config).unwrap();
    shared.commit();
    said(&desk, &["templates", "install", &address]);
    // A mistake of one's own is told in the editor, and its quick fix takes it away.
    let config = "../config/templates/tidy@0.1.0/template.toml";
    replace(&desk, config, "keep_items", "keep_itms");
    let lint = desk.run(&["templates", "lint"]);
    assert!(lint.code == Some(1) && lint.stdout.contains("[unknown-key]"), "{}", lint.stdout);
    let variables = desk.variables();
    let variables: Vec<_> = variables.iter().map(|(name, path)| (*name, path.as_path())).collect();
    let mut client = Client::process_with(&variables).reading();
    client.initialize(capabilities());
    let uri = file_uri(&desk.path(config).canonicalize().unwrap());
    client.open(&uri, "toml", &desk.read(config));
    let found = client.next_diagnostics(&uri, 1);
    let mistake = found.iter().find(|one| one["code"] == "unknown-key").unwrap();
    let place =
        |end: &str| ["line", "character"].map(|at| mistake["range"][end][at].as_u64().unwrap() as u32);
    let actions = client.actions(&uri, place("start"), place("end"), context());
    apply(titled(&actions, "Change to `keep_items`"));
    client.change(&uri, 2, json!([{"text": desk.read(config)}]));
    assert_eq!(client.next_diagnostics(&uri, 2), Vec::<Value>::new());
    assert_eq!(said(&desk, &["templates", "lint", "--deny-warnings"]), "");
    assert_eq!(used_for_edits(), "0.1.0");
    assert_eq!(
        said(&desk, &["templates", "test", "tidy@0.1.0"]),
        "tidy@0.1.0 0.1.0: 3 passed, 0 failed (L0 1, L1 2)\n"
    );

    // A new version, beside it, for a few.
    said(&desk, &["templates", "bump", "tidy@0.1.0", "minor", "--beside"]);
    let skill = "../config/templates/tidy@0.2.0/SKILL.md";
    replace(&desk, skill, "Make the target simpler to read.", "Make the target shorter.");
    assert_eq!(
        said(&desk, &["templates", "test", "tidy@0.2.0"]),
        "tidy@0.2.0 0.2.0: 3 passed, 0 failed (L0 1, L1 2)\n"
    );
    said(&desk, &["templates", "lock"]);
    said(&desk, &["templates", "label", "tidy", "production", "0.1.0"]);
    said(&desk, &["templates", "label", "tidy", "canary", "0.2.0"]);
    assert_eq!(said(&desk, &["templates", "pin", "tidy", "production"]), "tidy@0.1.0 is used here.\n");

    // The canary is compared with what is in use, and turns out to be better.
    let started = said(&desk, &["experiment", "start", "tidy"]);
    assert!(started.starts_with("tidy: 0.2.0 against 0.1.0, since "), "{started}");
    let told = || -> Value {
        serde_json::from_str(&said(&desk, &["experiment", "status", "tidy", "--json"])).unwrap()
    };
    let experiment = told()[0].clone();
    assert_eq!(experiment["verdict"]["id"], "open");
    let outcomes = |from: usize, to: usize| {
        let ledger = desk.ledger();
        for number in from..to {
            let is_new = number % 2 == 1;
            tell(
                &ledger,
                &Told {
                    experiment: experiment["id"].as_str().unwrap(),
                    version: if is_new { "0.2.0" } else { "0.1.0" },
                    percent: 50,
                    workspace: &format!("w{}", number % 44),
                    stayed: number / 2 % 10 < if is_new { 9 } else { 6 },
                    tokens: if is_new { 280 } else { 300 },
                    prompts: None,
                    ms: experiment["started_ms"].as_u64().unwrap(),
                },
            );
        }
        ledger.flush().wait().unwrap();
    };
    outcomes(0, 30);
    assert_eq!(told()[0]["verdict"]["id"], "open", "a look too early takes nothing");
    outcomes(30, 400);
    let stopped = said(&desk, &["experiment", "stop", "tidy"]);
    assert!(stopped.contains("\nBetter: more edits stay (+30.0 points"), "{stopped}");
    assert!(stopped.contains("autodao templates label tidy production 0.2.0"), "{stopped}");

    // For everybody; and back, when it is not what was hoped for.
    said(&desk, &["templates", "label", "tidy", "production", "0.2.0"]);
    let used = || {
        said(&desk, &["templates", "list"]).lines().find(|line| line.starts_with("tidy")).unwrap().to_owned()
    };
    assert!(used().starts_with("tidy@0.2.0 "), "{}", used());
    assert_eq!(used_for_edits(), "0.2.0");
    let back = said(&desk, &["templates", "rollback", "tidy"]);
    assert_eq!(back, "production of tidy is 0.1.0 again; tidy@0.1.0 is used here.\n");
    assert!(used().starts_with("tidy@0.1.0 "), "{}", used());
    assert_eq!(used_for_edits(), "0.1.0");
    let further = desk.run(&["templates", "rollback", "tidy"]);
    assert!(
        further.code == Some(2) && further.stderr.contains("nothing to go back to"),
        "{}",
        further.stderr
    );
    // A pin goes back, too.
    said(&desk, &["templates", "pin", "tidy", "0.1.0"]);
    let pin = said(&desk, &["templates", "rollback", "tidy"]);
    assert_eq!(pin, "pin of tidy is production again; tidy@0.1.0 is used here.\n");
}
