//! Many findings, one patch.

use autodao_tests::loopback::{Loopback, Reply};

use crate::home::{Home, settings, stream};

#[test]
fn a_batch_is_one_patch_and_goes_on_where_it_was_broken_off() {
    let server = Loopback::start();
    let home = Home::new(&settings(&server.url("/v1"), ""));
    let source = |body: &str| format!("pub fn f(x: Option<u32>) -> u32 {{\n    {body}\n}}\n");
    let bad = source("x.unwrap()");
    for name in ["a", "b"] {
        home.write(&format!("project/src/{name}.rs"), &bad);
    }
    let fixed = source("x.unwrap_or_default()");
    let reply = Reply::events(&stream(&format!("```rust\n{fixed}```\n")).concat());
    let batch = ["act", "--batch", "--rule", "unwrap-used", "src/a.rs", "src/b.rs"];
    // The first file goes well, then the provider wants money.
    server.reply(reply.clone()).reply(Reply::json(402, "{}"));
    let ran = home.run(&batch);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("goes on from here"), "{}", ran.stderr);
    assert_eq!(server.asked().len(), 2);
    server.reply(reply);
    let ran = home.run(&batch);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(server.asked().len(), 3, "what was paid for is not asked for again");
    assert_eq!(ran.stdout.matches("+    x.unwrap_or_default()").count(), 2, "{}", ran.stdout);
    assert_eq!(home.read("project/src/a.rs"), bad);
    // The same again costs nothing; then it is written.
    let ran = home.run(&[&batch[..], &["--write"]].concat());
    assert_eq!((ran.code, server.asked().len()), (Some(0), 3), "{}", ran.stderr);
    assert_eq!((home.read("project/src/a.rs"), home.read("project/src/b.rs")), (fixed.clone(), fixed));
}

#[test]
fn a_batch_takes_a_users_rule_by_its_name() {
    let server = Loopback::start();
    let home = Home::new(&settings(&server.url("/v1"), ""));
    let rule = "; id: no-exit\n; message: `{call}` ends the program\n; severity: warning\n\
        ; dimension: error-handling\n; languages: rust\n\
        ((scoped_identifier) @call @finding (#eq? @call \"process::exit\"))\n";
    home.write("project/autodao/rules/no-exit.scm", rule);
    let bad = "pub fn end(n: i32) {\n    process::exit(n);\n}\n";
    home.write("project/src/a.rs", bad);
    let good = bad.replace("process::exit(n);", "drop(n);");
    server.reply(Reply::events(&stream(&format!("```rust\n{good}```\n")).concat()));
    let ran = home.run(&["act", "--batch", "--rule", "no-exit", "--write"]);
    assert_eq!((ran.code, home.read("project/src/a.rs")), (Some(0), good), "{}", ran.stderr);
    let ran = home.run(&["act", "--batch", "--rule", "no-exist"]);
    assert!(ran.stderr.contains("did you mean `no-exit`?"), "{}", ran.stderr);
}
