//! `autodao prices`: what models cost, and since when that is known.

use std::path::PathBuf;

use autodao_engine::prices;
use serde_json::json;

use super::Style;
use crate::exit;
use crate::output::{Color, complain, print, print_json};
use crate::path::{printable, shown};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the prices that hold: the bundled ones, and over them your own.
    List {
        /// Only models with this in their name.
        name: Option<String>,
        /// How it is shown.
        #[arg(long, value_enum, default_value_t)]
        format: Style,
    },
    /// Take a file for your own prices. They go over the bundled ones.
    Update {
        /// A table as `autodao prices list --format json` writes it, with as few models as you like.
        file: PathBuf,
    },
}

pub(crate) fn run(command: &Command) -> u8 {
    match command {
        Command::List { name, format } => list(name.as_deref().unwrap_or_default(), *format),
        Command::Update { file } => match prices::update(file) {
            Ok((own, count)) => print(Color::Never, exit::CLEAN, |out| {
                writeln!(out, "{count} prices of your own are in {}.", printable(&shown(&own)))
            }),
            Err(why) => {
                complain("error", &printable(&why));
                exit::TROUBLE
            }
        },
    }
}

fn list(name: &str, format: Style) -> u8 {
    let (mut table, problem) = prices::load();
    if let Some(problem) = problem {
        complain("warning", &printable(&format!("{problem}: the bundled prices hold")));
    }
    table.keep(|_, model| model.contains(name));
    match format {
        Style::Json => print_json(exit::CLEAN, &json!(table)),
        Style::Human => print(Color::Never, exit::CLEAN, |out| {
            writeln!(out, "Prices of {}, in US dollars for a million tokens\n", table.date)?;
            writeln!(
                out,
                "{:11} {:44} {:>9} {:>9} {:>9} {:>9}",
                "VENDOR", "MODEL", "IN", "OUT", "CACHED", "WRITE"
            )?;
            let dollars = |micros: u64| format!("{:.3}", micros as f64 / 1e6);
            let known = |micros: Option<u64>| micros.map_or_else(|| "-".to_owned(), dollars);
            for (vendor, model, price) in table.iter() {
                writeln!(
                    out,
                    "{vendor:11} {:44} {:>9} {:>9} {:>9} {:>9}",
                    printable(model),
                    dollars(price.input),
                    dollars(price.output),
                    known(price.cached_input),
                    known(price.cache_write),
                )?;
            }
            writeln!(
                out,
                "\nA model that is not listed has no known price: its cost is unknown, not nothing."
            )
        }),
    }
}
