//! Prompt files of other tools, for `autodao templates show` and `new --from`.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use autodao_engine::templates::{ForeignPrompt, MAX_FILE_BYTES, Severity, read_foreign};

use super::{Trouble, io_trouble, trouble};
use crate::exit;
use crate::output::{Color, complain, print};
use crate::path::{printable, shown};

/// A prompt file of another tool, with its text.
pub(super) struct Foreign {
    prompt: ForeignPrompt,
    text: String,
    path: String,
}

/// Reads a prompt file of another tool, and says what is to know of it; `None` for what is no file or none of those.
pub(super) fn read(path: &Path) -> Result<Option<Foreign>, Trouble> {
    if !path.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let most = MAX_FILE_BYTES as u64 + 1;
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(io_trouble(path))?;
    let full = std::path::absolute(path).map_err(io_trouble(path))?;
    let Some(prompt) = read_foreign(&full, &bytes) else {
        return trouble(format!("{} is no prompt file of a tool that is known", shown(path)));
    };
    for problem in &prompt.problems {
        let line = format!("{problem} [{}]", problem.kind.id());
        complain(if problem.severity == Severity::Error { "error" } else { "warning" }, &printable(&line));
    }
    if prompt.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return trouble(format!("{} cannot be used", shown(path)));
    }
    let text = String::from_utf8(bytes).map_err(|_| Trouble(format!("{} is not UTF-8", shown(path))))?;
    Ok(Some(Foreign { prompt, text, path: shown(path) }))
}

impl Foreign {
    /// The files of a template that says what the file says.
    pub(super) fn template_files(&self, name: &str) -> Result<[(&'static str, String); 3], Trouble> {
        let files = self.prompt.template_files(name, &self.text);
        files.ok_or_else(|| {
            Trouble(format!("`{name}` is no name: use lower-case letters, digits and single hyphens"))
        })
    }

    /// Says what it is, and what it says, byte for byte.
    pub(super) fn show(&self) -> u8 {
        let body = self.text.get(self.prompt.body.clone()).unwrap_or("");
        print(Color::Never, exit::CLEAN, |out| {
            writeln!(out, "{}: {}", self.prompt.dialect.name(), printable(&self.path))?;
            if !self.prompt.description.is_empty() {
                writeln!(out, "For: {}", printable(&self.prompt.description))?;
            }
            if !self.prompt.globs.is_empty() {
                writeln!(out, "Files: {}", printable(&self.prompt.globs.join(", ")))?;
            }
            writeln!(out)?;
            out.write_all(body.as_bytes())
        })
    }
}
