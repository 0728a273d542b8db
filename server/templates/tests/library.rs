//! The library: layers, versions, folders, and what applies where.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::fs;
use std::path::Path;

use autodao_templates::{Layer, Library, MAX_TEMPLATES, Place, VersionReq};

fn write(root: &Path, folder: &str, version: &str, applies: &str) {
    let name = folder.split('@').next().unwrap();
    let folder = root.join(folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("SKILL.md"), format!("---\nname: {name}\ndescription: d\n---\nBody of {name}.\n"))
        .unwrap();
    let config =
        format!("schema = 1\nversion = \"{version}\"\n[match]\n{applies}\n[output]\ncontract = \"hunks\"\n");
    fs::write(folder.join("template.toml"), config).unwrap();
}

fn load(layers: &[(Layer, &Path)]) -> Library {
    Library::load(&layers.iter().map(|(layer, path)| (*layer, path.to_path_buf())).collect::<Vec<_>>())
}

fn names<'a>(library: &'a Library, place: &Place<'_>) -> Vec<&'a str> {
    library.candidates(place).iter().map(|candidate| candidate.template.name.as_str()).collect()
}

#[test]
fn a_later_layer_hides_an_earlier_one_whatever_the_version() {
    let (user, workspace) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(user.path(), "simplify", "9.0.0", "task = \"simplify\"");
    write(workspace.path(), "simplify", "0.1.0", "task = \"simplify\"");
    let library = load(&[(Layer::Workspace, workspace.path()), (Layer::User, user.path())]);
    let used = library.get("simplify").unwrap();
    assert_eq!((used.layer, used.version.to_string().as_str()), (Layer::Workspace, "0.1.0"));
    let find = |req: &str| library.find("simplify", &VersionReq::parse(req).unwrap()).map(|t| t.layer);
    assert_eq!(find("^1"), Some(Layer::Builtin));
    assert_eq!(find("9"), Some(Layer::User));
    assert_eq!(find("^7"), None);
    assert_eq!(library.in_use().count(), 10);
    assert_eq!(library.all().count(), 12);
}

#[test]
fn a_workspace_cannot_relax_by_taking_a_name() {
    let workspace = tempfile::tempdir().unwrap();
    for name in ["fix-finding", "document", "simplify", "other"] {
        write(workspace.path(), name, "5.0.0", "");
    }
    let library = load(&[(Layer::Workspace, workspace.path())]);
    let gates = |name: &str| {
        let template = library.get(name).unwrap();
        assert_eq!(template.layer, Layer::Workspace);
        template.spec.gates
    };
    assert!(gates("fix-finding").resolves_finding && !gates("other").resolves_finding);
    assert!(gates("document").comments_only && !gates("fix-finding").comments_only);
    assert_eq!((gates("simplify").min_score_delta, gates("other").min_score_delta), (Some(0.0), None));
}

#[test]
fn versions_stand_side_by_side() {
    let user = tempfile::tempdir().unwrap();
    write(user.path(), "mine@1.2.0", "1.2.0", "");
    write(user.path(), "mine@1.10.0", "1.10.0", "");
    write(user.path(), "mine@2.0.0-beta.1", "2.0.0-beta.1", "");
    let library = load(&[(Layer::User, user.path())]);
    assert_eq!(library.problems(), []);
    assert_eq!(library.get("mine").unwrap().version.to_string(), "1.10.0");
    write(user.path(), "mine", "1.2.0", "");
    let library = load(&[(Layer::User, user.path())]);
    assert_eq!(library.problems().iter().map(|p| p.kind.id()).collect::<Vec<_>>(), ["duplicate-version"]);
}

#[test]
fn one_bad_template_leaves_the_others() {
    let user = tempfile::tempdir().unwrap();
    write(user.path(), "good", "1.0.0", "");
    write(user.path(), "bad", "1.0", "");
    fs::create_dir(user.path().join("no-template")).unwrap();
    fs::write(user.path().join("README.md"), "x").unwrap();
    let library = load(&[(Layer::User, user.path()), (Layer::Workspace, Path::new("does/not/exist"))]);
    assert!(library.get("good").is_some() && library.get("bad").is_none());
    let problem = &library.problems()[0];
    assert_eq!(
        (library.problems().len(), problem.kind.id(), problem.line, problem.column),
        (1, "bad-semver", 2, 11)
    );
    assert_eq!(problem.file, user.path().join("bad").join("template.toml"));
}

#[test]
fn the_most_specific_wins() {
    let user = tempfile::tempdir().unwrap();
    for (name, applies) in [
        ("any-fix", "task = \"fix\""),
        ("rust-fix", "task = \"fix\"\nlanguage = \"rust\""),
        ("function-fix", "task = \"fix\"\nnode = [\"function_item\"]"),
        ("api-fix", "task = \"fix\"\nglobs = [\"src/api/**\", \"*.proto\"]"),
        ("clippy-fix", "task = \"fix\"\ndiagnostic = [\"clippy::*\"]"),
        ("unwrap-fix", "task = \"fix\"\ndiagnostic = [\"other\", \"clippy::unwrap_used\"]"),
        ("long-fix", "task = \"fix\"\nmin_lines = 50"),
    ] {
        write(user.path(), name, "1.0.0", applies);
    }
    let library = load(&[(Layer::User, user.path())]);
    let place = Place {
        language: "rust",
        task: Some("fix"),
        node: "function_item",
        path: "src/api/a.rs",
        queries: &[],
        diagnostics: &["clippy::needless", "clippy::unwrap_used"],
        lines: 10,
    };
    let all = ["unwrap-fix", "clippy-fix", "fix-finding", "function-fix", "api-fix", "rust-fix", "any-fix"];
    assert_eq!(names(&library, &place), all);
    assert_eq!(library.best(&place).unwrap().diagnostic, Some(1));
    let elsewhere = Place { path: "src/a.rs", diagnostics: &[], lines: 50, node: "mod_item", ..place };
    assert_eq!(names(&library, &elsewhere), ["rust-fix", "long-fix", "any-fix"]);
    let document = Place { task: Some("document"), ..place };
    assert_eq!(names(&library, &document), ["document"]);
    let anything = Place { task: None, diagnostics: &[], ..place };
    assert!(names(&library, &anything).len() > 8);
}

#[test]
fn equals_go_by_layer_then_version_then_name() {
    let (user, workspace) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, version) in [("aa", "1.0.0"), ("bb", "1.1.0"), ("cc", "1.1.0")] {
        write(user.path(), name, version, "task = \"types\"\nlanguage = \"rust\"");
    }
    write(workspace.path(), "dd", "0.1.0", "task = \"types\"\nlanguage = \"rust\"");
    let library = load(&[(Layer::User, user.path()), (Layer::Workspace, workspace.path())]);
    let place = Place { language: "rust", task: Some("types"), ..Place::default() };
    assert_eq!(names(&library, &place), ["dd", "bb", "cc", "aa"]);
}

#[test]
fn a_folder_of_many_is_cut_off() {
    let user = tempfile::tempdir().unwrap();
    for index in 0..MAX_TEMPLATES + 2 {
        let folder = user.path().join(format!("t{index}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("SKILL.md"), format!("---\nname: t{index}\ndescription: d\n---\nx")).unwrap();
    }
    let library = load(&[(Layer::User, user.path())]);
    assert_eq!(library.in_use().count(), MAX_TEMPLATES + 10);
    assert_eq!(library.problems()[0].kind.id(), "too-many-templates");
}

#[test]
fn a_workspace_of_patterns_without_end_costs_the_others_nothing() {
    let (user, workspace) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(user.path(), "mine", "1.0.0", "task = \"fix\"\nglobs = \"src/**\"");
    write(workspace.path(), "plain", "1.0.0", "task = \"fix\"");
    for index in 0..64 {
        let globs: Vec<_> =
            (0..16).map(|n| format!("\"**/{}{index}.{n}*\"", "{a*?b,[!c]*d}".repeat(8))).collect();
        write(workspace.path(), &format!("t{index}"), "1.0.0", &format!("globs = [{}]", globs.join(", ")));
    }
    let library = load(&[(Layer::User, user.path()), (Layer::Workspace, workspace.path())]);
    let place = Place { task: Some("fix"), path: "src/a.rs", ..Place::default() };
    assert_eq!(names(&library, &place), ["mine", "plain"]);
    assert_eq!(library.problems().len(), 64);
    assert!(library.problems().iter().all(|problem| problem.kind.id() == "bad-glob"));
}

#[cfg(unix)]
#[test]
fn a_workspace_cannot_link_out_of_itself_and_a_pipe_is_not_waited_for() {
    use std::os::unix::fs::symlink;

    let (outside, workspace) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(outside.path(), "linked", "1.0.0", "");
    symlink(outside.path().join("linked"), workspace.path().join("linked")).unwrap();
    write(workspace.path(), "part", "1.0.0", "");
    fs::remove_file(workspace.path().join("part/template.toml")).unwrap();
    symlink(outside.path().join("linked/template.toml"), workspace.path().join("part/template.toml"))
        .unwrap();
    let library = load(&[(Layer::Workspace, workspace.path())]);
    assert_eq!(library.in_use().count(), 10);
    assert_eq!(library.problems().iter().map(|p| p.kind.id()).collect::<Vec<_>>(), ["link-in-template"; 2]);
    let own = load(&[(Layer::User, workspace.path())]);
    assert!(own.get("linked").is_some() && own.get("part").is_some(), "{:?}", own.problems());

    let piped = tempfile::tempdir().unwrap();
    fs::create_dir(piped.path().join("pipe")).unwrap();
    let status =
        std::process::Command::new("mkfifo").arg(piped.path().join("pipe/SKILL.md")).status().unwrap();
    assert!(status.success());
    let library = load(&[(Layer::User, piped.path())]);
    assert_eq!(library.problems()[0].kind.id(), "unreadable-file");
}
