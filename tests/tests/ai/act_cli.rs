//! `autodao act`: the pipeline without an editor.

use autodao_engine::ledger::Outcome;
use autodao_tests::loopback::{Act, Reply};
use serde_json::json;

use crate::desk::{Desk, at, begun, chat, code, delta, end, said, stopped};

const TEXT: &str =
    "use std::fmt;\n\n/// Twice.\nfn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}\n\nfn other() {}\n";
const BETTER: &str = "fn twice(n: u32) -> u32 {\n    n + n\n}";

fn improved() -> String {
    TEXT.replace("    let m = n + n;\n    m\n", "    n + n\n")
}

#[test]
fn a_dry_run_asks_nothing_and_says_everything() {
    let desk = Desk::new();
    let file = desk.file("a.rs", TEXT);
    let ran = desk.act(&at(&file, 5), "simplify", &["--dry-run"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{}", ran.stdout);
    assert_eq!((desk.provider.connections(), desk.edits().len()), (0, 0));
    for part in ["simplify", "twice", "tokens", "tiny", "# Request", "/v1/chat/completions"] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    // What is shown is what is sent.
    desk.provider.reply(code(BETTER));
    desk.act(&at(&file, 5), "simplify", &[]);
    let asked = desk.provider.asked();
    let shown: serde_json::Value =
        serde_json::from_str(ran.stdout.trim_end().lines().last().unwrap()).unwrap();
    assert_eq!(shown, asked[0].json());
    assert!(said(&shown).contains("let m = n + n;"), "{shown}");
    assert!(!said(&shown).contains("fn other() {}"), "only the target is sent whole: {shown}");
}

#[test]
fn an_edit_is_shown_written_or_told_as_json() {
    let desk = Desk::new();
    let file = desk.file("a.rs", TEXT);
    desk.provider.reply(code(BETTER)).reply(code(BETTER)).reply(code(BETTER));

    let shown = desk.act(&at(&file, 5), "simplify", &[]);
    assert_eq!((shown.code, &*shown.stderr), (Some(0), ""));
    let lines: Vec<_> = shown.stdout.lines().filter(|line| line.starts_with(['-', '+'])).skip(2).collect();
    assert_eq!(lines, ["-    let m = n + n;", "-    m", "+    n + n"], "{}", shown.stdout);
    assert_eq!(desk.read("a.rs"), TEXT);

    let told = desk.act(&at(&file, 5), "simplify", &["--json"]).json();
    assert_eq!((&told["outcome"], &told["text"]), (&json!("edit"), &json!(improved())));
    assert_eq!(desk.read("a.rs"), TEXT);

    let written = desk.act(&at(&file, 5), "simplify", &["--write"]);
    assert_eq!((written.code, &*written.stderr), (Some(0), ""));
    assert_eq!(desk.read("a.rs"), improved());
    let stories: Vec<_> = desk.edits().iter().map(crate::desk::story).collect();
    let asked = "planned requested answered(end_turn) offered";
    let expected = [
        // What is only shown is neither wanted nor not.
        asked.to_owned(),
        asked.to_owned(),
        format!("{asked} applied"),
    ];
    assert_eq!(stories, expected);
}

#[test]
fn words_are_shown_and_nothing_is_changed() {
    let desk = Desk::new();
    let file = desk.file("a.rs", "fn f(a: Option<u32>) -> u32 {\n    a.unwrap()\n}\n");
    desk.provider.reply(chat("It panics when there is none."));
    let ran = desk.act(&at(&file, 2), "explain-finding", &["--write"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), "It panics when there is none.\n"), "{}", ran.stderr);
    assert!(desk.read("a.rs").contains("unwrap"));
    assert_eq!(desk.story(), "planned requested answered(end_turn) told");
    let edit = &desk.edits()[0];
    assert_eq!((edit.outcome, edit.outcome.is_waste()), (Outcome::Told, false));
}

/// A finding of a user's own rule has to be gone as any other.
#[test]
fn what_leaves_the_finding_of_a_users_rule_is_refused() {
    let desk = Desk::new();
    let rule = "; id: no-exit\n; message: `{call}` ends the program\n; severity: warning\n\
        ; dimension: error-handling\n; languages: rust\n\
        ((scoped_identifier) @call @finding (#eq? @call \"process::exit\"))\n";
    desk.file("autodao.toml", "");
    desk.file("autodao/rules/no-exit.scm", rule);
    let text = "fn end(n: i32) {\n    if n > 2 {\n        process::exit(n);\n    }\n}\n";
    let file = desk.file("a.rs", text);
    let still = text.trim_end().replace("n > 2", "2 < n");
    let gone = text.trim_end().replace("process::exit(n)", "return");
    for reply in [&still, &still, &gone] {
        desk.provider.reply(code(reply));
    }
    let ran = desk.act(&at(&file, 3), "fix-finding", &["--rule", "no-exit", "--write"]);
    assert_eq!((ran.code, desk.read("a.rs")), (Some(1), text.to_owned()), "{}", ran.stderr);
    assert!(ran.stderr.contains("the finding `no-exit` is still there"), "{}", ran.stderr);
    let ran = desk.act(&at(&file, 3), "fix-finding", &["--rule", "no-exit", "--write"]);
    assert_eq!((ran.code, desk.read("a.rs")), (Some(0), format!("{gone}\n")), "{}", ran.stderr);
}

/// What a model says, and which gate is in its way.
#[test]
fn what_a_gate_refuses_is_not_written_and_is_told() {
    let long = format!("fn twice(n: u32) -> u32 {{\n{}    n + n\n}}", "    let _ = n;\n".repeat(4000));
    let cases: [(&str, Reply); 13] = [
        ("extraction", chat("I would add the numbers.")),
        ("extraction", chat("")),
        ("change", code("fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}")),
        ("syntax", code("fn twice(n: u32) -> u32 {\n    n + \n}")),
        ("syntax", code("fn twice(n: u32) -> u32 {\n    n + n\n")),
        ("kind", code("struct Twice(u32);")),
        ("kind", code("fn twice(n: u32) -> u32 {\n    add(n)\n}\n\nfn add(n: u32) -> u32 {\n    n + n\n}")),
        ("signature", code("fn twice(n: u64) -> u64 {\n    n + n\n}")),
        (
            "elision",
            code("fn twice(n: u32) -> u32 {\n    // ... rest of the function unchanged\n    n + n\n}"),
        ),
        ("secrets", code("fn twice(n: u32) -> u32 {\n    // n\u{202e} twice\n    n + n\n}")),
        ("names", code("fn twice(n: u32) -> u32 {\n    double_it_somehow(n)\n}")),
        ("size", code(&long)),
        ("ending", stopped("```\nfn twice(n: u32) -> u32 {\n    n + n\n}\n```", "content_filter")),
    ];
    let mut wrong = Vec::new();
    for (gate, reply) in cases {
        let desk = Desk::new();
        let file = desk.file("a.rs", TEXT);
        desk.provider.reply(reply.clone()).reply(reply);
        let ran = desk.act(&at(&file, 5), "simplify", &["--write"]);
        if desk.read("a.rs") != TEXT {
            wrong.push(format!("{gate}: written: {}", desk.read("a.rs")));
            continue;
        }
        let said = format!("(gate: {gate})");
        wrong.extend((!ran.stderr.contains(&said)).then(|| format!("{gate}: {}{}", ran.stderr, ran.stdout)));
        if !wrong.is_empty() {
            continue;
        }
        assert_eq!((ran.code, &*ran.stdout), (Some(1), ""), "{gate}");
        let story = desk.story();
        assert!(story.ends_with(&format!("refused({gate})")), "{gate}: {story}");
        assert!(!story.contains("offered") && !story.contains("applied"), "{gate}: {story}");
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_finding_that_is_not_resolved_is_refused() {
    let desk = Desk::new();
    let text = "fn f(a: Option<u32>) -> u32 {\n    a.unwrap()\n}\n";
    let file = desk.file("a.rs", text);
    let same = || code("fn f(a: Option<u32>) -> u32 {\n    let b = a.unwrap();\n    b\n}");
    desk.provider.reply(same()).reply(same());
    let ran = desk.act(&at(&file, 2), "fix-finding", &["--write"]);
    assert_eq!((ran.code, desk.read("a.rs").as_str()), (Some(1), text), "{}", ran.stderr);
    assert!(ran.stderr.contains("(gate: quality)"), "{}", ran.stderr);
    desk.provider.reply(code("fn f(a: Option<u32>) -> u32 {\n    a.unwrap_or_default()\n}"));
    let ran = desk.act(&at(&file, 2), "fix-finding", &["--write"]);
    assert_eq!((ran.code, desk.read("a.rs")), (Some(0), text.replace("unwrap()", "unwrap_or_default()")));
    // The ledger knows what that did to the file's scores, and nothing of the edit that was refused.
    let scores: Vec<_> = desk.edits().into_iter().map(|edit| edit.scores).collect();
    let [refused, written] = &scores[..] else { panic!("two edits: {scores:?}") };
    assert!(refused.is_empty(), "{refused:?}");
    for score in written {
        let is_better = score.after > score.before;
        assert_eq!(is_better, score.dimension == "error-handling", "{score:?}");
        assert!(score.after >= score.before && score.after <= 1000, "{score:?}");
    }
    assert!(written.len() > 1, "{written:?}");
}

#[test]
fn a_search_text_that_is_not_there_is_refused() {
    let desk = Desk::that_answers_with("hunks");
    let body: String = (0..40).map(|n| format!("    let a{n} = n + {n};\n")).collect();
    let text = format!("fn many(n: u32) -> u32 {{\n{body}    n\n}}\n");
    let file = desk.file("a.rs", &text);
    let missing = "<<<<<<< SEARCH\n    let b = n;\n=======\n    let b = 1;\n>>>>>>> REPLACE\n";
    desk.provider.reply(chat(missing)).reply(chat(missing));
    let ran = desk.act(&at(&file, 3), "custom-instruction", &["--write", "--instruction", "use 1"]);
    assert!(ran.stderr.contains("(gate: place)"), "{}", ran.stderr);
    let found = "<<<<<<< SEARCH\n    let a7 = n + 7;\n=======\n    let a7 = n + 70;\n>>>>>>> REPLACE\n";
    desk.provider.reply(chat(found));
    let ran = desk.act(&at(&file, 3), "custom-instruction", &["--write", "--instruction", "use 70"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    assert_eq!(desk.read("a.rs"), text.replace("n + 7;", "n + 70;"));
}

#[test]
fn a_reply_cut_by_its_length_is_never_an_edit() {
    let desk = Desk::new();
    let file = desk.file("a.rs", TEXT);
    desk.provider.reply(stopped("```\nfn twice(n: u32) -> u32 {\n    n + n\n}\n```", "length"));
    let ran = desk.act(&at(&file, 5), "simplify", &["--write"]);
    assert_eq!((ran.code, desk.read("a.rs").as_str()), (Some(1), TEXT), "{}", ran.stderr);
    assert!(ran.stderr.contains("(gate: ending)"), "{}", ran.stderr);
    // Asking again for what is too long would be paid again.
    assert_eq!(desk.provider.asked().len(), 1);
    assert_eq!(desk.story(), "planned requested answered(length) refused(ending)");
}

/// How requests fail, and what the ledger says of it.
#[test]
fn a_request_that_fails_is_told_and_changes_nothing() {
    let whole = "```\nfn twice(n: u32) -> u32 {\n    n + n\n}\n```";
    let error =
        |status, message: &str| Reply::json(status, &json!({"error": {"message": message}}).to_string());
    let late = format!("{}data: {{\"error\": {{\"message\": \"overloaded\"}}}}\n\n", delta(whole));
    let cases: Vec<(&str, Vec<Reply>)> = vec![
        // A stream that breaks after its first token is not asked for again: the tokens were paid.
        ("cut", vec![begun(whole, Act::Cut)]),
        ("cut", vec![Reply::events(&delta(whole))]),
        ("overloaded", vec![Reply::events(&late)]),
        ("unauthorized", vec![error(401, "no such key")]),
        ("bad_request", vec![error(400, "bad")]),
    ];
    for (reason, replies) in cases {
        let desk = Desk::new();
        let file = desk.file("a.rs", TEXT);
        let asked = replies.len();
        for reply in replies {
            desk.provider.reply(reply);
        }
        let ran = desk.act(&at(&file, 5), "simplify", &["--write"]);
        assert_eq!((ran.code, desk.read("a.rs").as_str()), (Some(2), TEXT), "{reason}: {}", ran.stderr);
        assert_eq!(desk.provider.asked().len(), asked, "{reason}");
        let story = desk.story();
        assert!(story.starts_with("planned requested failed("), "{reason}: {story}");
        assert_eq!(story, format!("planned requested failed({reason})"));
    }
}

#[test]
fn a_refused_reply_is_repaired_once() {
    let desk = Desk::new();
    let file = desk.file("a.rs", TEXT);
    desk.provider.reply(code("fn twice(n: u32) -> u32 {\n    n + \n}")).reply(code(BETTER));
    let ran = desk.act(&at(&file, 5), "simplify", &["--write"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    assert_eq!(desk.read("a.rs"), improved());
    let asked = desk.provider.asked();
    assert_eq!(asked.len(), 2);
    let second = asked[1].json();
    let messages = second["messages"].as_array().unwrap();
    assert_eq!(
        messages.iter().map(|m| m["role"].as_str().unwrap()).collect::<Vec<_>>(),
        ["system", "user", "assistant", "user"]
    );
    // What did not change is not paid for anew where the provider keeps prefixes.
    assert_eq!(messages[..2], asked[0].json()["messages"].as_array().unwrap()[..2]);
    let expected =
        "planned requested answered(end_turn) refused(syntax) requested answered(end_turn) offered applied";
    assert_eq!(desk.story(), expected);
    let edit = &desk.edits()[0];
    assert_eq!((edit.tokens.input, edit.tokens.output), (240, 60));
}

#[test]
fn a_stream_may_come_byte_by_byte() {
    let desk = Desk::new();
    let text = "fn twice(n: u32) -> u32 {\n    // 😀 中文\n    n + n\n}";
    let body = [delta(&crate::desk::fenced(text)), end("stop")].concat();
    desk.provider.reply(Reply::status(200, "text/event-stream").then(Act::Split(body.into(), 1)));
    let file = desk.file("a.rs", TEXT);
    let ran = desk.act(&at(&file, 5), "simplify", &["--write"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    assert!(desk.read("a.rs").contains("    // 😀 中文\n    n + n\n"), "{}", desk.read("a.rs"));
}

/// What one template, or one workspace, has used up is no matter of another.
#[test]
fn budgets_are_of_templates_and_workspaces() {
    for (scope, others) in [("template", true), ("workspace", false)] {
        let desk = Desk::with(&format!("ai.budget = {{ {scope}-day-tokens = 700, warn-at = 1 }}"));
        let file = desk.file("a.rs", TEXT);
        desk.provider.reply(code(BETTER));
        let mut ran = desk.act(&at(&file, 5), "simplify", &["--json"]);
        for _ in 0..20 {
            if ran.code != Some(0) {
                break;
            }
            desk.provider.reply(code(BETTER));
            ran = desk.act(&at(&file, 5), "simplify", &["--json"]);
        }
        let said = ran.stdout + &ran.stderr;
        assert!(said.contains(&format!("the limit per day and {scope} is 700 tokens")), "{said}");
        let asked = desk.provider.asked().len();
        desk.provider.reply(code(BETTER));
        let other = desk.act(&at(&file, 5), "optimise", &["--json"]);
        assert_eq!(
            (other.code == Some(0), desk.provider.asked().len() > asked),
            (others, others),
            "{}{}",
            other.stdout,
            other.stderr
        );
    }
}

#[test]
fn a_budget_that_is_used_up_lets_nothing_out() {
    let desk = Desk::with("ai.budget = { day-tokens = 20 }");
    let file = desk.file("a.rs", TEXT);
    let ran = desk.act(&at(&file, 5), "simplify", &["--write"]);
    assert_eq!((ran.code, desk.provider.asked().len()), (Some(2), 0), "{}", ran.stderr);
    assert!(ran.stderr.contains("limit per day"), "{}", ran.stderr);
    assert_eq!(desk.story(), "planned failed(budget)");
}

#[test]
fn without_a_model_it_says_what_to_do() {
    let desk = Desk::without_model();
    let file = desk.file("a.rs", TEXT);
    let ran = desk.act(&at(&file, 5), "simplify", &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("describe a model under `ai.models`"), "{}", ran.stderr);
    assert_eq!(desk.edits().len(), 0);
}

/// An interrupt ends the request, and the ledger is told what it took.
#[cfg(unix)]
#[test]
fn an_interrupt_is_a_cancel() {
    let desk = Desk::new();
    let file = desk.file("a.rs", TEXT);
    desk.provider.reply(begun("```\nfn twice", Act::Stall));
    let mut running = desk.start(&["act", "--template", "simplify", &at(&file, 5), "--write"]);
    desk.provider.wait_for_asked(1);
    let killed = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(running.wait().unwrap().code(), Some(2));
    assert_eq!((desk.read("a.rs").as_str(), desk.story().as_str()), (TEXT, "planned requested cancelled"));
}

/// What goes before an item goes before its attributes.
#[test]
fn documentation_goes_above_attributes() {
    let desk = Desk::new();
    let file = desk.file("a.rs", "#[derive(Debug)]\nstruct Point {\n    x: u8,\n}\n");
    desk.provider.reply(code("/// A place.")).reply(code("/// A place."));
    let ran = desk.act(&at(&file, 2), "document", &["--write"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    assert_eq!(desk.read("a.rs"), "/// A place.\n#[derive(Debug)]\nstruct Point {\n    x: u8,\n}\n");
}
