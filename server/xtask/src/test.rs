//! `cargo xtask test`: everything that has to hold before a change lands.

use crate::Failure;
use crate::process::{cargo, program, step};
use crate::{fuzz, readme, settings};

pub(crate) fn run() -> Result<(), Failure> {
    step("format", cargo().args(["fmt", "--all", "--check"]))?;
    step("lints", cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // The tests that go through the program's doors find it built.
    step("build", &mut program())?;
    settings::run(&["--check"])?;
    // The seed of the property tests is fixed, as that of the fuzz targets: a change is judged, not luck. Exploring is
    // done with another.
    let seed = std::env::var("PROPTEST_RNG_SEED").unwrap_or_else(|_| "1".to_owned());
    step("tests", cargo().args(["test", "--workspace", "--no-fail-fast"]).env("PROPTEST_RNG_SEED", seed))?;
    step(
        "documentation",
        cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    readme::run()?;
    fuzz::run()
}
