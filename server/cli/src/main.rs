//! The `autodao` program: reads the command line and delegates.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;
mod log;

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
    Demo,
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
        Command::Demo => commands::demo::run(),
    };
    ExitCode::from(code)
}
