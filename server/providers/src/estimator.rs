//! A token count that costs next to nothing, for menus.

/// Estimates the tokens of a text, as the vocabulary o200k would count them.
///
/// One pass, no tables. Words, numbers, blanks and signs are counted by what a byte-pair vocabulary makes of them on
/// average. On files of source code it is off by up to 7 %, on prose up to 20 % too low, on base64, long numbers and
/// rare scripts by up to 50 %.
pub fn estimate(text: &str) -> u64 {
    /// In hundredths of a token.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Class {
        Start,
        Lower,
        Upper,
        Digit,
        Blank,
        Line,
        Sign,
        Wide,
    }
    let mut hundredths: u64 = 0;
    let mut class = Class::Start;
    let mut run: u32 = 0;
    for c in text.chars() {
        let now = match c {
            'a'..='z' => Class::Lower,
            'A'..='Z' => Class::Upper,
            '0'..='9' => Class::Digit,
            ' ' | '\t' => Class::Blank,
            '\n' | '\r' => Class::Line,
            '!'..='~' => Class::Sign,
            _ => Class::Wide,
        };
        // A capital begins a word; small letters go on with it.
        let goes_on = now == class || (class == Class::Upper && now == Class::Lower);
        run = if goes_on { run + 1 } else { 1 };
        hundredths += match now {
            Class::Start => 0,
            Class::Lower | Class::Upper => match run {
                1 => 85,
                2..=7 => 2,
                _ => 16,
            },
            Class::Digit => 38,
            // One blank belongs to the word behind it; more are one token together.
            Class::Blank => match run {
                1 if class == Class::Line => 50,
                1 => 4,
                2 => 30,
                _ => 2,
            },
            Class::Line => match run {
                1 => 45,
                _ => 10,
            },
            Class::Sign => match run {
                1 => 75,
                2 => 20,
                _ => 30,
            },
            Class::Wide => match c.len_utf8() {
                2 => 55,
                3 => 75,
                _ => 150,
            },
        };
        class = now;
    }
    hundredths.div_ceil(100)
}
