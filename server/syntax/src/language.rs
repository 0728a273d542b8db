//! The languages known: grammar, file names, and where their queries come from.

use std::path::Path;

/// A language that can be analysed. Adding one means a variant, a grammar and a `queries/<name>/` folder.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Language {
    /// Rust.
    Rust,
    /// TypeScript without JSX (`.ts`, `.mts`, `.cts`).
    TypeScript,
    /// TypeScript with JSX: a grammar of its own, for `<T>x` is a cast in one and an element in the other.
    Tsx,
    /// JavaScript, with or without JSX: one grammar.
    JavaScript,
}

impl Language {
    /// Every language, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Rust, Self::TypeScript, Self::Tsx, Self::JavaScript];

    /// TypeScript, TSX and JavaScript: one family for most rules.
    pub const SCRIPTS: [Self; 3] = [Self::TypeScript, Self::Tsx, Self::JavaScript];

    /// The name used in configuration, rules and `queries/<name>/`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::TypeScript => "typescript",
            Self::Tsx => "tsx",
            Self::JavaScript => "javascript",
        }
    }

    /// The language of a name as given by [`Language::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }

    /// File extensions, without the dot, in lower case.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["rs"],
            Self::TypeScript => &["ts", "mts", "cts"],
            Self::Tsx => &["tsx"],
            Self::JavaScript => &["js", "jsx", "mjs", "cjs"],
        }
    }

    /// The language of a file by its extension.
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        Self::ALL
            .into_iter()
            .find(|language| language.extensions().iter().any(|e| extension.eq_ignore_ascii_case(e)))
    }

    /// The language of an LSP `languageId`.
    pub fn from_language_id(id: &str) -> Option<Self> {
        match id {
            "rust" => Some(Self::Rust),
            "typescript" => Some(Self::TypeScript),
            "typescriptreact" => Some(Self::Tsx),
            "javascript" | "javascriptreact" => Some(Self::JavaScript),
            _ => None,
        }
    }

    /// Whether it is TypeScript, TSX or JavaScript.
    pub const fn is_script(self) -> bool {
        !matches!(self, Self::Rust)
    }

    /// tree-sitter's grammar.
    pub fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
            Self::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
        }
    }

    /// The folders of `queries/` whose text, in this order, makes up this language's queries.
    ///
    /// `ecma` holds what the grammars of JavaScript and TypeScript share: a query that names a node kind only
    /// one of them has does not compile for the other.
    pub const fn query_folders(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["rust"],
            Self::JavaScript => &["ecma", "javascript"],
            Self::TypeScript | Self::Tsx => &["ecma", "typescript"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_language_ids_find_their_language() {
        for (file, language) in [
            ("a.rs", Language::Rust),
            ("b.d.ts", Language::TypeScript),
            ("b.MTS", Language::TypeScript),
            ("c.tsx", Language::Tsx),
            ("d.jsx", Language::JavaScript),
            ("d.cjs", Language::JavaScript),
        ] {
            assert_eq!(Language::from_path(Path::new(file)), Some(language), "{file}");
        }
        assert_eq!(Language::from_path(Path::new("Makefile")), None);
        assert_eq!(Language::from_language_id("javascriptreact"), Some(Language::JavaScript));
        assert_eq!(Language::from_language_id("python"), None);
        for language in Language::ALL {
            assert_eq!(Language::from_name(language.name()), Some(language));
        }
    }
}
