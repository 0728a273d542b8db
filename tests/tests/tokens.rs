//! `autodao tokens` and `autodao ledger`, through the program.
#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

use std::path::Path;
use std::process::{Command, Stdio};

use autodao_engine::ledger::{
    Answered, Baseline, Cost, EditId, Estimate, Event, EventKind, Latency, Ledger, Offered, Planned, Refused,
    Requested, Route, Score, Source, Template, Tokens, Usage,
};
use autodao_tests::autodao;
use expect_test::expect;
use serde_json::Value;

/// What a run of the program came to.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(data: &Path, columns: &str, arguments: &[&str], stdin: &str) -> Ran {
    let mut command = Command::new(autodao());
    command.args(arguments).env("AUTODAO_DATA_DIR", data).env("COLUMNS", columns);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// One edit; refused by a gate or applied.
fn edit(ledger: &Ledger, template: &str, input: u64, is_refused: bool) -> EditId {
    let id = EditId::new();
    let cost = Some(Cost { micros: input * 3, prices: "2026-11-01".parse().unwrap() });
    let append = |kind| {
        let event = Event::new(id, kind);
        let id = event.id;
        ledger.append(event).wait().unwrap();
        id
    };
    append(EventKind::Planned(Planned {
        task: "fix".to_owned(),
        complexity: "small".to_owned(),
        template: Some(Template { name: template.to_owned(), version: "1.0.0".to_owned() }),
        route: Route::Model,
        language: "rust".to_owned(),
        workspace: "w".to_owned(),
        symbol: None,
        baseline: Some(Baseline { input: 2400, output: 2300 }),
        node: None,
        folder: None,
    }));
    let tokens = Tokens { input, output: 60, ..Tokens::default() };
    let request = append(EventKind::Requested(Requested {
        provider: "anthropic".to_owned(),
        model: "claude".to_owned(),
        workspace: "w".to_owned(),
        template: Some(template.to_owned()),
        attempt: 0,
        estimate: Estimate { tokens, cost },
    }));
    append(EventKind::Answered(Answered {
        request,
        usage: Usage { tokens, source: Source::Reported },
        cost,
        latency: Latency { prepare: 2, first_token: Some(30), total: 60 },
        stop: "end_turn".to_owned(),
        log: None,
    }));
    if is_refused {
        append(EventKind::Refused(Refused { gate: "syntax\u{1b}[31m".to_owned() }));
    } else {
        let score = Score { dimension: "error-handling".to_owned(), before: 800, after: 950 };
        append(EventKind::Offered(Offered { scores: vec![score], ..Offered::default() }));
        append(EventKind::Applied);
    }
    id
}

#[test]
fn tokens_are_told_in_tables_that_fit_and_for_programs() {
    let data = tempfile::tempdir().unwrap();
    let nothing = run(data.path(), "100", &["tokens", "--since", "2026-01-01", "--until", "2026-01-01"], "");
    assert_eq!((nothing.code, &*nothing.stdout), (Some(0), "No AI edits, 2026-01-01.\n"));

    let ledger = Ledger::open(data.path().join("ledger"));
    let first = edit(&ledger, "fix-finding", 340, false);
    edit(&ledger, "fix-finding", 540, false);
    edit(&ledger, "document", 40, true);
    drop(ledger);
    // A day may end while this runs.
    let table = |columns, arguments: &[&str]| {
        let ran = run(data.path(), columns, arguments, "");
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
        ran.stdout.split_once("\n\n").unwrap().1.to_owned()
    };
    expect![[r#"
        TEMPLATE     EDITS  TOKENS  BASELINE  RATIO     COST  ACCEPTED  STAYED  WASTED
        fix-finding      2   1.00k     9.40k   9.4x  $0.0026      100%       -       0
        document         1     100         0      -  $0.0001         -       -     100
        total            3   1.10k     9.40k   8.5x  $0.0028      100%       -     100

        An applied edit changed scores by, on average: error-handling +1.50
    "#]]
    .assert_eq(&table("88", &["tokens", "day", "--by", "template"]));
    expect![[r#"
        TEMPLATE     EDITS  TOKENS     COST
        fix-finding      2   1.00k  $0.0026
        document         1     100  $0.0001
        total            3   1.10k  $0.0028

        An applied edit changed scores by, on average: error-handling +1.50
    "#]]
    .assert_eq(&table("40", &["tokens", "day", "--by", "template"]));

    let json: Value =
        serde_json::from_str(&run(data.path(), "9", &["tokens", "month", "--json"], "").stdout).unwrap();
    assert_eq!(
        (json["total"]["tokens"].as_u64(), json["total"]["baseline_tokens"].as_u64()),
        (Some(1100), Some(9400))
    );
    let csv = run(data.path(), "9", &["tokens", "week", "--by", "task", "--csv"], "").stdout;
    assert_eq!(csv.lines().nth(1), Some("\"fix\",3,3,920,0,180,9400,8.545,2760,100,1.0000,,60,60,60"));

    let story = run(data.path(), "100", &["tokens", "edit", &first.to_string().to_lowercase()], "");
    assert!(story.stdout.contains("Tokens     340 in, 60 out\n"), "{}", story.stdout);
    assert!(story.stdout.contains("11.8 times as many"), "{}", story.stdout);
    let top = run(data.path(), "100", &["tokens", "top", "--json"], "");
    let top: Value = serde_json::from_str(&top.stdout).unwrap();
    assert_eq!(top["expensive"][0]["tokens"].as_u64(), Some(600));
    assert_eq!(top["wasteful"].as_array().unwrap().len(), 1);
    let analysis = run(data.path(), "100", &["tokens", "analysis"], "");
    assert!(
        analysis.stdout.contains("refused (syntax\\u{1b}[31m): 1 edits, 100 tokens"),
        "{}",
        analysis.stdout
    );
    let unknown = run(data.path(), "100", &["tokens", "edit", "0"], "");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
}

#[test]
fn a_ledger_is_looked_after() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(one.path().join("ledger"));
    edit(&ledger, "fix-finding", 340, false);
    drop(ledger);
    let exported = run(one.path(), "100", &["ledger", "export"], "").stdout;
    assert_eq!(exported.lines().count(), 7);
    let imported = run(two.path(), "100", &["ledger", "import", "-"], &exported);
    expect!["5 events and the sums of 0 days are new, 0 events were known.\n"].assert_eq(&imported.stdout);
    assert_eq!(run(two.path(), "100", &["ledger", "export"], "").stdout, exported);
    let backup = one.path().join("backup").to_string_lossy().into_owned();
    for arguments in [
        &["ledger", "backup", &backup][..],
        &["ledger", "restore", &backup],
        &["ledger", "rebuild"],
        &["ledger", "prune"],
    ] {
        let ran = run(one.path(), "100", arguments, "");
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{arguments:?}");
    }
    assert_eq!(run(one.path(), "100", &["ledger", "export"], "").stdout, exported);
    let verified = run(one.path(), "100", &["ledger", "verify"], "");
    assert_eq!(verified.code, Some(0));
    assert!(verified.stdout.starts_with("5 events of 1 edits in 1 files"), "{}", verified.stdout);

    let archive = two.path().join("ledger/archive");
    let journal = std::fs::read_dir(archive).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes[200] ^= 4;
    std::fs::write(&journal, bytes).unwrap();
    let verified = run(two.path(), "100", &["ledger", "verify"], "");
    assert_eq!(verified.code, Some(1), "{}", verified.stdout);
    assert!(verified.stdout.contains("bytes damaged at"), "{}", verified.stdout);
}
