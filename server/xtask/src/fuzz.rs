//! A short run of every fuzz target: long enough to find what a change broke, not to explore. The seed is fixed, so
//! a longer run finds all that a shorter one does; exploring is done with another seed.

use std::process::Command;

use crate::Failure;
use crate::process::{has, root, say, step};

/// Seconds per target; `AUTODAO_FUZZ_SECONDS` sets another number, `AUTODAO_FUZZ_SEED` another seed.
const SECONDS: &str = "20";

pub(crate) fn run() -> Result<(), Failure> {
    if !has("cargo", &["+nightly", "fuzz", "--version"]) {
        say("\n== fuzz: left out: `cargo install cargo-fuzz` and a nightly toolchain are needed");
        return Ok(());
    }
    let targets =
        std::fs::read_dir(root().join("fuzz/fuzz_targets")).map_err(|error| format!("fuzz: {error}"))?;
    let mut names: Vec<String> = targets
        .filter_map(Result::ok)
        .filter_map(|target| Some(target.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    let seconds = std::env::var("AUTODAO_FUZZ_SECONDS").unwrap_or_else(|_| SECONDS.to_owned());
    let limit = format!("-max_total_time={seconds}");
    let seed = format!("-seed={}", std::env::var("AUTODAO_FUZZ_SEED").unwrap_or_else(|_| "1".to_owned()));
    for name in names {
        // No sanitizer: our code is safe Rust, and the grammars' C would be built twice.
        let arguments = [
            "+nightly",
            "fuzz",
            "run",
            "--sanitizer",
            "none",
            &name,
            "--",
            &limit,
            &seed,
            "-max_len=2048",
            "-verbosity=0",
        ];
        step(&format!("fuzz {name}"), Command::new("cargo").args(arguments))?;
    }
    Ok(())
}
