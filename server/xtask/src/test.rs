//! `cargo xtask test`: everything that has to hold before a change lands.

use crate::Failure;
use crate::process::{cargo, step};
use crate::{fuzz, readme};

pub(crate) fn run() -> Result<(), Failure> {
    step("format", cargo().args(["fmt", "--all", "--check"]))?;
    step("lints", cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // The tests that go through the program's doors find it built.
    step("build", cargo().args(["build", "--package", "autodao-cli"]))?;
    step("tests", cargo().args(["test", "--workspace", "--no-fail-fast"]))?;
    step(
        "documentation",
        cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    readme::run()?;
    fuzz::run()
}
