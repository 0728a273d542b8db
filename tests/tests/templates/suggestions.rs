//! `autodao templates suggest`.

use std::fs;
use std::process::{Command, Stdio};

use autodao_engine::ledger::{
    Answered, EditId, Event, EventId, EventKind, Latency, Ledger, Planned, Refused, Route, Source, Template,
    Tokens, Usage,
};
use serde_json::Value;

use crate::commands::{desk, replace, said};
use crate::desk::Desk;

/// Tells of an edit of now that was answered and, where a gate is named, refused.
fn tell(ledger: &Ledger, template: &str, tokens: u64, gate: Option<&str>) {
    let edit = EditId::new();
    let append = |kind| drop(ledger.append(Event::new(edit, kind)));
    append(EventKind::Planned(Planned {
        task: "refactor".to_owned(),
        complexity: "small".to_owned(),
        template: Some(Template { name: template.to_owned(), version: "1.0.0".to_owned() }),
        route: Route::Model,
        language: "rust".to_owned(),
        workspace: "w".to_owned(),
        symbol: None,
        baseline: None,
    }));
    append(EventKind::Answered(Answered {
        request: EventId::new(),
        usage: Usage { tokens: Tokens { input: tokens, ..Tokens::default() }, source: Source::Reported },
        cost: None,
        latency: Latency::default(),
        stop: "stop".to_owned(),
        log: None,
    }));
    append(match gate {
        Some(gate) => EventKind::Refused(Refused { gate: gate.to_owned() }),
        None => EventKind::Applied,
    });
}

fn suggested(desk: &Desk) -> Vec<Value> {
    serde_json::from_str(&said(desk, &["templates", "suggest", "--format", "json"])).unwrap()
}

fn ids(found: &[Value]) -> Vec<&str> {
    found.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn what_the_ledger_says_is_suggested_when_there_is_enough_of_it() {
    let desk = desk();
    assert!(said(&desk, &["templates", "suggest"]).starts_with("Nothing to suggest, "));
    let ledger = desk.ledger();
    let tell_all = || {
        for number in 0..10 {
            tell(&ledger, "simplify", 100, (number < 4).then_some("syntax"));
            tell(&ledger, "refactor", 1000, None);
            tell(&ledger, "custom-instruction", 10, None);
        }
        ledger.flush().wait().unwrap();
    };
    tell_all();
    assert_eq!(ids(&suggested(&desk)), ["no-template"], "ten edits of a template say nothing of it");
    tell_all();
    let found = suggested(&desk);
    assert_eq!(ids(&found), ["wasted-tokens", "no-template"]);
    assert_eq!(
        (found[0]["about"].as_str(), found[0]["tokens"].as_u64()),
        (Some("simplify@1.0.0"), Some(800))
    );
    let text = found[0]["text"].as_str().unwrap();
    assert!(text.starts_with("40 % of its tokens came to nothing (800 of 2000 in 20 edits)"), "{text}");
    assert!(text.contains("refused: syntax (800)"), "{text}");
    assert!(found[1]["text"].as_str().unwrap().starts_with("20 of 60 edits had no template"), "{found:?}");
    let human = said(&desk, &["templates", "suggest", "--days", "7"]);
    assert!(
        human.starts_with("simplify@1.0.0: 40 % of its tokens") && human.contains("[no-template]"),
        "{human}"
    );
}

#[test]
fn what_is_said_for_nothing_comes_with_a_diff_that_applies() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    assert_eq!(suggested(&desk).len(), 0);
    let folder = "autodao/templates/tidy";
    let skill = format!("{folder}/SKILL.md");
    replace(&desk, &skill, "Keep its behaviour,", "Make the target simpler to read. Keep its behaviour,");
    let long = "Never touch what is generated, and never what another team owns, whatever the instruction asks for. ".repeat(2);
    let long = long.replacen("whatever", "not even when", 1);
    desk.file(&format!("{folder}/prompt.mj"), &format!("{{{{ target }}}}\n{}\n", long.trim()));
    replace(&desk, &format!("{folder}/template.toml"), "kind =", "engine = \"minijinja\"\nkind =");
    let found = suggested(&desk);
    assert_eq!(ids(&found), ["said-twice", "out-of-cache"], "{found:#?}");
    assert!((5..=10).contains(&found[0]["tokens"].as_u64().unwrap()), "{}", found[0]);
    for one in &found {
        let diff = one["diff"].as_str().unwrap();
        assert!(diff.contains("@@"), "{diff}");
    }
    {
        let diff = found[0]["diff"].as_str().unwrap();
        let before = fs::read_to_string(desk.path(&skill)).unwrap();
        let patch = desk.file("change.diff", diff);
        let applied = Command::new("git")
            .args(["apply", "-p1", "--unsafe-paths", "--directory=autodao/templates"])
            .arg(&patch)
            .current_dir(desk.path(""))
            .env_remove("GIT_DIR")
            .env("GIT_CEILING_DIRECTORIES", desk.path("..").parent().unwrap())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(applied.status.success(), "{diff}{}", String::from_utf8_lossy(&applied.stderr));
        assert_ne!(fs::read_to_string(desk.path(&skill)).unwrap(), before, "{diff}");
    }
    assert_eq!(ids(&suggested(&desk)), ["out-of-cache"]);
    let lint = desk.run(&["templates", "lint"]);
    assert!(!lint.stdout.contains("[duplicate-instruction]"), "{}", lint.stdout);
}
