//! Known edits as answers: what is read back is what was meant.

use autodao_edits::{encode, site_of};
use autodao_syntax::{Language, Span, SyntaxParser};
use proptest::prelude::*;
use proptest::sample::select;

/// Lines that repeat, nest and are blank.
fn line() -> impl Strategy<Value = &'static str> {
    select(vec![
        "    a();",
        "    b(c, d);",
        "    if e {",
        "        a();",
        "        return f;",
        "    }",
        "",
        "    // said",
        "    let long_name_of_it = b(c, d) + e;",
        "        .g()",
    ])
}

fn body() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..14).prop_map(|lines| lines.join("\n"))
}

/// The file with a function of this body in a module, and where the function is.
fn file(body: &str) -> (String, String, Span) {
    let indented =
        body.split('\n').map(|line| if line.is_empty() { line.to_owned() } else { format!("    {line}") });
    let function = format!("fn f() {{\n{}\n    }}", indented.collect::<Vec<_>>().join("\n"));
    let head = "mod m {\n    ";
    let span = Span::new(head.len() as u32, (head.len() + function.len()) as u32);
    (format!("{head}{function}\n}}\n"), function, span)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_makes_the_edit_it_is_made_of(before in body(), after in body()) {
        let (text, _, target) = file(&before);
        let (wanted, new, _) = file(&after);
        let mut parser = SyntaxParser::default();
        let site = site_of(&mut parser, &text, Language::Rust, target).unwrap();
        let encoded = encode(&site, &new, &mut parser, &str::len);
        prop_assert_eq!(encoded.map(|encoded| encoded.text), Some(wanted));
    }
}

#[test]
fn blanks_at_the_ends_of_lines_are_kept() {
    let (text, old, target) = file("    a();\n\n    b(c, d); \n    // said");
    let mut parser = SyntaxParser::default();
    let site = site_of(&mut parser, &text, Language::Rust, target).unwrap();
    let new = old.replace("    // said", "    \n    if e { \n            a();\n        }");
    let new = new.replace("a();\n\n", "a();\n    \n");
    let encoded = encode(&site, &new, &mut parser, &str::len).unwrap();
    assert_eq!(encoded.text, text.replace(&old, &new), "{}", encoded.answer);
}
