//! The `autodao` program: reads the command line and delegates.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;
mod format;
mod log;
mod output;
mod path;
mod place;
mod problem;

/// Quality diagnostics and checked AI edits for Rust and TypeScript, in any editor.
#[derive(Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve an editor over stdin and stdout.
    Lsp,
    /// Show the main job: a real conversation with the server on a sample project.
    Demo(commands::demo::Arguments),
    /// Show what is wrong in files and folders.
    Check(commands::check::Arguments),
    /// Apply the fixes that keep behaviour.
    Fix(commands::fix::Arguments),
    /// Make an AI edit, checked as in the editor.
    Act(commands::act::Arguments),
    /// Show how good the code is, and which findings cost what.
    Score(commands::score::Arguments),
    /// List the rules, or explain one.
    Rules(commands::rules::Arguments),
    /// Show what AI edits cost, what they would have cost, and whether they stayed.
    Tokens(commands::tokens::Arguments),
    /// Tell the story of an AI edit, or show what was sent for it.
    Explain(commands::explain::Arguments),
    /// Work on templates: write, check, test, compare and pin them.
    #[command(subcommand)]
    Templates(commands::templates::Command),
    /// Compare two versions of a template on real edits.
    #[command(subcommand)]
    Experiment(commands::experiment::Command),
    /// Show the models there are, and whether they can be reached.
    #[command(subcommand)]
    Providers(commands::providers::Command),
    /// Show what models cost.
    #[command(subcommand)]
    Prices(commands::prices::Command),
    /// Look after the ledger: export, import, verify, back up.
    #[command(subcommand)]
    Ledger(commands::ledger::Command),
    /// Measure: for developers.
    #[command(subcommand, hide = true)]
    Bench(commands::bench::Command),
    /// Help with autodao.toml.
    #[command(subcommand)]
    Config(commands::config::Command),
    /// Show what is installed, what is configured, and what is wrong with it.
    Doctor(commands::doctor::Arguments),
}

/// The exit codes of every command.
mod exit {
    /// Nothing to say.
    pub(crate) const CLEAN: u8 = 0;
    /// Findings at or above the severity asked about.
    pub(crate) const FINDINGS: u8 = 1;
    /// The command line, a file or the network is wrong.
    pub(crate) const TROUBLE: u8 = 2;
}

fn main() -> ExitCode {
    log::start();
    let code = match Arguments::parse().command {
        Command::Lsp => commands::lsp::run(),
        Command::Demo(arguments) => commands::demo::run(&arguments),
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Fix(arguments) => commands::fix::run(arguments),
        Command::Act(arguments) => commands::act::run(&arguments),
        Command::Score(arguments) => commands::score::run(arguments),
        Command::Rules(arguments) => commands::rules::run(&arguments),
        Command::Tokens(arguments) => commands::tokens::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Templates(command) => commands::templates::run(&command),
        Command::Experiment(command) => commands::experiment::run(&command),
        Command::Providers(command) => commands::providers::run(&command),
        Command::Prices(command) => commands::prices::run(&command),
        Command::Ledger(command) => commands::ledger::run(&command),
        Command::Bench(command) => commands::bench::run(&command),
        Command::Config(command) => commands::config::run(&command),
        Command::Doctor(arguments) => commands::doctor::run(&arguments),
    };
    ExitCode::from(code)
}
