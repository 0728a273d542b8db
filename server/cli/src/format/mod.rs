//! What a look at files amounts to, and the formats it is written in: one a module.

use std::io::{self, Write};

use autodao_engine::quality::Severity;
use autodao_engine::{Checked, FileProblem};

use crate::path::shown;
use crate::problem::Problem;

mod finding;
mod github;
mod human;
mod json;
mod sarif;

/// How findings are written.
#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// Code frames, and a line that sums up.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// Writes the findings of one file; shared by the threads that look.
pub(crate) struct Painter {
    format: Format,
    frames: human::Frames,
}

impl Painter {
    /// `colored` matters to [`Format::Human`] alone.
    pub(crate) fn new(format: Format, colored: bool) -> Self {
        Self { format, frames: human::Frames::new(colored) }
    }

    pub(crate) fn paint(&self, checked: &Checked) -> Painted {
        let path = shown(&checked.path);
        let text = match self.format {
            Format::Human => self.frames.paint(&path, checked),
            Format::Json => json::paint(&path, checked),
            Format::Sarif => sarif::paint(&path, checked),
            Format::Github => github::paint(&path, checked),
        };
        let mut summary =
            Summary { files: 1, suppressed: checked.report.suppressed as usize, ..Summary::default() };
        for finding in &checked.report.findings {
            summary.findings[finding.relative().severity as usize] += 1;
        }
        Painted { path, text, summary }
    }
}

/// The findings of one file as they will be written.
pub(crate) struct Painted {
    path: String,
    text: String,
    summary: Summary,
}

/// Numbers for the last line and the exit code.
#[derive(Default)]
pub(crate) struct Summary {
    files: usize,
    /// By severity, most severe first.
    findings: [usize; Severity::ALL.len()],
    suppressed: usize,
}

impl Summary {
    /// The severity of the most severe finding.
    pub(crate) fn worst(&self) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| self.findings[*severity as usize] > 0)
    }

    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.suppressed += other.suppressed;
        for (count, more) in self.findings.iter_mut().zip(other.findings) {
            *count += more;
        }
    }
}

/// All that was found.
#[derive(Default)]
pub(crate) struct Outcome {
    files: Vec<Painted>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) summary: Summary,
}

impl Outcome {
    pub(crate) fn add(&mut self, result: Result<Painted, FileProblem>) {
        match result {
            Ok(painted) => {
                self.summary.add(&painted.summary);
                if !painted.text.is_empty() {
                    self.files.push(painted);
                }
            }
            Err(problem) => self.problems.push(problem.into()),
        }
    }

    /// Files are done in no particular order; they are written in that of their paths.
    pub(crate) fn sort(&mut self) {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.problems.sort();
        self.problems.dedup();
    }

    pub(crate) fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => {
                self.write_findings(out)?;
                self.complain(out)
            }
        }
    }

    fn write_findings(&self, out: &mut dyn Write) -> io::Result<()> {
        self.files.iter().try_for_each(|file| out.write_all(file.text.as_bytes()))
    }

    /// Says on stderr what stood in the way; what is on stdout already comes first.
    fn complain(&self, out: &mut dyn Write) -> io::Result<()> {
        let flushed = out.flush();
        self.problems.iter().for_each(Problem::complain);
        flushed
    }
}
