//! Where output goes: results to stdout, everything else to stderr.

use std::io::{self, BufWriter, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use crate::exit;

/// When to colour.
#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Not at all.
    Never,
}

impl Color {
    fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::AlwaysAnsi,
            Self::Never => ColorChoice::Never,
        }
    }

    /// Whether stdout is coloured.
    pub(crate) fn is_on(self) -> bool {
        match self {
            Self::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Writes results to stdout and returns `code`, or [`exit::TROUBLE`] when they cannot be written. A reader that
/// went away, as `head` does, has what it wants: that is no trouble.
pub(crate) fn print(color: Color, code: u8, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> u8 {
    let stdout = AutoStream::new(io::stdout().lock(), color.choice());
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain("error", &format!("the output cannot be written: {error}"));
            exit::TROUBLE
        }
        _ => code,
    }
}

/// Prints a value as indented JSON.
pub(crate) fn print_json(code: u8, value: &impl Serialize) -> u8 {
    print(Color::Never, code, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// Writes one line to stderr.
pub(crate) fn complain(what: &str, line: &str) {
    // There is nowhere to say that stderr cannot be written.
    let _ = writeln!(io::stderr(), "{what}: {line}");
}
