//! Templates that are never chosen.

use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::{Layer, Library, Problem, Template};

/// What is wrong with templates as a whole: those of the folders that can never be the best one for anything, since
/// another one fits as closely wherever they apply, and goes first.
pub fn lint_library(library: &Library) -> Vec<Problem> {
    let mut problems = Problems::default();
    let in_use: Vec<_> = library.in_use().collect();
    for template in in_use.iter().filter(|template| template.layer != Layer::Builtin) {
        let winner = in_use.iter().find(|other| {
            let covers = other.name != template.name
                && other.spec.kind == template.spec.kind
                && other.spec.applies.covers(&template.spec.applies);
            let rank = |t: &Template| (t.layer, t.version.clone());
            covers && (rank(other), &template.name) > (rank(template), &other.name)
        });
        if let Some(winner) = winner {
            let source = Source { file: template.folder.join("template.toml"), text: "" };
            problems
                .add(&source, 0..0, Severity::Warning, ProblemKind::Unreachable { by: winner.name.clone() })
                .cure("say more under `[match]`, or remove one of them");
        }
    }
    problems.found
}
