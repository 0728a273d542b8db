//! How paths are written.

use std::path::{Component, Path};

/// A path as it is shown: relative to the current folder where it is below it, without `./`.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir();
    let path = here.ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    let path = path.strip_prefix(".").unwrap_or(path);
    // The current folder itself.
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.to_string_lossy().into_owned() }
}

/// A path on one line of a terminal: a name may hold line breaks and escape sequences.
pub(crate) fn printable(path: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    path.chars().map(escape).collect()
}

/// A shown path as a URI reference (RFC 3986).
pub(crate) fn uri(shown: &str) -> String {
    let mut uri = String::new();
    for component in Path::new(shown).components() {
        match component {
            Component::RootDir => uri.push_str("file:///"),
            Component::Prefix(prefix) => encode(&prefix.as_os_str().to_string_lossy(), &mut uri),
            component => {
                if !uri.is_empty() && !uri.ends_with('/') {
                    uri.push('/');
                }
                encode(&component.as_os_str().to_string_lossy(), &mut uri);
            }
        }
    }
    uri
}

/// Also a colon is encoded: in a first part it would end a scheme.
fn encode(part: &str, uri: &mut String) {
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_from_here() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(shown(Path::new("./src/a.rs")), "src/a.rs");
        assert_eq!(shown(&here.join("src/a.rs")), "src/a.rs");
        assert_eq!(shown(Path::new("../a.rs")), "../a.rs");
        assert_eq!(shown(&here), ".");
        assert_eq!(printable("a\n\u{1b}[31m.rs"), "a\\n\\u{1b}[31m.rs");
    }

    #[test]
    fn a_uri_holds_nothing_that_has_a_meaning_in_one() {
        assert_eq!(uri("src/a b#c.rs"), "src/a%20b%23c.rs");
        assert_eq!(uri("a:b/ü.rs"), "a%3Ab/%C3%BC.rs");
        assert_eq!(uri("../x.rs"), "../x.rs");
        #[cfg(unix)]
        assert_eq!(uri("/project/x.rs"), "file:///project/x.rs");
    }
}
