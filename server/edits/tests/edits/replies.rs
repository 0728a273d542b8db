//! What models really write, and what is made of it.

use autodao_edits::{Contract, Gate, Outcome};
use autodao_syntax::Language;

use super::{accepted, fenced, outcome, refused, request};

const METHOD: &str = "\
pub struct S { n: u32 }

impl S {
    /// Adds.
    ⟦pub fn add(&mut self, by: u32) -> u32 {
        self.n += by;
        self.n
    }⟧

    pub fn other(&self) {}
}
";

/// The method after the edit all replies mean.
const NEW: &str = "pub fn add(&mut self, by: u32) -> u32 {\n        self.n = self.n.saturating_add(by);\n        self.n\n    }";

const DEDENTED: &str =
    "pub fn add(&mut self, by: u32) -> u32 {\n    self.n = self.n.saturating_add(by);\n    self.n\n}";

#[test]
fn one_answer_is_read_in_many_forms() {
    let indented = format!("    {NEW}");
    let wrapped = format!("impl S {{\n{indented}\n}}");
    let numbered = |from: u32, separator: &str| {
        let lines = DEDENTED.lines().zip(from..);
        lines.map(|(line, number)| format!("{number:>3}{separator}{line}")).collect::<Vec<_>>().join("\n")
    };
    let tabs = DEDENTED.replace("    ", "\t");
    let two = DEDENTED.replace("    ", "  ");
    for reply in [
        fenced(DEDENTED),
        fenced(NEW),
        fenced(&indented),
        fenced(&tabs),
        fenced(&two),
        fenced(&wrapped),
        fenced(&format!("\n\n{DEDENTED}\n\n")),
        fenced(&numbered(1, " | ")),
        fenced(&numbered(41, ": ")),
        fenced(&numbered(9, "\t")),
        fenced(&format!("/// Adds.\n{DEDENTED}")),
        DEDENTED.to_owned(),
        format!("{DEDENTED}\n<|im_end|>"),
        format!("<think>\nUse saturating_add.\n```\nx\n```\n</think>\n\n{}", fenced(DEDENTED)),
        format!("Sure! Here is the code:\n\n```rust\n{DEDENTED}\n```\n\nIt does not overflow any more."),
        format!("```rust\n{DEDENTED}"),
        format!("~~~rs\n{DEDENTED}\n~~~"),
        format!("1. Replace it:\n\n   ```Rust\n{}\n   ```", DEDENTED.replace("\n", "\n   ")),
        format!("```rust\n{DEDENTED}\n```\nUse it so:\n```bash\ncargo test\n```"),
        format!("```rust\n{DEDENTED}\n```\nUse it so:\n```rust\ns.add(1);\n```"),
        format!("```rust\n{DEDENTED}\n```\nAgain:\n```rust\n{DEDENTED}\n```"),
        fenced(DEDENTED).replace('\n', "\r\n"),
        format!("\u{feff}{}", fenced(DEDENTED)),
        fenced(&DEDENTED.replace(";\n", ";   \n")),
        "<<<<<<< SEARCH\n    self.n += by;\n=======\n    self.n = self.n.saturating_add(by);\n>>>>>>> REPLACE".into(),
        "<<<<<<< SEARCH\n        self.n += by;\n=======\n        self.n = self.n.saturating_add(by);\n>>>>>>> REPLACE"
            .into(),
        "src/s.rs\n```rust\n<<<<<<< SEARCH\nself.n += by;\n=======\nself.n = self.n.saturating_add(by);\n>>>>>>> REPLACE\n```"
            .into(),
        "<<<<<<< SEARCH\n\tself.n += by;   \n=======\n\tself.n = self.n.saturating_add(by);\n>>>>>>> REPLACE\n".into(),
        "<<<<<<< SEARCH\n+=\n=======\n= self.n.saturating_add(by)\n>>>>>>> REPLACE"
            .replace("+=\n", "+= by\n"),
        "<<<<<<< SEARCH\n```\nself.n += by;\n```\n=======\n```\nself.n = self.n.saturating_add(by);\n```\n>>>>>>> REPLACE"
            .into(),
    ] {
        for contract in [Contract::WholeNode, Contract::Hunks] {
            let request = request(Language::Rust, METHOD, contract);
            let proposal = accepted(&request, &reply);
            let expected = METHOD.replace("⟦", "").replace("⟧", "");
            let expected = expected.replace("self.n += by;", "self.n = self.n.saturating_add(by);");
            assert_eq!(proposal.text, expected, "{reply}");
            assert_eq!(proposal.new_text(), NEW);
        }
    }
}

#[test]
fn what_is_not_clear_is_refused() {
    use Gate::{Change, Elision, Extraction, Items, Kind, Place, Residue, Surroundings, Syntax};
    let other = DEDENTED.replace("saturating", "wrapping");
    for (reply, gates) in [
        (format!("```\n{DEDENTED}\n```\nor\n```\n{other}\n```"), &[Extraction][..]),
        ("```diff\n- self.n += by;\n+ self.n = 1;\n```".into(), &[Extraction]),
        (fenced("- self.n += by;\n+ self.n = 1;"), &[Syntax]),
        (fenced(&DEDENTED[..DEDENTED.len() - 2]), &[Syntax, Surroundings]),
        (fenced(&format!("{DEDENTED}\n}}")), &[Syntax, Surroundings]),
        // It closes the block around the target and opens another.
        (fenced(&format!("{DEDENTED}\n}}\nimpl S {{\nfn x() {{}}")), &[Surroundings]),
        (fenced(&format!("{DEDENTED}\n/*")), &[Syntax, Surroundings]),
        (fenced(&format!("{DEDENTED}\nfn x() -> &'static str {{ r#\"")), &[Syntax, Surroundings]),
        (fenced("pub fn add(&mut self, by: u32) -> u32 {\n    // ... existing code ...\n    self.n\n}"), &[Elision]),
        (fenced("pub fn add(&mut self, by: u32) -> u32 {\n    ...\n}"), &[Syntax]),
        (fenced("pub fn sum(&mut self, by: u32) -> u32 {\n    self.n = self.n.saturating_add(by);\n    self.n\n}"), &[Items]),
        (fenced("pub struct Adder;"), &[Kind]),
        (fenced(&format!("{DEDENTED}\npub fn other(&self) {{}}")), &[Items]),
        (fenced(&format!("{DEDENTED}\n// Here is the updated code")), &[Residue]),
        (fenced(&DEDENTED.replace("by)", "\u{202e}by)")), &[Residue, Syntax]),
        (fenced(&DEDENTED.replace("self.n\n", "self.n // <|endoftext|>\n")), &[Residue]),
        (fenced("pub fn add(&mut self, by: u32) -> u32 {\n        self.n += by;\n        self.n\n    }"), &[Change]),
        ("<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE".into(), &[Extraction]),
        ("<<<<<<< SEARCH\nself.n += by;\n=======\nx".into(), &[Extraction]),
        ("<<<<<<< SEARCH\nself.n += by;\n>>>>>>> REPLACE".into(), &[Extraction]),
        ("<<<<<<< SEARCH\nself.n += by;\n=======\na\n=======\nb\n>>>>>>> REPLACE".into(), &[Extraction]),
        ("<<<<<<< SEARCH\nself.n -= by;\n=======\nx\n>>>>>>> REPLACE".into(), &[Place]),
        ("<<<<<<< SEARCH\nself.n\n=======\nself.m\n>>>>>>> REPLACE".into(), &[Place, Syntax]),
        ("<<<<<<< SEARCH\nself\n=======\nme\n>>>>>>> REPLACE".into(), &[Place]),
        // Inside a word.
        ("<<<<<<< SEARCH\nmu\n=======\nme\n>>>>>>> REPLACE".into(), &[Place]),
        // Outside the target: it is not searched there.
        ("<<<<<<< SEARCH\npub fn other(&self) {}\n=======\n>>>>>>> REPLACE".into(), &[Place]),
        (
            "<<<<<<< SEARCH\nself.n += by;\nself.n\n=======\na\n>>>>>>> REPLACE\n<<<<<<< SEARCH\nself.n += by;\n=======\nb\n>>>>>>> REPLACE"
                .into(),
            &[Place],
        ),
        // All or nothing.
        (
            "<<<<<<< SEARCH\nself.n += by;\n=======\nself.n = 1;\n>>>>>>> REPLACE\n<<<<<<< SEARCH\nnowhere\n=======\nb\n>>>>>>> REPLACE"
                .into(),
            &[Place],
        ),
    ] {
        let request = request(Language::Rust, METHOD, Contract::WholeNode);
        if reply.contains("self.m") {
            // The last line is that text alone: it is unique among whole lines, and a fine edit.
            assert!(matches!(outcome(&request, &reply), Outcome::Proposal(_)));
            continue;
        }
        let refusal = refused(&request, &reply);
        assert!(gates.contains(&refusal.gate), "{reply}\n-> {refusal:?}");
    }
}

#[test]
fn code_that_holds_fences_is_read_to_its_last_one() {
    let text = "⟦export function help() {\n  return `none`;\n}⟧\n";
    let request = request(Language::TypeScript, text, Contract::WholeNode);
    let code = "export function help() {\n  return `\n\\`\\`\\`\nuse it\n\\`\\`\\`\n`;\n}";
    assert_eq!(accepted(&request, &fenced(code)).text, format!("{code}\n"));
    let rust = super::request(Language::Rust, "⟦pub fn f() {}⟧\n", Contract::WholeNode);
    let code = "pub fn f() {\n    let _ = r\"\n```\nuse it\n```\n\";\n}";
    assert_eq!(accepted(&rust, &fenced(code)).text, format!("{code}\n"));
    let code = "/// ```\n/// f();\n/// ```\npub fn f() {}";
    assert_eq!(accepted(&rust, &fenced(code)).text, format!("{code}\n"));
}

#[test]
fn a_repair_prompt_says_what_was_wrong() {
    let request = request(Language::Rust, METHOD, Contract::WholeNode);
    let refusal = refused(&request, &fenced(&DEDENTED.replace("by)", "amount)")));
    assert_eq!(refusal.gate, Gate::Names);
    let prompt = refusal.repair_prompt(request.contract);
    assert!(prompt.contains("`amount`") && prompt.len() < 400, "{prompt}");
}

#[test]
fn a_message_is_no_edit() {
    let request = request(Language::Rust, METHOD, Contract::Text);
    let reply = "It adds.\n\n```rust\nfn add() {}\n```\n";
    assert_eq!(outcome(&request, reply), Outcome::Message(reply.trim().into()));
}
