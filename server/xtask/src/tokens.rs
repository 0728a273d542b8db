//! `cargo xtask bench tokens`: the token benchmark on its development tasks.
//!
//! The tasks and the scorer are not part of the repository: they are looked for in `AUTODAO_SHARED`, else in `../shared`.
//! The sources are read from clones with history, one folder `<owner>+<name>` for each repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::process::{program, root, say, step};

/// Tokens of context that the frontier is measured at.
const FRONTIER: [u32; 7] = [0, 60, 100, 150, 200, 250, 400];

/// `--clones DIR` names the clones, else `AUTODAO_TOKEN_CLONES` does; `--frontier` measures recall at many budgets, too;
/// `--python PROGRAM` has the packages `tiktoken` and `numpy`.
pub(crate) fn run(options: &[&str]) -> Result<(), Failure> {
    let shared = std::env::var_os("AUTODAO_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let (tools, data) = (shared.join("tools/tokenbench"), shared.join("data/tokens"));
    if !tools.join("score.py").is_file() {
        say(&format!("bench tokens: left out: {} is not there", tools.display()));
        return Ok(());
    }
    let (mut clones, mut python) = (std::env::var_os("AUTODAO_TOKEN_CLONES").map(PathBuf::from), "python3");
    let (mut frontier, mut rest) = (false, options);
    loop {
        match rest {
            ["--clones", folder, more @ ..] => (clones, rest) = (Some(PathBuf::from(folder)), more),
            ["--python", program, more @ ..] => (python, rest) = (program, more),
            ["--frontier", more @ ..] => (frontier, rest) = (true, more),
            [] => break,
            [other, ..] => return Err(format!("bench tokens: what is {other}?")),
        }
    }
    let clones = clones.ok_or("bench tokens: --clones DIR is missing")?;
    let out = root().join("target/tokenbench");
    let (split, input) = (out.join("split"), out.join("input"));
    if !split.join("trees.json").is_file() {
        let mut materialise = Command::new(python);
        step("tasks", materialise.arg(tools.join("materialise.py")).args([&data, &clones, &split]))?;
    }
    let mut strip = Command::new(python);
    step("what the product may see", strip.arg(tools.join("strip_tasks.py")).args([&split, &input]))?;
    step("build", &mut program())?;
    let mut budgets: Vec<Option<u32>> = vec![None];
    if frontier {
        budgets.extend(FRONTIER.map(Some));
    }
    let mut failures = Vec::new();
    for budget in budgets {
        let name = budget.map_or("own".to_owned(), |tokens| tokens.to_string());
        let product = out.join(format!("product-{name}.jsonl"));
        make(&input, &split, &product, budget)?;
        let mut score = Command::new(python);
        let scored = step(
            &format!("score, context tokens: {name}"),
            score.arg(tools.join("score.py")).args([&split, &product]),
        );
        // A frontier's ends may miss the scorer's gates; our own budget may not.
        failures.extend(scored.err().filter(|_| budget.is_none()));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

fn make(input: &Path, split: &Path, product: &Path, budget: Option<u32>) -> Result<(), Failure> {
    let mut command = Command::new(root().join("target/debug/autodao"));
    command.args(["bench", "tokens", "--input"]).arg(input).arg("--workspaces").arg(split);
    command.arg("--out").arg(product);
    if let Some(tokens) = budget {
        command.args(["--context-tokens", &tokens.to_string()]);
    }
    step("prompts and answers", &mut command)
}
