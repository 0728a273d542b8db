//! Characters nobody sees.

use crate::hidden;

#[test]
fn what_is_not_seen_is_found() {
    for (text, count) in [
        ("if a != \"user\u{202E} \u{2066}// admin\u{2069} \u{2066}\" {", 4),
        ("a\u{200B}b", 1),
        ("x\u{FEFF}y", 1),
        ("\u{E0049}\u{E0067}\u{E006E}", 1),
        // One selector varies a symbol, a row of them spells.
        ("😀\u{FE0F}\u{FE01}\u{FE02}", 1),
        ("a\u{FE00}", 1),
        ("😀\u{E0100}\u{E0101}", 1),
        ("\u{3164}", 1),
    ] {
        assert_eq!(hidden(text).len(), count, "{text:?} {:?}", hidden(text));
    }
}

#[test]
fn what_is_needed_to_write_is_not_hidden() {
    for text in [
        "\u{FEFF}fn main() {}",
        "// 👩\u{200D}👩\u{200D}👧 family, ❤\u{FE0F}",
        "// می\u{200C}خواهم",
        "let ä = \"日本語\";",
        "plain",
        "",
    ] {
        assert_eq!(hidden(text), [], "{text:?}");
    }
}
