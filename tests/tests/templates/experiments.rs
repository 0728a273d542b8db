//! Which version an edit is made with, and `autodao experiment`.

use autodao_engine::ledger::{Day, EventKind};
use autodao_tests::client::{Client, file_uri};
use autodao_tests::editor::capabilities;
use serde_json::{Value, json};

use crate::commands::{desk, replace, said};
use crate::desk::{Desk, at, code, said as sent};
use crate::outcomes::{Told, tell};

const TEXT: &str = "fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}\n";
const BETTER: &str = "fn twice(n: u32) -> u32 {\n    n + n\n}";
/// What the new version says.
const NEW: &str = "Make the target shorter.";

/// Writes `tidy` in the versions 0.1.0 and 0.2.0 where the user keeps templates.
fn two_versions(desk: &Desk) {
    said(desk, &["templates", "new", "tidy", "--from", "simplify", "--user"]);
    said(desk, &["templates", "bump", "tidy", "minor", "--beside"]);
    replace(desk, "../config/templates/tidy@0.2.0/SKILL.md", "Make the target simpler to read.", NEW);
    said(desk, &["templates", "lock"]);
}

fn start(desk: &Desk, more: &[&str]) -> String {
    let versions = ["--old", "0.1.0", "--new", "0.2.0"];
    said(desk, &[&["experiment", "start", "tidy"], &versions[..], more].concat())
}

fn status(desk: &Desk) -> Value {
    serde_json::from_str(&said(desk, &["experiment", "status", "--all", "--json"])).unwrap()
}

/// The versions that so many workspaces would use, each one's own.
fn drawn(desk: &Desk, workspaces: usize) -> Vec<String> {
    drawn_in(desk, &(0..workspaces).map(|number| format!("w{number}")).collect::<Vec<_>>())
}

/// The versions that the workspaces of some folders would use.
fn drawn_in(desk: &Desk, workspaces: &[String]) -> Vec<String> {
    let one = |workspace: &String| {
        let file = desk.file(&format!("{workspace}/src/a.rs"), TEXT);
        desk.file(&format!("{workspace}/autodao.toml"), "");
        let ran = desk.act(&at(&file, 2), "tidy", &["--dry-run"]);
        let line = ran.stdout.lines().find_map(|line| line.strip_prefix("- template: tidy@"));
        line.unwrap_or_else(|| panic!("{}{}", ran.stdout, ran.stderr)).split(',').next().unwrap().to_owned()
    };
    workspaces.iter().map(one).collect()
}

/// Does something within one day of UTC: anew where midnight came in between.
fn within_a_day<T>(mut act: impl FnMut() -> T) -> T {
    loop {
        let day = Day::today();
        let done = act();
        if Day::today() == day {
            return done;
        }
    }
}

fn count(versions: &[String], version: &str) -> usize {
    versions.iter().filter(|drawn| *drawn == version).count()
}

#[test]
fn an_edit_is_made_with_the_version_that_was_drawn_and_says_so() {
    let desk = Desk::new();
    two_versions(&desk);
    let file = desk.file("a.rs", TEXT);
    let edit = || {
        desk.provider.reply(code(BETTER));
        let ran = desk.act(&at(&file, 2), "tidy", &[]);
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{}", ran.stdout);
    };
    edit();
    start(&desk, &[]);
    let first = within_a_day(|| {
        let before = desk.edits().len();
        edit();
        edit();
        before
    });
    said(&desk, &["experiment", "stop", "tidy"]);
    edit();

    let experiment = status(&desk)[0]["id"].as_str().unwrap().to_owned();
    let edits = desk.edits();
    let versions: Vec<_> = edits
        .iter()
        .map(|edit| edit.planned.as_ref().unwrap().template.as_ref().unwrap().version.clone())
        .collect();
    let chosen: Vec<_> = edits
        .iter()
        .map(|edit| {
            edit.chosen.as_ref().map(|chosen| (chosen.experiment.clone(), chosen.propensity.basis_points()))
        })
        .collect();
    let by_experiment = Some((experiment, 5000));
    let (last, drawn) = (edits.len() - 1, &chosen[1..edits.len() - 1]);
    assert_eq!((&chosen[0], &chosen[last]), (&None, &None));
    assert!(drawn.iter().all(|chosen| *chosen == by_experiment), "{chosen:?}");
    assert_eq!((versions[0].as_str(), versions[last].as_str()), ("0.2.0", "0.2.0"), "the highest is in use");
    assert_eq!(versions[first], versions[first + 1], "a day, a workspace and a task have one version");
    let asked = desk.provider.asked();
    for (edit, version) in versions.iter().enumerate() {
        assert_eq!(
            sent(&asked[edit].json()).contains(NEW),
            version == "0.2.0",
            "what is told is what is sent"
        );
    }
    // The draw is told behind the plan, before anything is sent.
    let kinds: Vec<_> = edits[1].events.iter().map(|event| event.kind.name()).collect();
    assert_eq!(kinds[..4], ["planned", "chosen", "compared", "requested"]);
    assert!(matches!(edits[1].events[1].kind, EventKind::Chosen(_)));
}

#[test]
fn workspaces_draw_apart_and_a_share_is_kept_to() {
    let desk = Desk::new();
    two_versions(&desk);
    start(&desk, &[]);
    let (half, again) = within_a_day(|| (drawn(&desk, 30), drawn(&desk, 30)));
    assert!((3..=27).contains(&count(&half, "0.2.0")), "{half:?}");
    assert_eq!(half, again, "asked again, the same");
    said(&desk, &["experiment", "stop", "tidy"]);
    let started = start(&desk, &["--share", "1"]);
    assert!(started.contains("1 % of the occasions get 0.2.0"), "{started}");
    let few = drawn(&desk, 30);
    assert!(count(&few, "0.2.0") < 8, "{few:?}");
}

#[test]
fn the_better_version_is_drawn_more_often_the_other_still() {
    let desk = Desk::new();
    two_versions(&desk);
    start(&desk, &["--adaptive"]);
    // It began some days ago, and there are outcomes of a day that is over.
    let file = "../data/experiments.json";
    let mut stored: Value = serde_json::from_str(&desk.read(file)).unwrap();
    let day = 24 * 60 * 60 * 1000;
    let began = stored["experiments"][0]["started_ms"].as_u64().unwrap() - 5 * day;
    stored["experiments"][0]["started_ms"] = json!(began);
    desk.file(file, &stored.to_string());
    let experiment = stored["experiments"][0]["id"].as_str().unwrap().to_owned();
    let before = drawn(&desk, 30);
    assert!((3..=27).contains(&count(&before, "0.2.0")), "without outcomes both are as likely: {before:?}");
    let ledger = desk.ledger();
    for number in 0..60 {
        let version = ["0.1.0", "0.2.0"][number % 2];
        tell(
            &ledger,
            &Told {
                experiment: &experiment,
                version,
                percent: 50,
                workspace: &format!("w{number}"),
                stayed: number % 2 == 1,
                tokens: 300,
                prompts: None,
                ms: began + day + number as u64,
            },
        );
    }
    ledger.flush().wait().unwrap();
    drop(ledger);
    let after = drawn(&desk, 40);
    assert!(count(&after, "0.2.0") >= 26, "{after:?}");
    assert!(before.iter().zip(&after).any(|(before, after)| before != after), "outcomes move the draw");
}

#[test]
fn a_pin_or_other_content_keeps_a_workspace_out() {
    let desk = Desk::new();
    two_versions(&desk);
    start(&desk, &["--share", "99"]);
    desk.file("w0/autodao/templates/templates.lock", "schema = 1\n[pin]\ntidy = \"=0.1.0\"\n");
    assert_eq!(drawn(&desk, 1), ["0.1.0"]);
    // Whatever a project says under an experiment's name, it is not what is compared.
    let same = desk.read("../config/templates/tidy@0.2.0/template.toml");
    desk.file("w0/autodao/templates/templates.lock", "schema = 1\n");
    desk.file("w0/autodao/templates/tidy/template.toml", &same);
    let skill = desk.read("../config/templates/tidy@0.2.0/SKILL.md");
    desk.file("w0/autodao/templates/tidy/SKILL.md", &skill.replace(NEW, "Make it longer."));
    let file = desk.file("w0/src/a.rs", TEXT);
    let ran = desk.act(&at(&file, 2), "tidy", &["--dry-run"]);
    assert!(!ran.stdout.contains("drawn with a chance") || !ran.stdout.contains("longer"), "{}", ran.stdout);
}

#[test]
fn state_that_cannot_be_read_stops_no_edit() {
    let desk = Desk::new();
    two_versions(&desk);
    desk.file("../data/experiments.json", "{\"schema\": 7, \"experiments\": []}");
    assert_eq!(drawn(&desk, 1), ["0.2.0"]);
    for command in
        [&["status"][..], &["stop", "tidy"], &["start", "tidy", "--old", "0.1.0", "--new", "0.2.0"]]
    {
        let ran = desk.run(&[&["experiment"], command].concat());
        assert!(ran.code == Some(2) && ran.stderr.contains("its format is 7"), "{command:?} {}", ran.stderr);
    }
    assert!(desk.read("../data/experiments.json").contains("\"schema\": 7"));
}

#[test]
fn what_cannot_be_compared_is_not_started() {
    let desk = desk();
    two_versions(&desk);
    for (arguments, wrong) in [
        (&["tidy"][..], "name the version with --new, or label one as canary"),
        (&["tidy", "--new", "0.2.0"], "tidy@0.2.0 against itself"),
        (&["tidy", "--new", "0.3.0"], "there is no tidy@0.3.0 here"),
        (&["tidy", "--new", "x"], "`x` is no version"),
        (&["tidy", "--old", "0.1.0", "--new", "0.2.0", "--share", "100"], "above 0 and below 100 %"),
        (&["none", "--new", "1.0.0"], "there is no template `none`"),
    ] {
        let ran = desk.run(&[&["experiment", "start"], arguments].concat());
        assert!(ran.code == Some(2) && ran.stderr.contains(wrong), "{arguments:?}: {}", ran.stderr);
    }
    assert_eq!(said(&desk, &["experiment", "status"]), "No experiment runs.\n");
    start(&desk, &[]);
    let ran = desk.run(&["experiment", "start", "tidy", "--old", "0.1.0", "--new", "0.2.0"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("runs already"), "{}", ran.stderr);
    let none = desk.run(&["experiment", "stop", "simplify"]);
    assert_eq!((none.code, &*none.stderr), (Some(2), "error: no experiment with `simplify` runs\n"));
    // Content that its version does not stand for is not tried.
    said(&desk, &["experiment", "stop", "tidy"]);
    replace(&desk, "../config/templates/tidy@0.2.0/SKILL.md", NEW, "Make the target longer.");
    let ran = desk.run(&["experiment", "start", "tidy", "--old", "0.1.0", "--new", "0.2.0"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("known with other content"), "{}", ran.stderr);
}

/// Tells of edits in as many workspaces, drawn in turns; `stays` says which.
fn tell_all(desk: &Desk, many: usize, tokens: [u64; 2], stays: impl Fn(usize, usize) -> bool, turn: usize) {
    let stored = status(desk);
    let experiment = stored.as_array().unwrap().last().unwrap();
    let ledger = desk.ledger();
    for number in 0..many {
        let arm = usize::from(number.is_multiple_of(turn));
        tell(
            &ledger,
            &Told {
                experiment: experiment["id"].as_str().unwrap(),
                version: ["0.1.0", "0.2.0"][arm],
                percent: 50,
                workspace: &format!("w{number}"),
                stayed: stays(number, arm),
                tokens: tokens[arm] + number as u64 % 7,
                prompts: None,
                ms: experiment["started_ms"].as_u64().unwrap(),
            },
        );
    }
    ledger.flush().wait().unwrap();
}

#[test]
fn verdicts_come_when_they_are_sure() {
    let half = |number: usize, _: usize| (number / 2).is_multiple_of(2);
    let much = |number: usize, arm: usize| number / 2 % 10 < [5, 9][arm];
    let less = |number: usize, arm: usize| number / 2 % 10 < [9, 5][arm];
    type Case<'a> = (&'a str, usize, [u64; 2], &'a dyn Fn(usize, usize) -> bool, usize, &'a str);
    let cases: [Case<'_>; 6] = [
        ("open", 20, [300, 300], &much, 2, "Open: there are too few outcomes."),
        ("open", 400, [300, 300], &half, 2, "Open: edits that stay differ by"),
        ("better", 400, [300, 300], &much, 2, "Better: more edits stay"),
        ("worse", 400, [300, 300], &less, 2, "Worse: fewer edits stay"),
        ("dearer", 400, [300, 400], &much, 2, "Dearer: +33.0 % tokens for the same edit"),
        ("bad-split", 400, [300, 300], &much, 4, "No verdict: the new version got 25.0 %"),
    ];
    for (id, many, tokens, stays, turn, text) in cases {
        let desk = desk();
        two_versions(&desk);
        start(&desk, &[]);
        tell_all(&desk, many, tokens, stays, turn);
        let told = &status(&desk)[0];
        assert_eq!(told["verdict"]["id"], id, "{told:#}");
        assert!(told["verdict"]["text"].as_str().unwrap().starts_with(text), "{told:#}");
        let [old, new] = [0, 1].map(|arm| &told["versions"][arm]);
        assert_eq!(old["edits"].as_u64().unwrap() + new["edits"].as_u64().unwrap(), many as u64);
        assert_eq!((old["score_change"].as_f64(), &new["version"]), (Some(0.5), &json!("0.2.0")));
        let human = said(&desk, &["experiment", "status"]);
        assert!(human.starts_with("tidy: 0.2.0 against 0.1.0, since ") && human.contains(text), "{human}");
        let stopped = said(&desk, &["experiment", "stop", "tidy"]);
        assert!(stopped.contains(text), "{stopped}");
        let kept = &status(&desk)[0]["ended"]["verdict"];
        assert!(kept.as_str().unwrap().starts_with(text), "{kept}");
        assert_eq!(said(&desk, &["experiment", "status"]), "No experiment runs.\n");
    }
}

#[test]
fn folders_of_one_name_are_workspaces_of_their_own() {
    let desk = Desk::new();
    two_versions(&desk);
    start(&desk, &[]);
    let folders: Vec<_> = (0..30).map(|number| format!("client{number}/app")).collect();
    let versions = drawn_in(&desk, &folders);
    assert!((3..=27).contains(&count(&versions, "0.2.0")), "{versions:?}");
    // Where it is stays out of what is kept; that two of them differ does not.
    let edit = |folder: &str| {
        desk.provider.reply(code(BETTER));
        desk.act(&at(&desk.path(&format!("{folder}/src/a.rs")), 2), "tidy", &[]);
    };
    edit("client0/app");
    edit("client1/app");
    let planned: Vec<_> = desk.edits().into_iter().map(|edit| edit.planned.unwrap()).collect();
    assert_eq!((planned[0].workspace.as_str(), planned[1].workspace.as_str()), ("app", "app"));
    assert_ne!(planned[0].folder, planned[1].folder);
    assert_eq!(planned[0].node.as_deref(), Some("function_item"));
    assert!(!said(&desk, &["ledger", "export"]).contains("client0"), "no path is kept");
}

#[test]
fn a_menu_prices_the_version_that_would_be_drawn() {
    let desk = Desk::new();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify", "--user"]);
    said(&desk, &["templates", "bump", "tidy", "minor", "--beside"]);
    let long = format!("{NEW} {}", "Keep the names that are there already. ".repeat(20));
    replace(&desk, "../config/templates/tidy@0.2.0/SKILL.md", "Make the target simpler to read.", &long);
    start(&desk, &[]);
    let variables = desk.variables();
    let variables: Vec<_> = variables.iter().map(|(name, path)| (*name, path.as_path())).collect();
    let titled = |client: &mut Client, number: usize| {
        let uri = file_uri(&desk.path(&format!("w{number}/src/a.rs")));
        client.open(&uri, "rust", TEXT);
        client.next_diagnostics(&uri, 1);
        let context = json!({"diagnostics": [], "only": ["refactor.rewrite"], "triggerKind": 1});
        let actions = client.actions(&uri, [1, 4], [1, 4], context);
        let titles = actions.iter().map(|action| action["title"].as_str().unwrap());
        let mut tokens = titles.filter_map(|title| title.strip_prefix("Tidy (~")?.split(' ').next());
        tokens.next().unwrap_or_else(|| panic!("{actions:#?}")).parse::<u64>().unwrap()
    };
    let (versions, priced) = within_a_day(|| {
        let versions = drawn(&desk, 12);
        let mut client = Client::process_with(&variables).reading();
        client.initialize(capabilities());
        (versions, (0..12).map(|number| titled(&mut client, number)).collect::<Vec<_>>())
    });
    let of = |wanted: &str| -> Vec<u64> {
        let both = versions.iter().zip(&priced).filter(|(version, _)| *version == wanted);
        both.map(|(_, tokens)| *tokens).collect()
    };
    let (old, new) = (of("0.1.0"), of("0.2.0"));
    assert!(!old.is_empty() && !new.is_empty(), "{versions:?}");
    assert!(old.iter().all(|tokens| *tokens == old[0]) && new.iter().all(|tokens| *tokens == new[0]));
    assert!(new[0] > old[0] + 100, "{old:?} {new:?}");
}

#[test]
fn tokens_are_held_against_the_prompts_of_both_versions() {
    let desk = desk();
    two_versions(&desk);
    start(&desk, &[]);
    // Sizes a hundred times apart; the new version takes a tenth more of each.
    let size = |number: usize| [100, 300, 1000, 3000, 10_000][number / 2 % 5];
    let tell_sized = |with_prompts: bool| {
        let stored = status(&desk);
        let ledger = desk.ledger();
        for number in 0..200 {
            let arm = number % 2;
            let prompt = size(number) * [100, 110][arm] / 100;
            tell(
                &ledger,
                &Told {
                    experiment: stored[0]["id"].as_str().unwrap(),
                    version: ["0.1.0", "0.2.0"][arm],
                    percent: 50,
                    workspace: &format!("w{number}"),
                    stayed: number / 2 % 3 > 0,
                    tokens: prompt + prompt * (20 + number as u64 % 7) / 100,
                    prompts: with_prompts.then(|| (size(number), size(number) * 110 / 100)),
                    ms: stored[0]["started_ms"].as_u64().unwrap(),
                },
            );
        }
        ledger.flush().wait().unwrap();
        status(&desk)[0]["verdict"].clone()
    };
    let paired = tell_sized(true);
    assert_eq!(paired["id"], "dearer", "{paired}");
    let [low, seen, high] = [0, 1, 2].map(|at| paired["tokens"][at].as_f64().unwrap());
    assert!(low > 0.05 && (0.07..0.1).contains(&seen) && high < 0.12, "{paired}");
    // Where it is not known what the same edit would have taken, sizes drown it.
    assert_eq!(tell_sized(false)["id"], "open");
}

#[test]
fn an_edit_in_an_experiment_tells_what_both_versions_take() {
    let desk = Desk::new();
    two_versions(&desk);
    start(&desk, &[]);
    let file = desk.file("a.rs", TEXT);
    desk.provider.reply(code(BETTER));
    let ran = desk.act(&at(&file, 2), "tidy", &[]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{}", ran.stdout);
    let compared = desk.edits()[0].compared.unwrap();
    let fewer = autodao_engine::bench::exact_tokens("Make the target simpler to read.")
        - autodao_engine::bench::exact_tokens(NEW);
    assert_eq!(compared.old - compared.new, fewer as u64, "{compared:?}");
}

#[test]
fn a_version_that_changed_under_an_experiment_is_told_everywhere() {
    let desk = desk();
    two_versions(&desk);
    start(&desk, &[]);
    assert!(said(&desk, &["doctor"]).contains("Experiments\n  tidy         0.2.0 against 0.1.0: runs\n"));
    let skill = "../config/templates/tidy@0.2.0/SKILL.md";
    replace(&desk, skill, NEW, "Make the target much shorter.");
    let why = "no edit takes part, for tidy@0.2.0 holds other content than when the experiment began";
    let human = said(&desk, &["experiment", "status"]);
    assert!(human.contains(&format!("\nHere {why}: take the change back")), "{human}");
    assert!(status(&desk)[0]["obstacle"].as_str().unwrap().starts_with(why));
    assert!(said(&desk, &["doctor"]).contains(why));
    let variables = desk.variables();
    let variables: Vec<_> = variables.iter().map(|(name, path)| (*name, path.as_path())).collect();
    let mut client = Client::process_with(&variables).reading();
    client.initialize(capabilities());
    let uri = file_uri(&desk.path(skill).canonicalize().unwrap());
    let text = desk.read(skill);
    client.open(&uri, "markdown", &text);
    let found = client.next_diagnostics(&uri, 1);
    let codes: Vec<_> = found.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["version-not-bumped", "changed-under-experiment"], "{found:#?}");
    // Taken back, it goes on.
    replace(&desk, skill, "Make the target much shorter.", NEW);
    assert_eq!(status(&desk)[0]["obstacle"], Value::Null);
    std::fs::remove_dir_all(desk.path("../config/templates/tidy@0.2.0")).unwrap();
    assert!(said(&desk, &["experiment", "status"]).contains("tidy@0.2.0 is not here"));
}
