//! `autodao experiment`: compare two versions of a template on real edits.

use std::fmt::Write as _;

use autodao_engine::ledger::{Ledger, LedgerError};
use autodao_engine::templates::{Bounds, Label, Template, Verdict, VersionReq};
use autodao_engine::{Allocation, ArmStanding, Experiment, ExperimentError, Experiments, Standing, standing};
use serde::Serialize;

use super::ledger::{open, tell_notices};
use super::templates::{Here, Trouble, trouble};
use crate::exit;
use crate::output::{Color, complain, print, print_json};
use crate::path::printable;

/// The least share of either version where the better one gets more.
const FLOOR: f64 = 0.1;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Have two versions of a template drawn for your edits, by workspace, kind of task and day.
    Start {
        /// The template's name.
        name: String,
        /// The version to be tried; the one labelled canary when there is none.
        #[arg(long)]
        new: Option<String>,
        /// The version it is compared with; the one in use here when there is none.
        #[arg(long)]
        old: Option<String>,
        /// How many percent of the occasions get the new version.
        #[arg(long, default_value_t = 50.0, conflicts_with = "adaptive")]
        share: f64,
        /// The version that did better so far is drawn more often, each for 10 % of the occasions at least.
        #[arg(long)]
        adaptive: bool,
    },
    /// Say how experiments stand. You may look as often as you like: it takes nothing from the answer.
    Status {
        /// The template's name; every experiment that runs when there is none.
        name: Option<String>,
        /// Also those that ended.
        #[arg(long)]
        all: bool,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// End an experiment and say what it says.
    Stop {
        /// The template's name.
        name: String,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
}

impl From<ExperimentError> for Trouble {
    fn from(error: ExperimentError) -> Self {
        Self(error.to_string())
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self(error.to_string())
    }
}

pub(crate) fn run(command: &Command) -> u8 {
    let result = match command {
        Command::Start { name, new, old, share, adaptive } => {
            let allocation = match adaptive {
                true => Allocation::Adaptive(FLOOR),
                false => Allocation::Share(share / 100.0),
            };
            start(name, old.as_deref(), new.as_deref(), allocation)
        }
        Command::Status { name, all, json } => status(name.as_deref(), *all, *json),
        Command::Stop { name, json } => stop(name, *json),
    };
    result.unwrap_or_else(|Trouble(reason)| {
        complain("error", &printable(&reason));
        exit::TROUBLE
    })
}

fn start(name: &str, old: Option<&str>, new: Option<&str>, allocation: Allocation) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let at = |version: &str| -> Result<&Template, Trouble> {
        let asked = VersionReq::parse(&format!("={version}"))
            .map_err(|error| Trouble(format!("`{version}` is no version: {error}")))?;
        let found = here.library.eligible(name).find(|template| asked.matches(&template.version));
        let found = found.map(|template| &**template);
        found.ok_or_else(|| Trouble(format!("there is no {name}@{version} here, or a pin excludes it")))
    };
    let old = match old {
        Some(version) => at(version)?,
        None => here.template(name)?,
    };
    let new = match new {
        Some(version) => at(version)?,
        None => match here.lock.label(name, Label::Canary) {
            Some(version) => at(&version.to_string())?,
            None => return trouble("name the version with --new, or label one as canary"),
        },
    };
    // What is compared must be what the lock knows by these versions.
    if let Some(problem) = here.locks.verify([old, new]).first() {
        return trouble(problem.to_string());
    }
    let experiment = Experiments::of_user().start(old, new, allocation)?;
    let text =
        format!("{} It is drawn anew for each workspace, kind of task and day.\n", heading(&experiment));
    Ok(print(Color::Never, exit::CLEAN, |out| out.write_all(printable_lines(&text).as_bytes())))
}

fn status(name: Option<&str>, all: bool, json: bool) -> Result<u8, Trouble> {
    let experiments = Experiments::of_user().all()?;
    let asked =
        |one: &&Experiment| (all || one.ended.is_none()) && name.is_none_or(|name| one.template == name);
    let experiments: Vec<_> = experiments.iter().filter(asked).collect();
    let Some(ledger) = open() else { return Ok(exit::TROUBLE) };
    let library = Here::read().map(|here| here.library).ok();
    let mut standings = Vec::new();
    for experiment in experiments {
        let runs = experiment.ended.is_none();
        let obstacle = library.as_ref().filter(|_| runs).and_then(|library| experiment.obstacle(library));
        standings.push((experiment, standing(experiment, &ledger)?, obstacle));
    }
    tell_notices(&ledger);
    if json {
        let described: Vec<_> = standings
            .iter()
            .map(|(one, standing, obstacle)| Described::of(one, standing, obstacle.clone()))
            .collect();
        return Ok(print_json(exit::CLEAN, &described));
    }
    let text_of = |(one, standing, obstacle): &(&Experiment, Standing, Option<String>)| {
        let obstacle = obstacle.as_ref().map_or_else(String::new, |why| format!("Here {why}.\n"));
        human(one, standing) + &obstacle
    };
    let texts: Vec<_> = standings.iter().map(text_of).collect();
    let text = if texts.is_empty() { "No experiment runs.\n".to_owned() } else { texts.join("\n") };
    Ok(print(Color::Never, exit::CLEAN, |out| out.write_all(printable_lines(&text).as_bytes())))
}

fn stop(name: &str, json: bool) -> Result<u8, Trouble> {
    let experiments = Experiments::of_user();
    let running = experiments.running(name)?;
    let Some(running) = running else { return Err(ExperimentError::NotRunning(name.to_owned()).into()) };
    let Some(ledger) = open() else { return Ok(exit::TROUBLE) };
    let standing = told(&running, &ledger)?;
    let ended = experiments.stop(name, standing.verdict.to_string())?;
    tell_notices(&ledger);
    if json {
        return Ok(print_json(exit::CLEAN, &Described::of(&ended, &standing, None)));
    }
    let text = human(&ended, &standing) + &next(&ended, &standing.verdict);
    Ok(print(Color::Never, exit::CLEAN, |out| out.write_all(printable_lines(&text).as_bytes())))
}

fn told(experiment: &Experiment, ledger: &Ledger) -> Result<Standing, Trouble> {
    Ok(standing(experiment, ledger)?)
}

/// What is compared, and how, in a sentence.
fn heading(experiment: &Experiment) -> String {
    let Experiment { template, old, new, .. } = experiment;
    let how = match experiment.allocation {
        Allocation::Share(share) => format!("{} % of the occasions get {}", share * 100.0, new.version),
        Allocation::Adaptive(_) => "the better one is drawn more often".to_owned(),
    };
    let until =
        if experiment.ended.is_some() { format!(" until {}", experiment.last_day()) } else { String::new() };
    format!(
        "{template}: {} against {}, since {}{until}; {how}.",
        new.version,
        old.version,
        experiment.first_day()
    )
}

fn human(experiment: &Experiment, standing: &Standing) -> String {
    let mut text = heading(experiment) + "\n";
    let versions = [(&experiment.old.version, &standing.old), (&experiment.new.version, &standing.new)];
    let width = versions.iter().map(|(version, _)| version.len()).max().unwrap_or(0).max("VERSION".len());
    let _ = writeln!(text, "  {:width$}  OCCASIONS  EDITS  OUTCOMES  STAYED  TOKENS  SCORE", "VERSION");
    for (version, arm) in versions {
        let number = |value: Option<f64>, form: fn(f64) -> String| value.map_or_else(|| "-".to_owned(), form);
        let _ = writeln!(
            text,
            "  {version:width$}  {:>9}  {:>5}  {:>8}  {:>6}  {:>6}  {:>5}",
            arm.tally.assigned,
            arm.edits,
            arm.tally.tried,
            number(arm.kept_rate(), |rate| format!("{:.0}%", rate * 100.0)),
            number(arm.tokens_per_edit(), |tokens| format!("{tokens:.0}")),
            number(arm.score_change, |change| format!("{change:+.1}")),
        );
    }
    let _ = writeln!(text, "{}", standing.verdict);
    text
}

/// What to do when an experiment is over.
fn next(experiment: &Experiment, verdict: &Verdict) -> String {
    let Experiment { template, old, new, .. } = experiment;
    match verdict {
        Verdict::Better { .. } => {
            format!("For everybody: `autodao templates label {template} production {}`.\n", new.version)
        }
        Verdict::Worse { .. } | Verdict::Dearer { .. } => {
            format!(
                "{} is used again. A label that moved goes back with `autodao templates rollback {template}`.\n",
                old.version
            )
        }
        Verdict::Early | Verdict::Open { .. } | Verdict::BadSplit { .. } => {
            format!("{} is used again.\n", old.version)
        }
    }
}

fn printable_lines(text: &str) -> String {
    text.lines().map(|line| printable(line) + "\n").collect()
}

/// An experiment for programs.
#[derive(Serialize)]
struct Described<'a> {
    #[serde(flatten)]
    experiment: &'a Experiment,
    planned_share: f64,
    /// Why no edit takes part in the current folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacle: Option<String>,
    versions: [DescribedArm<'a>; 2],
    verdict: DescribedVerdict,
}

#[derive(Serialize)]
struct DescribedArm<'a> {
    version: &'a str,
    occasions: u64,
    edits: u64,
    outcomes: u64,
    stayed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_per_edit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score_change: Option<f64>,
}

#[derive(Serialize)]
struct DescribedVerdict {
    id: &'static str,
    text: String,
    /// How much more often edits of the new version stay, 0 to 1: from, seen, to.
    #[serde(skip_serializing_if = "Option::is_none")]
    stayed: Option<[f64; 3]>,
    /// How many more tokens the same edit takes, as a share of the old version's: from, seen, to.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<[f64; 3]>,
}

impl<'a> Described<'a> {
    fn of(experiment: &'a Experiment, standing: &Standing, obstacle: Option<String>) -> Self {
        let arm = |version: &'a str, arm: &ArmStanding| DescribedArm {
            version,
            occasions: arm.tally.assigned,
            edits: arm.edits,
            outcomes: arm.tally.tried,
            stayed: arm.tally.kept,
            tokens_per_edit: arm.tokens_per_edit(),
            score_change: arm.score_change,
        };
        let bounds = |bounds: Bounds| [bounds.low, bounds.seen, bounds.high];
        let (id, stayed, tokens) = match standing.verdict {
            Verdict::BadSplit { .. } => ("bad-split", None, None),
            Verdict::Early => ("open", None, None),
            Verdict::Open { kept, tokens } => ("open", Some(kept), Some(tokens)),
            Verdict::Better { kept, tokens } => ("better", Some(kept), Some(tokens)),
            Verdict::Worse { kept } => ("worse", Some(kept), None),
            Verdict::Dearer { tokens } => ("dearer", None, Some(tokens)),
        };
        Self {
            experiment,
            planned_share: standing.planned_share,
            obstacle,
            versions: [
                arm(&experiment.old.version, &standing.old),
                arm(&experiment.new.version, &standing.new),
            ],
            verdict: DescribedVerdict {
                id,
                text: standing.verdict.to_string(),
                stayed: stayed.map(bounds),
                tokens: tokens.map(bounds),
            },
        }
    }
}
