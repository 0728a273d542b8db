//! Reading source files: what is text, and what is wrong with what is none.

use std::io::{self, Read};
use std::path::Path;

use autodao_syntax::Language;

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// How far a file is looked into for the zero byte that marks it as binary: as far as git looks.
const BINARY_PROBE: usize = 8000;

/// Reads a text file; the error says in one line why it is none, and what to do.
pub(crate) fn read_file(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    read_text(file)
}

/// Reads a text, bounded, from wherever it comes.
pub(crate) fn read_text(source: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    source.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("larger than {} MB: exclude it in autodao.toml", MAX_FILE_BYTES >> 20));
    }
    if bytes.iter().take(BINARY_PROBE).any(|byte| *byte == 0) {
        return Err("a binary file: rename it, or exclude it in autodao.toml".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("not valid UTF-8 at line {line} (byte {at}): save it as UTF-8")
    })
}

/// Why a file or folder cannot be opened, with the cure where there is a common one.
pub(crate) fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder: check the name".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read: change its permissions".to_owned(),
        _ => format!("it cannot be read: {error}"),
    }
}

/// The language of a file that was asked for by name.
pub(crate) fn language_of(path: &Path) -> Result<Language, String> {
    Language::from_path(path).ok_or_else(|| {
        let known: Vec<_> = Language::ALL
            .iter()
            .flat_map(|language| language.extensions())
            .map(|e| format!(".{e}"))
            .collect();
        format!("not a language of ours: name one of {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_named_with_a_cure() {
        assert_eq!(read_text(&b"fn f() {}"[..]).unwrap(), "fn f() {}");
        assert!(read_text(&b"\x7fELF\0\0"[..]).unwrap_err().starts_with("a binary file: "));
        let error = read_text(&b"a\nb\xff"[..]).unwrap_err();
        assert_eq!(error, "not valid UTF-8 at line 2 (byte 3): save it as UTF-8");
    }

    #[test]
    fn a_language_is_found_by_the_extension_alone() {
        assert_eq!(language_of(Path::new("a.rs")), Ok(Language::Rust));
        assert!(language_of(Path::new("a.py")).unwrap_err().contains(".mts"));
    }
}
