//! Random, truncated, mangled and hostile replies: never an edit that breaks an invariant.
//!
//! `AUTODAO_EDITS_CASES` sets how many hundredths of the usual number of cases are tried.

use autodao_edits::{Checks, Contract, Ending, Outcome, Proposal, Reply, Request, Site, Terms, propose};
use autodao_syntax::{Buffer, Language, Span, SyntaxParser, outline};
use proptest::prelude::*;

use super::{check_proposal, marked};

/// A number of cases, as the environment wants it.
pub(crate) fn cases(usual: u32) -> u32 {
    let percent = std::env::var("AUTODAO_EDITS_CASES").ok().and_then(|value| value.parse().ok());
    (usual * percent.unwrap_or(100_u32) / 100).max(1)
}

/// Places and, for each, code that may stand there.
const SITES: &[(Language, &str, &str)] = &[
    (
        Language::Rust,
        "use std::fmt;\n\nimpl S {\n    /// Adds.\n    ⟦pub fn add(&mut self, by: u32) -> u32 {\n        self.n += by;\n        self.n\n    }⟧\n\n    fn other(&self) {}\n}\n",
        "pub fn add(&mut self, by: u32) -> u32 {\n    self.n = self.n.saturating_add(by);\n    self.n\n}",
    ),
    (
        Language::TypeScript,
        "class A {\r\n\t@log()\r\n\t⟦run(a: number) {\r\n\t\treturn `x\r\n  ${a}`;\r\n\t}⟧\r\n}\r\n",
        "run(a: number) {\n  if (a > 1) {\n    return '';\n  }\n  return `x\n  ${a}`;\n}",
    ),
    (
        Language::Tsx,
        "\u{feff}⟦export const App = () => <p>{'😀'}</p>;⟧",
        "export const App = () => <p className=\"a\">{'😀'}</p>;",
    ),
    (
        Language::JavaScript,
        "function outer() {\n  ⟦if (a) {\n    b();\n  }⟧\n  c();\n}\nvar a, b, c = `x`;\n",
        "if (a && b) {\n  b();\n}",
    ),
    (
        Language::Rust,
        "fn broken( {\n\n⟦#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() { assert!(true); }\n}⟧\n",
        "#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() { assert!(1 < 2); }\n    #[test]\n    fn b() {}\n}",
    ),
];

const CONTRACTS: [Contract; 6] = [
    Contract::WholeNode,
    Contract::Hunks,
    Contract::InsertBefore,
    Contract::InsertAfter,
    Contract::NewFile,
    Contract::Text,
];

const ENDINGS: [Ending; 8] = [
    Ending::Complete,
    Ending::Unreported,
    Ending::Length,
    Ending::Refused,
    Ending::Filtered,
    Ending::Cut,
    Ending::Cancelled,
    Ending::ToolUse,
];

const WORDS: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    " ",
    "    ",
    "\t",
    "```",
    "```rust\n",
    "\n```\n",
    "~~~\n",
    "````\n",
    "`",
    "'",
    "\"",
    "r#\"",
    "\"#",
    "${",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    "/*",
    "*/",
    "//",
    "// ...\n",
    "// ... existing code ...\n",
    "/* rest of the code */",
    "...",
    "<<<<<<< SEARCH\n",
    "=======\n",
    ">>>>>>> REPLACE\n",
    "<<<<<<< HEAD\n",
    "<think>",
    "</think>",
    "<|im_end|>",
    "Here is the updated code:\n",
    "Sure!",
    "self.n += by;",
    "self.n",
    "b();",
    "return",
    "a",
    "fn ",
    "fn x() {}",
    "pub fn add(&mut self, by: u32) -> u32 {",
    "impl S {\n",
    "class A {\n",
    "export ",
    "const ",
    "if (a) {",
    "mod tests {",
    "#[test]\n",
    "#[cfg(test)]\n",
    "@log()\n",
    "run(a: number) {",
    "=> ",
    "<p>",
    "</p>",
    "</",
    "😀",
    "\u{202e}",
    "\u{feff}",
    "\u{0}",
    "é",
    "1",
    " 1 | ",
    "2: ",
    "+",
    "-",
    "@@",
    "--- a\n",
    "import x from 'x';\n",
    "use std::fmt;\n",
    "unsafe ",
    "macro_rules! m { () => {} }",
    "todo!()",
    "\\",
    "#",
    "&",
    "|",
    "<",
    ">",
    "=",
    "!",
    "?",
];

/// Closes what is around the target and opens the like, so that the whole may parse.
const ESCAPES: &[&str] = &[
    "}\nimpl S {",
    "}\nimpl S {\n    fn x() {}",
    "}\nclass B {",
    "}\nfunction other() {",
    "}\nmod m {",
    "/*",
    "`;",
    "// ",
    "fn x() { r#\"",
    "#[cfg(any())]",
    "@log()",
    "if (b) {} else",
    "/// ",
    "impl S {",
];

/// What is done to a good reply.
#[derive(Clone, Debug)]
enum Damage {
    Truncate(u16),
    Delete(u16, u8),
    Insert(u16, usize),
    Double(u16, u8),
    Swap(u16, u16),
    Character(u16, char),
    /// Code behind the good one that tries to leave its place.
    Escape(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        1 => any::<u16>().prop_map(Damage::Truncate),
        2 => (0..ESCAPES.len()).prop_map(Damage::Escape),
        1 => (any::<u16>(), 1u8..5).prop_map(|(at, len)| Damage::Delete(at, len)),
        1 => (any::<u16>(), 0..WORDS.len()).prop_map(|(at, word)| Damage::Insert(at, word)),
        1 => (any::<u16>(), 1u8..40).prop_map(|(at, len)| Damage::Double(at, len)),
        1 => (any::<u16>(), any::<u16>()).prop_map(|(a, b)| Damage::Swap(a, b)),
        1 => (any::<u16>(), any::<char>()).prop_map(|(at, c)| Damage::Character(at, c)),
    ]
}

fn damaged(reply: &str, damages: &[Damage]) -> String {
    let mut text: Vec<char> = reply.chars().collect();
    for damage in damages {
        let count = text.len() + 1;
        let place = |at: &u16| usize::from(*at) % count;
        match damage {
            Damage::Truncate(at) => text.truncate(place(at)),
            Damage::Delete(at, len) => {
                let from = place(at);
                text.drain(from..(from + usize::from(*len)).min(text.len()));
            }
            Damage::Insert(at, word) => {
                text.splice(place(at)..place(at), WORDS[*word].chars());
            }
            Damage::Double(at, len) => {
                let from = place(at);
                let piece = text[from..(from + usize::from(*len)).min(text.len())].to_vec();
                text.splice(from..from, piece);
            }
            Damage::Swap(a, b) => {
                if !text.is_empty() {
                    let len = text.len();
                    text.swap(place(a) % len, place(b) % len);
                }
            }
            Damage::Escape(index) => {
                let whole: String = text.iter().collect();
                let code = whole.trim_end().trim_end_matches('`').trim_end().len();
                text = format!("{}\n{}\n{}", &whole[..code], ESCAPES[*index], whole[code..].trim_start())
                    .chars()
                    .collect();
            }
            Damage::Character(at, c) => text.insert(place(at), *c),
        }
    }
    text.into_iter().collect()
}

/// Good replies to a site, in the forms there are.
fn good(site: usize, form: usize) -> String {
    let (_, text, code) = SITES[site];
    let (text, target) = marked(text);
    let old = text[target.range()].replace("\r\n", "\n");
    match form % 5 {
        0 => format!("```\n{code}\n```\n"),
        1 => format!("Here it is:\n\n```ts\n{code}\n```\n\nDone."),
        2 => code.to_owned(),
        3 => format!("<<<<<<< SEARCH\n{old}\n=======\n{code}\n>>>>>>> REPLACE\n"),
        _ => {
            let line = old.lines().nth(1).unwrap_or(&old);
            format!("<<<<<<< SEARCH\n{line}\n=======\n{line}\n{line}\n>>>>>>> REPLACE\n")
        }
    }
}

thread_local! {
    static REQUESTS: Vec<Request> = SITES.iter().map(|(language, text, _)| {
        let (text, target) = marked(text);
        let mut parser = SyntaxParser::default();
        let site = Site::parse(&mut parser, Buffer::shared(text), *language, 3, target).unwrap();
        Request { site, contract: Contract::WholeNode, terms: Terms::default() }
    }).collect();
}

/// How many ERROR and MISSING nodes a text has, counted in a tree made from nothing.
fn errors(language: Language, text: &str) -> usize {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    let mut cursor = tree.walk();
    let mut count = 0;
    loop {
        count += usize::from(cursor.node().is_error() || cursor.node().is_missing());
        if cursor.node().has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return count;
            }
        }
    }
}

/// The paths of the items of a text, those inside functions left out.
fn items(language: Language, text: &str) -> Vec<String> {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    let found = outline(language, text, &tree);
    let local = |item: &autodao_syntax::OutlineItem| {
        item.parent.is_some_and(|parent| {
            found[parent].body.is_some() && found[parent].signature != found[parent].span && {
                use autodao_syntax::OutlineKind::{Function, Method};
                matches!(found[parent].kind, Function | Method)
            }
        })
    };
    found.iter().filter(|item| !local(item)).map(|item| item.path.clone()).collect()
}

/// The items of a text that are not inside a range, with their own.
fn around(language: Language, text: &str, range: Span) -> Vec<(String, Span)> {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    let items = outline(language, text, &tree).into_iter();
    items.filter(|item| !range.contains(item.span)).map(|item| (item.path, item.span)).collect()
}

/// Puts a reply through and checks what must hold, whatever it says.
fn check(site: usize, contract: Contract, ending: Ending, text: &str) -> bool {
    REQUESTS.with(|requests| {
        let mut request = requests[site].clone();
        request.contract = contract;
        if contract == Contract::NewFile {
            let mut parser = SyntaxParser::default();
            let language = request.site.language();
            request.site = Site::new_file(&mut parser, language, request.site.line_ending()).unwrap();
        }
        let mut parser = SyntaxParser::default();
        let mut checks = Checks { parser: &mut parser, names: None, quality: None };
        match propose(&request, &Reply { text, ending }, &mut checks) {
            Outcome::Message(_) => {
                assert!(ending.objection().is_none() || ending == Ending::Length);
                assert_eq!(contract, Contract::Text);
                false
            }
            Outcome::Refusal(refusal) => {
                assert!(!refusal.reason.is_empty());
                assert!(refusal.repair_prompt(contract).len() < 6000);
                false
            }
            Outcome::Proposal(proposal) => {
                assert!(ending.objection().is_none() && contract != Contract::Text);
                check_proposal(&request, &proposal);
                check_invariants(&request, &proposal);
                true
            }
        }
    })
}

fn check_invariants(request: &Request, proposal: &Proposal) {
    let (new, after) = (proposal.text.as_str(), proposal.after);
    let old = request.site.buffer().text();
    let language = request.site.language();
    // As the gate says: our grammar's errors are confirmed, for it may be behind its language.
    let is_broken = |text: &str| errors(language, text) > 0 && autodao_conformance::is_broken(language, text);
    let is_worse = errors(language, new) > errors(language, old);
    assert!(!is_worse || is_broken(old) || !is_broken(new), "broken:\n{new}");
    let added = &new[after.range()];
    for residue in
        ["<|im_end|>", "</think>", "<<<<<<< ", ">>>>>>> ", "\u{202e}", "\u{0}", "... existing code"]
    {
        let known = old.contains(residue);
        // In a string it may be what is meant, a hidden character or a model's token may not.
        let allowed = residue.starts_with(['<', '>'])
            && residue.ends_with(' ')
            && added.contains(['"', '`', '\'', '*']);
        assert!(
            known || allowed || !added.contains(residue) || residue.starts_with("..."),
            "{residue:?} in:\n{new}"
        );
    }
    let crlf = old.contains("\r\n");
    if crlf {
        assert!(!added.replace("\r\n", "").contains('\n'), "a bare line feed in:\n{added:?}");
    }
    if errors(language, old) == 0 {
        let delta = new.len() as i64 - old.len() as i64;
        let from = proposal.before;
        let moved = |span: Span| {
            let start = if span.start >= from.end { delta } else { 0 };
            let end = if span.end >= from.end && span.end > from.start { delta } else { 0 };
            Span::new(Span::at(span.start).moved(start).start, Span::at(span.end).moved(end).start)
        };
        let was = around(language, old, proposal.before).into_iter().map(|(path, span)| (path, moved(span)));
        assert_eq!(
            was.collect::<Vec<_>>(),
            around(language, new, after),
            "what is around is read anew:\n{new}"
        );
        let kept = items(language, new);
        for item in items(language, old) {
            assert!(kept.contains(&item), "{item} is lost:\n{new}");
        }
    }
}

fn config(usual: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..ProptestConfig::with_cases(cases(usual))
    }
}

proptest! {
    #![proptest_config(config(50_000))]

    #[test]
    fn damaged_replies_break_nothing(
        site in 0..SITES.len(), form in 0usize..5, contract in 0usize..16, ending in 0usize..60,
        damages in prop::collection::vec(damage(), 0..5),
    ) {
        // Mostly what replaces, and mostly complete.
        let contract = CONTRACTS.get(contract).copied().unwrap_or(CONTRACTS[contract % 2]);
        let ending = ENDINGS.get(ending).copied().unwrap_or(Ending::Complete);
        let undamaged = damages.is_empty();
        let accepted = check(site, contract, ending, &damaged(&good(site, form), &damages));
        let plain = matches!(contract, Contract::WholeNode | Contract::Hunks) && ending == Ending::Complete;
        if undamaged && plain && form == 0 {
            prop_assert!(accepted, "a good reply is refused: {:?}", REQUESTS.with(|r| super::outcome(&r[site], &good(site, form))));
        }
    }

    #[test]
    fn replies_of_words_break_nothing(
        site in 0..SITES.len(), contract in 0..CONTRACTS.len(),
        words in prop::collection::vec((0..WORDS.len(), any::<char>()), 0..40), fence in any::<bool>(),
    ) {
        let mut text = String::new();
        for (word, c) in words {
            text.push_str(WORDS[word]);
            if word % 17 == 0 {
                text.push(c);
            }
        }
        let text = if fence { format!("```\n{text}\n```") } else { text };
        check(site, CONTRACTS[contract], Ending::Complete, &text);
    }
}

#[test]
fn replies_may_be_deep_and_long() {
    let deep = format!(
        "```\npub fn add(&mut self, by: u32) -> u32 {{ {}1{} }}\n```",
        "(".repeat(20_000),
        ")".repeat(20_000)
    );
    let blocks = "```\nx\n```\n".repeat(10_000);
    let lines = format!("```\n{}```", "x;\n".repeat(30_000));
    let marks = "<<<<<<< SEARCH\n".repeat(20_000);
    let hunks = "<<<<<<< SEARCH\nself.n\n=======\nself.n\n>>>>>>> REPLACE\n".repeat(5_000);
    let ticks = "`".repeat(400_000);
    let huge = "x".repeat(600_000);
    let names = format!(
        "```\npub fn add(&mut self, by: u32) -> u32 {{ {} }}\n```",
        (0..2000).map(|n| format!("name_{n}();")).collect::<String>()
    );
    for text in [deep, blocks, lines, marks, hunks, ticks, huge, names] {
        for contract in CONTRACTS {
            check(0, contract, Ending::Complete, &text);
        }
    }
}
