//! Who may know whom. The table is the first section of the design; a crate that is not in it may not exist.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use autodao_tests::workspace;
use serde_json::Value;

/// The crates below the fronts, each with those of ours it may know.
const ALLOWED: &[(&str, &[&str])] = &[
    ("syntax", &[]),
    ("conformance", &["syntax"]),
    ("quality", &["syntax"]),
    ("tasks", &["syntax", "quality"]),
    ("context", &["syntax", "tasks"]),
    ("templates", &[]),
    ("providers", &[]),
    ("redaction", &[]),
    ("edits", &["syntax", "conformance", "quality"]),
    ("ledger", &[]),
    (
        "engine",
        &[
            "syntax",
            "conformance",
            "quality",
            "tasks",
            "context",
            "templates",
            "providers",
            "redaction",
            "edits",
            "ledger",
        ],
    ),
    // Fronts know the engine and, through it, what it passes on. The program starts the other fronts.
    ("lsp", &["engine"]),
    ("gateway", &["engine"]),
    ("cli", &["engine", "lsp", "gateway"]),
    // No part of the product: they may look at anything.
    ("xtask", ANYTHING),
    ("tests", ANYTHING),
];

const ANYTHING: &[&str] = &[
    "syntax",
    "conformance",
    "quality",
    "tasks",
    "context",
    "templates",
    "providers",
    "redaction",
    "edits",
    "ledger",
    "engine",
    "lsp",
    "gateway",
    "cli",
];

/// Packages of others that only some of ours may know.
const RESERVED: &[(&str, &[&str])] = &[
    ("tower-lsp", &["lsp"]),
    ("tree-sitter", &["syntax"]),
    ("tree-sitter-rust", &["syntax"]),
    ("tree-sitter-javascript", &["syntax"]),
    ("tree-sitter-typescript", &["syntax"]),
    // They take long to build: who does not confirm does not wait for them.
    ("oxc_parser", &["conformance"]),
    ("syn", &["conformance"]),
];

/// Our crates with everything each depends on, whatever for.
fn packages() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            (name(package), dependencies.iter().map(name).collect())
        })
        .collect()
}

/// What a table forbids, one line each.
fn violations(packages: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut violations = Vec::new();
    for (package, dependencies) in packages {
        let Some(name) = package.strip_prefix("autodao-") else {
            violations.push(format!("{package} is not named autodao-*"));
            continue;
        };
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            violations.push(format!("{name} is not in the table"));
            continue;
        };
        for dependency in dependencies {
            if let Some(ours) = dependency.strip_prefix("autodao-") {
                if !allowed.contains(&ours) {
                    violations.push(format!("{name} must not know {ours}"));
                }
            } else if let Some((_, owners)) = RESERVED.iter().find(|(known, _)| known == dependency)
                && !owners.contains(&name)
            {
                violations.push(format!("{name} must not know {dependency}"));
            }
        }
    }
    violations
}

#[test]
fn no_crate_knows_one_it_must_not() {
    let packages = packages();
    assert!(packages.len() >= 7, "{packages:?}");
    assert_eq!(violations(&packages), Vec::<String>::new());
}

#[test]
fn what_the_table_forbids_is_found() {
    for (package, dependency) in [
        ("autodao-syntax", "autodao-quality"),
        ("autodao-templates", "autodao-syntax"),
        ("autodao-lsp", "autodao-cli"),
        ("autodao-lsp", "autodao-gateway"),
        ("autodao-gateway", "autodao-lsp"),
        ("autodao-engine", "autodao-lsp"),
        ("autodao-engine", "tower-lsp"),
        ("autodao-cli", "tower-lsp"),
        ("autodao-lsp", "tree-sitter-rust"),
        ("autodao-quality", "tree-sitter"),
        ("autodao-new", "serde"),
        ("other", "serde"),
    ] {
        let packages = BTreeMap::from([(package.to_owned(), BTreeSet::from([dependency.to_owned()]))]);
        assert_eq!(violations(&packages).len(), 1, "{package} -> {dependency}");
    }
}

#[test]
fn the_table_has_no_circle_and_only_names_that_are_in_it() {
    // Every crate may only know crates above it; `ANYTHING` stands last.
    for (index, (name, allowed)) in ALLOWED.iter().enumerate() {
        for known in *allowed {
            let at = ALLOWED.iter().position(|(other, _)| other == known);
            assert!(at.is_some_and(|at| at < index), "{name} knows {known}");
        }
    }
}
