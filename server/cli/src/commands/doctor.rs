//! `autodao doctor`: what is installed, what is configured, and what is wrong with it.

use std::io::{self, Write};
use std::path::Path;

use autodao_engine::act::{Assistant, Depth};
use autodao_engine::config::{Configuration, FolderConfig, PROJECT_FILE, user_config_file, user_data_folder};
use autodao_engine::syntax::Language;
use autodao_engine::{Experiment, Experiments, TemplateFolders};
use serde::Serialize;

use super::Style;
use crate::exit;
use crate::log;
use crate::output::{Color, print, print_json};
use crate::path::{printable, shown};
use crate::place::Place;
use crate::problem::Problem;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How it is shown.
    #[arg(long, value_enum, default_value_t)]
    format: Style,
}

#[derive(Serialize)]
struct Examination {
    version: &'static str,
    languages: Vec<LanguageSupport>,
    /// The project's file and the user's, as far as there are any.
    configuration: Vec<ConfigurationFile>,
    /// Where the user's configuration file is looked for.
    user_configuration: Option<Location>,
    user_data: Option<Location>,
    models: Vec<ModelState>,
    /// Those that run.
    experiments: Vec<ExperimentState>,
    log: LogVariable,
}

/// A model that is described or found. Nothing is sent to know it.
#[derive(Serialize)]
struct ModelState {
    name: String,
    model: String,
    url: String,
    has_key: bool,
    key_source: Option<String>,
    problem: Option<String>,
}

/// An experiment that runs.
#[derive(Serialize)]
struct ExperimentState {
    template: String,
    old: String,
    new: String,
    /// Why no edit takes part in the current folder.
    obstacle: Option<String>,
}

#[derive(Serialize)]
struct LanguageSupport {
    name: &'static str,
    extensions: &'static [&'static str],
}

#[derive(Serialize)]
struct ConfigurationFile {
    path: String,
    problems: Vec<Mistake>,
}

#[derive(Serialize)]
struct Mistake {
    #[serde(flatten)]
    place: Option<Place>,
    message: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    exists: bool,
    /// Whether it can be written to, or made where it does not exist.
    writable: bool,
}

#[derive(Serialize)]
struct LogVariable {
    name: &'static str,
    value: Option<String>,
    /// Whether the value is a level; the default holds when it is not.
    valid: bool,
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    let examination = examine();
    let is_fine = examination.configuration.iter().all(|file| file.problems.is_empty());
    let code = if is_fine { exit::CLEAN } else { exit::TROUBLE };
    match arguments.format {
        Style::Human => print(Color::Never, code, |out| write(&examination, out)),
        Style::Json => print_json(code, &examination),
    }
}

fn examine() -> Examination {
    let mut configuration = Configuration::load();
    let here = std::env::current_dir().ok();
    // The name of the file does not matter: what holds in a folder holds for all in it.
    let project = here.and_then(|here| configuration.for_file(Some(&here.join(PROJECT_FILE))).file.clone());
    let files = project.into_iter().chain(configuration.user_file().cloned());
    let files = files.map(|file| {
        let problems = Problem::in_configuration(&file).into_iter();
        ConfigurationFile {
            path: shown(&file.path),
            problems: problems.map(|Problem { place, message, .. }| Mistake { place, message }).collect(),
        }
    });
    let settings =
        configuration.for_file(Some(&std::env::current_dir().unwrap_or_default().join(PROJECT_FILE)));
    let models = Assistant::new(None).health(&settings.ai, Depth::List).into_iter();
    let languages = Language::ALL.into_iter();
    Examination {
        version: env!("CARGO_PKG_VERSION"),
        languages: languages
            .map(|language| LanguageSupport { name: language.name(), extensions: language.extensions() })
            .collect(),
        configuration: files.collect(),
        user_configuration: user_config_file().map(|path| Location::of(&path)),
        user_data: user_data_folder().map(|path| Location::of(&path)),
        models: models
            .map(|health| ModelState {
                name: health.name,
                model: health.model,
                url: health.url,
                has_key: health.key_source.is_some(),
                key_source: health.key_source,
                problem: health.result.and_then(Result::err),
            })
            .collect(),
        experiments: experiments(settings.as_ref()),
        log: LogVariable {
            name: log::VARIABLE,
            value: std::env::var_os(log::VARIABLE).map(|value| value.to_string_lossy().into_owned()),
            valid: log::level().is_ok(),
        },
    }
}

/// The experiments that run, as they are where a configuration holds.
fn experiments(config: &FolderConfig) -> Vec<ExperimentState> {
    let mut all = Experiments::of_user().all().unwrap_or_default();
    all.retain(|experiment| experiment.ended.is_none());
    let folders = TemplateFolders::of(config);
    let library = folders.library(&folders.lock().unwrap_or_default());
    let state = |experiment: Experiment| ExperimentState {
        obstacle: experiment.obstacle(&library),
        template: experiment.template,
        old: experiment.old.version,
        new: experiment.new.version,
    };
    all.into_iter().map(state).collect()
}

impl Location {
    fn of(path: &Path) -> Self {
        let folder = path.ancestors().find(|folder| folder.is_dir());
        // Only trying tells: permission bits say nothing about read-only file systems. The file has no name and
        // is gone at once.
        let writable = folder.is_some_and(|folder| tempfile::tempfile_in(folder).is_ok());
        Self { path: shown(path), exists: path.exists(), writable }
    }
}

fn write(examination: &Examination, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "AutoDAO {}\n\nLanguages", examination.version)?;
    for LanguageSupport { name, extensions } in &examination.languages {
        let extensions: Vec<_> = extensions.iter().map(|extension| format!(".{extension}")).collect();
        writeln!(out, "  {name:12} {}", extensions.join(" "))?;
    }
    writeln!(out, "\nConfiguration files read")?;
    if examination.configuration.is_empty() {
        writeln!(out, "  none: the defaults hold")?;
    }
    examination.configuration.iter().try_for_each(|file| write_configuration(file, out))?;
    writeln!(out, "\nYour own files")?;
    write_location("settings", examination.user_configuration.as_ref(), out)?;
    write_location("data", examination.user_data.as_ref(), out)?;
    writeln!(out, "\nModels")?;
    examination.models.iter().try_for_each(|model| write_model(model, out))?;
    if !examination.experiments.is_empty() {
        writeln!(out, "\nExperiments")?;
    }
    for ExperimentState { template, old, new, obstacle } in &examination.experiments {
        let told = obstacle.as_deref().unwrap_or("runs");
        writeln!(out, "  {:12} {new} against {old}: {}", printable(template), printable(told))?;
    }
    writeln!(out, "\nLog\n  {:12} {}", examination.log.name, describe(&examination.log))
}

fn write_configuration(file: &ConfigurationFile, out: &mut dyn Write) -> io::Result<()> {
    let path = printable(&file.path);
    match file.problems.len() {
        0 => writeln!(out, "  {path}: fine")?,
        1 => writeln!(out, "  {path}: 1 problem")?,
        count => writeln!(out, "  {path}: {count} problems")?,
    }
    for Mistake { place, message } in &file.problems {
        let place = place.map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
        writeln!(out, "    {path}{place}: {message}")?;
    }
    Ok(())
}

fn write_model(state: &ModelState, out: &mut dyn Write) -> io::Result<()> {
    let ModelState { name, model, url, key_source, problem, .. } = state;
    let told = match (problem, key_source) {
        (Some(problem), _) => problem.clone(),
        (None, Some(source)) => format!("{model} at {url}, with a key from {source}"),
        (None, None) => format!("{model} at {url}, without a key"),
    };
    writeln!(out, "  {:12} {}", printable(name), printable(&told))
}

fn write_location(what: &str, location: Option<&Location>, out: &mut dyn Write) -> io::Result<()> {
    let Some(Location { path, exists, writable }) = location else {
        return writeln!(out, "  {what:12} no home folder: set AUTODAO_CONFIG_DIR and AUTODAO_DATA_DIR");
    };
    let exists = if *exists { "exists" } else { "does not exist" };
    let writable = if *writable { "writable" } else { "NOT writable" };
    writeln!(out, "  {what:12} {} ({exists}, {writable})", printable(path))
}

fn describe(log: &LogVariable) -> String {
    match &log.value {
        None => format!("not set: {}", log::DEFAULT),
        Some(value) if log.valid => value.clone(),
        Some(value) => {
            let (value, levels) = (printable(value), log::LEVELS);
            format!("`{value}` is no level, so it is {}; set one of {levels}", log::DEFAULT)
        }
    }
}
