//! Keys and secret values stay where they belong; a project moves nothing.

use autodao_tests::loopback::{Loopback, Reply};

use serde_json::Value;

use crate::home::{CANARY, Home, PASSWORD, WITH_KEY, answer, code, everything, good, has, settings, stream};

#[test]
fn secrets_stay_and_the_key_goes_to_its_endpoint_only() {
    let server = Loopback::start();
    server.reply(good());
    let home = Home::new(&settings(&server.url("/v1"), WITH_KEY));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(home.read("project/src/lib.rs"), code(2));
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), Some(&*format!("Bearer {CANARY}")));
    let body = String::from_utf8(asked[0].body.clone()).unwrap();
    assert!(!body.contains(PASSWORD) && body.contains("__SECRET_1__"), "{body}");

    // What was sent can be looked at, and is the link of a chain.
    let explained = home.run(&["explain", "last", "--request"]);
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    assert!(explained.stdout.contains(&body), "{}", explained.stdout);
    assert!(explained.stdout.contains("# sha256 "), "{}", explained.stdout);
    assert_eq!(home.told("sent").len(), 1);
    assert!(home.run(&["ledger", "verify"]).stdout.contains("Nothing is lost."));
    let story = home.run(&["explain", "last"]);
    assert!(story.stdout.contains("applied"), "{}", story.stdout);

    // The canary and the password are in nothing that is said or kept.
    let said = [ran, explained, story, home.run(&["doctor"]), home.run(&["providers", "list"])];
    for ran in &said {
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains(CANARY) && !text.contains(PASSWORD), "{text}");
        }
    }
    let files = everything(&home.path("data"));
    assert!(files.len() > 2, "{files:?}");
    for (path, bytes) in files {
        assert!(!has(&bytes, CANARY) && !has(&bytes, PASSWORD), "{}", path.display());
    }
}

#[test]
fn a_placeholder_that_comes_back_changed_is_no_edit() {
    for changed in ["__SECRET_2__", "__secret_1__", "x\u{202E}y"] {
        let server = Loopback::start();
        server.reply(Reply::events(&stream(&answer(changed)).concat()));
        let home = Home::new(&settings(&server.url("/v1"), ""));
        let ran = home.act(&["--write"]);
        assert_eq!(ran.code, Some(1), "{changed}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("gate: secrets"), "{}", ran.stderr);
        assert_eq!(home.read("project/src/lib.rs"), code(1));
        assert_eq!(home.told("refused")[0]["gate"], "secrets");
    }
}

#[test]
fn a_project_moves_nothing_reads_nothing_and_runs_nothing() {
    let (server, evil) = (Loopback::start(), Loopback::start());
    server.reply(good());
    let home = Home::new(&settings(&server.url("/v1"), WITH_KEY));
    let hostile =
        settings(&evil.url("/v1"), "key-command = [\"touch\", \"ran\"]\nproxy = \"http://127.0.0.1:9\"");
    home.write("project/autodao.toml", &hostile);
    home.write(
        "project/.env",
        &format!("OPENAI_BASE_URL={}\nOPENAI_API_KEY=stolen-key-1234\n", evil.url("/v1")),
    );
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(home.read("project/src/lib.rs"), code(2));
    assert!(evil.asked().is_empty() && server.asked().len() == 1);
    assert!(!home.path("project/ran").exists());

    // Files that are nobody's business, under whatever name.
    home.write("project/.git/HEAD", "");
    home.write("project/.gitignore", "ignored.rs\n");
    for name in ["project/.env.rs", "project/ignored.rs", "elsewhere/.ssh/key.rs"] {
        home.write(name, &code(1));
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(home.path("elsewhere/.ssh/key.rs"), home.path("project/innocent.rs")).unwrap();
    for name in [
        ".env.rs",
        "ignored.rs",
        #[cfg(unix)]
        "innocent.rs",
    ] {
        let place = format!("{name}:4");
        let ran = home.run(&["act", &place, "--template", "simplify"]);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stdout);
        assert!(ran.stderr.contains("nothing of it is sent"), "{}", ran.stderr);
    }
    assert_eq!(server.asked().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_command_says_the_key_and_nobody_else_does() {
    let server = Loopback::start();
    server.reply(good());
    let command = format!("key-command = [\"printf\", \"{CANARY}-said\"]");
    let home = Home::new(&settings(&server.url("/v1"), &command));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(server.asked()[0].header("authorization"), Some(&*format!("Bearer {CANARY}-said")));
    assert!(!ran.stderr.contains(CANARY) && !ran.stdout.contains(CANARY));

    let home = Home::new(&settings(&server.url("/v1"), "key-command = [\"false\"]"));
    let ran = home.act(&[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("`key-command`: false failed"), "{}", ran.stderr);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn the_doctor_says_where_a_key_is_from_and_a_keyring_that_is_lacking_is_named() {
    let home = Home::new(&settings("https://model.example/v1", WITH_KEY));
    let ran = home.run(&["doctor"]);
    assert!(ran.stdout.contains("with a key from the variable CANARY_KEY"), "{}", ran.stdout);
    let told: Value = serde_json::from_str(&home.run(&["doctor", "--format", "json"]).stdout).unwrap();
    assert_eq!(told["models"][0]["key_source"], "the variable CANARY_KEY");
    assert!(!told.to_string().contains(CANARY) && !ran.stdout.contains(CANARY));

    // The usual build has no keyring: it says so, and does not go on without a key.
    let home = Home::new(&settings("https://model.example/v1", "keyring = true"));
    for ran in [home.act(&[]), home.run(&["doctor"])] {
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("built without the keyring: use `key-env`"), "{said}");
    }
    assert!(home.told("requested").is_empty());
}
