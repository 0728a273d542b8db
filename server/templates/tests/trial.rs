//! Tests of templates: those of the built-in ones, what fails and how it is told, and hostile tests.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

use autodao_templates::{
    Contract, FormError, Layer, Outcome, Report, TrialOptions, Vocabulary, builtin_files, judge_form,
    lint_folder, test_folder,
};
use expect_test::expect;
use proptest::prelude::*;

fn run(folder: &Path, options: TrialOptions) -> Report {
    test_folder(folder, Layer::User, &Vocabulary::default(), options, &mut judge_form)
}

#[test]
fn every_built_in_template_passes_its_tests_on_three_levels() {
    let builtin = Path::new(env!("CARGO_MANIFEST_DIR")).join("builtin");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    for (name, _) in builtin_files() {
        let report = run(&builtin.join(name), TrialOptions { update, deny_warnings: true });
        assert!(report.is_green(), "{}", report.human());
        for level in ["L0", "L1", "L2"] {
            let has = |trial: &autodao_templates::Trial| {
                trial.level.name() == level && trial.outcome == Outcome::Passed
            };
            assert!(report.trials.iter().any(has), "{name} has no test on {level}");
        }
    }
}

const CONFIG: &str = "schema = 1\nversion = \"1.0.0\"\n[output]\ncontract = [\"hunks\"]\n";

fn template(tests: &str) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("t");
    fs::create_dir_all(folder.join("tests")).unwrap();
    fs::write(folder.join("SKILL.md"), "---\nname: t\ndescription: d\n---\nDo it.\n").unwrap();
    fs::write(folder.join("template.toml"), CONFIG).unwrap();
    fs::write(folder.join("tests/basic.toml"), tests).unwrap();
    (root, folder)
}

const CASES: &str = r#"schema = 1
[[case]]
name = "one"
target = "a\nb\n"
expect = { max_tokens = 5, contains = ["Do it.", "<absent>"], not_contains = ["Do"], snapshot = true }
[[case.reply]]
name = "good"
text = "<<<<\na\n====\nc\n>>>>"
accept = true
becomes = "x"
[[case.reply]]
name = "taken"
text = "<<<<\na\n====\nc\n>>>>"
accept = false
[[case.reply]]
name = "refused"
text = "<<<<\n"
accept = true
[[case.reply]]
name = "other-reason"
text = "<<<<\nz\n====\n>>>>"
accept = false
reason = "overlap"
[[case]]
name = "renders"
expect = { error = "needs" }
"#;

#[test]
fn what_fails_is_told_to_people_and_programs() {
    let (_root, folder) = template(CASES);
    let report = run(&folder, TrialOptions::default());
    expect![[r#"
        t 1.0.0: 1 passed, 6 failed (L0 1, L1 2, L2 4)
          FAILED L1 one (hunks)
            51 tokens, and 5 are allowed
            `<absent>` is not in it
            `Do` is in it
            there is no snapshot yet; run with --update and look at it
          FAILED L2 one/good
            it becomes:
            c
            b
          FAILED L2 one/taken
            it is accepted
          FAILED L2 one/refused
            it is refused: line 1 of the reply: a marker is missing or out of place
          FAILED L2 one/other-reason
            it is refused for another reason: edit 1 searches for what occurs 0 times in the target
          FAILED L1 renders (hunks)
            it renders, and a refusal is expected
    "#]]
    .assert_eq(&report.human());
    let junit = Report::junit(std::slice::from_ref(&report));
    assert!(
        junit.contains("<testsuite name=\"t\" tests=\"7\" failures=\"6\" errors=\"0\" skipped=\"0\">"),
        "{junit}"
    );
    assert!(junit.contains("&#10;`&lt;absent&gt;` is not in it"), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), 7);
    assert_eq!(junit.matches("<failure ").count(), 6);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["trials"][0]["outcome"], "passed");
    assert_eq!(json["trials"][1]["level"], "L1");
    assert_eq!(json["trials"][1]["why"][1], "`<absent>` is not in it");
    assert_eq!(json["trials"][1]["tokens"], 51);
}

#[test]
fn a_snapshot_is_taken_then_held_to_then_stale() {
    let (_root, folder) = template("schema = 1\n[[case]]\nname = \"one\"\nexpect = { snapshot = true }\n");
    assert!(!run(&folder, TrialOptions::default()).is_green());
    let update = TrialOptions { update: true, ..TrialOptions::default() };
    assert!(run(&folder, update).is_green());
    assert!(run(&folder, TrialOptions::default()).is_green());
    let snapshot = folder.join("snapshots/one.hunks.snap");
    let text = fs::read_to_string(&snapshot).unwrap();
    fs::write(&snapshot, text.replace('\n', "\r\n")).unwrap();
    assert!(run(&folder, TrialOptions::default()).is_green(), "a checkout is no change");

    let skill = fs::read_to_string(folder.join("SKILL.md")).unwrap();
    fs::write(folder.join("SKILL.md"), skill.replace("Do it.", "Do that.")).unwrap();
    let report = run(&folder, TrialOptions::default());
    assert!(
        report.human().contains("line 1 is `Do it.` in the snapshot, `Do that.` now"),
        "{}",
        report.human()
    );
    let problems = lint_folder(&folder, Layer::User, &Vocabulary::default());
    let ids: Vec<_> = problems.iter().map(|problem| problem.kind.id()).collect();
    assert_eq!(ids, ["stale-snapshot"]);
}

#[test]
fn tests_that_cannot_be_read_fail() {
    for (tests, id) in [
        ("schema = 2\n", "bad-value"),
        ("", "missing-key"),
        ("schema = 1\n[[case]]\nname = \"../a\"\n", "bad-value"),
        ("schema = 1\n[[case]]\nname = \"a\"\n[[case]]\nname = \"a\"\n", "bad-value"),
        ("schema = 1\n[[case]]\nname = \"a\"\ntaget = \"x\"\n", "unknown-key"),
        ("schema = 1\ncase = 1\n", "bad-value"),
        ("schema = 1\n[[case]]\nname = \"a\"\n[[case.reply]]\nname = \"b\"\naccept = true\n", "missing-key"),
        ("schema = \n", "invalid-toml"),
    ] {
        let (_root, folder) = template(tests);
        let report = run(&folder, TrialOptions::default());
        assert!(report.human().contains(&format!("[{id}]")), "{tests}: {}", report.human());
    }
    let root = tempfile::tempdir().unwrap();
    assert!(!run(&root.path().join("none"), TrialOptions::default()).is_green());
}

#[cfg(unix)]
#[test]
fn a_snapshot_is_never_written_through_a_link() {
    let (root, folder) = template("schema = 1\n[[case]]\nname = \"one\"\nexpect = { snapshot = true }\n");
    let outside = root.path().join("outside");
    fs::write(&outside, "mine").unwrap();
    fs::create_dir(folder.join("snapshots")).unwrap();
    std::os::unix::fs::symlink(&outside, folder.join("snapshots/one.hunks.snap")).unwrap();
    let report = run(&folder, TrialOptions { update: true, ..TrialOptions::default() });
    assert!(report.human().contains("is a link"), "{}", report.human());
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
}

#[test]
fn forms() {
    let hunk = |search: &str, replace: &str| format!("<<<<\n{search}====\n{replace}>>>>\n");
    let read = |reply: &str| Contract::Hunks.read("a\nb\nab\na", reply, false);
    assert_eq!(read(&hunk("b\n", "")), Ok("a\nab\na".to_owned()));
    assert_eq!(read(&hunk("ab\na\n", "x\n")), Ok("a\nb\nx".to_owned()), "the last line has no end");
    assert_eq!(read(&hunk("b\n", "x\n").replace('\n', "\r\n")), Ok("a\nx\nab\na".to_owned()));
    assert_eq!(read(&(hunk("ab\n", "y\n") + &hunk("b\n", "x\n"))), Ok("a\nx\ny\na".to_owned()));
    assert_eq!(read(&hunk("a\n", "x\n")), Err(FormError::NotUnique { edit: 1, times: 2 }));
    assert_eq!(read(&hunk("\n", "x\n")), Err(FormError::EmptySearch(1)));
    assert_eq!(read(&(hunk("a\nb\n", "") + &hunk("b\nab\n", ""))), Err(FormError::Overlap));
    assert_eq!(read("====\n"), Err(FormError::Markers(1)));
    assert_eq!(read("```\na\n```"), Err(FormError::Markers(3)));
    assert_eq!(Contract::Hunks.read("a", "```\nb\n```", true), Ok("b\n".to_owned()));
    let whole = |reply: &str| Contract::WholeNode.read("a", reply, false);
    assert_eq!(whole("````md\n```\nx\n```\n````\n"), Ok("```\nx\n```\n".to_owned()));
    assert_eq!(whole("so:\n```rust\nx"), Err(FormError::Unclosed));
    assert_eq!(whole("x"), Err(FormError::NoBlock));
    assert_eq!(whole(" "), Err(FormError::Empty));
}

proptest! {
    #[test]
    fn a_hunk_of_a_line_that_is_there_once_changes_that_line(
        lines in prop::collection::vec("[a-c]{1,2}", 1..8), at in any::<prop::sample::Index>(), end in any::<bool>(),
    ) {
        let at = at.index(lines.len());
        let target = lines.join("\n") + if end { "\n" } else { "" };
        let read = Contract::Hunks.read(&target, &format!("<<<<\n{}\n====\nnew\n>>>>\n", lines[at]), false);
        let times = lines.iter().filter(|line| **line == lines[at]).count();
        if times == 1 {
            let mut changed = lines.clone();
            changed[at] = "new".to_owned();
            prop_assert_eq!(read, Ok(changed.join("\n") + if end { "\n" } else { "" }));
        } else {
            prop_assert_eq!(read, Err(FormError::NotUnique { edit: 1, times }));
        }
    }

    #[test]
    fn any_reply_is_read_without_a_panic(
        target in "([ab\u{e9}]{0,3}\n?){0,4}",
        reply in "(<<<<|====|>>>>|```|`|[ab\u{e9}]{0,3}|\n){0,16}",
    ) {
        for contract in Contract::ALL {
            for whole_too in [false, true] {
                let _ = contract.read(&target, &reply, whole_too);
            }
        }
    }
}
