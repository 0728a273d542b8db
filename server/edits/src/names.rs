//! Whom to ask whether a name exists beyond the file.

/// What a workspace knows of names. Implemented by whoever has an index.
pub trait Names {
    /// Whether anything of this name is defined in the workspace or in what it depends on.
    fn is_known(&self, name: &str) -> bool;

    /// Whether this is a package the code may import from: a crate, an npm package, a relative module. `None` when
    /// that is not known.
    fn is_package(&self, name: &str) -> Option<bool>;

    /// Known names that a model may have meant, best first.
    fn similar(&self, name: &str) -> Vec<String>;
}
