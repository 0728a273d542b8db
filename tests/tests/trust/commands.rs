//! What the program says of models, prices and recorded answers.

use autodao_tests::loopback::{Loopback, Reply};
use serde_json::{Value, json};

use crate::home::{Home, WITH_KEY, good, settings, stream};

#[test]
fn what_was_learned_of_a_models_tokens_is_kept() {
    let server = Loopback::start();
    server.reply(good());
    let home = Home::new(&settings(&server.url("/v1"), ""));
    assert_eq!(home.act(&[]).code, Some(0));
    let learned: Value = serde_json::from_str(&home.read("data/ratios.json")).unwrap();
    let value = learned["other/m-1"]["input"]["value"].as_f64().unwrap();
    assert!((0.5..=3.0).contains(&value), "{learned}");
    assert_eq!(learned["other/m-1"]["input"]["samples"], 1);
}

#[test]
fn providers_are_listed_reached_and_tested() {
    let server = Loopback::start();
    let home = Home::new(&settings(&server.url("/v1"), WITH_KEY));
    let listed = home.run(&["providers", "list"]);
    assert!(listed.stdout.starts_with("m: m-1 at http://127.0.0.1"), "{}", listed.stdout);
    assert!(listed.stdout.contains("with a key, $0.00 in"), "{}", listed.stdout);
    assert!(server.asked().is_empty());

    server.reply(Reply::json(200, r#"{"data":[{"id":"m-1"},{"id":"m-2"}]}"#));
    let reached = home.run(&["providers", "health"]);
    assert!(reached.code == Some(0) && reached.stdout.contains("2 models\n"), "{}", reached.stdout);
    server.reply(Reply::events(&stream("OK").concat()));
    let tested = home.run(&["providers", "test", "m", "--format", "json"]);
    let told: Value = serde_json::from_str(&tested.stdout).unwrap();
    assert_eq!(told[0]["works"], true, "{told}");
    assert_eq!(
        home.told("answered")[0]["usage"]["tokens"],
        json!({
            "input": 321, "cached": 0, "cache_write": 0, "output": 45, "reasoning": 0,
        })
    );
    server.reply(Reply::json(401, "{}"));
    let refused = home.run(&["providers", "test"]);
    assert!(refused.code == Some(2) && refused.stdout.contains("FAILS m: "), "{}", refused.stdout);
    assert_eq!(home.run(&["providers", "list", "nobody"]).code, Some(2));
}

#[test]
fn a_recorded_answer_is_read_through_the_program() {
    let home = Home::new("");
    home.write("project/answer.sse", &stream("Hello, wörld").concat());
    for chunk in ["1", "7", "100000"] {
        let ran =
            home.run(&["providers", "replay", "answer.sse", "--format", "openai-chat", "--chunk", chunk]);
        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((told["text"].as_str(), told["stop"].as_str()), (Some("Hello, wörld"), Some("end_turn")));
        assert_eq!(told["usage"]["input"], 321);
        assert_eq!(told["error"], Value::Null);
    }
    home.write("project/error.json", r#"{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}"#);
    let ran = home.run(&["providers", "replay", "error.json", "--format", "anthropic", "--status", "400"]);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (told["error"]["class"].as_str(), told["error"]["limit"].as_u64()),
        (Some("context_overflow"), Some(8))
    );
}

#[test]
fn prices_are_listed_and_the_users_own_go_over_them() {
    let home = Home::new("");
    let listed = home.run(&["prices", "list"]);
    assert!(listed.code == Some(0) && listed.stdout.contains("not nothing"), "{}", listed.stdout);
    home.write(
        "project/own.json",
        r#"{"date":"2030-02-03","source":"me","models":{"other":{"m-1":{"input":1000000,"output":2000000}}}}"#,
    );
    let updated = home.run(&["prices", "update", "own.json"]);
    assert_eq!(updated.code, Some(0), "{}", updated.stderr);
    let listed: Value =
        serde_json::from_str(&home.run(&["prices", "list", "m-1", "--format", "json"]).stdout).unwrap();
    assert_eq!(
        (listed["date"].as_str(), listed["models"]["other"]["m-1"]["output"].as_u64()),
        (Some("2030-02-03"), Some(2_000_000))
    );
    home.write("project/own.json", "no table");
    assert_eq!(home.run(&["prices", "update", "own.json"]).code, Some(2));
    assert!(home.run(&["prices", "list"]).stdout.contains("2030-02-03"));
}
