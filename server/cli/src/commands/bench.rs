//! `autodao bench`: the benchmarks of the product that need no editor.

mod index;
mod selection;
mod tokens;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make the prompts and answers of the token benchmark, for its scorer.
    Tokens(tokens::Arguments),
    /// Measure the index of a folder.
    Index(index::Arguments),
    /// Measure how long it takes to find the template and version of an edit.
    Selection(selection::Arguments),
}

pub(crate) fn run(command: &Command) -> u8 {
    match command {
        Command::Index(arguments) => index::run(arguments),
        Command::Selection(arguments) => selection::run(arguments),
        Command::Tokens(arguments) => tokens::run(arguments),
    }
}
