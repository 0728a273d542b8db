//! `autodao templates suggest`.

use std::fs;
use std::process::{Command, Stdio};

use autodao_engine::ledger::{
    Answered, Day, EditId, Event, EventId, EventKind, Latency, Ledger, Offered, Planned, Refused, Route,
    ShownPiece, Source, Template, Tokens, Usage,
};
use serde_json::Value;

use crate::commands::{desk, replace, said};
use crate::desk::{Desk, at, code};

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
        node: Some("impl_item".to_owned()),
        folder: None,
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
    let none = found[1]["text"].as_str().unwrap();
    assert!(none.starts_with("20 of 60 edits had no template"), "{none}");
    assert!(none.contains("task `refactor` in rust, 20 of them at a `impl_item`"), "{none}");
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
    let before = fs::read_to_string(desk.path(&skill)).unwrap();
    apply(&desk, found[0]["diff"].as_str().unwrap());
    assert_ne!(fs::read_to_string(desk.path(&skill)).unwrap(), before);
    assert_eq!(ids(&suggested(&desk)), ["out-of-cache"]);
    let lint = desk.run(&["templates", "lint"]);
    assert!(!lint.stdout.contains("[duplicate-instruction]"), "{}", lint.stdout);
}

#[test]
fn what_is_suggested_applies_as_it_is_printed() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    said(&desk, &["templates", "new", "mine", "--from", "simplify", "--user"]);
    let twice = "Make the target simpler to read. Keep its behaviour,";
    let (own, other) = ("autodao/templates/tidy/SKILL.md", "../config/templates/mine/SKILL.md");
    for skill in [own, other] {
        replace(&desk, skill, "Keep its behaviour,", twice);
    }
    // Two changes of one file, near each other.
    let text = desk.read(own) + "Reply with one fenced block.\n";
    desk.file(own, &text);
    let before = desk.read(other);
    let printed = said(&desk, &["templates", "suggest"]);
    assert!(printed.contains("    --- a/mine/SKILL.md"), "{printed}");
    let diff = said(&desk, &["templates", "suggest", "--diff"]);
    assert!(diff.starts_with("--- a/autodao/templates/tidy/SKILL.md\n"), "{diff}");
    apply(&desk, &printed);
    let lint = desk.run(&["templates", "lint", "tidy"]);
    assert_eq!((lint.code, &*lint.stdout), (Some(0), ""), "{}", desk.read(own));
    assert_eq!((said(&desk, &["templates", "suggest", "--diff"]), desk.read(other)), (String::new(), before));
    // The diff alone does the same.
    desk.file(own, &text);
    apply(&desk, &diff);
    assert_eq!(said(&desk, &["templates", "lint", "tidy"]), "");
}

/// Applies what is printed in the project's folder.
fn apply(desk: &Desk, diff: &str) {
    let patch = desk.file("change.diff", diff);
    let applied = Command::new("git")
        .arg("apply")
        .arg(&patch)
        .current_dir(desk.path(""))
        .env_remove("GIT_DIR")
        .env("GIT_CEILING_DIRECTORIES", desk.path("..").parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(applied.status.success(), "{diff}{}", String::from_utf8_lossy(&applied.stderr));
}

/// A method whose type has a field, and another function beside it.
const SHAPE: &str = "struct Shape {\n    width: u32,\n    height: u32,\n}\n\nimpl Shape {\n    fn double(&self) -> u32 {\n        self.width + self.width\n    }\n\n    fn area(&self) -> u32 {\n        1\n    }\n}\n";

#[test]
fn what_the_model_saw_is_kept_with_whether_the_edit_has_something_of_it() {
    let desk = Desk::new();
    let file = desk.file("src/shape.rs", SHAPE);
    let edit = |reply: &str| {
        desk.provider.reply(code(reply));
        let ran = desk.act(&at(&file, 8), "simplify", &[]);
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{}", ran.stdout);
        let pieces = desk.edits().last().unwrap().pieces.clone();
        let enclosing = pieces.into_iter().find(|piece| piece.role == "enclosing");
        enclosing.unwrap_or_else(|| panic!("{:#?}", desk.edits()))
    };
    let without = edit("fn double(&self) -> u32 {\n    2 * self.width\n}");
    assert!(!without.used && without.tokens > 10, "{without:?}");
    let with = edit("fn double(&self) -> u32 {\n    2 * self.area()\n}");
    assert!(with.used, "`area` stands nowhere else in the prompt: {with:?}");
    assert_eq!(with.tokens, without.tokens, "the prompt is the same");
    assert!(!said(&desk, &["ledger", "export"]).contains("area"), "no text is kept");
}

/// Tells of an applied edit whose prompt had these kinds of context, so many days ago.
fn tell_shown(ledger: &Ledger, days: i32, template: &str, pieces: &[(&str, bool)]) {
    let now = EventId::new();
    let ms = now.ms() - 86_400_000 * u64::try_from(days).unwrap();
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let edit = EditId::from_parts(ms, 0, number);
    let mut count = 0;
    let mut append = |kind| {
        count += 1;
        drop(ledger.append(Event { id: EventId::from_parts(ms + count, 0, number), edit, kind }));
    };
    append(EventKind::Planned(Planned {
        task: "simplify".to_owned(),
        complexity: "small".to_owned(),
        template: Some(Template { name: template.to_owned(), version: "0.1.0".to_owned() }),
        route: Route::Model,
        language: "rust".to_owned(),
        workspace: "w".to_owned(),
        symbol: None,
        baseline: None,
        node: None,
        folder: None,
    }));
    append(EventKind::Answered(Answered {
        request: EventId::from_parts(ms, 0, number),
        usage: Usage {
            tokens: Tokens { input: 90, output: 10, ..Tokens::default() },
            source: Source::Reported,
        },
        cost: None,
        latency: Latency::default(),
        stop: "stop".to_owned(),
        log: None,
    }));
    let pieces =
        pieces.iter().map(|(role, used)| ShownPiece { role: (*role).to_owned(), tokens: 40, used: *used });
    append(EventKind::Offered(Offered { scores: Vec::new(), pieces: pieces.collect() }));
    append(EventKind::Applied);
}

#[test]
fn context_that_no_edit_had_anything_of_can_be_left_out() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let ledger = desk.ledger();
    let tell_many = |from: usize, to: usize| {
        for number in from..to {
            tell_shown(&ledger, 0, "tidy", &[("imports", false), ("enclosing", number == 3)]);
        }
        ledger.flush().wait().unwrap();
    };
    tell_many(0, 19);
    assert_eq!(suggested(&desk).len(), 0, "nineteen are too few");
    tell_many(19, 20);
    let found = suggested(&desk);
    assert_eq!(ids(&found), ["context-unused"], "{found:#?}");
    let text = found[0]["text"].as_str().unwrap();
    assert!(text.starts_with("`imports` stood in the prompts of 20 edits that were accepted"), "{text}");
    assert!(text.contains("40 tokens each for nothing. Surely fewer than 16 % of such edits"), "{text}");
    assert_eq!((&found[0]["about"], found[0]["tokens"].as_u64()), (&"tidy@0.1.0".into(), Some(40)));
    let config = "autodao/templates/tidy/template.toml";
    assert!(desk.read(config).contains("include = [\"enclosing\", \"imports\", \"findings\"]"));
    apply(&desk, found[0]["diff"].as_str().unwrap());
    assert!(desk.read(config).contains("include = [\"enclosing\", \"findings\"]"), "{}", desk.read(config));
    said(&desk, &["templates", "lint", "tidy"]);
    // Once it was of use, it is not for nothing.
    tell_shown(&ledger, 0, "tidy", &[("imports", true)]);
    ledger.flush().wait().unwrap();
    assert_eq!(suggested(&desk).len(), 0);
}

#[test]
fn a_week_is_summed_up() {
    let desk = desk();
    let ledger = desk.ledger();
    for days in 0..21 {
        tell_shown(&ledger, days, "tidy", &[]);
        tell_shown(&ledger, days, "other", &[]);
    }
    ledger.flush().wait().unwrap();
    let monday = Day::today().week().plus(-7);
    let (year, week) = monday.iso_week();
    let name = format!("{year}-W{week:02}");
    let named = said(&desk, &["templates", "suggest", "--week", &name]);
    let sunday = monday.plus(6);
    assert_eq!(
        named,
        format!(
            "Week {name}, {monday} to {sunday}: 14 edits.\n  other@0.1.0: 7 edits, 100 tokens an edit (100 the week before), 0 for nothing\n  tidy@0.1.0: 7 edits, 100 tokens an edit (100 the week before), 0 for nothing\n"
        )
    );
    let json: Value =
        serde_json::from_str(&said(&desk, &["templates", "suggest", "--week", &name, "--format", "json"]))
            .unwrap();
    assert_eq!((json["week"].as_str(), json["monday"].as_str()), (Some(&*name), Some(&*monday.to_string())));
    assert_eq!(json["versions"][1]["tokens"], 700);
    assert!(said(&desk, &["templates", "suggest", "--week"]).starts_with("Week "));
    let empty = said(&desk, &["templates", "suggest", "--week", "2001-W01"]);
    assert_eq!(empty, "Week 2001-W01, 2001-01-01 to 2001-01-07: 0 edits.\n");
    for (arguments, wrong) in [
        (&["--week", "2025-W53"][..], "`2025-W53` is no week"),
        (&["--week", "--days", "3"], "cannot be used with"),
    ] {
        let ran = desk.run(&[&["templates", "suggest"], arguments].concat());
        assert!(ran.code == Some(2) && ran.stderr.contains(wrong), "{}", ran.stderr);
    }
}
