//! `cargo xtask oracles`: the metrics beside those of public tools, function by function.
//!
//! The tables, and a script that fetches the sources they were made of, are not part of the repository: they are
//! looked for in `AUTODAO_SHARED`, else in `../shared`. The sources are kept in `AUTODAO_ORACLE_SOURCES`, else in
//! the user's cache folder. Functions are joined by file and line.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::process::{program, root, say, step};

mod join;
mod table;

use join::{Agreement, join};
use table::Row;

/// Share of the table's functions that have to be found.
const JOINED: f64 = 0.999;

/// The table's `commander` 15.1.0 was made of the sources of this version.
const COMMANDER: (&str, &str) = ("js/commander-15.1.0", "commander@14.0.3");

/// One comparison: a tool's rows beside a profile of ours.
struct Comparison {
    oracle: &'static str,
    /// Folders below the sources.
    folders: &'static [&'static str],
    /// `None` for the definition that the rules follow: the tool's without its errors.
    profile: Option<&'static str>,
    /// The metric, the table's column, and the share of functions that have to agree; `None` is only shown.
    metrics: &'static [(&'static str, &'static str, Option<f64>)],
}

const COMPARISONS: [Comparison; 3] = [
    Comparison {
        oracle: "eslint-plugin-sonarjs@2.0.4",
        folders: &["ts", "js"],
        profile: None,
        metrics: &[
            // Of 28,123 functions the tool's error shows in 12; the table has about half of them, and 9 of the 12.
            ("cognitive", "cognitive", Some(0.9994)),
            ("cyclomatic", "cyclomatic", Some(1.0)),
            ("params", "params", Some(1.0)),
            ("nesting", "nesting", Some(0.999)),
        ],
    },
    Comparison {
        oracle: "eslint-plugin-sonarjs@2.0.4",
        folders: &["ts", "js"],
        profile: Some("sonarjs-2.0.4"),
        metrics: &[
            ("cognitive", "cognitive", Some(1.0)),
            ("cyclomatic", "cyclomatic", Some(1.0)),
            ("params", "params", Some(1.0)),
            ("nesting", "nesting", Some(1.0)),
        ],
    },
    Comparison {
        oracle: "rust-code-analysis-cli@0.0.25",
        folders: &["rs"],
        profile: Some("rust-code-analysis"),
        metrics: &[
            ("cognitive", "cognitive_own", Some(1.0)),
            ("cyclomatic", "cyclomatic_own", None),
            ("params", "params", Some(1.0)),
        ],
    },
];

pub(crate) fn run() -> Result<(), Failure> {
    let Some(oracles) = find() else {
        say("oracles: left out: there is no ../shared/data/oracles/functions.jsonl.gz; set AUTODAO_SHARED");
        return Ok(());
    };
    let rows = table::read(&oracles.join("functions.jsonl.gz"))?;
    let sources = sources(&oracles)?;
    step("build", &mut program())?;
    let mut failures = Vec::new();
    for comparison in &COMPARISONS {
        compare(comparison, &rows, &sources, &mut failures)?;
    }
    if failures.is_empty() { Ok(()) } else { Err(format!("oracles: {}", failures.join("; "))) }
}

/// The folder of the tables, if it is at hand.
pub(crate) fn find() -> Option<PathBuf> {
    let shared = std::env::var_os("AUTODAO_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    Some(shared.join("data/oracles")).filter(|oracles| oracles.join("functions.jsonl.gz").is_file())
}

/// The folder of the sources, filled on first use.
pub(crate) fn sources(oracles: &Path) -> Result<PathBuf, Failure> {
    let folder = match std::env::var_os("AUTODAO_ORACLE_SOURCES") {
        Some(folder) => PathBuf::from(folder),
        None => cache_folder().ok_or("oracles: set AUTODAO_ORACLE_SOURCES to a folder for the sources")?,
    };
    let done = folder.join("complete");
    if done.is_file() {
        return Ok(folder);
    }
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let script = oracles.join("scripts/get_corpora.sh");
    step("fetch the sources", Command::new("bash").arg(script).arg(&folder))?;
    let (place, package) = COMMANDER;
    let replace =
        "cd \"$1\" && tar xzf \"$(npm pack \"$2\" --silent | tail -1)\" package/lib --strip-components=2";
    let commander = folder.join(place);
    step(package, Command::new("sh").args(["-c", replace, "sh"]).arg(&commander).arg(package))?;
    std::fs::write(&done, "").map_err(failed)?;
    Ok(folder)
}

fn cache_folder() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("autodao/oracle-sources"))
}

fn compare(
    comparison: &Comparison,
    rows: &[Row],
    sources: &Path,
    failures: &mut Vec<String>,
) -> Result<(), Failure> {
    let Comparison { oracle, folders, profile, metrics } = comparison;
    let binary = root().join("target/debug/autodao");
    let mut command = Command::new(&binary);
    command.args(["score", "--functions", "--format", "json"]);
    command.args(profile.iter().flat_map(|profile| ["--profile", profile]));
    command.args(*folders).current_dir(sources);
    // It ends with 2 when a file cannot be read, as some of the sources' own test files cannot.
    let output = command.output().map_err(|error| format!("{}: {error}", binary.display()))?;
    let ours = table::parse(&output.stdout)?;
    let in_folders = |row: &&Row| folders.iter().any(|folder| row.file.starts_with(&format!("{folder}/")));
    let theirs: Vec<&Row> =
        rows.iter().filter(|row| row.oracle.starts_with(oracle)).filter(in_folders).collect();
    let Agreement { total, foreign, pairs } = join(&theirs, &ours, sources);
    let what = profile.map_or("the rules' definition".to_owned(), |profile| format!("profile {profile}"));
    say(&format!("\n== {oracle}: {what}"));
    let joined = pairs.len() as f64 / total.max(1) as f64;
    say(&format!(
        "functions {total}, joined {} ({:.3} %), of other sources {foreign}",
        pairs.len(),
        joined * 100.0
    ));
    if total == 0 || joined < JOINED {
        failures.push(format!("{oracle}: only {:.3} % of {total} functions are joined", joined * 100.0));
    }
    for (metric, column, gate) in *metrics {
        let known: Vec<_> = pairs.iter().filter(|(theirs, _)| theirs.number(column).is_some()).collect();
        let differing: Vec<_> =
            known.iter().filter(|(theirs, ours)| theirs.number(column) != ours.number(metric)).collect();
        let share = 1.0 - differing.len() as f64 / known.len().max(1) as f64;
        say(&format!(
            "  {metric:<10} {:.4} % ({} of {} differ)",
            share * 100.0,
            differing.len(),
            known.len()
        ));
        for (theirs, ours) in differing.iter().take(5) {
            let (theirs_number, ours_number) = (theirs.number(column), ours.number(metric));
            say(&format!(
                "    {}:{} {}: {} there, {} here",
                theirs.file,
                theirs.start_line,
                theirs.name,
                theirs_number.unwrap_or_default(),
                ours_number.unwrap_or_default()
            ));
        }
        if gate.is_some_and(|gate| known.is_empty() || share < gate) {
            failures.push(format!("{oracle}, {what}: {metric} agrees in {:.4} %", share * 100.0));
        }
    }
    Ok(())
}
