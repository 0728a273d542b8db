//! Whether a text looks like a secret: random, or chosen by a person, but no word of the program.

/// Bits per character of a text, by how often each of its bytes is in it.
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let len = text.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / len);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

/// Whether a text is random enough for a key: digits and letters, and no character too often.
pub(crate) fn is_random(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let enough = if text.len() < 20 { 2 } else { 1 };
    digits >= enough
        && has_letter
        && entropy(text) >= 2.6
        && !is_stand_in(text)
        && !is_path(text)
        && !is_name(text)
}

/// As [`is_random`], for a text that may be all digits or all letters.
pub(crate) fn is_varied(text: &str) -> bool {
    entropy(text) >= 2.3 && !is_stand_in(text)
}

/// Whether a text may be a password in a program: not one plain word, and not what stands in for one.
pub(crate) fn is_password(text: &str) -> bool {
    let is_word = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-')
        || text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        || is_camel_case(text);
    text.len() >= 4 && !is_word && !is_stand_in(text) && !is_path(text)
}

/// A name such as `newPassword`: letters alone, of which few begin a word.
fn is_camel_case(text: &str) -> bool {
    let capitals = text.bytes().skip(1).filter(u8::is_ascii_uppercase).count();
    text.bytes().all(|byte| byte.is_ascii_alphabetic()) && capitals * 4 <= text.len()
}

/// Whether a text says where a secret is to be put, or where it comes from.
pub(crate) fn is_stand_in(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let marks = ["${", "{{", "<", "process.env", "env(", "env!", "os.environ", "%(", "$("];
    let words = [
        "example",
        "changeme",
        "change_me",
        "change-me",
        "placeholder",
        "your_",
        "your-",
        "yourapi",
        "xxxx",
        "****",
        "....",
        "dummy",
        "redacted",
        "__secret",
    ];
    let is_format = text.starts_with('{') && text.ends_with('}') || text.starts_with('%') && text.len() <= 3;
    // A variable of the shell.
    let is_variable = text.strip_prefix('$').is_some_and(|name| {
        name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    });
    let first = text.bytes().next();
    is_format
        || is_variable
        || marks.iter().any(|mark| lower.contains(mark))
        || words.iter().any(|word| lower.contains(word))
        || text.bytes().all(|byte| Some(byte) == first)
}

/// Names of the program: `user_profile_12`, `Uuid::new_v4`, `response.data2.token`.
fn is_name(text: &str) -> bool {
    let is_word = |part: &str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        part.len() - letters.len() <= 4
            && part.len() < 24
            && letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let is_member = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() < 24 && digits <= 2 && part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    };
    text.contains("::")
        || text.split(['_', '-']).all(is_word)
        || (text.contains('.') && text.split('.').all(is_member))
}

/// Paths, URLs without a password, and names of modules.
fn is_path(text: &str) -> bool {
    let has_words = |separator: char| {
        text.contains(separator)
            && text.split(separator).all(|part| {
                part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-')
            })
    };
    text.starts_with("./")
        || text.starts_with("../")
        || text.contains("://")
        || has_words('/')
        || has_words('.')
}
