//! `autodao templates test`: recorded replies through the gates, replies given now, and one version beside another.

use std::fs;

use autodao_engine::ledger::Day;
use serde_json::{Value, json};

use crate::commands::{replace, said};
use crate::desk::{Desk, chat, code, fenced};

const TARGET: &str = "fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}";
const BETTER: &str = "fn twice(n: u32) -> u32 {\n    n + n\n}";
const OTHER: &str = "fn twice(n: u64) -> u64 {\n    n + n\n}";

const CASE: &str = r#"schema = 1
[[case]]
name = "twice"
language = "rust"
path = "src/lib.rs"
symbol = "twice"
target = '''
TARGET
'''
contract = "whole-node"
"#;

const GOOD: &str = "[[case.replay]]\nname = \"good\"\nnot_contains = [\"let m\"]\nmax_tokens = 400\n";
const BAD: &str = "[[case.replay]]\nname = \"bad\"\noutcome = \"refused\"\ngate = \"signature\"\n";

/// A desk with a model and a template `tidy` of the user's.
fn desk(tests: &str) -> Desk {
    let desk = Desk::new();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify", "--user"]);
    let text = CASE.replace("TARGET", TARGET) + tests;
    desk.file("../config/templates/tidy/tests/basic.toml", &text);
    desk
}

/// The tests of a level, as the program reports them.
fn trials(desk: &Desk, arguments: &[&str], level: &str) -> (Option<i32>, Vec<Value>) {
    let ran = desk.run(&[&["templates", "test", "tidy", "--format", "json"], arguments].concat());
    assert_eq!(ran.stderr, "");
    let trials = ran.json()[0]["trials"].as_array().unwrap().clone();
    (ran.code, trials.into_iter().filter(|trial| trial["level"] == level).collect())
}

fn why(trial: &Value) -> String {
    match &trial["why"] {
        Value::String(why) => why.clone(),
        Value::Array(lines) => lines.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n"),
        other => panic!("{other}"),
    }
}

const GOOD_CASSETTE: &str = "../config/templates/tidy/cassettes/twice.good.json";

#[test]
fn a_reply_is_recorded_once_and_played_until_the_prompt_changes() {
    let desk = desk(GOOD);
    let (status, missing) = trials(&desk, &[], "L3");
    assert_eq!((status, missing.len()), (Some(1), 1));
    assert!(why(&missing[0]).starts_with("there is no twice.good.json: run with --record"), "{missing:?}");
    assert!(desk.provider.asked().is_empty(), "nobody is asked unless that is wanted");

    desk.provider.reply(code(BETTER));
    let (status, recorded) = trials(&desk, &["--record"], "L3");
    assert_eq!((status, recorded[0]["outcome"].as_str()), (Some(0), Some("passed")), "{recorded:?}");
    let cassette: Value = serde_json::from_str(&desk.read(GOOD_CASSETTE)).unwrap();
    assert_eq!((&cassette["made"], &cassette["model"]), (&json!("recorded"), &json!("tiny")));
    assert_eq!(cassette["turns"][0]["tokens"], json!({"input": 120, "output": 30}));
    assert_eq!(cassette["turns"][0]["sha256"].as_str().unwrap().len(), 64);
    // What it took is in the ledger, though it is no edit with a template.
    let edits = desk.edits();
    assert_eq!(edits.len(), 1);
    assert_eq!((edits[0].planned.as_ref().unwrap().task.as_str(), edits[0].tokens.total()), ("test", 150));

    for _ in 0..2 {
        assert_eq!(trials(&desk, &["--record"], "L3").0, Some(0));
    }
    assert_eq!(desk.provider.asked().len(), 1, "what is recorded is not asked again");

    replace(&desk, "../config/templates/tidy/SKILL.md", "Make the target simpler", "Make the target shorter");
    let (status, stale) = trials(&desk, &[], "L3");
    assert_eq!(status, Some(1));
    assert!(why(&stale[0]).contains("is the answer to another prompt: run with --record"), "{stale:?}");
    desk.provider.reply(code(BETTER));
    assert_eq!(trials(&desk, &["--record"], "L3").0, Some(0));
    assert_eq!(trials(&desk, &[], "L3").0, Some(0));
}

#[test]
fn a_repair_is_a_turn_of_its_own() {
    let desk = desk(GOOD);
    desk.provider.reply(code(OTHER)).reply(code(BETTER));
    assert_eq!(trials(&desk, &["--record"], "L3").0, Some(0));
    assert_eq!(desk.provider.asked().len(), 2);
    let mut cassette: Value = serde_json::from_str(&desk.read(GOOD_CASSETTE)).unwrap();
    assert_eq!(cassette["turns"].as_array().unwrap().len(), 2);
    assert_eq!(trials(&desk, &[], "L3").0, Some(0));
    // A recording that ends too early, and one that goes on for nothing.
    let second = cassette["turns"].as_array_mut().unwrap().pop().unwrap();
    desk.file(GOOD_CASSETTE, &cassette.to_string());
    assert!(why(&trials(&desk, &[], "L3").1[0]).starts_with("reply 2 was not recorded"));
    cassette["turns"][0]["reply"] = json!(fenced(BETTER));
    cassette["turns"].as_array_mut().unwrap().push(second);
    desk.file(GOOD_CASSETTE, &cassette.to_string());
    assert!(why(&trials(&desk, &[], "L3").1[0]).starts_with("reply 2 is asked for no more"));
}

fn by_hand(desk: &Desk, replay: &str, reply: &str) {
    let cassette = json!({
        "schema": 1,
        "made": "by hand",
        "model": "none",
        "turns": [{"reply": fenced(reply), "ending": "complete"}],
    });
    desk.file(&format!("../config/templates/tidy/cassettes/twice.{replay}.json"), &cassette.to_string());
}

#[test]
fn what_is_written_by_hand_goes_through_the_same_gates() {
    let desk = desk(&format!("{GOOD}{BAD}"));
    by_hand(&desk, "good", BETTER);
    by_hand(&desk, "bad", OTHER);
    let (status, stale) = trials(&desk, &["--record"], "L3");
    assert_eq!(status, Some(1));
    assert!(why(&stale[0]).ends_with("look at it and run with --update"), "{stale:?}");
    assert!(desk.provider.asked().is_empty(), "what is written by hand is not recorded over");
    assert_eq!(trials(&desk, &["--update"], "L3").0, Some(0));
    let (status, played) = trials(&desk, &[], "L3");
    assert_eq!((status, played.len()), (Some(0), 2));

    // What comes of it is what counts, not what a test says of it.
    by_hand(&desk, "good", OTHER);
    by_hand(&desk, "bad", BETTER);
    let (status, wrong) = trials(&desk, &["--update"], "L3");
    assert_eq!(status, Some(1));
    assert!(why(&wrong[0]).starts_with("it is refused by the gate `signature`"), "{wrong:?}");
    assert_eq!(why(&wrong[1]), "it is offered");
    by_hand(&desk, "bad", "fn twice(n: u32) -> u32 {\n    n + n\n");
    let (_, wrong) = trials(&desk, &["--update"], "L3");
    assert!(
        why(&wrong[1]).starts_with("it is refused by the gate `"),
        "another gate is another thing: {wrong:?}"
    );
    let ran = desk.run(&["templates", "test", "tidy"]);
    assert!(ran.stdout.contains("FAILED L3 twice/bad"), "{}", ran.stdout);
    let junit = desk.run(&["templates", "test", "tidy", "--format", "junit"]).stdout;
    assert!(junit.contains("name=\"L3 twice/good\"><failure message=\"it is refused"), "{junit}");

    for (text, wrong) in [
        ("{", "EOF"),
        ("{\"schema\": 2, \"made\": \"recorded\", \"model\": \"\", \"turns\": []}", "its format is 2"),
        ("{\"schema\": 1, \"made\": \"up\", \"model\": \"\", \"turns\": []}", "unknown variant"),
        ("{\"schema\": 1, \"made\": \"by hand\", \"model\": \"\", \"turns\": []}", "there is no reply"),
    ] {
        desk.file(GOOD_CASSETTE, text);
        let told = why(&trials(&desk, &[], "L3").1[0]);
        assert!(told.contains(wrong), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_recorded_through_a_link() {
    let desk = desk(GOOD);
    let outside = desk.file("outside.json", "mine");
    fs::create_dir_all(desk.path("../config/templates/tidy/cassettes")).unwrap();
    std::os::unix::fs::symlink(outside, desk.path(GOOD_CASSETTE)).unwrap();
    let (status, refused) = trials(&desk, &["--record"], "L3");
    assert_eq!(status, Some(1));
    assert!(why(&refused[0]).ends_with("is a link"), "{refused:?}");
    assert_eq!(desk.read("outside.json"), "mine");
}

const LIVE: &str = "[case.live]\npass_rate = 0.5\nnot_contains = [\"let m\"]\n";

#[test]
fn a_model_is_judged_by_the_lower_bound_within_the_budget() {
    let desk = desk(LIVE);
    assert_eq!(trials(&desk, &[], "L4").1.len(), 0);
    let refused = desk.run(&["templates", "test", "tidy", "--live"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("--budget-tokens"), "{}", refused.stderr);

    let live = |samples: &str, budget: &str| {
        let (status, found) =
            trials(&desk, &["--live", "--samples", samples, "--budget-tokens", budget], "L4");
        assert_eq!(found.len(), 1);
        (status, found[0].clone())
    };
    for _ in 0..5 {
        desk.provider.reply(code(BETTER));
    }
    let (status, five) = live("5", "100000");
    let result = &five["measured"]["live"];
    assert_eq!((status, &result["passed"], &result["samples"]), (Some(0), &json!(5), &json!(5)), "{five}");
    assert_eq!(result["tokens"], 750);
    let low = result["low"].as_f64().unwrap();
    assert!((0.56..0.57).contains(&low), "five of five say no more than that: {low}");

    // Two of two are as good, and say too little.
    desk.provider.reply(code(BETTER)).reply(code(BETTER));
    let (status, two) = live("2", "100000");
    assert_eq!((status, &two["measured"]["live"]["passed"]), (Some(1), &json!(2)));
    assert!(why(&two).contains("the lower bound is 34.2 %, and 50.0 % are asked for"), "{two}");

    // A reply that is refused is told what was wrong, once: both count.
    desk.provider.reply(code(OTHER)).reply(code(OTHER));
    let (status, one) = live("1", "100000");
    assert_eq!((status, &one["measured"]["live"]["tokens"]), (Some(1), &json!(300)));
    assert!(why(&one).starts_with("reply 1: it is refused by the gate `signature`"), "{one}");

    // No request is made that might go beyond what is left.
    let before = desk.provider.asked().len();
    for _ in 0..9 {
        desk.provider.reply(code(BETTER));
    }
    let (status, some) = live("9", "650");
    let result = &some["measured"]["live"];
    let asked = (desk.provider.asked().len() - before) as u64;
    assert_eq!((status, &result["asked_for"]), (Some(1), &json!(9)));
    assert_eq!(result["samples"], asked);
    assert!((1..9).contains(&asked) && result["tokens"].as_u64().unwrap() <= 650, "{some}");
    assert!(why(&some).contains("the budget of tokens ends before the next reply"), "{some}");
    let (status, none) = live("1", "10");
    assert_eq!((status, none["outcome"].as_str()), (Some(0), Some("skipped")), "{none}");

    // All of it is in the ledger.
    let all = desk.ledger().collect_edits(Day::default(), Day::today(), |edit| Some(edit.tokens.total()));
    let total: u64 = all.unwrap().into_iter().sum();
    assert_eq!(total, (5 + 2 + 2 + asked) * 150);
}

#[test]
fn a_model_that_cannot_be_asked_is_no_reply() {
    let desk = desk(LIVE);
    desk.provider.reply(autodao_tests::loopback::Reply::json(401, r#"{"error": {"message": "no key"}}"#));
    let (status, found) = trials(&desk, &["--live", "--budget-tokens", "9000"], "L4");
    assert_eq!((status, found[0]["outcome"].as_str()), (Some(1), Some("failed")), "{found:?}");
    let human = desk.run(&["templates", "test", "tidy"]).stdout;
    assert!(human.starts_with("tidy 0.1.0: 2 passed, 0 failed (L0 1, L1 1)\n"), "{human}");
}

#[test]
fn one_version_is_compared_with_another_on_the_same_cases() {
    let desk = desk(&format!("{GOOD}{LIVE}"));
    by_hand(&desk, "good", BETTER);
    said(&desk, &["templates", "test", "tidy", "--update"]);
    said(&desk, &["templates", "bump", "tidy", "patch", "--beside"]);
    let new = "../config/templates/tidy@0.1.1";
    let against = |arguments: &[&str]| {
        let all = [&["templates", "test", "tidy@0.1.1", "--against", "0.1.0", "--format", "json"], arguments];
        let ran = desk.run(&all.concat());
        let report = ran.json()[0].clone();
        let all = report["trials"].as_array().unwrap().clone();
        (ran.code, all.into_iter().filter(|trial| trial["level"] == "L5").collect::<Vec<_>>())
    };
    let (status, same) = against(&[]);
    assert_eq!(status, Some(0), "{same:?}");
    let tokens = &same[0]["measured"]["tokens"];
    assert_eq!((&tokens["old"], &tokens["prompts"]), (&tokens["new"], &json!(1)));
    let pairs = &same[1]["measured"]["pairs"];
    assert_eq!((&pairs["pairs"], &pairs["p"]), (&json!(1), &json!(1.0)), "{same:?}");

    // The same words once more: each prompt takes as many more tokens, and that is no patch.
    let more = "Keep the names that are there. ".repeat(8);
    replace(&desk, &format!("{new}/SKILL.md"), "Make the target", &format!("{more}Make the target"));
    let (status, longer) = against(&[]);
    assert_eq!(status, Some(1));
    let tokens = &longer[0]["measured"]["tokens"];
    assert_eq!(tokens["least"], tokens["most"], "the same for every case");
    assert!((50..=60).contains(&tokens["least"].as_i64().unwrap()), "{tokens}");
    assert!(why(&longer[0]).contains("raise the minor version"), "{longer:?}");
    assert!(why(&longer[1]).starts_with("no case has a reply to both; 1 have"), "{longer:?}");

    // The new one is asked by itself, then both in turns; words in place of code are told to be wrong once.
    for _ in 0..3 {
        desk.provider.reply(code(BETTER));
    }
    for _ in 0..3 {
        desk.provider.reply(code(BETTER)).reply(chat("I cannot do that.")).reply(chat("I cannot do that."));
    }
    let (status, live) = against(&["--live", "--samples", "3", "--budget-tokens", "100000"]);
    assert_eq!((status, desk.provider.asked().len()), (Some(1), 12));
    let pairs = &live[1]["measured"]["pairs"];
    let counts = ["pairs", "old_only", "new_only", "left_out"].map(|key| pairs[key].as_u64().unwrap());
    assert_eq!(counts, [3, 3, 0, 1], "{live:?}");
    assert!((pairs["p"].as_f64().unwrap() - 0.25).abs() < 1e-9, "{pairs}");
    assert_eq!(live[1]["outcome"], "passed", "three pairs say nothing for sure");
    let human = desk.run(&["templates", "test", "tidy@0.1.1", "--against", "0.1.0"]).stdout;
    assert!(human.contains("FAILED L5 tokens of 0.1.0 and 0.1.1: "), "{human}");
    assert!(human.contains(" tokens in 1 prompts, +"), "{human}");
    let junit =
        desk.run(&["templates", "test", "tidy@0.1.1", "--against", "0.1.0", "--format", "junit"]).stdout;
    assert!(junit.contains("<system-out>") && junit.contains("L5 tokens"), "{junit}");

    let none = desk.run(&["templates", "test", "tidy", "--against", "9.0.0"]);
    assert!(none.stdout.contains("there is no such version of tidy here"), "{}", none.stdout);
    let bad = desk.run(&["templates", "test", "tidy", "--against", "new"]);
    assert!(bad.code == Some(2) && bad.stderr.contains("`new` is no version"), "{}", bad.stderr);
}
