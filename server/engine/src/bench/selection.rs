//! How long it takes to find the template and the version for an edit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use autodao_ledger::Ledger;
use autodao_templates::{Files, Layer, Library, Place, Template};

use super::BenchError;
use crate::experiments::{Allocation, Chooser, Experiments};

/// What was measured.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SelectionFigures {
    /// Templates that could apply, each in as many versions as [`SelectionFigures::versions`].
    pub templates: usize,
    /// Versions of each.
    pub versions: usize,
    /// How often one was chosen.
    pub rounds: usize,
    /// Half of the choices took no longer, in microseconds.
    pub p50_us: f64,
    /// 99 of 100 took no longer.
    pub p99_us: f64,
    /// The longest, the first of a day apart.
    pub most_us: f64,
    /// The first of a day, which reads the ledger.
    pub first_us: f64,
}

/// The versions of each template.
const VERSIONS: usize = 2;

/// Measures choices among so many templates of a user's own, each with patterns for paths, kinds of task and of nodes,
/// while an adaptive experiment runs. What is measured is the whole way: which templates apply, which one fits best, what
/// experiments run, how their versions did, and the draw.
///
/// # Errors
/// The folder of passing data cannot be made, or a template cannot be read.
pub fn measure_selection(templates: usize, rounds: usize) -> Result<SelectionFigures, BenchError> {
    let failed = |error: &dyn std::fmt::Display| BenchError::Template(error.to_string());
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    let library = library(templates)?;
    let experiments = Experiments::in_folder(folder.path());
    let named = |minor: u64| library.all().find(|one| one.name == "made-0" && one.version.minor == minor);
    let (Some(old), Some(new)) = (named(0), named(1)) else {
        return Err(BenchError::Template("there is none to choose".to_owned()));
    };
    experiments.start(old, new, Allocation::Adaptive(0.1)).map_err(|error| failed(&error))?;
    let chooser = Chooser::new(experiments, Ledger::open(folder.path().join("ledger")));
    let choose = |round: usize| {
        let path = format!("src/part{}/file{round}.rs", round % 7);
        let place = Place {
            language: "rust",
            task: Some("simplify"),
            node: "function_item",
            path: &path,
            queries: &[],
            diagnostics: &[],
            lines: 20,
        };
        let began = Instant::now();
        let best = library.best(&place).map(|candidate| Arc::clone(candidate.template));
        let used = best.as_ref().filter(|best| best.name == "made-0").unwrap_or(new);
        let choice = chooser.choose(&library, used, Some(round as u64), "simplify");
        let micros = began.elapsed().as_secs_f64() * 1e6;
        (micros, choice.template.version.minor)
    };
    let (first_us, _) = choose(0);
    let mut times: Vec<f64> = (1..=rounds.max(1)).map(|round| choose(round).0).collect();
    times.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let index = ((times.len() as f64 * part) as usize).min(times.len() - 1);
        times.get(index).copied().unwrap_or_default()
    };
    let (p50_us, p99_us, most_us) = (at(0.5), at(0.99), at(1.0));
    Ok(SelectionFigures { templates, versions: VERSIONS, rounds, p50_us, p99_us, most_us, first_us })
}

fn library(templates: usize) -> Result<Library, BenchError> {
    let mut made = Vec::new();
    for number in 0..templates.max(1) {
        for minor in 0..VERSIONS {
            let name = format!("made-{number}");
            let skill =
                format!("---\nname: {name}\ndescription: Made to be chosen.\n---\n\nMake it simpler.\n");
            let config = format!(
                "schema = 1\nversion = \"1.{minor}.0\"\n[match]\ntask = [\"simplify\"]\nnode = [\"function_item\"]\nglobs = [\"src/part{}/**\"]\n[output]\ncontract = \"hunks\"\n",
                number % 7
            );
            let files = Files { skill: skill.as_bytes(), config: Some(config.as_bytes()), prompt: None };
            let folder: PathBuf = Path::new("made").join(format!("{name}@1.{minor}.0"));
            let parsed = Template::parse(&folder, Layer::User, files);
            let template = parsed.template.ok_or_else(|| {
                BenchError::Template(parsed.problems.first().map_or_else(String::new, ToString::to_string))
            })?;
            made.push(template);
        }
    }
    Ok(Library::of(made, Vec::new()))
}
