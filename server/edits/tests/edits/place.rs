//! Edits of all kinds of texts: what they make, byte for byte.

use autodao_edits::{Contract, IndentStyle, ItemTerm, LineEnding, Request, Site, Terms};
use autodao_syntax::{Language, SyntaxParser};

use super::{accepted, fenced, request};

/// Text with the target between marks, reply, and the text that stands in the target's place afterwards.
fn check(language: Language, text: &str, reply: &str, new: &str) {
    let request = request(language, text, Contract::WholeNode);
    check_request(&request, text, reply, new);
}

fn check_request(request: &Request, text: &str, reply: &str, new: &str) {
    let reply = if reply.contains("<<<<") { reply.to_owned() } else { fenced(reply) };
    let proposal = accepted(request, &reply);
    let (before, rest) = text.split_once('⟦').unwrap();
    let (_, after) = rest.split_once('⟧').unwrap();
    assert_eq!(proposal.text, format!("{before}{new}{after}"));
}

#[test]
fn texts_of_all_kinds_keep_their_bytes() {
    use Language::{JavaScript, Rust, Tsx, TypeScript};
    // CRLF, in the target and around it.
    check(
        Rust,
        "// a\r\n⟦fn f() {\r\n    g();\r\n}⟧\r\nfn g() {}\r\n",
        "fn f() {\n    g();\n    g();\n}",
        "fn f() {\r\n    g();\r\n    g();\r\n}",
    );
    // Mixed ends: each line keeps its own, new ones follow the target's.
    check(
        Rust,
        "// a\n⟦fn f() {\r\n    g();\n    g();\r\n}⟧\nfn g() {}\r\n",
        "fn f() {\n    g();\n    g();\n    g();\n}",
        "fn f() {\r\n    g();\n    g();\r\n    g();\r\n}",
    );
    // Tabs.
    check(
        Rust,
        "impl S {\n\t⟦fn f() {\n\t\tlet a = 1;\n\t}⟧\n}\n",
        "fn f() {\n    let a = 1;\n    if a > 0 {\n        drop(a);\n    }\n}",
        "fn f() {\n\t\tlet a = 1;\n\t\tif a > 0 {\n\t\t\tdrop(a);\n\t\t}\n\t}",
    );
    // A byte order mark and no final newline.
    check(
        TypeScript,
        "\u{feff}⟦function f() {\n  return 1;\n}⟧",
        "function f() {\n  return 2;\n}",
        "function f() {\n  return 2;\n}",
    );
    check(
        Rust,
        "\u{feff}⟦fn f() -> u8 {\r\n    1\r\n}⟧",
        "fn f() -> u8 {\n    2\n}",
        "fn f() -> u8 {\r\n    2\r\n}",
    );
    // Beyond the basic plane, and combining.
    check(
        TypeScript,
        "const s = '😀'; ⟦function f() {\n  return '👩‍👩‍👧 e\u{301}';\n}⟧ // 😀",
        "function f() {\n  return '👩‍👩‍👧 e\u{301}!';\n}",
        "function f() {\n  return '👩‍👩‍👧 e\u{301}!';\n}",
    );
    // Macros, and what only looks like code in them.
    check(
        Rust,
        "macro_rules! m { ($a:expr) => { $a } }\n⟦fn f() {\n    m!({ 1 });\n    println!(\"{}\", 1);\n}⟧\n",
        "fn f() {\n    m!({ 2 });\n    println!(\"{} {:?}\", 1, [2]);\n}",
        "fn f() {\n    m!({ 2 });\n    println!(\"{} {:?}\", 1, [2]);\n}",
    );
    check(
        Rust,
        "⟦macro_rules! m {\n    () => {};\n}⟧\n",
        "macro_rules! m {\n    () => {};\n    ($a:ident) => { $a };\n}",
        "macro_rules! m {\n    () => {};\n    ($a:ident) => { $a };\n}",
    );
    // Nested functions.
    check(
        Rust,
        "fn outer() {\n    ⟦fn inner(a: u8) -> u8 {\n        a\n    }⟧\n    inner(1);\n}\n",
        "fn inner(a: u8) -> u8 {\n    a + 1\n}",
        "fn inner(a: u8) -> u8 {\n        a + 1\n    }",
    );
    check(
        JavaScript,
        "const o = {\n  ⟦run: function run(a) {\n    return a;\n  }⟧,\n};\n",
        "run: function run(a) {\n  return a + 1;\n},",
        "run: function run(a) {\n    return a + 1;\n  }",
    );
    // Decorators.
    check(
        TypeScript,
        "class A {\n  @log()\n  ⟦run(a: number) {\n    return a;\n  }⟧\n}\ndeclare function log(): any;\n",
        "@log()\nrun(a: number) {\n  return a + 1;\n}",
        "run(a: number) {\n    return a + 1;\n  }",
    );
    check(
        TypeScript,
        "⟦@Component({ a: 1 })\nexport class A {\n  x = 1;\n}⟧\n",
        "@Component({ a: 1 })\nexport class A {\n  x = 2;\n}",
        "@Component({ a: 1 })\nexport class A {\n  x = 2;\n}",
    );
    // JSX.
    check(
        Tsx,
        "export const App = ⟦() => (\n  <ul>\n    {items.map((i) => <li key={i}>{i}</li>)}\n  </ul>\n)⟧;\nconst items = [1];\n",
        "() => (\n  <ul className=\"a\">\n    {items.map((i) => <li key={i}>{i}!</li>)}\n  </ul>\n);",
        "() => (\n  <ul className=\"a\">\n    {items.map((i) => <li key={i}>{i}!</li>)}\n  </ul>\n)",
    );
    // `#[cfg]` items: the attribute stays where the reply leaves it out, and is not doubled where it repeats it.
    for reply in ["fn f() -> u8 {\n    2\n}", "#[cfg(unix)]\nfn f() -> u8 {\n    2\n}"] {
        check(
            Rust,
            "⟦#[cfg(unix)]\nfn f() -> u8 {\n    1\n}⟧\n#[cfg(windows)]\nfn f() -> u8 {\n    3\n}\n",
            reply,
            "#[cfg(unix)]\nfn f() -> u8 {\n    2\n}",
        );
        check(
            Rust,
            "#[cfg(unix)]\n⟦fn f() -> u8 {\n    1\n}⟧\n#[cfg(windows)]\nfn f() -> u8 {\n    3\n}\n",
            reply,
            "fn f() -> u8 {\n    2\n}",
        );
    }
    // What is exported, with and without saying so.
    check(
        TypeScript,
        "⟦export function f() {\n  return 1;\n}⟧\n",
        "export function f() {\n  return 2;\n}",
        "export function f() {\n  return 2;\n}",
    );
    check(
        TypeScript,
        "export const ⟦f = () => {\n  return 1;\n}⟧;\n",
        "export const f = () => {\n  return 2;\n};",
        "f = () => {\n  return 2;\n}",
    );
    for reply in ["function f() {\n  return 2;\n}", "export function f() {\n  return 2;\n}"] {
        let text = "⟦export function f() {\n  return 1;\n}⟧\n";
        check(TypeScript, text, reply, "export function f() {\n  return 2;\n}");
    }
    // One line among others.
    check(Rust, "mod m { ⟦fn f() -> u8 { 1 }⟧ fn g() {} }\n", "fn f() -> u8 { 2 }", "fn f() -> u8 { 2 }");
    // A lone return is a character like any other to what counts lines by `\n`.
    check(
        JavaScript,
        "a();\r⟦function f() { return 1 }⟧\rb();\r",
        "function f() { return 2 }",
        "function f() { return 2 }",
    );
}

#[test]
fn what_is_inside_literals_and_comments_is_not_laid_out() {
    use Language::{Rust, TypeScript};
    let text = "impl S {\n    ⟦fn f(&self) -> &str {\n        \"one\n  two\n\tthree\"\n    }⟧\n}\n";
    for reply in [
        "fn f(&self) -> &str {\n    let _a = 1;\n    \"one\n  two\n\tthree\"\n}",
        // A model that shifted the literal with the code.
        "fn f(&self) -> &str {\n    let _a = 1;\n    \"one\ntwo\n    three\"\n}",
        "<<<<<<< SEARCH\n    \"one\n=======\n    let _a = 1;\n    \"one\n>>>>>>> REPLACE",
    ] {
        check(
            Rust,
            text,
            reply,
            "fn f(&self) -> &str {\n        let _a = 1;\n        \"one\n  two\n\tthree\"\n    }",
        );
    }
    check(
        TypeScript,
        "class A {\n\t⟦f(a: number) {\n\t\treturn `x\n    ${a}\n  y`;\n\t}⟧\n}\n",
        "f(a: number) {\n  /*\n   * why\n     deep\n   */\n  return `x\n    ${a}\n  y!`;\n}",
        "f(a: number) {\n\t\t/*\n\t\t * why\n\t\t   deep\n\t\t */\n\t\treturn `x\n    ${a}\n  y!`;\n\t}",
    );
}

#[test]
fn blanks_at_the_end_of_old_lines_stay() {
    let text = "⟦fn f() {  \n    g();\t\n\n    g();\n}⟧\nfn g() {}\n";
    check(
        Language::Rust,
        text,
        "fn f() {\n    g();\n\n    g();\n    g();\n}",
        "fn f() {  \n    g();\t\n\n    g();\n    g();\n}",
    );
}

#[test]
fn code_is_put_beside_its_place() {
    let insert = |language, text: &str, contract, code: &str| {
        let request = request(language, text, contract);
        accepted(&request, &fenced(code)).text
    };
    let text = "impl S {\n    /// One.\n    #[inline]\n    ⟦fn one(&self) {\n    }⟧ // end\n}\n";
    assert_eq!(
        insert(Language::Rust, text, Contract::InsertBefore, "fn zero(&self) {\n    self.one();\n}"),
        "impl S {\n    fn zero(&self) {\n        self.one();\n    }\n\n    /// One.\n    #[inline]\n    fn one(&self) {\n    } // end\n}\n"
    );
    assert_eq!(
        insert(Language::Rust, text, Contract::InsertAfter, "fn two(&self) {\n\tself.one();\n}"),
        "impl S {\n    /// One.\n    #[inline]\n    fn one(&self) {\n    } // end\n\n    fn two(&self) {\n        self.one();\n    }\n}\n"
    );
    assert_eq!(
        insert(
            Language::Rust,
            "fn a() {}\r\n\r\n⟦fn b() {}⟧",
            Contract::InsertAfter,
            "fn c() {\n    b();\n}"
        ),
        "fn a() {}\r\n\r\nfn b() {}\r\n\r\nfn c() {\r\n    b();\r\n}"
    );
    assert_eq!(
        insert(Language::Rust, "\u{feff}⟦fn b() {}⟧\n", Contract::InsertBefore, "/// Does b."),
        "\u{feff}/// Does b.\nfn b() {}\n"
    );
    assert_eq!(
        insert(
            Language::TypeScript,
            "class A {\n  ⟦b() {}⟧\n}\n",
            Contract::InsertBefore,
            "/**\n * Does b.\n */"
        ),
        "class A {\n  /**\n   * Does b.\n   */\n  b() {}\n}\n"
    );
    assert_eq!(
        insert(
            Language::TypeScript,
            "export const ⟦a = 1⟧;\n",
            Contract::InsertAfter,
            "export const b = a + 1;"
        ),
        "export const a = 1;\n\nexport const b = a + 1;\n"
    );
    assert_eq!(
        insert(Language::Rust, "mod m { ⟦fn a() {}⟧ }\n", Contract::InsertAfter, "fn b() {}"),
        "mod m { fn a() {}\n\nfn b() {} }\n"
    );
    // What is there already is not put there again, and nothing else is changed on the way.
    for code in
        ["fn b() {}", "fn b() {}\nfn c() {}", "}", "<<<<<<< SEARCH\nfn b() {}\n=======\n>>>>>>> REPLACE"]
    {
        let request = request(Language::Rust, "⟦fn b() {}⟧\n", Contract::InsertAfter);
        super::refused(&request, &fenced(code));
    }
}

#[test]
fn a_new_file_is_one_block() {
    let mut parser = SyntaxParser::default();
    let site = Site::new_file(&mut parser, Language::TypeScript, LineEnding::CrLf).unwrap();
    let request = Request { site, contract: Contract::NewFile, terms: Terms::default() };
    let code = "import { add } from './add';\n\ntest('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});\n";
    let proposal = accepted(&request, &format!("Here are the tests:\n```ts\n{code}```\n"));
    assert_eq!(proposal.text, code.replace('\n', "\r\n"));
    super::refused(&request, &fenced("test('adds', () => {"));
    super::refused(&request, "I cannot write tests for this.");
}

#[test]
fn a_site_knows_its_place() {
    let request = request(
        Language::Rust,
        "mod m {\r\n\t⟦fn f() {\r\n\t\tlet a = \"x\r\n\t\ty\";\r\n\t}⟧\r\n}\r\n",
        Contract::WholeNode,
    );
    assert_eq!(request.site.shown(), "fn f() {\n\tlet a = \"x\n\t\ty\";\n}");
    assert_eq!(request.site.line_ending(), LineEnding::CrLf);
    assert_eq!(request.site.indent_style(), Some(IndentStyle::Tabs));
}

#[test]
fn terms_loosen_what_must_stay() {
    let text = "⟦fn f() -> u8 {\n    1\n}⟧\n";
    let mut request = request(Language::Rust, text, Contract::WholeNode);
    let more = "fn f() -> u8 {\n    one()\n}\n\nfn one() -> u8 {\n    1\n}";
    check_request(&request, text, more, more);
    request.terms.items = ItemTerm::Same;
    assert_eq!(super::refused(&request, &fenced(more)).gate.name(), "kind");
    request.terms.items = ItemTerm::Free;
    request.terms.signature = autodao_edits::SignatureTerm::Free;
    check_request(&request, text, "const F: u8 = 1;", "const F: u8 = 1;");
}

/// What stands deeper is searched for, and the lines that replace it end the levels it stands in.
#[test]
fn a_hunk_may_end_the_level_it_begins_in() {
    let text = "class A {\n\t\t⟦f() {\n\t\t\tif (a) {\n\t\t\t\tb();\n\t\t\t}\n\t\t}⟧\n}\n";
    let reply = "<<<<\n\t\tb();\n====\n\t\tb();\n\t}\n\tif (c) {\n\t\td();\n>>>>";
    let new = "f() {\n\t\t\tif (a) {\n\t\t\t\tb();\n\t\t\t}\n\t\t\tif (c) {\n\t\t\t\td();\n\t\t\t}\n\t\t}";
    check_request(&request(Language::TypeScript, text, Contract::Hunks), text, reply, new);
}

/// A method is shown without the indentation it has in its file. What stands at one depth as it was shown may stand
/// at the same depth, elsewhere, in the file.
#[test]
fn a_hunk_is_about_the_target_as_it_was_shown() {
    let target = "fn f() {\n        a();\n        if b {\n            a();\n        }\n    }";
    let text = format!("mod m {{\n    ⟦{target}⟧\n}}\n");
    let request = request(Language::Rust, &text, Contract::Hunks);
    let reply = "<<<<\n        a();\n====\n        f();\n>>>>";
    check_request(&request, &text, reply, &target.replace("            a();", "            f();"));
    // A piece that begins and ends inside lines, with the lines between as they were shown.
    let reply = "<<<<\nif b {\n        a(\n====\nif b {\n        f(\n            `d`,\n>>>>";
    let new = target.replace("            a(", "            f(\n                `d`,");
    let reply = reply.replace('`', "\"");
    check_request(&request, &text, &reply, &new.replace('`', "\""));
}

/// What is inside a literal has no indentation of its own.
#[test]
fn a_hunk_puts_no_blanks_into_a_literal() {
    let target = "fn f() {\n        g(\"a\n  b\");\n    }";
    let text = format!("mod m {{\n    ⟦{target}⟧\n}}\n");
    let request = request(Language::Rust, &text, Contract::Hunks);
    let reply = "<<<<\n    g(\"a\n====\n    f();\n    g(\"a\n  c\n>>>>";
    let new = "fn f() {\n        f();\n        g(\"a\n  c\n  b\");\n    }";
    check_request(&request, &text, reply, new);
}

#[test]
fn tests_of_rust_go_where_tests_are() {
    let after = |text: &str, code: &str| {
        let request = request(Language::Rust, text, Contract::InsertAfter);
        accepted(&request, &fenced(code)).text
    };
    let method = "struct S;\nimpl S {\n    ⟦fn one() -> u8 {\n        1\n    }⟧\n}\n\nfn last() {}\n";
    let plain = method.replace(['⟦', '⟧'], "");
    let test = "#[test]\nfn one_is_one() {\n    assert_eq!(S::one(), 1);\n}";
    let inside = "    #[test]\n    fn one_is_one() {\n        assert_eq!(S::one(), 1);\n    }\n";
    let module = format!("#[cfg(test)]\nmod tests {{\n    use super::*;\n\n{inside}}}");
    // Neither a test nor a module of them is a member of a type.
    assert_eq!(after(method, test), format!("{plain}\n{module}\n"));
    assert_eq!(after(method, &module), format!("{plain}\n{module}\n"));
    // Where there are tests, they go there.
    let tests = "#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn other() {\n        last();\n    }\n}\n";
    let expected = format!("{plain}\n{}", tests.replace("    }\n}\n", &format!("    }}\n\n{inside}}}\n")));
    assert_eq!(after(&format!("{method}\n{tests}"), &module), expected);
    assert_eq!(after(&format!("{method}\n{tests}"), test), expected);
    // In the module that the code is in.
    let inner = "mod a {\n    ⟦fn one() -> u8 {\n        1\n    }⟧\n}\n";
    let placed = after(inner, &test.replace("S::", ""));
    assert!(
        placed.contains(
            "    }\n\n    #[cfg(test)]\n    mod tests {\n        use super::*;\n\n        #[test]\n"
        ),
        "{placed}"
    );
    assert!(placed.ends_with("        }\n    }\n}\n"), "{placed}");
}
