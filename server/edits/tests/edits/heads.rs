//! What stands before an item stays with it.

use autodao_edits::{Contract, ItemTerm, SignatureTerm};
use autodao_syntax::Language;

use super::{accepted, fenced, request};

/// The text after, of a template that leaves everything free.
fn after(language: Language, text: &str, code: &str) -> String {
    let mut request = request(language, text, Contract::WholeNode);
    (request.terms.items, request.terms.signature) = (ItemTerm::Free, SignatureTerm::Free);
    accepted(&request, &fenced(code)).text
}

#[test]
fn an_answer_with_a_part_of_the_head_loses_none_of_it() {
    let text = "mod m {\n    ⟦/// Twice.\n    #[cfg(unix)]\n    #[inline]\n    fn f(n: u32) -> u32 {\n        n + n\n    }⟧\n}\n";
    let head = "    /// Twice.\n    #[cfg(unix)]\n    #[inline]\n";
    for (code, expected) in [
        ("// safe\nfn f(n: u32) -> u32 {\n    2 * n\n}", format!("{head}    // safe\n")),
        ("#[inline]\nfn f(n: u32) -> u32 {\n    2 * n\n}", head.to_owned()),
        (
            "#[inline(always)]\nfn f(n: u32) -> u32 {\n    2 * n\n}",
            head.replace("[inline]", "[inline(always)]"),
        ),
        (
            "/// Two times.\nfn f(n: u32) -> u32 {\n    2 * n\n}",
            "    /// Two times.\n    #[cfg(unix)]\n    #[inline]\n".to_owned(),
        ),
        ("fn f(n: u32) -> u32 {\n    2 * n\n}", head.to_owned()),
    ] {
        let expected = format!("mod m {{\n{expected}    fn f(n: u32) -> u32 {{\n        2 * n\n    }}\n}}\n");
        assert_eq!(after(Language::Rust, text, code), expected, "{code}");
    }
}

#[test]
fn what_is_exported_stays_so() {
    let text = "⟦/** Twice. */\nexport default function f(n: number) {\n  return n + n;\n}⟧\n";
    for code in [
        "function f(n: number) {\n  return 2 * n;\n}",
        "export default function f(n: number) {\n  return 2 * n;\n}",
        "/** Twice. */\nfunction f(n: number) {\n  return 2 * n;\n}",
    ] {
        let expected = "/** Twice. */\nexport default function f(n: number) {\n  return 2 * n;\n}\n";
        assert_eq!(after(Language::TypeScript, text, code), expected, "{code}");
    }
}
