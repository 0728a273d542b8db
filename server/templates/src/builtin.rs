//! The templates in the program.

use crate::Files;

macro_rules! template {
    ($name:literal) => {
        (
            $name,
            Files {
                skill: include_bytes!(concat!("../builtin/", $name, "/SKILL.md")),
                config: Some(include_bytes!(concat!("../builtin/", $name, "/template.toml"))),
                prompt: None,
            },
        )
    };
}

/// The built-in templates' names and files: what `templates new` copies from. None has a prompt of its own.
pub fn builtin_files() -> &'static [(&'static str, Files<'static>)] {
    const ALL: &[(&str, Files<'static>)] = &[
        template!("add-error-handling"),
        template!("add-types"),
        template!("custom-instruction"),
        template!("document"),
        template!("explain-finding"),
        template!("fix-finding"),
        template!("optimise"),
        template!("refactor"),
        template!("simplify"),
        template!("write-tests"),
    ];
    ALL
}
