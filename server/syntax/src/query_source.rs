//! The query files of `queries/`, embedded in the program.

use crate::Language;

/// One embedded query file that describes a rule.
#[derive(Clone, Copy, Debug)]
pub struct QueryFile {
    /// The folder it lies in: a language's name, or `ecma` for what all scripts share.
    pub folder: &'static str,
    /// File name without `.scm`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl QueryFile {
    /// Whether it applies to a language.
    pub fn applies_to(&self, language: Language) -> bool {
        language.query_folders().contains(&self.folder)
    }
}

macro_rules! query_files {
    ($($folder:literal / $name:literal),* $(,)?) => {
        &[$(QueryFile {
            folder: $folder,
            name: $name,
            text: include_str!(concat!("../../../queries/", $folder, "/rules/", $name, ".scm")),
        }),*]
    };
}

/// Every rule that is written as a query, in the order of the catalog.
pub fn rule_queries() -> &'static [QueryFile] {
    query_files!["ecma" / "throw-literal"]
}

/// The outline query of a language: its folders' texts in order.
pub(crate) fn outline_query(language: Language) -> String {
    language
        .query_folders()
        .iter()
        .map(|folder| match *folder {
            "rust" => include_str!("../../../queries/rust/outline.scm"),
            "ecma" => include_str!("../../../queries/ecma/outline.scm"),
            "javascript" => include_str!("../../../queries/javascript/outline.scm"),
            _ => include_str!("../../../queries/typescript/outline.scm"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_rule_file_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../queries");
        let mut on_disk = BTreeSet::new();
        for folder in std::fs::read_dir(&root).unwrap() {
            let folder = folder.unwrap();
            let Ok(rules) = std::fs::read_dir(folder.path().join("rules")) else { continue };
            for file in rules {
                let file = file.unwrap().file_name().into_string().unwrap();
                on_disk.insert(format!("{}/{file}", folder.file_name().to_str().unwrap()));
            }
        }
        let embedded = rule_queries().iter().map(|f| format!("{}/{}.scm", f.folder, f.name)).collect();
        assert_eq!(on_disk, embedded);
    }
}
