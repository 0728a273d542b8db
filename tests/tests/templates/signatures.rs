//! `autodao templates install --key`: who gave a template away has signed what it holds.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::commands::{desk, said};

const SKILL: &str = "---\nname: signed\ndescription: Makes the target shorter.\nmetadata:\n  version: \"1.0.0\"\n---\n\nMake the target shorter.\n";
const CONFIG: &str = "schema = 1\nversion = \"1.0.0\"\n\n[match]\ntask = [\"simplify\"]\n\n[output]\ncontract = [\"whole-node\"]\n";
const LOCK: &str = "# Written by `autodao templates`: what each version held when it was taken in.\nschema = 1\n\n[[template]]\nname = \"signed\"\nversion = \"1.0.0\"\nsha256 = \"bff51da5ee96a985d2ac56bc0edc3048cfaff1d0aa9546d07cff91ae35833e60\"\nsource = \"export\"\n";
/// Made with a key that was thrown away.
const SIGNATURE: &str = "untrusted comment: signature of templates.lock\nRUQBNsCJvhyL1+sieX4LmR+62IryQYxSAt11ymNWYN7JX91QRlOeCMXRTyfRVxE/nNQHMSdw62m80ptW2LcCCduH5ZpXEETRDAI=\ntrusted comment: timestamp:1764000000\tfile:templates.lock\ntYvUvkjR6SenBJOFc/pSXfiofXP3eybHLIdW0NhXhcInj6zPuCnbnns6Ai3jPxsySnNvF+HtxhRLgFH9/nvlDw==\n";
const KEY: &str = "RWQBNsCJvhyL17ztKWIROA+JvX7CPsOsfjrTdgVsolYZGAMuSSaDeWgQ";
const ANOTHER_KEY: &str = "RWRxbpfZRgGiyBXNMerKv7dTQsA6paR2xOnL8ohY19yhM5VHSMyWbALe";

fn shared() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("signed")).unwrap();
    write("signed/SKILL.md", SKILL);
    write("signed/template.toml", CONFIG);
    write("templates.lock", LOCK);
    write("templates.lock.minisig", SIGNATURE);
    folder
}

fn edit(folder: &Path, name: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(name);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
}

#[test]
fn what_is_signed_is_installed_and_nothing_else() {
    let folder = shared();
    let path = folder.path().to_str().unwrap();
    let first = desk();
    let installed = first.run(&["templates", "install", path, "--key", KEY]);
    assert_eq!(installed.code, Some(0), "{}", installed.stderr);
    assert!(installed.stdout.starts_with("signed@1.0.0 is installed, from "), "{}", installed.stdout);
    assert!(installed.stdout.contains("Its templates.lock is signed with that key."), "{}", installed.stdout);

    type Change = fn(&Path);
    let changes: [(Change, &str, &str); 8] = [
        (|_| {}, ANOTHER_KEY, "is not signed with that key"),
        (|_| {}, "RWQ", "is no public key of minisign"),
        (
            |at| fs::remove_file(at.join("templates.lock.minisig")).unwrap(),
            KEY,
            "there is no templates.lock.minisig",
        ),
        (|at| fs::remove_file(at.join("templates.lock")).unwrap(), KEY, "there is no templates.lock"),
        (
            |at| edit(at, "templates.lock.minisig", |_| "untrusted comment: x\n".to_owned()),
            KEY,
            "is no signature of minisign",
        ),
        (|at| edit(at, "templates.lock", |text| text + "\n"), KEY, "is not signed with that key"),
        (|at| edit(at, "signed/SKILL.md", |text| text + "And more.\n"), KEY, "was changed on the way"),
        (
            |at| {
                edit(at, "signed/SKILL.md", |text| text.replace("1.0.0", "1.1.0"));
                edit(at, "signed/template.toml", |text| text.replace("1.0.0", "1.1.0"));
            },
            KEY,
            "signed 1.1.0 is not in the signed templates.lock",
        ),
    ];
    for (change, key, wrong) in changes {
        let (folder, desk) = (shared(), desk());
        change(folder.path());
        let ran = desk.run(&["templates", "install", folder.path().to_str().unwrap(), "--key", key]);
        assert!(ran.code == Some(2) && ran.stderr.contains(wrong), "{wrong}: {}{}", ran.stdout, ran.stderr);
        assert!(!desk.path("../config/templates/signed@1.0.0").exists(), "{wrong}");
        // Whoever asks for no signature gets what the lock allows.
        if !wrong.contains("changed") {
            let ran = desk.run(&["templates", "install", folder.path().to_str().unwrap()]);
            assert_eq!(ran.code, Some(0), "{wrong}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_signature_comes_with_a_repository() {
    let shared = crate::sharing::Shared::of(shared());
    let address = shared.commit();
    let desk = desk();
    let ran = desk.run(&["templates", "install", &address, "--key", KEY]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    said(&desk, &["templates", "show", "signed@1.0.0"]);
}
