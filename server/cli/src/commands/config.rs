//! `autodao config`: help with autodao.toml.

use crate::exit;
use crate::output::print_json;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print the JSON Schema of autodao.toml, for editors that complete and check it.
    Schema,
}

pub(crate) fn run(command: &Command) -> u8 {
    match command {
        Command::Schema => print_json(exit::CLEAN, &autodao_engine::config::json_schema()),
    }
}
