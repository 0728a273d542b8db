//! `autodao bench selection`: how long it takes to find the template and version of an edit.

use autodao_engine::bench::measure_selection;
use serde_json::json;

use crate::exit;
use crate::output::{complain, print_json};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many templates there are to choose from, each in two versions.
    #[arg(long, value_name = "N", default_value_t = 200)]
    templates: usize,
    /// How often one is chosen.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    rounds: usize,
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    match measure_selection(arguments.templates, arguments.rounds) {
        Ok(figures) => {
            let figures = json!({
                "templates": figures.templates,
                "versions": figures.versions,
                "rounds": figures.rounds,
                "p50_us": figures.p50_us,
                "p99_us": figures.p99_us,
                "most_us": figures.most_us,
                "first_of_a_day_us": figures.first_us,
            });
            print_json(exit::CLEAN, &figures)
        }
        Err(error) => {
            complain("error", &error.to_string());
            exit::TROUBLE
        }
    }
}
