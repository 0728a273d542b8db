//! A session as a front sees it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{OnceLock, Weak};

use autodao_quality::Catalog;
use autodao_syntax::{Buffer, Position};

use super::*;
use crate::diagnosis::Content;
use crate::menu;

/// What the listener heard: a diagnosis, and the session as it was at that moment.
struct Heard {
    diagnosis: Diagnosis,
    again: bool,
    snapshot: Option<Snapshot>,
}

struct Recorder {
    heard: Mutex<Sender<Heard>>,
    session: Arc<OnceLock<Weak<Session>>>,
    patience: Duration,
}

impl Listener for Recorder {
    fn diagnosed(&self, document: &DocumentKey, diagnosis: &Diagnosis, _: &Buffer, again: bool) {
        let session = self.session.get().and_then(Weak::upgrade);
        let snapshot = session.and_then(|session| session.snapshot(document, Duration::ZERO));
        let heard = Heard { diagnosis: diagnosis.clone(), again, snapshot };
        self.heard.lock().unwrap().send(heard).unwrap();
    }

    fn patience(&self) -> Duration {
        self.patience
    }

    fn failed(&self, message: &str) {
        panic!("{message}");
    }
}

/// A session with one Rust document open.
fn start(text: &str, patience: Duration) -> (Arc<Session>, DocumentKey, Receiver<Heard>) {
    let (heard, hears) = channel();
    let cell = Arc::new(OnceLock::new());
    let recorder = Recorder { heard: Mutex::new(heard), session: Arc::clone(&cell), patience };
    let session = Arc::new(Session::start(Box::new(recorder)).unwrap());
    cell.set(Arc::downgrade(&session)).unwrap();
    let key = DocumentKey::from("untitled:a");
    session.open(&key, None, Some(Language::Rust), 1, text.to_owned());
    (session, key, hears)
}

fn edit(
    session: &Session,
    key: &DocumentKey,
    version: i32,
    from: (u32, u32),
    to: (u32, u32),
    text: &str,
) -> Changed {
    let at = |(line, column)| Position { line, column };
    session.change(key, version, &[Change { range: Some((at(from), at(to))), text }], PositionEncoding::Utf8)
}

fn rules(content: &Content) -> Vec<&'static str> {
    let Content::Findings(report) = content else { panic!("{content:?}") };
    report.findings.iter().map(|found| Catalog::builtin().rule(found.relative().rule).id).collect()
}

#[test]
fn every_version_gets_its_diagnosis() {
    let (session, key, hears) = start("fn f() { a.unwrap(); }\n", Duration::MAX);
    let first = hears.recv().unwrap().diagnosis;
    assert_eq!((first.version, rules(&first.content)), (1, vec!["unwrap-used"]));
    assert_eq!(edit(&session, &key, 2, (0, 9), (0, 9), "dbg!(b); "), Changed::Applied);
    let second = hears.recv().unwrap();
    assert_eq!((second.diagnosis.version, second.again), (2, false));
    assert_eq!(rules(&second.diagnosis.content), ["debug-left", "unwrap-used"]);
    assert_eq!(edit(&session, &DocumentKey::from("b"), 2, (0, 0), (0, 0), ""), Changed::NotOpen);
}

#[test]
fn while_a_parse_takes_long_the_moved_findings_are_known() {
    let items: String = (100..500).map(|n| format!("fn f{n}() {{ a.unwrap(); }}\n")).collect();
    let (session, key, hears) = start(&items, Duration::ZERO);
    hears.recv().unwrap();
    // Opens a bracket in the first item: what is behind it is parsed anew.
    edit(&session, &key, 2, (0, 12), (0, 12), "x(");
    let provisional = hears.recv().unwrap();
    assert!(provisional.diagnosis.provisional && provisional.diagnosis.version == 2);
    assert_eq!(rules(&provisional.diagnosis.content).len(), 400);
    let snapshot = provisional.snapshot.unwrap();
    // The menu of that moment offers what is in other items, where it is now, and nothing of the edited one.
    assert_eq!(snapshot.findings.len(), 399);
    for placed in &snapshot.findings {
        assert_eq!(snapshot.buffer.slice(placed.span()), "unwrap()");
    }
    let last = snapshot.findings.last().unwrap().span();
    assert!(menu(&snapshot, last).iter().any(|action| action.title == "Allow `unwrap-used` here"));
}

#[test]
fn a_document_out_of_step_says_nothing_and_offers_nothing() {
    let (session, key, hears) = start("fn f() { a.unwrap(); }\n", Duration::MAX);
    hears.recv().unwrap();
    assert!(matches!(edit(&session, &key, 2, (9, 0), (9, 0), "x"), Changed::Desynced(_)));
    let heard = hears.recv().unwrap().diagnosis;
    assert_eq!((heard.version, heard.content), (2, Content::Nothing));
    assert_eq!(edit(&session, &key, 3, (0, 0), (0, 0), "x"), Changed::Ignored);
    hears.recv().unwrap();
    let snapshot = session.snapshot(&key, Duration::ZERO).unwrap();
    assert!(snapshot.desynced && menu(&snapshot, Span::new(0, 30)).is_empty());
    session.open(&key, None, Some(Language::Rust), 1, "fn f() { b.unwrap() }".to_owned());
    assert_eq!(rules(&hears.recv().unwrap().diagnosis.content), ["unwrap-used"]);
}

#[test]
fn whoever_waits_for_a_closed_document_is_told() {
    let (session, key, hears) = start("fn f() {}\n", Duration::MAX);
    hears.recv().unwrap();
    let (sender, receiver) = channel();
    let other = DocumentKey::from("untitled:b");
    let then = sender.clone();
    session.when_diagnosed(&other, move |diagnosis| then.send(diagnosis.is_some()).unwrap());
    assert!(!receiver.recv().unwrap(), "it is not open");
    session.when_diagnosed(&key, move |diagnosis| sender.send(diagnosis.is_some()).unwrap());
    assert!(receiver.recv().unwrap(), "it is known");
}

#[test]
fn settings_are_taken_live() {
    let (session, _, hears) = start("fn f() { a.unwrap(); }\n", Duration::MAX);
    hears.recv().unwrap();
    let problems =
        session.set_client_settings(&serde_json::json!({"rules": {"unwrap-used": "off", "nonsense": "off"}}));
    assert_eq!(problems.len(), 1);
    let heard = hears.recv().unwrap();
    assert!(heard.again && rules(&heard.diagnosis.content).is_empty());
}
