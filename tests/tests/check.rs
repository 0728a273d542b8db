//! `autodao check`, through the program.
#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

mod support;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use expect_test::expect_file;
use serde_json::Value;
use support::{command, folder, run};

const UNWRAP: &str = "pub fn f(a: Option<u8>) -> u8 {\n    a.unwrap()\n}\n";

/// Our own sample project.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/check/project")
}

/// Runs the program with a text on standard input.
fn run_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> support::Ran {
    let mut command = command(folder, arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap().into()
}

/// The findings of `--format json`, as `path:line:column rule`.
fn findings(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let arguments: Vec<_> = ["check", "--format", "json"].iter().chain(arguments).copied().collect();
    let ran = run(folder, &arguments);
    let lines = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let findings = lines.filter(|line| line["problem"].is_null());
    findings
        .map(|line| {
            let text = |key: &str| line[key].as_str().unwrap().to_owned();
            format!("{}:{}:{} {}", text("path"), line["line"], line["column"], text("rule"))
        })
        .collect()
}

#[test]
fn every_format_shows_the_sample_project() {
    let warning = "warning: autodao.toml:4:1: there is no rule `todo-coment`; did you mean `todo-comment`?\n";
    let human = run(&project(), &["check"]);
    expect_file!["../../fixtures/check/human.txt"].assert_eq(&human.stdout);
    let json = run(&project(), &["check", "--format", "json"]);
    expect_file!["../../fixtures/check/findings.jsonl"].assert_eq(&json.stdout);
    let sarif = run(&project(), &["check", "--format", "sarif"]);
    expect_file!["../../fixtures/check/findings.sarif"].assert_eq(&sarif.stdout);
    let github = run(&project(), &["check", "--format", "github"]);
    expect_file!["../../fixtures/check/github.txt"].assert_eq(&github.stdout);
    for (ran, stderr) in [(human, warning), (json, ""), (sarif, ""), (github, warning)] {
        assert_eq!((ran.code, &*ran.stderr), (Some(1), stderr));
    }
}

/// Each rule's own examples are its tests; the sample project shows what a user sees of each dimension.
#[test]
fn the_sample_project_has_findings_of_every_dimension() {
    let rules = run(&project(), &["rules", "--format", "json"]);
    let rules: Value = serde_json::from_str(&rules.stdout).unwrap();
    let field = |rule: &Value, key: &str| rule[key].as_str().unwrap().to_owned();
    let rules: Vec<_> =
        rules.as_array().unwrap().iter().map(|r| (field(r, "id"), field(r, "dimension"))).collect();
    let found = findings(&project(), &[]);
    let found: BTreeSet<_> = found.iter().filter_map(|finding| finding.split(' ').nth(1)).collect();
    let shown = rules.iter().filter(|(id, _)| found.contains(id.as_str())).map(|(_, dimension)| dimension);
    let all: BTreeSet<_> = rules.iter().map(|(_, dimension)| dimension).collect();
    assert_eq!(shown.collect::<BTreeSet<_>>(), all);
    assert!(found.len() >= 15, "{found:?}");
}

#[test]
fn one_thread_finds_what_many_find() {
    assert_eq!(findings(&project(), &["--threads", "1"]), findings(&project(), &["--threads", "8"]));
    assert_eq!(run(&project(), &["check", "--threads", "0"]).code, Some(2));
}

#[test]
fn sarif_is_valid() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/schemas/sarif-2.1.0.json");
    // A bracket too many makes this pattern of the schema no regular expression: read it as it is meant.
    let schema = std::fs::read_to_string(schema)
        .unwrap()
        .replace("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
    let validate = |text: &str| {
        let log: Value = serde_json::from_str(text).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        log
    };
    let log = validate(&run(&project(), &["check", "--format", "sarif"]).stdout);
    let run_of = &log["runs"][0];
    assert_eq!(run_of["invocations"][0]["executionSuccessful"], true);
    for result in run_of["results"].as_array().unwrap() {
        let rule = &run_of["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(result["ruleId"], rule["id"]);
    }
    let bad = folder(&[("a b#.rs", UNWRAP), ("b.rs", "\0")]);
    let log = validate(&run(bad.path(), &["check", "--format", "sarif"]).stdout);
    let run_of = &log["runs"][0];
    let invocation = &run_of["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert!(notifications[0]["message"]["text"].as_str().unwrap().starts_with("a binary file"));
    let location = &run_of["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], "a%20b%23.rs");
    validate(&run(bad.path(), &["check", "--format", "sarif", "--fail-on", "never", "a b#.rs"]).stdout);
}

#[test]
fn the_exit_code_follows_the_severity_asked_about() {
    let folder = folder(&[
        ("warning/src/a.rs", UNWRAP),
        ("hint/src/a.rs", "// TODO: more\n"),
        ("clean/src/a.rs", "pub fn f() {}\n"),
        ("clean/src/autodao.toml", "[rules]\nno-such-rule = 1\n"),
    ]);
    for (path, fail_on, code) in [
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("warning", "hint", 1),
        ("warning", "never", 0),
        ("hint", "information", 0),
        ("hint", "hint", 1),
        ("clean", "hint", 0),
        ("gone", "never", 2),
    ] {
        let ran = run(folder.path(), &["check", "--fail-on", fail_on, path]);
        assert_eq!(ran.code, Some(code), "{path} {fail_on}\n{}", ran.stderr);
    }
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, Some(1), "a warning by default");
    let trouble = run(folder.path(), &["check", "warning", "gone"]);
    assert_eq!(trouble.code, Some(2), "trouble wins");
    assert_eq!(trouble.stderr, "error: gone: there is no such file or folder: check the name\n");
    assert!(trouble.stdout.ends_with("1 file checked: 1 warning; 1 path not checked\n"));
}

#[test]
fn standard_input_is_checked_at_its_files_place() {
    let folder = folder(&[("src/autodao.toml", "[rules]\nunwrap-used = \"error\"\n")]);
    let check = |name: &str, input: &[u8]| {
        run_with_input(
            folder.path(),
            &["check", "--format", "github", "--stdin", "--stdin-filename", name],
            input,
        )
    };
    let found = check("src/new.rs", UNWRAP.as_bytes());
    assert!(found.stdout.starts_with("::error file=src/new.rs,line=2,col=7,"), "{}", found.stdout);
    assert_eq!(found.code, Some(1));
    assert_eq!(check("src/tests/new.rs", UNWRAP.as_bytes()).stdout, "", "a test may unwrap");
    let ran = check("src/new.py", b"");
    assert!(ran.stderr.starts_with("error: src/new.py: not a language of ours: "), "{}", ran.stderr);
    assert_eq!(ran.code, Some(2));
    let ran = check("src/new.rs", b"fn f() {}\n// \xff\n");
    assert_eq!(ran.stderr, "error: src/new.rs: not valid UTF-8 at line 2 (byte 13): save it as UTF-8\n");
    for usage in [&["check", "--stdin"][..], &["check", "--stdin", "--stdin-filename", "a.rs", "b.rs"]] {
        assert_eq!(run(folder.path(), usage).code, Some(2));
    }
}

#[test]
fn only_changed_files_are_checked() {
    let folder = folder(&[
        (".gitignore", "ignored.rs\n"),
        ("a/changed.rs", "fn f() {}\n"),
        ("a/same.rs", UNWRAP),
        ("a/deleted.rs", UNWRAP),
        ("b/staged.rs", "fn f() {}\n"),
        ("old name.rs", UNWRAP),
    ]);
    let git = |arguments: &[&str]| {
        let ran = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=n@localhost", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .output()
            .unwrap();
        assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let bare = |ran: support::Ran| (ran.code, ran.stderr);
    let outside = bare(run(folder.path(), &["check", "--changed-since", "HEAD"]));
    assert!(outside.0 == Some(2) && outside.1.contains("is in no git repository"), "{}", outside.1);
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "first"]);
    git(&["tag", "start"]);
    let write = |path: &str| std::fs::write(folder.path().join(path), UNWRAP).unwrap();
    write("a/changed.rs");
    write("b/staged.rs");
    write("ignored.rs");
    write("b/neu ü.rs");
    git(&["add", "b/staged.rs"]);
    git(&["rm", "-q", "a/deleted.rs"]);
    git(&["mv", "old name.rs", "new name.rs"]);
    // Both would change what git prints.
    git(&["config", "diff.relative", "true"]);
    git(&["config", "core.quotePath", "true"]);
    let all = ["a/changed.rs", "b/neu ü.rs", "b/staged.rs", "new name.rs"];
    let paths = |folder: &Path, arguments: &[&str]| {
        let found = findings(folder, arguments);
        found.iter().map(|finding| finding.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(folder.path(), &["--changed-since", "start"]), all);
    assert_eq!(paths(folder.path(), &["--changed-since", "HEAD", "b", "a/same.rs"]), all[1..3]);
    assert_eq!(paths(&folder.path().join("a"), &["--changed-since", "HEAD"]), ["changed.rs"]);
    assert_eq!(paths(&folder.path().join("a"), &["--changed-since", "HEAD", "../b"]).len(), 2);
    git(&["add", "."]);
    git(&["commit", "-qm", "second"]);
    assert_eq!(paths(folder.path(), &["--changed-since", "start"]), all);
    assert!(paths(folder.path(), &["--changed-since", "HEAD"]).is_empty());
    for bad in ["no-such-branch", "--output=stolen", "-", "", "start..HEAD"] {
        let (code, stderr) = bare(run(folder.path(), &["check", "--changed-since", bad]));
        let said = stderr.lines().collect::<Vec<_>>();
        assert_eq!((code, said.len()), (Some(2), 1), "{bad}: {stderr}");
        assert!(said[0].starts_with(&format!("error: `{bad}` is no revision of ")), "{stderr}");
    }
    assert!(!folder.path().join("stolen").exists());
}

#[cfg(unix)]
#[test]
fn bad_input_is_named_and_the_rest_is_checked() {
    use std::os::unix::fs::symlink;
    let long = format!("pub fn f(a: Option<u8>) -> u8 {{ {} a.unwrap() }}\n", "/**/".repeat(25_000));
    let large = "pub fn f() {}\n".repeat(370_000);
    let folder = folder(&[("good.rs", UNWRAP), ("long_line.rs", &long), ("large.rs", &large)]);
    let at = |name: &str| folder.path().join(name);
    symlink("nowhere.rs", at("gone.rs")).unwrap();
    symlink("round.rs", at("round.rs")).unwrap();
    symlink(".", at("self")).unwrap();
    std::fs::write(at("binary.rs"), b"\x7fELF\0\x01\xff").unwrap();
    std::fs::write(at("latin1.rs"), b"// caf\xe9\n").unwrap();
    std::fs::write(at("line\nbreak.rs"), b"\0").unwrap();
    let ran = run(folder.path(), &["check", "--format", "github"]);
    assert_eq!(ran.code, Some(2));
    let expected = [
        "binary.rs: a binary file: rename it, or exclude it in autodao.toml",
        "gone.rs: a link to what is not there: remove it, or restore what it leads to",
        "latin1.rs: not valid UTF-8 at line 1 (byte 6): save it as UTF-8",
        "line\\nbreak.rs: a binary file: rename it, or exclude it in autodao.toml",
        "round.rs: a link that leads nowhere: remove it (Too many levels of symbolic links (os error 40))",
        "self: a link to a folder it is in: it is not followed; remove it, or exclude it in autodao.toml",
    ];
    let said: Vec<_> = ran.stderr.lines().map(|line| line.strip_prefix("error: ").unwrap()).collect();
    // What the system calls a loop differs from system to system.
    let cut =
        |line: &str| line.split(" (Too many").next().unwrap().split(" (os error").next().unwrap().to_owned();
    assert_eq!(said.iter().map(|line| cut(line)).collect::<Vec<_>>(), expected.map(cut));
    let found: Vec<_> = ran.stdout.lines().map(|line| line.split(",endLine").next().unwrap()).collect();
    assert_eq!(
        found,
        [
            "::warning file=good.rs,line=2,col=7",
            "::notice file=large.rs,line=1,col=1",
            "::warning file=long_line.rs,line=1,col=100036",
        ]
    );
    assert!(ran.stdout.contains("5.0 MB: only line-based checks are done on files above 2 MB"));
    let human = run(folder.path(), &["check"]);
    assert!(human.stdout.lines().all(|line| line.len() < 300), "long lines are not shown");
    assert!(human.stdout.contains("long_line.rs:1:100036"));
    assert!(human.stdout.ends_with("3 files checked: 2 warnings, 1 information; 6 paths not checked\n"));
    assert_eq!(human.stderr, ran.stderr);
    let excluded = "[files]\nexclude = [\"*\", \"!good.rs\"]\n";
    std::fs::write(at("autodao.toml"), excluded).unwrap();
    let ran = run(folder.path(), &["check", "--fail-on", "never"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "what is excluded is no problem");
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let many = "pub fn f(a: Option<u8>) -> u8 { a.unwrap() }\n".repeat(20_000);
    let folder = folder(&[("many.rs", &many)]);
    for format in ["human", "json", "sarif", "github"] {
        let mut command = command(folder.path(), &["check", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let ran = support::Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, &*ran.stderr), (Some(1), ""), "{format}");
    }
}

#[test]
fn colour_is_for_those_who_ask() {
    let escape = '\u{1b}';
    assert!(!run(&project(), &["check"]).stdout.contains(escape), "a pipe is no terminal");
    let always = run(&project(), &["check", "--color", "always"]).stdout;
    assert!(always.contains(escape));
    let mut never = command(&project(), &["check", "--color", "never"]);
    let never = support::Ran::from(never.env("CLICOLOR_FORCE", "1").output().unwrap());
    assert!(!never.stdout.contains(escape));
}

#[test]
fn a_file_that_is_named_is_checked_although_it_is_ignored() {
    let folder = folder(&[
        (".gitignore", "ignored.rs\n"),
        ("ignored.rs", UNWRAP),
        ("autodao.toml", "[files]\nexclude = [\"/gen\"]\n"),
        ("gen/made.rs", UNWRAP),
        ("notes.txt", ""),
    ]);
    assert!(findings(folder.path(), &[]).is_empty());
    let named = ["ignored.rs", "gen/made.rs", "./gen", "gen/../gen/made.rs"];
    let expected = ["gen/made.rs:2:7 unwrap-used", "ignored.rs:2:7 unwrap-used"];
    assert_eq!(findings(folder.path(), &named), expected, "once each");
    let ran = run(folder.path(), &["check", "notes.txt"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error: notes.txt: not a language of ours: name one of .rs, "));
}
