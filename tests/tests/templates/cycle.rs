//! The whole life of a shared template, as a user lives it.

use serde_json::Value;

use crate::commands::{replace, said};
use crate::desk::Desk;
use crate::outcomes::{Told, tell};
use crate::sharing::Shared;

#[test]
fn installed_mended_tested_raised_tried_judged_and_taken_back() {
    // No project: all of it is the user's own.
    let desk = Desk::without_model();
    let shared = Shared::new();
    let address = shared.commit();
    let folder = shared.file("tidy").to_str().unwrap().to_owned();

    // Somebody's mistake keeps it out until its fix is applied.
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
    assert_eq!(said(&desk, &["templates", "lint", "--fix", &folder]), "");
    shared.commit();
    said(&desk, &["templates", "install", &address]);
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
    let back = said(&desk, &["templates", "rollback", "tidy"]);
    assert_eq!(back, "production of tidy is 0.1.0 again; tidy@0.1.0 is used here.\n");
    assert!(used().starts_with("tidy@0.1.0 "), "{}", used());
    let further = desk.run(&["templates", "rollback", "tidy"]);
    assert!(
        further.code == Some(2) && further.stderr.contains("nothing to go back to"),
        "{}",
        further.stderr
    );
    // A pin goes back, too: here to none, so that the highest version is used.
    said(&desk, &["templates", "pin", "tidy", "0.1.0"]);
    let pin = said(&desk, &["templates", "rollback", "tidy"]);
    assert_eq!(pin, "pin of tidy is production again; tidy@0.1.0 is used here.\n");
}
