//! Texts with captures in braces: the messages and fixes of query rules.

/// A part of such a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Piece<'t> {
    /// What stands for itself.
    Text(&'t str),
    /// A capture's name, with the braces as they are written.
    Capture { name: &'t str, written: &'t str },
}

/// The parts of a text: `{name}` stands for a capture, `{{` and `}}` for a brace. Braces around anything else stand
/// for themselves.
pub(crate) fn pieces(mut rest: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let mut chars = rest.chars();
        let first = chars.next()?;
        let (piece, len) = if rest.starts_with("{{") || rest.starts_with("}}") {
            (Piece::Text(&rest[..1]), 2)
        } else if let Some(name) = capture(rest) {
            let written = &rest[..name.len() + 2];
            (Piece::Capture { name, written }, written.len())
        } else {
            let behind = chars.as_str();
            let end = behind.find(['{', '}']).map_or(rest.len(), |at| first.len_utf8() + at);
            (Piece::Text(&rest[..end]), end)
        };
        rest = &rest[len..];
        Some(piece)
    })
}

/// The name between the braces a text starts with.
fn capture(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    is_name.then_some(name)
}

/// The text with each capture replaced by what `of` knows for its name; what it does not know stays as it is written.
pub(crate) fn fill<'a>(template: &str, of: impl Fn(&str) -> Option<&'a str>) -> String {
    pieces(template)
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Capture { name, written } => of(name).unwrap_or(written),
        })
        .fold(String::new(), |filled, part| filled + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_captures_name_in_braces_stands_for_its_text() {
        let of = |name: &str| (name == "a").then_some("{b}");
        for (template, filled) in [
            ("x {a} y", "x {b} y"),
            ("{{a}} {{ {a} }}", "{a} { {b} }"),
            ("{c} {} { a } }", "{c} {} { a } }"),
            ("{a", "{a"),
            ("é{a}é", "é{b}é"),
        ] {
            assert_eq!(fill(template, of), filled, "{template}");
        }
    }
}
