//! What stands in the way of a look: files that cannot be read, mistakes in a configuration.

use autodao_engine::FileProblem;
use autodao_engine::config::LoadedFile;

use crate::output::complain;
use crate::path::{printable, shown};
use crate::place::Place;

/// One problem.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Problem {
    /// As it is shown.
    pub(crate) path: String,
    /// Where in a configuration; `None` for a file that could not be looked at.
    pub(crate) place: Option<Place>,
    /// What is wrong and what to do, in one line.
    pub(crate) message: String,
}

impl Problem {
    /// What is wrong in configuration files.
    pub(crate) fn in_configuration(file: &LoadedFile) -> Vec<Self> {
        let path = shown(&file.path);
        let problems = file.problems.iter().map(|problem| Self {
            path: path.clone(),
            place: Some(Place::of(&file.buffer, problem.span)),
            message: problem.message.clone(),
        });
        problems.collect()
    }

    /// Whether a file was not looked at. A mistake in a configuration is a warning: the rest of it holds.
    pub(crate) fn is_trouble(&self) -> bool {
        self.place.is_none()
    }

    /// Path, place if there is one, and message, on one line.
    pub(crate) fn line(&self) -> String {
        let place = self.place.map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
        format!("{}{place}: {}", printable(&self.path), self.message)
    }

    /// Says it on stderr.
    pub(crate) fn complain(&self) {
        complain(if self.is_trouble() { "error" } else { "warning" }, &self.line());
    }
}

impl From<FileProblem> for Problem {
    fn from(problem: FileProblem) -> Self {
        Self { path: shown(&problem.path), place: None, message: problem.reason }
    }
}
