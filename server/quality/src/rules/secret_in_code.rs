//! `secret-in-code`: a key or password that is part of the program.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::FileRole;
use crate::comment::contains_ignoring_case;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "secret-in-code",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Error),
    languages: &Language::ALL,
    flags: "keys of known providers and private keys in strings and comments; outside tests, random texts assigned to names such as `password` and `api_key`",
    why: "Whoever can read the code can use it, and it stays in the history after it is removed.",
    reference: Reference {
        name: "CWE-798: Use of Hard-coded Credentials",
        url: "https://cwe.mitre.org/data/definitions/798.html",
    },
    options: &[RuleOption {
        name: "min-entropy",
        default: 35,
        describes: "tenths of a bit per character from which an assigned text counts as random",
    }],
    check: Check::Nodes(&[
        NodeCheck {
            languages: &[Language::Rust],
            kinds: &["string_literal", "raw_string_literal", "line_comment", "block_comment"],
            visit,
        },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["string", "template_string", "comment"], visit },
    ]),
    examples: &[Example {
        language: Language::Rust,
        bad: "const API_KEY: &str = ⟦\"q8Zt2LmW4xVb7NcR1yKd9pHs\"⟧;",
        fixed: "",
        good: "const API_KEY: &str = \"the key of the user's account\";\nconst TOKEN: &str = \"q8Zt2LmW\";\nconst NAME: &str = \"q8Zt2LmW4xVb7NcR1yKd9pHs\";\nconst PEM: &str = \"-----BEGIN PRIVATE KEY-----\";",
    }],
};

/// Shorter texts are no keys.
const MIN_LEN: usize = 16;

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let text = visit.text(node);
    if text.len() < MIN_LEN {
        return;
    }
    let found = known_key(text).or_else(|| private_key(text).map(|span| ("private key", span)));
    if let Some((what, (start, end))) = found {
        let base = node.start_byte() as u32;
        let span = Span::new(base + start as u32, base + end as u32);
        visit.report(
            span,
            format!("a {what} is in the code: revoke it, and read it from where secrets are kept"),
        );
        return;
    }
    if visit.role() == FileRole::Test || node.kind().ends_with("comment") {
        return;
    }
    let value = text.trim_start_matches(['r', 'b', '#']).trim_matches(['"', '\'', '`', '#']);
    if !looks_random(value, visit.option("min-entropy")) || visit.in_test() {
        return;
    }
    if assigned_to(visit).is_some_and(names_a_secret) {
        visit.report(Span::of(node), "this looks like a secret: read it from where secrets are kept");
    }
}

/// The name a literal is assigned to, if it is all that is assigned.
fn assigned_to<'t>(visit: &Visit<'t, '_>) -> Option<&'t str> {
    // `"...".to_owned()` and the like are looked through.
    for parent in visit.ancestors().take(5) {
        let name = match parent.kind() {
            "let_declaration" => "pattern",
            "const_item" | "static_item" | "variable_declarator" | "public_field_definition" => "name",
            "field_definition" => "property",
            "assignment_expression" => "left",
            "field_initializer" => "field",
            "pair" => "key",
            "field_expression"
            | "call_expression"
            | "reference_expression"
            | "as_expression"
            | "satisfies_expression"
            | "parenthesized_expression" => continue,
            _ => return None,
        };
        return parent.child_by_field_name(name).map(|name| visit.text(name));
    }
    None
}

/// Whether a name's last word, or its last two, are what secrets are called.
fn names_a_secret(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '\'']);
    if name.len() > 64 {
        return false;
    }
    let words = [
        "password",
        "passwd",
        "secret",
        "apikey",
        "api_key",
        "access_key",
        "accesskey",
        "private_key",
        "privatekey",
        "client_secret",
        "clientsecret",
        "auth_token",
        "authtoken",
        "access_token",
        "accesstoken",
        "secret_key",
        "secretkey",
        "bearer_token",
    ];
    // What a secret has, is found by or is kept in is none.
    let about = [
        "name",
        "url",
        "path",
        "file",
        "header",
        "field",
        "label",
        "regex",
        "pattern",
        "placeholder",
        "_id",
        "type",
        "prefix",
        "hash",
        "param",
        "env",
        "message",
        "error",
    ];
    let has = |word: &&str| contains_ignoring_case(name, word);
    let is_token = name.len() >= 5 && name.as_bytes()[name.len() - 5..].eq_ignore_ascii_case(b"token");
    (words.iter().any(&has) || is_token) && !about.iter().any(has)
}

/// Whether a text could be a generated key: no blanks, letters and digits mixed, and far from any word.
fn looks_random(value: &str, min_entropy: u32) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < MIN_LEN || bytes.len() > 256 {
        return false;
    }
    let is_key = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-' | b'.');
    let count = |is: fn(&u8) -> bool| bytes.iter().filter(|b| is(b)).count();
    bytes.iter().all(is_key)
        && count(u8::is_ascii_digit) >= 2
        && count(u8::is_ascii_alphabetic) >= 4
        && !is_for_show(value)
        && entropy_tenths(bytes)
            >= if bytes.iter().all(u8::is_ascii_hexdigit) {
                min_entropy.saturating_sub(5)
            } else {
                min_entropy
            }
}

/// Whether a key is an example that says so.
fn is_for_show(key: &str) -> bool {
    [
        "example",
        "xxxx",
        "0000",
        "1234567",
        "abcdef",
        "your",
        "test",
        "dummy",
        "fake",
        "sample",
        "placeholder",
        "...",
    ]
    .iter()
    .any(|word| contains_ignoring_case(key, word))
}

/// Shannon's entropy of the bytes, in tenths of a bit per byte.
fn entropy_tenths(bytes: &[u8]) -> u32 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[*byte as usize] += 1;
    }
    let len = bytes.len() as f64;
    let bits: f64 =
        counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / len).map(|p| -p * p.log2()).sum();
    (bits * 10.0) as u32
}

/// What a key looks like: how it starts, how many characters of which kind follow, and whose it is.
struct KeyShape {
    prefix: &'static str,
    len: std::ops::RangeInclusive<usize>,
    upper_only: bool,
    what: &'static str,
}

const fn shape(prefix: &'static str, min: usize, max: usize, what: &'static str) -> KeyShape {
    KeyShape { prefix, len: min..=max, upper_only: false, what }
}

const SHAPES: [KeyShape; 22] = [
    KeyShape { prefix: "AKIA", len: 16..=16, upper_only: true, what: "key of AWS" },
    KeyShape { prefix: "ASIA", len: 16..=16, upper_only: true, what: "key of AWS" },
    shape("AIza", 35, 35, "key of Google"),
    shape("GOCSPX-", 24, 40, "client secret of Google"),
    shape("ghp_", 36, 36, "token of GitHub"),
    shape("gho_", 36, 36, "token of GitHub"),
    shape("ghu_", 36, 36, "token of GitHub"),
    shape("ghs_", 36, 36, "token of GitHub"),
    shape("ghr_", 36, 76, "token of GitHub"),
    shape("github_pat_", 60, 90, "token of GitHub"),
    shape("glpat-", 20, 60, "token of GitLab"),
    shape("sk-", 32, 200, "key of a model provider"),
    shape("sk_live_", 24, 120, "key of Stripe"),
    shape("rk_live_", 24, 120, "key of Stripe"),
    shape("xoxb-", 24, 100, "token of Slack"),
    shape("xoxp-", 24, 100, "token of Slack"),
    shape("xoxa-", 24, 100, "token of Slack"),
    shape("xoxr-", 24, 100, "token of Slack"),
    shape("xoxs-", 24, 100, "token of Slack"),
    shape("npm_", 36, 36, "token of npm"),
    shape("pypi-AgEI", 50, 250, "token of PyPI"),
    shape("hf_", 34, 40, "token of Hugging Face"),
];

/// The first key of a known provider in a text, and where it is.
fn known_key(text: &str) -> Option<(&'static str, (usize, usize))> {
    let bytes = text.as_bytes();
    let is_key = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let mut at = 0;
    while at + MIN_LEN <= bytes.len() {
        let len = bytes[at..].iter().take_while(|b| is_key(b)).count();
        if len >= MIN_LEN && matches!(bytes[at], b'A' | b'G' | b'g' | b's' | b'r' | b'x' | b'n' | b'p' | b'h')
        {
            let run = text.get(at..at + len)?;
            if let Some(shape) = SHAPES.iter().find(|shape| fits(run, shape)) {
                return Some((shape.what, (at, at + len)));
            }
        }
        at += len.max(1);
    }
    None
}

fn fits(run: &str, shape: &KeyShape) -> bool {
    let Some(rest) = run.strip_prefix(shape.prefix) else { return false };
    shape.len.contains(&rest.len())
        && rest.bytes().any(|b| b.is_ascii_digit())
        && (!shape.upper_only || rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        && !is_for_show(rest)
        && entropy_tenths(rest.as_bytes()) >= 30
}

/// A private key in PEM: its header, and enough of a body to be one. A header alone is what readers look for.
fn private_key(text: &str) -> Option<(usize, usize)> {
    let start = memchr::memmem::find(text.as_bytes(), b"-----BEGIN ")?;
    let line_len = text[start..].find("PRIVATE KEY-----").filter(|len| *len < 40)?;
    let body = start + line_len + "PRIVATE KEY-----".len();
    let end = text[body..].find("-----END").map_or(text.len(), |len| body + len);
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let body = text.as_bytes().get(body..end)?;
    let letters = body.iter().filter(|b| is_base64(b)).count();
    (letters >= 64 && !is_for_show(&text[start..end])).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::findings;

    use super::*;

    /// Keys are put together here, so that nothing that looks like one is in this file.
    fn keys() -> Vec<String> {
        let random = "q8Zt2LmW4xVb7NcR1yKd9pHsG5jFaU3eT6wQ0iOzXBvCnMkLrPyD";
        vec![
            format!("AK{}", "IAQ7ZT2LMW4XVB7NCR"),
            format!("gh{}{}", "p_", &random[..36]),
            format!("sk{}{}", "-proj-", random),
            format!("xo{}{}", "xb-1839-2937-", &random[..24]),
            format!("AI{}{}", "za", &random[..35]),
            format!("-----BEGIN RSA PRIVATE {}-----\n{random}{random}\n-----END", "KEY"),
        ]
    }

    #[test]
    fn a_token_in_a_class_is_found() {
        let text = "class A { private readonly apiToken = \"q8Zt2LmW4xVb7NcR1yKd9pHsG5jFaU3eT6wQ0iOz\"; tokens = \"q8Zt2LmW4xVb7NcR1yKd9pHs\"; }";
        assert_eq!(findings(RULE.id, Language::TypeScript, text).len(), 1);
    }

    #[test]
    fn keys_are_found_and_never_shown() {
        for key in keys() {
            for (language, text) in [
                (Language::Rust, format!("fn f() {{ g(r#\"{key}\"#); }}")),
                (Language::Rust, format!("/* {key} */")),
                (Language::TypeScript, format!("f(`a ${{b}} {key}`);")),
            ] {
                let found = findings(RULE.id, language, &text);
                assert_eq!(found.len(), 1, "{text}");
                let end = key.len().min(20);
                assert!(!found[0].message.contains(&key[4..end]), "{}", found[0].message);
            }
        }
    }

    #[test]
    fn what_only_resembles_a_key_is_none() {
        for text in [
            "const a = 'AKIAIOSFODNN7EXAMPLE';",
            "const a = 'task-runner-of-the-new-generation-that-is-here';",
            "const a = 'sk-this-is-a-kebab-case-name-of-some-length';",
            "const password = 'correct horse battery staple';",
            "const passwordUrl = 'q8Zt2LmW4xVb7NcR1yKd9pHs';",
            "const key = 'q8Zt2LmW4xVb7NcR1yKd9pHs';",
            "const token = 'xxxxxxxxxxxxxxxxxxx1a2';",
        ] {
            assert!(findings(RULE.id, Language::JavaScript, text).is_empty(), "{text}");
        }
        let found = findings(RULE.id, Language::JavaScript, "f({ password: 'q8Zt2LmW4xVb7NcR1yKd9pHs' });");
        assert_eq!(found.len(), 1);
    }
}
