//! One command a module.

pub(crate) mod lsp;
