//! `autodao bench index`: what the index of a folder takes.

use std::path::PathBuf;

use autodao_engine::bench::measure_index;
use serde_json::json;

use crate::exit;
use crate::output::print_json;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder.
    folder: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    let figures = measure_index(&arguments.folder);
    let per_occurrence = figures.memory as f64 / figures.occurrences.max(1) as f64;
    let figures = json!({
        "files": figures.files,
        "occurrences": figures.occurrences,
        "bytes_per_occurrence": per_occurrence,
        "cold_ms": figures.cold_ms,
        "slowest_changed_ms": figures.changed_ms,
    });
    print_json(exit::CLEAN, &figures)
}
