//! The chain of requests: a link that was changed or taken away is noticed.

#![expect(clippy::unwrap_used, reason = "a test that fails, fails")]

use autodao_ledger::{Digest, EditId, EventId, Ledger};

/// A ledger with three requests, and its export.
fn three() -> (tempfile::TempDir, Ledger, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    for number in 1..=3 {
        ledger.append_sent(EditId::new(), EventId::new(), Digest([number; 32])).wait().unwrap();
    }
    let mut out = Vec::new();
    ledger.export_json(&mut out).unwrap();
    let lines = String::from_utf8(out).unwrap().lines().map(str::to_owned).collect();
    (folder, ledger, lines)
}

fn broken(lines: &[String]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    let text = lines.join("\n") + "\n";
    // What is taken away shows in the count at the end, too; it is the chain that is looked at here.
    let _ = ledger.import_json(&mut text.as_bytes());
    ledger.verify().unwrap().broken_links
}

#[test]
fn a_whole_chain_is_whole_and_a_link_that_is_missing_is_missed() {
    let (_folder, ledger, lines) = three();
    let verified = ledger.verify().unwrap();
    assert_eq!(verified.broken_links, 0);
    assert!(verified.is_whole(), "{verified:?}");
    assert_eq!(broken(&lines), 0);
    let sent: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].contains("\"sent\"")).collect();
    assert_eq!(sent.len(), 3, "{lines:#?}");
    // The last can go unnoticed: nothing names it.
    for (gone, expected) in [(0, 1), (1, 1), (2, 0)] {
        let mut rest = lines.clone();
        rest.remove(sent[gone]);
        assert_eq!(broken(&rest), expected, "{gone}");
    }
    let mut changed = lines.clone();
    changed[sent[1]] = changed[sent[1]].replace(&"02".repeat(32), &"09".repeat(32));
    assert_eq!(broken(&changed), 1);
}
