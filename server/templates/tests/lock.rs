//! `templates.lock`: read and written alike, content held to its version, pins and labels, and bumps.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::fs;
use std::path::Path;

use autodao_templates::{
    Bump, BumpError, ContentHash, Files, LOCK_FILE, Label, Layer, Library, Lock, LockError, Pin, Pointer,
    Template, Version, builtin_files, bump,
};
use proptest::prelude::*;

fn texts(name: &str, version: &str, body: &str) -> (String, String) {
    let skill =
        format!("---\nname: {name}\ndescription: d\nmetadata:\n  version: {version} # why\n---\n\n{body}\n");
    let config = format!("schema = 1\nversion = '{version}' # why\n[output]\ncontract = [\"hunks\"]\n");
    (skill, config)
}

fn template(name: &str, version: &str, body: &str) -> Template {
    let (skill, config) = texts(name, version, body);
    parse(name, &skill, &config)
}

fn parse(name: &str, skill: &str, config: &str) -> Template {
    let files = Files { skill: skill.as_bytes(), config: Some(config.as_bytes()), prompt: None };
    let parsed = Template::parse(Path::new(name), Layer::User, files);
    assert!(parsed.template.is_some(), "{:?}", parsed.problems);
    parsed.template.unwrap()
}

#[test]
fn content_is_held_to_its_version() {
    let mut lock = Lock::default();
    let first = template("a", "1.0.0", "Do it.");
    lock.record(&first, "path").unwrap();
    lock.record(&first, "elsewhere").unwrap();
    assert_eq!(lock.get("a", &first.version).unwrap().source, "path");

    let changed = template("a", "1.0.0", "Do that.");
    assert!(matches!(lock.record(&changed, "path"), Err(LockError::NotBumped { .. })));
    let problems = lock.verify([&changed]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind.id(), "version-not-bumped");

    let bumped = template("a", "1.1.0", "Do that.");
    assert!(lock.verify([&first, &bumped]).is_empty());
    lock.record(&bumped, "path").unwrap();
    assert_eq!(lock.versions().count(), 2);
}

#[test]
fn the_file_is_what_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Lock::load(folder.path()).unwrap(), Lock::default());
    let mut lock = Lock::default();
    for version in ["1.0.0", "1.1.0-rc.1"] {
        lock.record(&template("a", version, "Do it."), "git+https://x.y/\"z\\\u{7}#c0ffee").unwrap();
    }
    lock.set_label("a", Label::Canary, &Version::parse("1.1.0-rc.1").unwrap()).unwrap();
    lock.set_label("a", Label::Production, &Version::new(1, 0, 0)).unwrap();
    lock.set_pin("a", Some(Pin::Label(Label::Canary)));
    lock.set_pin("b", Some(">=1, <3".parse().unwrap()));
    lock.store(folder.path()).unwrap();
    assert_eq!(Lock::load(folder.path()).unwrap(), lock);
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [LOCK_FILE], "nothing is left beside it");
    let windows = lock.text().replace('\n', "\r\n");
    assert_eq!(Lock::parse(&windows).unwrap(), lock);
}

#[test]
fn what_is_no_lock_is_refused_with_its_line() {
    let hash = "0".repeat(64);
    let entry = |name: &str, version: &str, hash: &str| {
        format!(
            "[[template]]\nname = \"{name}\"\nversion = \"{version}\"\nsha256 = \"{hash}\"\nsource = \"\"\n"
        )
    };
    let one = entry("a", "1.0.0", &hash);
    for (text, line) in [
        (String::new(), 1),
        ("schema = 2\n".to_owned(), 1),
        ("schema = 1\nother = 1\n".to_owned(), 2),
        ("schema = 1\n[pin]\na = \"latest\"\n".to_owned(), 3),
        ("schema = 1\n[pin]\n\"../a\" = \"^1\"\n".to_owned(), 3),
        ("schema = 1\n[label.a]\nnightly = \"1.0.0\"\n".to_owned(), 3),
        ("schema = 1\n[label.a]\nproduction = \"1\"\n".to_owned(), 3),
        (format!("schema = 1\n{}", entry("A", "1.0.0", &hash)), 3),
        (format!("schema = 1\n{}", entry("a", "1.0", &hash)), 4),
        (format!("schema = 1\n{}", entry("a", "1.0.0", &hash[1..])), 5),
        (format!("schema = 1\n{}", entry("a", "1.0.0", &hash.replace('0', "A"))), 5),
        (format!("schema = 1\n{one}{one}"), 9),
        ("schema = 1\n[[template]]\nname = \"a\"\n".to_owned(), 2),
        ("schema = 1\ntemplate = 1\n".to_owned(), 2),
        ("schema = 1\n<<<<<<< ours\n".to_owned(), 2),
    ] {
        match Lock::parse(&text) {
            Err(LockError::Malformed { line: at, .. }) => assert_eq!(at, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_pin_chooses_among_versions_side_by_side() {
    let all = || ["1.0.0", "1.2.0", "2.0.0"].map(|version| template("a", version, version)).to_vec();
    let mut lock = Lock::default();
    all().iter().for_each(|template| lock.record(template, "path").unwrap());
    let used = |lock: &Lock| {
        let library = Library::of_pinned(all(), Vec::new(), lock);
        let ids: Vec<_> = library.problems().iter().map(|problem| problem.kind.id()).collect();
        assert_eq!(library.all().count(), 3);
        (library.get("a").unwrap().version.to_string(), ids)
    };
    assert_eq!(used(&lock).0, "2.0.0");
    for (pin, version) in [("^1", "1.2.0"), ("1.0.0", "1.0.0"), ("~1.2", "1.2.0"), (">=1", "2.0.0")] {
        lock.set_pin("a", Some(pin.parse().unwrap()));
        assert_eq!(used(&lock), (version.to_owned(), vec![]), "{pin}");
    }
    lock.set_pin("a", Some("^3".parse().unwrap()));
    assert_eq!(used(&lock), ("2.0.0".to_owned(), vec!["unmet-pin"]));
    lock.set_pin("a", Some(Pin::Label(Label::Staging)));
    assert_eq!(used(&lock), ("2.0.0".to_owned(), vec!["unmet-pin"]), "a label that nothing carries");

    // A release and the way back.
    assert_eq!(lock.set_label("a", Label::Staging, &Version::new(1, 0, 0)).unwrap(), None);
    let before = lock.set_label("a", Label::Staging, &Version::new(1, 2, 0)).unwrap();
    assert_eq!(used(&lock).0, "1.2.0");
    lock.set_label("a", Label::Staging, &before.unwrap()).unwrap();
    assert_eq!(used(&lock).0, "1.0.0");
    let unknown = lock.set_label("a", Label::Staging, &Version::new(9, 0, 0));
    assert!(matches!(unknown, Err(LockError::Unknown { .. })));
}

#[test]
fn a_bump_changes_the_versions_and_nothing_else() {
    let (skill, config) = texts("a", "1.2.3", "Say 1.2.3.");
    let files = Files { skill: skill.as_bytes(), config: Some(config.as_bytes()), prompt: None };
    let bumped = bump(Path::new("a"), files, |version| Bump::Minor.apply(version)).unwrap();
    let (expected_skill, expected_config) = texts("a", "1.3.0", "Say 1.2.3.");
    assert_eq!((bumped.skill, bumped.config.unwrap()), (expected_skill, expected_config));
    let none = Files { skill: b"---\nname: a\ndescription: d\n---\nx\n", ..Files::default() };
    assert_eq!(bump(Path::new("a"), none, Version::clone), Err(BumpError::NoVersion));
    assert_eq!(bump(Path::new("a"), Files::default(), Version::clone), Err(BumpError::Unreadable));
    let version = |text: &str| Version::parse(text).unwrap();
    for (level, from, to) in [
        (Bump::Patch, "1.2.3", "1.2.4"),
        (Bump::Major, "1.2.3", "2.0.0"),
        (Bump::Patch, "1.2.3-rc.1", "1.2.3"),
        (Bump::Minor, "1.2.3-rc.1", "1.3.0"),
        (Bump::Major, "2.0.0-rc.1", "2.0.0"),
    ] {
        assert_eq!(level.apply(&version(from)), version(to));
    }
}

#[test]
fn how_far_a_change_raises_the_version() {
    let (skill, config) = texts("a", "1.0.0", "Do it.");
    let old = parse("a", &skill, &config);
    let least = |skill: &str, config: &str| Bump::least(&old, &parse("a", skill, config));
    assert_eq!(least(&skill, &config), None);
    assert_eq!(least(&skill.replace('\n', "\r\n"), &config), None, "a checkout is no change");
    assert_eq!(least(&skill.replace("d\n", "e\n"), &config), Some(Bump::Patch));
    assert_eq!(least(&skill.replace("Do it", "Do that"), &config), Some(Bump::Minor));
    assert_eq!(least(&skill, &config.replace("\"hunks\"", "\"hunks\", \"whole-node\"")), Some(Bump::Minor));
    assert_eq!(least(&skill, &config.replace("hunks", "whole-node")), Some(Bump::Major));
    assert_eq!(least(&skill, &format!("{config}comments_only = true\n")), Some(Bump::Major));
    let input = |rest: &str| format!("{config}[input.n]\ntype = \"string\"\n{rest}");
    assert_eq!(least(&skill, &input("")), Some(Bump::Major));
    assert_eq!(least(&skill, &input("optional = true\n")), Some(Bump::Minor));
}

/// A built-in template whose text changes gets a new version: its users' measurements are by version.
#[test]
fn the_built_in_templates_are_what_their_versions_held() {
    let mut lock = Lock::parse(include_str!("../builtin/templates.lock")).unwrap();
    for (name, files) in builtin_files() {
        let template = Template::parse(Path::new(name), Layer::Builtin, *files).template.unwrap();
        if let Err(error) = lock.record(&template, "builtin") {
            panic!("{error}");
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        lock.store(&Path::new(env!("CARGO_MANIFEST_DIR")).join("builtin")).unwrap();
    }
    assert_eq!(
        lock.text(),
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("builtin").join(LOCK_FILE)).unwrap(),
        "a version is new: set UPDATE_EXPECT=1 to take it in"
    );
}

#[test]
fn moves_are_taken_back_one_by_one() {
    let mut lock = Lock::default();
    let versions: Vec<Version> = (0..40).map(|minor| Version::new(1, minor, 0)).collect();
    let production = Pointer::Label(Label::Production);
    for version in &versions {
        lock.record(&template("a", &version.to_string(), "Do it."), "path").unwrap();
        lock.set_label("a", Label::Production, version).unwrap();
        // Where it is already, it does not move.
        lock.set_label("a", Label::Production, version).unwrap();
    }
    lock.set_pin("a", Some(Pin::Label(Label::Production)));
    lock.set_pin("a", Some("^1.2".parse().unwrap()));
    let mut lock = Lock::parse(&lock.text()).unwrap();
    assert_eq!(lock.roll_back("a", Pointer::Pin).unwrap().as_deref(), Some("production"));
    assert_eq!(lock.roll_back("a", Pointer::Pin).unwrap(), None);
    assert!(lock.pin("a").is_none());
    for back in versions.iter().rev().skip(1).take(16) {
        assert_eq!(lock.roll_back("a", production).unwrap(), Some(back.to_string()));
        assert_eq!(lock.label("a", Label::Production), Some(back));
    }
    let end = lock.roll_back("a", production);
    assert!(matches!(end, Err(LockError::NoHistory { pointer: "production", .. })), "sixteen are remembered");
    assert!(matches!(lock.roll_back("b", Pointer::Pin), Err(LockError::NoHistory { .. })));
    for bad in
        ["production = [\"x\"]", "production = []", "pin = [\"newest\"]", "other = [\"1.0.0\"]", "pin = 1"]
    {
        let text = format!("schema = 1\n[history.a]\n{bad}\n");
        assert!(matches!(Lock::parse(&text), Err(LockError::Malformed { line: 3, .. })), "{bad}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        entries in prop::collection::vec(("[a-c]{1,3}(-[a-z0-9]{1,3})?", 0u64..3, any::<[u8; 32]>(), any::<String>()), 0..8)
    ) {
        let mut lock = Lock::default();
        for (name, minor, hash, source) in entries {
            let mut template = template("t", "1.0.0", "x");
            template.name.clone_from(&name);
            template.version.minor = minor;
            template.hash = ContentHash(hash);
            if lock.record(&template, &source).is_ok() {
                lock.set_label(&name, Label::ALL[minor as usize], &template.version).unwrap();
                lock.set_pin(&name, Some(Pin::Label(Label::ALL[minor as usize])));
            }
        }
        prop_assert_eq!(Lock::parse(&lock.text()).unwrap(), lock);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "(schema = 1\n|\\[pin\\]\n|\\[label\\.a\\]\n|\\[\\[template\\]\\]\n|a = \"\\^1\"\n|canary|sha256 = |\\PC|\n){0,12}") {
        let _ = Lock::parse(&text);
    }
}
