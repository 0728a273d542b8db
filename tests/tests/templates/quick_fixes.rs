//! Problems of templates that their files alone do not show, told in an editor while they are made, and mended there.

use std::fs;

use autodao_tests::client::{Client, edited, file_uri};
use autodao_tests::editor::{capabilities, context};
use autodao_tests::model::Columns;
use serde_json::{Value, json};

use crate::commands::{desk, replace, said};
use crate::desk::Desk;

/// An editor that makes files.
pub(crate) fn editor_with_files() -> Client {
    let mut capabilities = capabilities();
    capabilities["workspace"]["workspaceEdit"]["resourceOperations"] = json!(["create", "rename"]);
    let mut client = Client::in_process();
    client.initialize(capabilities);
    client
}

/// A file of the project's templates, open in an editor.
pub(crate) struct Opened<'a> {
    client: &'a mut Client,
    uri: String,
    version: i32,
    /// What is wrong in the text as it is now, once it was told.
    told: Option<Vec<Value>>,
}

impl<'a> Opened<'a> {
    pub(crate) fn new(client: &'a mut Client, desk: &Desk, name: &str, text: &str) -> Self {
        let uri = file_uri(&desk.path("autodao/templates").join(name));
        client.open(&uri, "plaintext", text);
        Self { client, uri, version: 1, told: None }
    }

    pub(crate) fn type_over(&mut self, text: &str) {
        self.version += 1;
        self.told = None;
        self.client.change(&self.uri, self.version, json!([{"text": text}]));
    }

    fn found(&mut self) -> Vec<Value> {
        let (client, uri, version) = (&self.client, &self.uri, self.version);
        self.told.get_or_insert_with(|| client.next_diagnostics(uri, version)).clone()
    }

    /// What is wrong in the text as it is now, by its lints.
    pub(crate) fn ids(&mut self) -> Vec<String> {
        self.found().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    }

    /// The quick fixes where a lint is told.
    pub(crate) fn fixes(&mut self, id: &str) -> Vec<Value> {
        let found = self.found();
        let problem = found.iter().find(|one| one["code"] == id);
        let problem = problem.unwrap_or_else(|| panic!("no {id} in {found:#?}"));
        let place =
            |end: &str| ["line", "character"].map(|at| problem["range"][end][at].as_u64().unwrap() as u32);
        let (start, end) = (place("start"), place("end"));
        let actions = self.client.actions(&self.uri, start, end, context());
        let is_for = |action: &&Value| action["diagnostics"][0]["code"] == id;
        actions.iter().filter(is_for).cloned().collect()
    }
}

/// Does to the files on the disk what an action says.
pub(crate) fn apply(action: &Value) {
    for change in action["edit"]["documentChanges"].as_array().unwrap() {
        let is_new = change["kind"] == "create";
        let uri = if is_new { &change["uri"] } else { &change["textDocument"]["uri"] };
        let path = path_of(uri.as_str().unwrap());
        if is_new {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
        } else {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, edited(&text, &change["edits"], Columns::Utf16)).unwrap();
        }
    }
}

fn path_of(uri: &str) -> std::path::PathBuf {
    std::path::PathBuf::from(uri.strip_prefix("file://").unwrap())
}

fn titles(fixes: &[Value]) -> Vec<&str> {
    fixes.iter().map(|fix| fix["title"].as_str().unwrap()).collect()
}

#[test]
fn a_version_that_is_known_is_raised_by_its_fix_in_both_files() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    said(&desk, &["templates", "lock"]);
    let mut client = editor_with_files();
    let skill = desk.read("autodao/templates/tidy/SKILL.md");
    let mut opened = Opened::new(&mut client, &desk, "tidy/SKILL.md", &skill);
    assert!(opened.ids().is_empty());
    let other = skill.replace("Make the target simpler to read.", "Make the target shorter.");
    opened.type_over(&other);
    assert_eq!(opened.ids(), ["version-not-bumped"]);
    desk.file("autodao/templates/tidy/SKILL.md", &other);
    opened.type_over(&other);
    let fixes = opened.fixes("version-not-bumped");
    assert_eq!(titles(&fixes), ["Raise the version to 0.2.0"]);
    apply(&fixes[0]);
    assert_eq!(said(&desk, &["templates", "lint", "--deny-warnings"]), "");
    assert!(desk.read("autodao/templates/tidy/template.toml").contains("version = \"0.2.0\""));
    // The lock is told, too, of what changed behind it.
    said(&desk, &["templates", "lock"]);
    replace(&desk, "autodao/templates/tidy/SKILL.md", "shorter", "short");
    let lock = desk.read("autodao/templates/templates.lock");
    let mut opened = Opened::new(&mut client, &desk, "templates.lock", &lock);
    assert_eq!(opened.ids(), ["version-not-bumped"]);
}

#[test]
fn a_missing_test_and_a_stale_snapshot_are_made_by_their_fixes() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    fs::remove_dir_all(desk.path("autodao/templates/tidy/tests")).unwrap();
    let config = desk.read("autodao/templates/tidy/template.toml");
    let mut client = editor_with_files();
    let mut opened = Opened::new(&mut client, &desk, "tidy/template.toml", &config);
    assert_eq!(opened.ids(), ["missing-test"]);
    let fixes = opened.fixes("missing-test");
    assert_eq!(titles(&fixes), ["Add tests/basic.toml"]);
    apply(&fixes[0]);
    opened.type_over(&config);
    assert!(opened.ids().is_empty());
    said(&desk, &["templates", "test", "--deny-warnings", "tidy"]);

    // A snapshot that is not there yet, and one that is of another text.
    let tests = desk
        .read("autodao/templates/tidy/tests/basic.toml")
        .replace("contains =", "snapshot = true\ncontains =");
    desk.file("autodao/templates/tidy/tests/basic.toml", &tests);
    let mut opened = Opened::new(&mut client, &desk, "tidy/tests/basic.toml", &tests);
    let fixes = opened.fixes("stale-snapshot");
    apply(&fixes[0]);
    assert_eq!(said(&desk, &["templates", "lint", "--deny-warnings"]), "");
    opened.type_over(&tests.replace("max_tokens", "max_tokenz"));
    assert_eq!(opened.ids(), ["unknown-key"]);
    let skill = desk.read("autodao/templates/tidy/SKILL.md");
    let mut opened = Opened::new(&mut client, &desk, "tidy/SKILL.md", &skill);
    assert!(opened.ids().is_empty());
    let other = skill.replace("simpler", "shorter");
    opened.type_over(&other);
    assert_eq!(opened.ids(), ["stale-snapshot"]);
    let fixes = opened.fixes("stale-snapshot");
    desk.file("autodao/templates/tidy/SKILL.md", &other);
    apply(&fixes[0]);
    assert_eq!(said(&desk, &["templates", "lint", "--deny-warnings"]), "");
}

#[test]
fn what_is_wrong_between_templates_is_told_while_they_are_written() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let mut client = editor_with_files();
    // Two of one version.
    let texts = ["SKILL.md", "template.toml", "tests/basic.toml"].map(|file| {
        let text = desk.read(&format!("autodao/templates/tidy/{file}"));
        desk.file(&format!("autodao/templates/tidy@0.1.0/{file}"), &text);
        text
    });
    let mut opened = Opened::new(&mut client, &desk, "tidy@0.1.0/template.toml", &texts[1]);
    assert_eq!(opened.ids(), ["duplicate-version"]);
    let fixes = opened.fixes("duplicate-version");
    assert_eq!(titles(&fixes), ["Raise the version to 0.2.0"]);
    apply(&fixes[0]);
    opened.type_over(&desk.read("autodao/templates/tidy@0.1.0/template.toml"));
    assert!(opened.ids().is_empty());

    // One that is never chosen: another one fits wherever it does, and goes first.
    let (skill, config) = (&texts[0], &texts[1]);
    let of = |name: &str| skill.replace("name: tidy", &format!("name: {name}"));
    for name in ["afar", "beside"] {
        desk.file(&format!("autodao/templates/{name}/SKILL.md"), &of(name));
        desk.file(&format!("autodao/templates/{name}/tests/basic.toml"), &texts[2]);
    }
    let narrow = config.replace("[match]\n", "[match]\nnode = [\"function_item\"]\n");
    desk.file("autodao/templates/afar/template.toml", &narrow);
    let mut opened = Opened::new(
        &mut client,
        &desk,
        "beside/template.toml",
        &config.replace("[match]\n", "[match]\nmin_lines = 2\n"),
    );
    assert!(opened.ids().is_empty());
    opened.type_over(&narrow);
    assert_eq!(opened.ids(), ["unreachable-match"]);
    fs::remove_file(desk.path("autodao/templates/beside/SKILL.md")).unwrap();
    opened.type_over(&narrow);
    assert!(opened.ids().contains(&"missing-file".to_owned()));
    assert_eq!(titles(&opened.fixes("missing-file")), ["Add SKILL.md"]);

    // Pins and labels that lead nowhere.
    let lock = "schema = 1\n[pin]\ntidy = \"^7\"\ntdy = \"^1\"\n";
    let mut opened = Opened::new(&mut client, &desk, "templates.lock", lock);
    assert_eq!(opened.ids(), ["unknown-template", "unmet-pin"]);
    assert_eq!(titles(&opened.fixes("unmet-pin")), ["Pin it to 0.2.0", "Take the pin away"]);
    assert_eq!(titles(&opened.fixes("unknown-template")), ["Remove the line"]);
    opened.type_over("schema = 1\n[pin]\ntidy = 7\n");
    assert_eq!(opened.ids(), ["invalid-lock"]);
}

#[test]
fn mechanical_mistakes_have_fixes() {
    let desk = desk();
    said(&desk, &["templates", "new", "tidy", "--from", "simplify"]);
    let mut client = editor_with_files();
    let config = desk.read("autodao/templates/tidy/template.toml");
    let mut fixed = |text: &str, id: &str, title: &str| {
        let path = "autodao/templates/tidy/template.toml";
        desk.file(path, text);
        let mut opened = Opened::new(&mut client, &desk, "tidy/template.toml", text);
        let fixes = opened.fixes(id);
        let fix = fixes.iter().find(|fix| fix["title"] == title);
        apply(fix.unwrap_or_else(|| panic!("{title} is not in {:?}", titles(&fixes))));
        assert_eq!(said(&desk, &["templates", "lint", "--deny-warnings"]), "", "{id}");
        desk.file(
            "autodao/templates/tidy/SKILL.md",
            &desk.read("autodao/templates/tidy/SKILL.md").replace("0.2.0", "0.1.0"),
        );
        desk.read(path)
    };
    let added = |line: &str| config.replace("[output]\n", &format!("[output]\n{line}\n"));
    assert_eq!(fixed(&added("colour = true"), "unknown-key", "Remove `colour`"), config);
    assert_eq!(fixed(&added("endpoint = \"x\" # y"), "forbidden-key", "Remove `endpoint`"), config);
    assert_eq!(fixed(&added("new_items = true"), "relaxed-guard", "Remove `new_items`"), config);
    let without = config.replace("schema = 1\n", "");
    assert_eq!(fixed(&without, "missing-key", "Write `schema = 1`"), format!("schema = 1\n{without}"));
    let raised = config.replace("0.1.0", "0.2.0");
    assert_eq!(fixed(&raised, "version-mismatch", "State 0.1.0 in template.toml"), config);
    assert_eq!(fixed(&raised, "version-mismatch", "State 0.2.0 in SKILL.md"), raised);
    assert_eq!(fixed(&config.replace("0.1.0", "v0.1"), "bad-semver", "Change to `\"0.1.0\"`"), config);
    let tight = fixed(
        &format!("{config}\n[budget]\nfixed_tokens = 10\n"),
        "fixed-token-budget",
        "Raise `fixed_tokens` to 173",
    );
    assert!(tight.ends_with("fixed_tokens = 173\n"), "{tight}");
}
