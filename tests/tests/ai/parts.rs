//! A task about many items: asked for item by item, one edit in the end.

use autodao_engine::ledger::EventKind;
use autodao_tests::loopback::{Act, Gate};
use serde_json::json;

use crate::desk::{Desk, at, begun, code, delta, end, said, story};
use crate::editor::Editor;

/// One of the methods, long enough that three of them are not asked for together.
fn method(name: &str) -> String {
    let lines: String = (0..40)
        .map(|line| format!("        let value_{line} = number + {line};\n        drop(value_{line});\n"))
        .collect();
    format!("    fn {name}(&self, number: u32) -> u32 {{\n{lines}        number\n    }}\n")
}

/// The same in fewer lines, as a model writes it.
fn shorter(name: &str) -> String {
    let lines: String = (0..40).map(|line| format!("    drop(number + {line});\n")).collect();
    format!("fn {name}(&self, number: u32) -> u32 {{\n{lines}    number\n}}")
}

fn text() -> String {
    let methods: Vec<_> = ["first", "second", "third"].map(method).into();
    format!("struct Sum;\n\nimpl Sum {{\n{}}}\n", methods.join("\n"))
}

/// The text when some methods were made shorter.
fn improved(names: &[&str]) -> String {
    names.iter().fold(text(), |text, name| {
        let lines = shorter(name).lines().map(|line| format!("    {line}\n")).collect::<String>();
        text.replace(&method(name), &lines)
    })
}

#[test]
fn each_item_is_asked_for_by_itself_and_a_refused_one_is_left() {
    let desk = Desk::new();
    desk.file("a.rs", &text());
    let broken = || code("fn second(&self, number: u32) -> u32 {\n    number +\n}");
    // One place at this endpoint: the repair of the second waits behind the third.
    desk.provider.reply(code(&shorter("first"))).reply(broken());
    desk.provider.reply(code(&shorter("third"))).reply(broken());
    let ran = desk.act("a.rs", "simplify", &["--write"]);
    assert_eq!((ran.code, desk.read("a.rs")), (Some(0), improved(&["first", "third"])), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("second is left as it is") && ran.stderr.contains("(gate: syntax)"),
        "{}",
        ran.stderr
    );
    let asked = desk.provider.asked();
    assert_eq!(asked.len(), 4);
    let sent = said(&asked[0].json());
    assert_eq!(sent.matches("let value_7 = number + 7;").count(), 1, "one method is sent whole: {sent}");
    let edits = desk.edits();
    let stories: Vec<_> = edits.iter().map(story).collect();
    assert_eq!(stories.len(), 3, "{stories:?}");
    let ended = |end: &str| stories.iter().filter(|story| story.ends_with(end)).count();
    assert_eq!((ended("offered applied"), ended("refused(syntax)")), (2, 1), "{stories:?}");
    // The naive way takes the file once, however many parts there are.
    let alone = Desk::new();
    let file = alone.file("a.rs", &text());
    alone.provider.reply(code(&shorter("first")));
    alone.act(&at(&file, 6), "simplify", &[]);
    assert_eq!(naive_output(&desk), naive_output(&alone));
}

/// What the naive way would take of a desk's edits, in tokens of output.
fn naive_output(desk: &Desk) -> u64 {
    let edits = desk.edits();
    let events = edits.iter().flat_map(|edit| &edit.events);
    let planned = events.filter_map(|event| match &event.kind {
        EventKind::Planned(planned) => planned.baseline,
        _ => None,
    });
    planned.map(|baseline| baseline.output).sum()
}

#[test]
fn a_cursor_in_one_item_is_about_that_item() {
    let desk = Desk::new();
    let file = desk.file("a.rs", &text());
    desk.provider.reply(code(&shorter("first")));
    let ran = desk.act(&at(&file, 6), "simplify", &["--write"]);
    assert_eq!((ran.code, desk.read("a.rs")), (Some(0), improved(&["first"])), "{}", ran.stderr);
    assert_eq!(desk.provider.asked().len(), 1);
}

#[test]
fn in_an_editor_the_parts_are_one_step_that_is_asked_about() {
    let desk = Desk::new();
    let gate = Gate::default();
    desk.provider.reply(code(&shorter("first")));
    let open = begun("```\n", Act::Await(gate.clone()));
    desk.provider.reply(
        open.then(Act::Bytes(delta(&format!("{}\n```", shorter("second"))).into()))
            .then(Act::Bytes(end("stop").into())),
    );
    desk.provider.reply(code(&shorter("third")));
    let mut editor = Editor::open(&desk, "a.rs", &text());
    let action = editor.offer(2, "Simplify");
    assert!(action["title"].as_str().unwrap().starts_with("Simplify (3 items, "), "{action}");
    editor.choose(&action);
    desk.provider.wait_for_asked(2);
    editor.replace([0, 0], [0, 0], "// 😀 typed meanwhile\n");
    editor.looked_at();
    gate.open();
    let wanted = editor.wanted();
    let annotation = &wanted.params["edit"]["changeAnnotations"]["ai"];
    assert_eq!(annotation["needsConfirmation"], true, "{annotation}");
    assert!(annotation.to_string().contains("3 of 3 items"), "{annotation}");
    assert!(editor.apply(&wanted));
    assert_eq!(editor.text, format!("// 😀 typed meanwhile\n{}", improved(&["first", "second", "third"])));
}

#[test]
fn cancelling_stops_every_part() {
    let desk = Desk::new();
    desk.provider.reply(code(&shorter("first"))).reply(begun("```\n", Act::Stall));
    let mut editor = Editor::open(&desk, "a.rs", &text());
    let action = editor.offer(2, "Simplify");
    let id = editor.choose(&action);
    desk.provider.wait_for_asked(2);
    editor.client.notify("$/cancelRequest", json!({"id": id}));
    assert_eq!(editor.client.answer(id).error_code(), Some(-32800));
    assert!(editor.client.take_all("workspace/applyEdit").is_empty());
    drop(editor);
    let mut stories: Vec<_> = desk.edits().iter().map(story).collect();
    stories.sort();
    let expected = [
        "planned cancelled(unasked)",
        "planned requested answered(end_turn) offered rejected(parts)",
        "planned requested cancelled",
    ];
    assert_eq!(stories, expected);
}
