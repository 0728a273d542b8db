//! `autodao templates`: list, show, new, lint, render, test, diff, bump, pin, label, lock.

use autodao_tests::workspace;
use serde_json::{Value, json};

use crate::desk::{Desk, Ran};

/// A desk whose project may have templates.
pub(crate) fn desk() -> Desk {
    let desk = Desk::without_model();
    desk.file("autodao.toml", "");
    desk
}

/// Runs a command that has to end without trouble, and says what it wrote.
pub(crate) fn said(desk: &Desk, arguments: &[&str]) -> String {
    let ran = desk.run(arguments);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{arguments:?}: {}", ran.stdout);
    ran.stdout
}

fn in_order(ran: &Ran, code: i32, stderr: &str) {
    assert_eq!((ran.code, &*ran.stderr, &*ran.stdout), (Some(code), stderr, ""));
}

/// A file of the project with one text in place of another, which has to be there.
pub(crate) fn replace(desk: &Desk, file: &str, old: &str, new: &str) {
    let text = desk.read(file);
    assert!(text.contains(old), "{old} is not in {text}");
    desk.file(file, &text.replacen(old, new, 1));
}

const BUILTIN: [&str; 10] = [
    "add-error-handling",
    "add-types",
    "custom-instruction",
    "document",
    "explain-finding",
    "fix-finding",
    "optimise",
    "refactor",
    "simplify",
    "write-tests",
];

#[test]
fn the_tests_of_every_built_in_template_pass() {
    let desk = desk();
    let folder = workspace().join("server/templates/builtin");
    let ran =
        desk.run(&["templates", "test", "--deny-warnings", "--format", "json", &folder.to_string_lossy()]);
    let reports = ran.json();
    let mut names = Vec::new();
    for report in reports.as_array().unwrap() {
        names.push(report["template"].as_str().unwrap().to_owned());
        let trials = report["trials"].as_array().unwrap();
        assert!(trials.iter().all(|trial| trial["outcome"] == "passed"), "{report:#}");
        for level in ["L0", "L1", "L2", "L3"] {
            assert!(trials.iter().any(|trial| trial["level"] == level), "{level} {report:#}");
        }
    }
    assert_eq!((ran.code, names), (Some(0), BUILTIN.map(str::to_owned).to_vec()));
}

#[test]
fn what_there_is_is_listed_and_shown() {
    let desk = desk();
    let listed = said(&desk, &["templates", "list"]);
    let names: Vec<_> = listed.lines().map(|line| line.split('@').next().unwrap()).collect();
    assert_eq!(names, BUILTIN);
    assert!(listed.lines().all(|line| line.contains("built in")), "{listed}");
    said(&desk, &["templates", "new", "simplify", "--from", "simplify"]);
    let rows = |arguments: &[&str]| -> Vec<Value> {
        let text = said(&desk, &[&["templates", "list", "--format", "json"], arguments].concat());
        let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
        rows.into_iter().filter(|row| row["name"] == "simplify").collect()
    };
    let used = rows(&[]);
    assert_eq!(used.len(), 1);
    assert_eq!((&used[0]["layer"], &used[0]["version"]), (&json!("workspace"), &json!("0.1.0")));
    let all = rows(&["--all"]);
    let layers: Vec<_> = all.iter().map(|row| (&row["layer"], &row["in_use"])).collect();
    assert_eq!(layers, [(&json!("workspace"), &json!(true)), (&json!("built in"), &json!(false))]);
    assert_eq!(all[1]["sha256"].as_str().unwrap().len(), 64);

    let shown = said(&desk, &["templates", "show", "simplify@1.0.0"]);
    for part in ["simplify@1.0.0", "built in", "hunks, whole-node", "Make the target simpler"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    let unknown = desk.run(&["templates", "show", "simplfy"]);
    in_order(&unknown, 2, "error: there is no template `simplfy`; see `autodao templates list --all`\n");
}

#[test]
fn a_template_is_begun_mended_and_tested() {
    let desk = desk();
    let said_new = said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    assert!(said_new.contains("autodao templates test tidy"), "{said_new}");
    assert_eq!(said(&desk, &["templates", "lint", "--deny-warnings"]), "");
    assert_eq!(said(&desk, &["templates", "test", "tidy"]), "tidy 0.1.0: 3 passed, 0 failed (L0 1, L1 2)\n");
    let again = desk.run(&["templates", "new", "tidy"]);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    for bad in ["../tidy", "Tidy", "a--b", ""] {
        assert_eq!(desk.run(&["templates", "new", bad]).code, Some(2), "{bad}");
    }

    let config = "autodao/templates/tidy/template.toml";
    replace(&desk, config, "[output]\n", "[output]\ncomments_onli = true\n");
    let lint = desk.run(&["templates", "lint", "--format", "json"]);
    let problems = lint.json();
    assert_eq!((lint.code, problems.as_array().unwrap().len()), (Some(1), 1), "{problems:#}");
    let problem = &problems[0];
    assert_eq!(problem["id"], "unknown-key");
    assert_eq!(problem["replacement"], "comments_only");
    assert!(problem["file"].as_str().unwrap().ends_with("tidy/template.toml"), "{problem}");
    assert_eq!(desk.run(&["templates", "test", "tidy"]).code, Some(1));
    let human = desk.run(&["templates", "lint"]).stdout;
    assert!(human.contains("template.toml:") && human.trim_end().ends_with("[unknown-key]"), "{human}");
    assert_eq!(said(&desk, &["templates", "lint", "--fix"]), "");
    assert!(desk.read(config).contains("comments_only = true"));

    let junit = said(&desk, &["templates", "test", "tidy", "--format", "junit"]);
    assert!(junit.starts_with("<?xml") && junit.contains("failures=\"0\""), "{junit}");
    replace(&desk, "autodao/templates/tidy/tests/basic.toml", "fn answer\"]", "fn question\"]");
    let failed = desk.run(&["templates", "test", "tidy"]);
    assert_eq!(failed.code, Some(1));
    assert!(failed.stdout.contains("`fn question` is not in it"), "{}", failed.stdout);
    let junit = desk.run(&["templates", "test", "tidy", "--format", "junit"]);
    assert!(junit.stdout.contains("<failure message=\"`fn question` is not in it\""), "{}", junit.stdout);
}

#[test]
fn a_prompt_is_rendered_from_a_file() {
    let desk = desk();
    desk.file("src/a.rs", "fn answer() -> u32 {\n    42\n}\n");
    let rendered = said(&desk, &["templates", "render", "simplify", "--target", "src/a.rs"]);
    for part in ["Make the target simpler", "fn answer() -> u32 {", "src/a.rs", "simplify@1.0.0"] {
        assert!(rendered.contains(part), "{part} is not in\n{rendered}");
    }
    for (arguments, wrong) in [
        (&["--contract", "haiku"][..], "there is no such contract"),
        (&["--input", "a"], "`a` is not name=value"),
        (&["--input", "a=b"], "there is no input `a`"),
        (&["--target", "none.rs"], "none.rs"),
    ] {
        let ran = desk.run(&[&["templates", "render", "simplify"], arguments].concat());
        assert!(ran.code == Some(2) && ran.stderr.contains(wrong), "{}", ran.stderr);
    }
}

#[test]
fn versions_are_raised_locked_compared_and_pinned() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    assert_eq!(
        said(&desk, &["templates", "lock", "--check"]),
        "1 versions, 1 of them not in templates.lock.\n"
    );
    said(&desk, &["templates", "lock"]);
    let lock = desk.read("autodao/templates/templates.lock");
    assert!(lock.contains("name = \"tidy\"") && lock.contains("sha256 = "), "{lock}");

    // The next version goes beside the one that is known.
    let beside = said(&desk, &["templates", "bump", "tidy", "minor", "--beside"]);
    assert!(beside.contains("tidy@0.2.0"), "{beside}");
    let skill = "autodao/templates/tidy@0.2.0/SKILL.md";
    let unchanged = said(&desk, &["templates", "diff", "tidy@0.1.0", "tidy@0.2.0"]);
    assert!(unchanged.contains("far enough"), "{unchanged}");
    replace(&desk, skill, "Make the target simpler to read.", "Make the target simpler.");
    let diff = said(&desk, &["templates", "diff", "tidy@0.1.0", "tidy@0.2.0"]);
    assert!(
        diff.contains("\n-Make the target simpler to read.") && diff.contains("raised far enough"),
        "{diff}"
    );
    // It is taken in when it is written: what is changed after that is a new version.
    said(&desk, &["templates", "lock"]);
    replace(&desk, skill, "Make the target simpler.", "Simplify the target.");
    let changed = desk.run(&["templates", "lock"]);
    assert!(
        changed.code == Some(1) && changed.stderr.contains("known with other content"),
        "{}",
        changed.stderr
    );
    assert!(desk.run(&["templates", "lint"]).stdout.contains("[version-not-bumped]"));
    said(&desk, &["templates", "bump", "autodao/templates/tidy@0.2.0", "patch"]);
    assert_eq!(said(&desk, &["templates", "lint"]), "");
    assert!(desk.read(skill).contains("0.2.1"));

    let used = || {
        let text = said(&desk, &["templates", "list", "--format", "json"]);
        let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
        let row = rows.iter().find(|row| row["name"] == "tidy").unwrap();
        row["version"].as_str().unwrap().to_owned()
    };
    assert_eq!(used(), "0.2.1");
    assert_eq!(said(&desk, &["templates", "pin", "tidy", "0.1.0"]), "tidy@0.1.0 is used here.\n");
    assert_eq!(used(), "0.1.0");
    for (versions, wrong) in [("^7", "no version of `tidy` fits"), ("newest", "neither a range")] {
        let ran = desk.run(&["templates", "pin", "tidy", versions]);
        assert!(ran.code == Some(2) && ran.stderr.contains(wrong), "{}", ran.stderr);
    }
    assert_eq!(used(), "0.1.0");
    said(&desk, &["templates", "label", "tidy", "production", "0.1.0"]);
    assert_eq!(said(&desk, &["templates", "pin", "tidy", "production"]), "tidy@0.1.0 is used here.\n");
    let moved = said(&desk, &["templates", "label", "tidy", "production", "0.2.1"]);
    assert_eq!(moved, "production of tidy is 0.2.1; it was 0.1.0 before.\n");
    assert_eq!(used(), "0.2.1");
    said(&desk, &["templates", "pin", "tidy"]);
    assert_eq!(used(), "0.2.1");
    let unknown = desk.run(&["templates", "label", "tidy", "production", "0.3.0"]);
    assert!(
        unknown.code == Some(2) && unknown.stderr.contains("not in templates.lock"),
        "{}",
        unknown.stderr
    );
    let label = desk.run(&["templates", "label", "tidy", "best", "0.1.0"]);
    assert!(label.code == Some(2) && label.stderr.contains("none of production"), "{}", label.stderr);
}

/// A project's lock is shared: what a user keeps is no matter of it.
#[test]
fn what_a_user_keeps_goes_into_the_users_lock() {
    let desk = desk();
    let (project, own) = ("autodao/templates/templates.lock", "../config/templates/templates.lock");
    let names = |lock: &str| -> Vec<String> {
        let text = desk.read(lock);
        text.lines().filter_map(|line| line.strip_prefix("name = ")).map(str::to_owned).collect()
    };
    said(&desk, &["templates", "new", "tidy"]);
    said(&desk, &["templates", "new", "own", "--user"]);
    said(&desk, &["templates", "lock"]);
    assert_eq!((names(project), names(own)), (vec!["\"tidy\"".to_owned()], vec!["\"own\"".to_owned()]));
    said(&desk, &["templates", "bump", "own", "patch"]);
    assert!(!desk.read(project).contains("own") && desk.read(own).contains("version = \"0.1.1\""));
    // A label lies where the version does, a pin with what is worked on.
    said(&desk, &["templates", "label", "own", "canary", "0.1.1"]);
    said(&desk, &["templates", "pin", "own", "canary"]);
    assert!(desk.read(own).contains("[label.own]") && desk.read(project).contains("own = \"canary\""));
    said(&desk, &["templates", "label", "own", "canary", "0.1.0"]);
    let back = said(&desk, &["templates", "rollback", "own"]);
    assert_eq!(back, "canary of own is 0.1.1 again; own@0.1.1 is used here.\n");
}

#[test]
fn a_version_is_raised_as_far_as_its_change_needs() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let (skill, config) = ("autodao/templates/tidy/SKILL.md", "autodao/templates/tidy/template.toml");
    said(&desk, &["templates", "lock"]);
    replace(&desk, skill, "description: ", "description: Now. ");
    let bump = || said(&desk, &["templates", "bump", "tidy"]);
    assert_eq!(bump(), "tidy is 0.1.1 now.\n", "a description is no matter of a model's");
    replace(&desk, skill, "Make the target simpler to read.", "Make the target shorter.");
    assert_eq!(bump(), "tidy is 0.2.0 now.\n");
    replace(&desk, config, "[output]\n", "[input.much]\ntype = \"int\"\n[output]\n");
    desk.file("autodao/templates/tidy/prompt.mj", "{{ target }} {{ much }}\n");
    replace(&desk, config, "kind =", "engine = \"minijinja\"\nkind =");
    let tested = desk.run(&["templates", "test", "tidy"]);
    assert!(
        tested.code == Some(1) && tested.stdout.contains("version 0.2.0 is known with other content"),
        "{}",
        tested.stdout
    );
    let less = desk.run(&["templates", "bump", "tidy", "minor"]);
    assert!(less.code == Some(2) && less.stderr.contains("it needs 1.0.0"), "{}", less.stderr);
    assert_eq!(bump(), "tidy is 1.0.0 now.\n");
}

#[test]
fn lint_looks_at_tests_locks_and_templates_beside_each_other() {
    let desk = desk();
    let lint = || -> Vec<(String, String)> {
        let ran = desk.run(&["templates", "lint", "--format", "json"]);
        let problems = ran.json();
        let of = |one: &Value| {
            let (file, id) = (one["file"].as_str().unwrap(), one["id"].as_str().unwrap());
            let file = file.split("autodao/templates/").nth(1).unwrap_or(file);
            (format!("{file}:{}", one["line"]), id.to_owned())
        };
        problems.as_array().unwrap().iter().map(of).collect()
    };
    let found = |place: &str, id: &str| (place.to_owned(), id.to_owned());
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    assert!(lint().is_empty());
    let tests = "autodao/templates/tidy/tests/basic.toml";
    replace(&desk, tests, "target = ", "targett = ");
    assert_eq!(lint(), [found("tidy/tests/basic.toml:7", "unknown-key")]);
    replace(&desk, tests, "targett = ", "target = ");

    // A template that lost its SKILL.md, and two of one version.
    desk.file("autodao/templates/lost/template.toml", "schema = 1\n[output]\ncontract = \"hunks\"\n");
    for file in ["SKILL.md", "template.toml", "tests/basic.toml"] {
        let text = desk.read(&format!("autodao/templates/tidy/{file}"));
        desk.file(&format!("autodao/templates/tidy@0.1.0/{file}"), &text);
    }
    assert_eq!(
        lint(),
        [found("lost:1", "missing-key"), found("tidy@0.1.0/template.toml:1", "duplicate-version")]
    );
    std::fs::remove_dir_all(desk.path("autodao/templates/lost")).unwrap();
    std::fs::remove_dir_all(desk.path("autodao/templates/tidy@0.1.0")).unwrap();

    let lock = "schema = 1\n[pin]\ntidy = \"^7\"\ntdy = \"^1\"\n[label.tidy]\ncanary = \"0.3.0\"\n";
    desk.file("autodao/templates/templates.lock", lock);
    let expected = [
        found("templates.lock:4", "unknown-template"),
        found("templates.lock:3", "unmet-pin"),
        found("templates.lock:6", "dangling-label"),
    ];
    assert_eq!(lint(), expected);
}

#[test]
fn a_lock_that_cannot_be_read_is_named_and_left_alone() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy"]);
    let text = "schema = 1\n[pin]\ntidy = \"0.1.0\"\nodd = 3\n";
    desk.file("autodao/templates/templates.lock", text);
    for arguments in [&["lock"][..], &["pin", "tidy"], &["bump", "tidy"], &["list"]] {
        let ran = desk.run(&[&["templates"], arguments].concat());
        let path = desk.path("autodao/templates/templates.lock");
        let said =
            format!("error: {}:4: a string is expected; mend it, or take an older one\n", path.display());
        assert_eq!((ran.code, ran.stderr), (Some(2), said));
    }
    assert_eq!(desk.read("autodao/templates/templates.lock"), text);
}
