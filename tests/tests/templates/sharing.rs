//! `autodao templates install` and `export`: from a folder, from a repository, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use autodao_tests::autodao;
use autodao_tests::client::file_uri;
use tempfile::TempDir;

use crate::commands::{desk, said};
use crate::desk::Desk;

/// A folder with a template `tidy` in it, as somebody wrote it.
pub(crate) struct Shared(TempDir);

impl Shared {
    pub(crate) fn new() -> Self {
        let author = desk();
        said(&author, &["templates", "new", "tidy", "--from", "simplify", "--user"]);
        let folder = tempfile::tempdir().unwrap();
        said(&author, &["templates", "export", "tidy", folder.path().to_str().unwrap()]);
        Self(folder)
    }

    pub(crate) fn of(folder: TempDir) -> Self {
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(self.file(name)).unwrap();
        fs::write(self.file(name), change(text)).unwrap();
        // Whoever changes a template on purpose takes it in anew.
        let _ = fs::remove_file(self.file("templates.lock"));
    }

    /// Makes a repository of what is there, or a commit more. Returns its address.
    pub(crate) fn commit(&self) -> String {
        for arguments in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "templates"]] {
            let ran = Command::new("git")
                .args(["-c", "user.name=n", "-c", "user.email=n@localhost", "-c", "commit.gpgsign=false"])
                .args(arguments)
                .current_dir(self.path())
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env_remove("GIT_DIR")
                .output()
                .unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        }
        file_uri(self.path())
    }
}

/// What is in the user's folder for templates.
fn installed(desk: &Desk) -> Vec<String> {
    let Ok(entries) = fs::read_dir(desk.path("../config/templates")) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_one_exports_another_installs() {
    let (shared, desk) = (Shared::new(), desk());
    fs::write(shared.file("tidy/run.sh"), "exit 1\n").unwrap();
    fs::create_dir(shared.file("tidy/scripts")).unwrap();
    let folder = shared.path().to_str().unwrap();
    let text = said(&desk, &["templates", "install", folder]);
    assert!(text.starts_with("tidy@0.1.0 is installed, from "), "{text}");
    assert_eq!(installed(&desk), ["templates.lock", "tidy@0.1.0"]);
    let files = |name: &str| fs::read(shared.file("tidy").join(name)).unwrap();
    for name in ["SKILL.md", "template.toml", "tests/basic.toml"] {
        assert_eq!(fs::read(desk.path("../config/templates/tidy@0.1.0").join(name)).unwrap(), files(name));
    }
    assert!(!desk.path("../config/templates/tidy@0.1.0/run.sh").exists(), "what may be run is no part of it");
    let listed = said(&desk, &["templates", "list"]);
    assert!(listed.contains("tidy@0.1.0") && listed.contains("(user, "), "{listed}");
    assert_eq!(
        said(&desk, &["templates", "test", "tidy@0.1.0"]),
        "tidy@0.1.0 0.1.0: 3 passed, 0 failed (L0 1, L1 2)\n"
    );
    let lock = desk.read("../config/templates/templates.lock");
    let here = shared.path().canonicalize().unwrap();
    assert!(lock.contains(&format!("source = \"{}\"", here.display())), "{lock}");
    let again = said(&desk, &["templates", "install", folder, "tidy"]);
    assert!(again.contains("was there already"), "{again}");
    assert_eq!(desk.read("../config/templates/templates.lock"), lock);
    let one = shared.file("tidy");
    said(&desk, &["templates", "install", one.to_str().unwrap()]);
    let none = desk.run(&["templates", "install", folder, "tydi"]);
    assert_eq!((none.code, &*none.stderr), (Some(2), "error: there is no template `tydi` in it\n"));

    // A built-in one is given away, too, without the tests that are not in the program.
    let out = tempfile::tempdir().unwrap();
    let to = out.path().to_str().unwrap();
    said(&desk, &["templates", "export", "simplify", to]);
    let ran = desk.run(&["templates", "install", to]);
    assert!(ran.code == Some(0) && ran.stderr.contains("[missing-test]"), "{}", ran.stderr);
    let twice = desk.run(&["templates", "export", "simplify", to]);
    assert!(twice.code == Some(2) && twice.stderr.contains("exists"), "{}", twice.stderr);
}

/// Runs with a configuration of git that has commands run at every chance.
fn run_with_traps(desk: &Desk, trap: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let touch = format!("touch '{}'", trap.join("sprung").display());
    let hooks = trap.join("template/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-checkout", "reference-transaction", "post-merge"] {
        fs::write(hooks.join(hook), format!("#!/bin/sh\n{touch}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(hooks.join(hook), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    let configuration = format!(
        "[init]\n\ttemplateDir = {0}/template\n[core]\n\thooksPath = {0}/template/hooks\n[filter \"trap\"]\n\tsmudge = \"{touch}\"\n\tprocess = \"{touch}\"\n",
        trap.display()
    );
    fs::write(trap.join("gitconfig"), configuration).unwrap();
    let output = Command::new(autodao())
        .args(arguments)
        .envs(desk.variables())
        .env("GIT_CONFIG_GLOBAL", trap.join("gitconfig"))
        .current_dir(desk.path(""))
        .output()
        .unwrap();
    assert!(!trap.join("sprung").exists(), "something of the repository or about it was run");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_repository_is_read_and_nothing_of_it_is_run() {
    let (shared, desk) = (Shared::new(), desk());
    fs::write(shared.file(".gitattributes"), "* filter=trap\n").unwrap();
    let address = shared.commit();
    let trap = tempfile::tempdir().unwrap();
    let ran = run_with_traps(&desk, trap.path(), &["templates", "install", &address]);
    assert_eq!((ran.0, &*ran.1), (Some(0), ""));
    let lock = desk.read("../config/templates/templates.lock");
    let source = lock.lines().find_map(|line| line.strip_prefix("source = \"git+")).unwrap();
    let (named, commit) = source.trim_end_matches('"').split_once('#').unwrap();
    assert_eq!((named, commit.len()), (&*address, 40), "{lock}");
    assert_eq!(
        desk.read("../config/templates/tidy@0.1.0/SKILL.md"),
        fs::read_to_string(shared.file("tidy/SKILL.md")).unwrap()
    );
    // The next version goes beside it.
    shared.edit("tidy/SKILL.md", |text| text.replace("0.1.0", "0.2.0"));
    shared.edit("tidy/template.toml", |text| text.replace("0.1.0", "0.2.0"));
    shared.commit();
    said(&desk, &["templates", "install", &address]);
    assert_eq!(installed(&desk), ["templates.lock", "tidy@0.1.0", "tidy@0.2.0"]);

    let gone = format!("{address}/none");
    for (address, wrong) in [
        (&*gone, "git cannot read "),
        ("ext::sh -c true", "neither a folder nor an address"),
        ("--upload-pack=true", "unexpected argument"),
        ("https://me:word@localhost/x", "holds a password"),
    ] {
        let ran = run_with_traps(&desk, trap.path(), &["templates", "install", address]);
        assert!(ran.0 == Some(2) && ran.1.contains(wrong), "{address}: {}", ran.1);
        assert!(!ran.1.contains("word@"), "{}", ran.1);
    }
}

#[test]
fn a_repository_that_is_one_template_may_be_called_anything() {
    let (shared, desk) = (Shared::new(), desk());
    let root = tempfile::tempdir().unwrap();
    let alone = Shared(root);
    for name in ["SKILL.md", "template.toml", "tests/basic.toml"] {
        fs::create_dir_all(alone.file("tests")).unwrap();
        fs::copy(shared.file("tidy").join(name), alone.file(name)).unwrap();
    }
    said(&desk, &["templates", "install", &alone.commit()]);
    assert_eq!(installed(&desk), ["templates.lock", "tidy@0.1.0"]);
}

type Change = fn(&Shared);

#[cfg(unix)]
#[test]
fn a_hostile_template_is_refused_with_its_reason() {
    use std::os::unix::fs::symlink;
    let changes: [(&str, Change); 13] = [
        ("[relaxed-guard]", |s| {
            s.edit("tidy/template.toml", |t| t.replace("keep_signature = true", "keep_signature = false"))
        }),
        ("[forbidden-key]", |s| {
            s.edit("tidy/template.toml", |t| t + "[model]\nbase_url = \"https://elsewhere.example\"\n")
        }),
        ("[hidden-unicode]", |s| s.edit("tidy/SKILL.md", |t| t + "Be\u{202e} good.\n")),
        ("[secret-in-template]", |s| {
            s.edit("tidy/SKILL.md", |t| t + &format!("Use AKIA{} for it.\n", "Q7WERTYUIOP2ASDF"));
        }),
        ("[link-in-template]", |s| symlink("/etc/passwd", s.file("tidy/prompt.mj")).unwrap()),
        ("[file-too-large]", |s| s.edit("tidy/SKILL.md", |t| t + &"More. ".repeat(20_000))),
        ("[invalid-prompt]", |s| {
            fs::write(s.file("tidy/prompt.mj"), "{% include '../../../etc/passwd' %}").unwrap();
            s.edit("tidy/template.toml", |t| t.replace("kind =", "engine = \"minijinja\"\nkind ="));
        }),
        ("[invalid-front-matter]", |s| fs::write(s.file("tidy/SKILL.md"), b"\x00\x01").unwrap()),
        ("[unreadable-file]", |s| fs::write(s.file("tidy/SKILL.md"), b"---\nname: \xff\n").unwrap()),
        ("[invalid-toml]", |s| s.edit("tidy/template.toml", |t| t + &"[".repeat(5_000))),
        ("[name-mismatch]", |s| s.edit("tidy/SKILL.md", |t| t.replace("name: tidy", "name: simplify"))),
        ("[unknown-key]", |s| s.edit("tidy/template.toml", |t| t.replace("[output]", "[output]\ngrade = 7"))),
        ("was changed on the way", |s| {
            let text = fs::read_to_string(s.file("tidy/SKILL.md")).unwrap();
            fs::write(s.file("tidy/SKILL.md"), text + "And more.\n").unwrap();
        }),
    ];
    for (reason, change) in changes {
        let (shared, desk) = (Shared::new(), desk());
        change(&shared);
        let from_folder = desk.run(&["templates", "install", shared.path().to_str().unwrap()]);
        assert!(
            from_folder.stderr.contains(reason),
            "{reason}: {}{}",
            from_folder.stderr,
            from_folder.stdout
        );
        let address = shared.commit();
        let from_git = desk.run(&["templates", "install", &address]);
        // git has no links for whoever takes none, so it says so itself.
        let reason = if reason == "[link-in-template]" { "is a link" } else { reason };
        let reason = if reason == "[file-too-large]" { "too large" } else { reason };
        assert!(
            from_git.stderr.contains(reason) || from_git.stderr.contains("larger"),
            "{reason}: {}",
            from_git.stderr
        );
        for ran in [from_folder, from_git] {
            assert!(matches!(ran.code, Some(1 | 2)) && ran.stdout.is_empty(), "{reason}: {}", ran.stdout);
            assert!(!ran.stderr.contains("Q7WERTYUIOP2ASDF"), "a secret is not shown: {}", ran.stderr);
        }
        assert!(installed(&desk).is_empty(), "{reason}: {:?}", installed(&desk));
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let (shared, desk) = (Shared::new(), desk());
    let made = Command::new("mkfifo").arg(shared.file("tidy/prompt.mj")).status().unwrap();
    assert!(made.success());
    let ran = desk.run(&["templates", "install", shared.path().to_str().unwrap()]);
    assert!(ran.code == Some(1) && ran.stderr.contains("is no file"), "{}", ran.stderr);
    assert!(installed(&desk).is_empty());
}

#[test]
fn a_prompt_without_end_ends() {
    let (shared, desk) = (Shared::new(), desk());
    shared.edit("tidy/template.toml", |text| text.replace("kind =", "engine = \"minijinja\"\nkind ="));
    let loops = "{% for a in [1,2,3,4,5,6,7,8,9,10] %}".repeat(9) + "x" + &"{% endfor %}".repeat(9);
    for prompt in [loops.as_str(), "{{ 'x' * 1000000000 }}"] {
        fs::write(shared.file("tidy/prompt.mj"), format!("{{{{ target }}}}{prompt}")).unwrap();
        let ran = desk.run(&["templates", "lint", shared.file("tidy").to_str().unwrap()]);
        let refused_at_once = ran.code == Some(1);
        if refused_at_once {
            assert!(ran.stdout.contains("[invalid-prompt]"), "{}", ran.stdout);
            continue;
        }
        let test = desk.run(&["templates", "test", shared.file("tidy").to_str().unwrap()]);
        assert!(test.code == Some(1) && test.stdout.contains("FAILED L1"), "{}{}", test.stdout, test.stderr);
        assert!(test.stdout.len() < 10_000, "{} bytes", test.stdout.len());
    }
}

#[test]
fn a_name_is_not_taken_to_ask_for_less() {
    let (shared, desk) = (Shared::new(), desk());
    fs::rename(shared.file("tidy"), shared.file("fix-finding")).unwrap();
    shared.edit("fix-finding/SKILL.md", |text| text.replace("name: tidy", "name: fix-finding"));
    let ran = desk.run(&["templates", "install", shared.path().to_str().unwrap()]);
    assert!(ran.code == Some(2) && ran.stderr.contains("asks less of replies"), "{}", ran.stderr);
    assert!(installed(&desk).is_empty());
}

#[test]
fn what_the_user_has_stays() {
    let (shared, desk) = (Shared::new(), desk());
    said(&desk, &["templates", "new", "tidy", "--from", "document", "--user"]);
    let before = desk.read("../config/templates/tidy/SKILL.md");
    let ran = desk.run(&["templates", "install", shared.path().to_str().unwrap()]);
    assert!(ran.code == Some(2) && ran.stderr.contains("you have another tidy 0.1.0"), "{}", ran.stderr);
    assert_eq!(desk.read("../config/templates/tidy/SKILL.md"), before);
    assert_eq!(installed(&desk), ["tidy"]);
}
