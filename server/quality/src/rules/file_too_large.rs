//! `file-too-large`: files that are not looked at as code.

use autodao_syntax::{Language, MAX_PARSED_BYTES};

use crate::rule::{Check, Dimension, Level, Reference, Rule, Severity};
use crate::visit::FileVisit;

pub(crate) const RULE: Rule = Rule {
    id: "file-too-large",
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "a file above 2 MB",
    why: "It is not parsed, so that typing in it stays quick: only line-based checks are done, and most of what is wrong in it is not found. Generated files can be excluded in `autodao.toml`.",
    reference: Reference {
        name: "CWE-1080: Source Code File with Excessive Number of Lines of Code",
        url: "https://cwe.mitre.org/data/definitions/1080.html",
    },
    options: &[],
    check: Check::File(visit),
    examples: &[],
};

fn visit(visit: &mut FileVisit<'_>) {
    if visit.code_lines().is_some() {
        return;
    }
    // Rounded up: a file just above the limit is not said to be of the limit's size.
    let tenths = (visit.text().len() * 10).div_ceil(1 << 20);
    let limit = MAX_PARSED_BYTES >> 20;
    visit.report(
        visit.first_line(),
        format!(
            "{}.{} MB: only line-based checks are done on files above {limit} MB",
            tenths / 10,
            tenths % 10
        ),
    );
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use autodao_syntax::Buffer;

    use super::*;
    use crate::{Analysis, Catalog, FileRole, Profile};

    fn messages(text: String) -> Vec<String> {
        let (id, _) = Catalog::builtin().find(RULE.id).unwrap();
        let mut profile = Profile::default();
        profile.only(&[id]);
        let mut analysis = Analysis::new(Arc::new(profile), Some(Language::Rust), FileRole::Library);
        analysis.update_unparsed(&text);
        let report = analysis.report(&Buffer::new(text));
        report.findings.iter().map(|finding| finding.relative().message.to_string()).collect()
    }

    #[test]
    fn a_file_that_is_not_parsed_says_so() {
        let limit = "only line-based checks are done on files above 2 MB";
        assert_eq!(messages("// x\n".repeat(650_000)), [format!("3.1 MB: {limit}")]);
        assert_eq!(messages("/".repeat(MAX_PARSED_BYTES + 1)), [format!("2.1 MB: {limit}")]);
    }

    #[test]
    fn a_file_that_is_parsed_does_not() {
        assert!(crate::rules::tests::findings(RULE.id, Language::Rust, "fn f() {}\n").is_empty());
    }
}
