//! Credentials in a template's text, by the forms their issuers give them.

use std::ops::Range;

/// How a kind of credential starts, how many letters and digits follow at least, and what it is.
const FORMS: [(&str, usize, &str); 17] = [
    ("sk-ant-", 24, "an Anthropic API key"),
    ("sk-proj-", 24, "an OpenAI API key"),
    ("sk-", 32, "an API key"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 18, "a GitLab token"),
    ("npm_", 30, "an npm token"),
    ("pypi-", 40, "a PyPI token"),
    ("hf_", 30, "a Hugging Face token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("AIza", 35, "a Google API key"),
    ("eyJhbGciOi", 40, "a JSON Web Token"),
];

/// No longer credential is looked at to its end.
const MAX_BYTES: usize = 512;

/// Where credentials stand in a text, in the order of the kinds above, each place once.
pub(crate) fn secrets(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for (prefix, least, what) in FORMS {
        for (start, _) in text.match_indices(prefix) {
            let continues = text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c));
            if continues || found.iter().any(|(span, _)| span.contains(&start)) || found.len() >= 64 {
                continue;
            }
            let rest = &text.as_bytes()[start + prefix.len()..];
            let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
            let length = rest.iter().take(MAX_BYTES).take_while(is_part).count();
            if length >= least && looks_drawn(&rest[..length]) {
                found.push((start..start + prefix.len() + length, what));
            }
        }
    }
    for (start, head) in text.match_indices("-----BEGIN ").take(64) {
        let line = text[start..].lines().next().unwrap_or(head);
        if line.contains("PRIVATE KEY-----") {
            found.push((start..start + line.trim_end().len(), "a private key"));
        }
    }
    found
}

/// Whether bytes look drawn at random. What stands in documentation as an example repeats itself or is of words.
fn looks_drawn(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    bytes.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    let different = seen.iter().filter(|&&seen| seen).count();
    different >= 9 && bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn credentials_are_found_and_examples_are_not() {
        let drawn = "k3Jf92LmQp0Zx7Wb5Nt1Vy8Rc4Hd6Gs2Ta9Ue";
        for prefix in ["sk-ant-api03-", "ghp_", "sk-", "hf_", "AIza"] {
            let text = format!("Use {prefix}{drawn}, please.");
            let found = secrets(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(&text[found[0].0.clone()], format!("{prefix}{drawn}"));
        }
        assert_eq!(
            secrets("x\n-----BEGIN RSA PRIVATE KEY-----\r\nMII").first().map(|f| f.1),
            Some("a private key")
        );
        for text in [
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_YOUR_TOKEN_HERE",
            "task-k3Jf92LmQp0Zx7Wb5Nt1Vy8Rc4Hd6Gs2Ta9Ue",
            "-----BEGIN CERTIFICATE-----",
            "AKIA",
        ] {
            assert!(secrets(text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn places_are_in_the_text(text in "(sk-|ghp_|-----BEGIN |PRIVATE KEY-----|[a-zA-Z0-9é\n]{0,40}){0,12}") {
            for (span, _) in secrets(&text) {
                prop_assert!(text.get(span).is_some_and(|found| !found.is_empty()));
            }
        }
    }
}
