//! Cassettes: keyed by all that can change an answer, read as they were written, and what is none of ours refused.

use std::fs;

use autodao_templates::{Came, Cassette, Fate, Made, Question, Reported, Turn, Wanted, portable_files};
use proptest::prelude::*;

#[test]
fn whatever_can_change_an_answer_changes_the_key() {
    let (stop, messages) = (["END".to_owned()], [("system", "Do it."), ("user", "a\nb")]);
    let one =
        Question { model: "m", temperature: Some(0.0), max_tokens: 100, stop: &stop, messages: &messages };
    let others = [
        Question { model: "n", ..one },
        Question { temperature: None, ..one },
        Question { temperature: Some(0.1), ..one },
        Question { max_tokens: 101, ..one },
        Question { stop: &[], ..one },
        Question { messages: &messages[1..], ..one },
        Question { messages: &[("system", "Do it."), ("assistant", "a\nb")], ..one },
        Question { messages: &[("system", "Do it.\n"), ("user", "a\nb")], ..one },
        // Where one text ends and the next begins is a part of it.
        Question { messages: &[("system", "Do it.user"), ("user", "a\nb")], ..one },
    ];
    for (at, other) in others.iter().enumerate() {
        assert_ne!(other.key(), one.key(), "{at}");
    }
    let windows = Question { messages: &[("system", "Do it."), ("user", "a\r\nb")], ..one };
    assert_eq!(windows.key(), one.key(), "a checkout is no change");
}

#[test]
fn what_is_too_long_is_neither_written_nor_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = Cassette::path(folder.path(), "case", "replay");
    assert!(path.ends_with("cassettes/case.replay.json"));
    assert_eq!(Cassette::read(&path), Ok(None));
    let mut cassette = Cassette::of(Made::Recorded, "m");
    let reply = "x".repeat(70_000);
    let ending = "complete".to_owned();
    cassette.turns.push(Turn { sha256: String::new(), reply, ending, tokens: None });
    assert!(cassette.write(&path).unwrap_err().contains("is larger than"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, " ".repeat(70_000)).unwrap();
    assert!(Cassette::read(&path).unwrap_err().contains("is larger than"));
    fs::write(&path, b"\xff").unwrap();
    assert!(Cassette::read(&path).is_err());
    // It goes where the template goes.
    let names: Vec<_> = portable_files(folder.path()).unwrap().into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["cassettes/case.replay.json"]);
}

#[test]
fn what_comes_of_a_reply_is_held_to_all_that_is_wanted() {
    let came = Came {
        fate: Fate::Offered,
        gate: String::new(),
        text: "fn a() {}\n".to_owned(),
        parses: true,
        new_findings: 1,
        tokens: 100,
    };
    let wanted = Wanted {
        contains: vec!["fn a".to_owned()],
        not_contains: vec!["fn b".to_owned()],
        becomes: Some("fn a() {}".to_owned()),
        new_findings: Some(1),
        max_tokens: Some(100),
        ..Wanted::default()
    };
    assert_eq!(wanted.failures(&came), Vec::<String>::new());
    for (came, wrong) in [
        (Came { text: "fn b() {}".to_owned(), ..came.clone() }, 3),
        (Came { parses: false, ..came.clone() }, 1),
        (Came { new_findings: 2, ..came.clone() }, 1),
        (Came { tokens: 101, ..came.clone() }, 1),
        (Came { fate: Fate::Message, ..came.clone() }, 1),
        (Came { fate: Fate::Refused, gate: "syntax".to_owned(), ..came.clone() }, 1),
    ] {
        assert_eq!(wanted.failures(&came).len(), wrong, "{came:?}");
    }
    let refused = Came { fate: Fate::Refused, gate: "syntax".to_owned(), ..came };
    let by = |gate: Option<&str>| {
        let wanted = Wanted { fate: Fate::Refused, gate: gate.map(str::to_owned), ..Wanted::default() };
        wanted.failures(&refused).is_empty()
    };
    assert!(by(None) && by(Some("syntax")) && !by(Some("names")));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        model in any::<String>(),
        by_hand in any::<bool>(),
        turns in prop::collection::vec((any::<String>(), any::<String>(), any::<Option<(u64, u64)>>()), 0..4),
    ) {
        let mut cassette = Cassette::of(if by_hand { Made::ByHand } else { Made::Recorded }, &model);
        for (reply, ending, tokens) in turns {
            let tokens = tokens.map(|(input, output)| Reported { input, output });
            cassette.turns.push(Turn { sha256: "0".repeat(64), reply, ending, tokens });
        }
        let folder = tempfile::tempdir().unwrap();
        let path = Cassette::path(folder.path(), "a", "b");
        cassette.write(&path).unwrap();
        prop_assert_eq!(Cassette::read(&path), Ok(Some(cassette)));
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "(\\{|\\}|\"schema\": 1|,|\"made\": \"by hand\"|\"turns\": \\[|\\]|\"model\": \"\"|\\PC){0,16}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, text).unwrap();
        let _ = Cassette::read(&path);
    }
}
