//! The words that names and sentences are made of.

/// Words of one letter say nothing.
const MIN_BYTES: usize = 2;

/// Endings that are left off, longest first; what is left has at least three letters.
const ENDINGS: [&str; 4] = ["ing", "ed", "es", "s"];

/// The words of a name or sentence, in small letters and without their endings, in the order they stand:
/// `parseHTTPHeaders` has `parse`, `http`, `header`. Letters beyond ASCII part words.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(first) = bytes.get(at) {
            let from = at;
            at += 1;
            let run =
                |at: usize, is: fn(&u8) -> bool| at + bytes[at..].iter().take_while(|byte| is(byte)).count();
            if first.is_ascii_uppercase() {
                let capitals = run(at, u8::is_ascii_uppercase);
                let small = bytes.get(capitals).is_some_and(u8::is_ascii_lowercase);
                at = if capitals == at {
                    run(at, u8::is_ascii_lowercase)
                }
                // The last capital begins the next word.
                else if small {
                    capitals - 1
                } else {
                    capitals
                };
            } else if first.is_ascii_lowercase() {
                at = run(at, u8::is_ascii_lowercase);
            } else if first.is_ascii_digit() {
                at = run(at, u8::is_ascii_digit);
            } else {
                continue;
            }
            if at - from >= MIN_BYTES {
                return text.get(from..at).map(stem);
            }
        }
        None
    })
}

fn stem(word: &str) -> String {
    let mut word = word.to_ascii_lowercase();
    if let Some(ending) = ENDINGS.iter().find(|end| word.len() > end.len() + 2 && word.ends_with(*end)) {
        word.truncate(word.len() - ending.len());
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_fall_into_words() {
        let of = |text| words(text).collect::<Vec<_>>().join(" ");
        assert_eq!(of("parseHTTPHeaders"), "parse http header");
        assert_eq!(of("MAX_PARSED_BYTES a"), "max pars byt");
        assert_eq!(of("utf8Überlauf"), "utf berlauf");
        assert_eq!(of("IOError2x HTML"), "io error html");
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
            }
        }
    }
}
