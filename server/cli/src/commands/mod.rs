//! One command a module.

pub(crate) mod demo;
pub(crate) mod lsp;
