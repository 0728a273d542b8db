//! The whole life of a template: begun, mistaken, fixed, tested, raised, tried, judged, taken back.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::fs;
use std::path::Path;

use autodao_templates::{
    Arm, Bump, Label, Layer, Library, Lock, Occasion, Pin, ScaffoldError, Spent, Tally, Terms, TrialOptions,
    Verdict, Vocabulary, apply_fixes, builtin_files, bump, judge, judge_form, lint_folder, read_files,
    scaffold, select, test_folder,
};

fn write(folder: &Path, layer: Layer, from: &str) {
    let name = folder.file_name().unwrap().to_str().unwrap();
    for (file, text) in scaffold(name, from, layer).unwrap() {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn test(folder: &Path, layer: Layer) -> autodao_templates::Report {
    let options = TrialOptions { update: false, deny_warnings: true };
    test_folder(folder, layer, &Vocabulary::default(), options, &mut judge_form)
}

#[test]
fn what_is_begun_is_free_of_problems_in_every_layer() {
    let root = tempfile::tempdir().unwrap();
    for layer in [Layer::User, Layer::Workspace] {
        for (from, _) in builtin_files() {
            let folder = root.path().join(format!("{layer:?}")).join("mine");
            write(&folder, layer, from);
            let report = test(&folder, layer);
            assert!(report.is_green() && report.version == "0.1.0", "{from}: {}", report.human());
            fs::remove_dir_all(&folder).unwrap();
        }
    }
    let bad = scaffold("../mine", "refactor", Layer::User);
    assert_eq!(bad, Err(ScaffoldError::BadName("../mine".to_owned())));
    let unknown = scaffold("mine", "none", Layer::User);
    assert_eq!(unknown, Err(ScaffoldError::Unknown("none".to_owned())));
}

#[test]
fn the_whole_cycle() {
    let root = tempfile::tempdir().unwrap();
    let (layer, templates) = (Layer::Workspace, root.path());
    let first = templates.join("mine");
    write(&first, layer, "simplify");
    let mut lock = Lock::default();
    let load = |lock: &Lock| Library::load_pinned(&[(layer, templates.to_owned())], lock);
    lock.record(load(&lock).get("mine").unwrap(), "path").unwrap();
    lock.store(templates).unwrap();

    // A mistake that its fix takes away.
    let config = fs::read_to_string(first.join("template.toml")).unwrap();
    fs::write(first.join("template.toml"), config.replace("[output]", "[output]\ncomments_onli = true"))
        .unwrap();
    let problems = lint_folder(&first, layer, &Vocabulary::default());
    assert!(problems.iter().any(|problem| problem.kind.id() == "unknown-key"), "{problems:?}");
    assert!(!test(&first, layer).is_green());
    let mistaken = fs::read_to_string(first.join("template.toml")).unwrap();
    let fixed = apply_fixes(&mistaken, problems.iter().filter(|p| p.file.ends_with("template.toml")));
    assert!(fixed.contains("comments_only = true"), "{fixed}");
    fs::write(first.join("template.toml"), &fixed).unwrap();
    assert!(test(&first, layer).is_green(), "{}", test(&first, layer).human());

    // It holds other content now, under a version that is known.
    let lock_read = Lock::load(templates).unwrap();
    let changed = load(&lock_read).get("mine").unwrap().clone();
    assert_eq!(lock_read.verify([&*changed]).len(), 1);
    let files = read_files(&first, layer).unwrap();
    let bumped = bump(&first, files.borrowed(), |version| Bump::Major.apply(version)).unwrap();

    // The new version goes beside the old one, which comes back.
    let second = templates.join(format!("mine@{}", bumped.version));
    fs::create_dir_all(second.join("tests")).unwrap();
    fs::copy(first.join("tests/basic.toml"), second.join("tests/basic.toml")).unwrap();
    fs::write(second.join("SKILL.md"), bumped.skill).unwrap();
    fs::write(second.join("template.toml"), bumped.config.unwrap()).unwrap();
    fs::write(first.join("template.toml"), config).unwrap();
    assert!(test(&second, layer).is_green(), "{}", test(&second, layer).human());
    let library = load(&lock);
    let versions: Vec<_> = library.all().filter(|template| template.name == "mine").cloned().collect();
    let [new, old] = &versions[..] else { panic!("{versions:?}") };
    assert_eq!((new.version.to_string(), old.version.to_string()), ("1.0.0".to_owned(), "0.1.0".to_owned()));
    versions.iter().for_each(|template| lock.record(template, "path").unwrap());
    assert!(lock.verify(versions.iter().map(|template| &**template)).is_empty());
    assert_eq!(Bump::least(old, new), Some(Bump::Major));

    // A few get it, and it turns out to be worse.
    lock.set_label("mine", Label::Production, &old.version).unwrap();
    lock.set_label("mine", Label::Canary, &new.version).unwrap();
    let mut random = fastrand::Rng::with_seed(4);
    let mut tallies = [Tally::default(); 2];
    let verdict = (0..1000)
        .find_map(|day| {
            let arms = [(old, 0), (new, 1)].map(|(template, index): (_, usize)| {
                let tally: Tally = tallies[index];
                Arm { version: &template.version, tried: tally.tried, kept: tally.kept }
            });
            // An even share for both: the floor leaves nothing to choose.
            let occasion = Occasion { workspace: "w", template: "mine", task: "simplify", day };
            let selection = select(&arms, &occasion, 0.5).unwrap();
            assert!((selection.propensity - 0.5).abs() < 1e-9);
            let rate = [0.8, 0.5][selection.arm];
            tallies[selection.arm].add(random.f64() < rate, Spent::alone(300.0 + random.f64()));
            let verdict = judge(&tallies[0], &tallies[1], &Terms::default());
            (!verdict.is_open()).then_some(verdict)
        })
        .unwrap();
    assert!(matches!(verdict, Verdict::Worse { .. }), "{verdict}");

    // Back to the old one, and that is what is used.
    lock.set_label("mine", Label::Canary, &old.version).unwrap();
    lock.set_pin("mine", Some(Pin::Label(Label::Canary)));
    lock.store(templates).unwrap();
    let library = load(&Lock::load(templates).unwrap());
    assert_eq!(library.get("mine").unwrap().version, old.version);
    assert!(library.problems().is_empty(), "{:?}", library.problems());
}
