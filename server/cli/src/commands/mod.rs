//! One command a module.

pub(crate) mod act;
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod experiment;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod ledger;
pub(crate) mod lsp;
pub(crate) mod prices;
pub(crate) mod providers;
pub(crate) mod rules;
pub(crate) mod score;
pub(crate) mod templates;
pub(crate) mod tokens;

/// How a command shows what it knows.
#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Style {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
}
