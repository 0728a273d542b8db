//! Out and back.

use proptest::prelude::*;

use super::scan::hostile;
use crate::{Altered, Redaction};

const CODE: &str = "const KEY: &str = \"sk-proj-q8Zt2LmW4xVb7NcR1yKd9pHs\";\nfn f() { g(\"sk-proj-q8Zt2LmW4xVb7NcR1yKd9pHs\", \"postgres://u:hunter2x@db/x\") }\n";

#[test]
fn values_are_replaced_wherever_they_are_and_come_back() {
    let user = "Why is hunter2x refused?";
    let redaction = Redaction::of(&[CODE, user]);
    let redacted = redaction.redact(CODE);
    assert_eq!(
        redacted,
        "const KEY: &str = \"__SECRET_1__\";\nfn f() { g(\"__SECRET_1__\", \"postgres://u:__SECRET_2__@db/x\") }\n"
    );
    assert_eq!(redaction.redact(user), "Why is __SECRET_2__ refused?");
    assert_eq!(redaction.restore(&redacted).unwrap(), CODE);
    assert_eq!(redaction.rules(), ["openai-style-key", "url-password"]);
    assert!(!format!("{redaction:?}").contains("hunter2"));
    // A reply may leave one out.
    assert_eq!(redaction.restore("fn f() {}").unwrap(), "fn f() {}");
}

#[test]
fn a_placeholder_that_was_changed_is_no_placeholder() {
    let redaction = Redaction::of(&[CODE]);
    for reply in [
        "__SECRET_3__",
        "__SECRET_0__",
        "__secret_1__",
        "__SECRET_1_",
        "_SECRET_1__",
        "SECRET_1__",
        "__SECRET_ONE__",
        "__SECRET__",
        "__Secret1__",
        "__SECRET_1",
        "__SECRET_99999999999999999999999__",
    ] {
        assert_eq!(redaction.restore(reply), Err(Altered), "{reply}");
    }
    for reply in ["let secret = 1;", "secret_key", "SECRETS", "is_secret()"] {
        assert_eq!(redaction.restore(reply).unwrap(), reply);
    }
    // Where nothing is taken out, nothing is looked for.
    assert_eq!(Redaction::of(&["fn f() {}"]).restore("__SECRET_1__").unwrap(), "__SECRET_1__");
}

#[test]
fn names_that_are_taken_are_not_used() {
    let text = format!("{CODE}// __SECRET_1__ and MY_SECRET_2 = 3\n");
    let redaction = Redaction::of(&[&text]);
    let redacted = redaction.redact(&text);
    assert!(redacted.contains("\"__SECRET_A_1__\""), "{redacted}");
    assert_eq!(redaction.restore(&redacted).unwrap(), text);
}

#[test]
fn hidden_characters_are_seen_by_nobody_and_come_back() {
    let text = "let a = \"x\u{202E}y\u{200B}\u{200B}z\u{E0041}\u{E0042}\";";
    let redaction = Redaction::of(&[text]);
    let redacted = redaction.redact(text);
    assert_eq!(redacted, "let a = \"x__HIDDEN_1__y__HIDDEN_2__z__HIDDEN_3__\";");
    assert_eq!(redaction.hidden(), 3);
    assert_eq!(redaction.restore(&redacted).unwrap(), text);
}

proptest! {
    #[test]
    fn what_goes_out_comes_back_byte_for_byte(texts in prop::collection::vec(hostile(), 1..4)) {
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let redaction = Redaction::of(&all);
        for text in &all {
            let redacted = redaction.redact(text);
            prop_assert_eq!(redaction.restore(&redacted), Ok((*text).to_owned()), "{}", redacted);
            // Nothing is left to be found: a second look finds no value that the first took out.
            prop_assert_eq!(redaction.redact(&redacted), redacted);
        }
    }

    #[test]
    fn a_reply_is_restored_or_refused(text in hostile(), reply in hostile()) {
        let redaction = Redaction::of(&[&text]);
        if let Ok(restored) = redaction.restore(&reply)
            && !redaction.is_empty()
        {
            prop_assert_eq!(redaction.restore(&redaction.redact(&restored)), Ok(restored));
        }
    }
}
