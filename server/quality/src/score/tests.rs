//! What must hold of every score, and of scores of real texts.

use std::sync::Arc;

use autodao_syntax::{Language, Span};
use proptest::prelude::*;

use super::*;
use crate::metrics::{FileMetrics, FunctionMetrics, MeasuredFunction};
use crate::{Catalog, Dimension, FileRole, Profile, Severity};

mod human;
mod texts;

const CLOSE: f64 = 1e-9;

pub(super) fn file_of(functions: &[FunctionMetrics]) -> FileMetrics {
    let tokens = functions.iter().map(|function| function.tokens).sum::<u32>();
    let functions = functions.iter().map(|metrics| MeasuredFunction {
        name: "f".to_owned(),
        path: "f".to_owned(),
        span: Span::default(),
        name_span: Span::default(),
        start_line: 1,
        end_line: 1,
        test: false,
        metrics: *metrics,
    });
    FileMetrics { functions: functions.collect(), tokens, ..FileMetrics::default() }
}

fn scored_with(functions: &[FunctionMetrics], findings: &[Counted], evidence: Evidence) -> FileScore {
    let metrics = file_of(functions);
    let (language, role) = (Language::Rust, FileRole::Library);
    score_file(&FileInput { language, role, metrics: &metrics, findings, evidence })
}

fn scored(functions: &[FunctionMetrics]) -> FileScore {
    scored_with(functions, &[], Evidence::default())
}

fn quality(score: &FileScore) -> f64 {
    score.dimensions[Dimension::CodeQuality as usize].unwrap()
}

fn any_function() -> impl Strategy<Value = FunctionMetrics> {
    (0u32..80, 1u32..2000, 0u32..9, 0u32..12).prop_map(|(cognitive, tokens, nesting, parameters)| {
        FunctionMetrics {
            cognitive,
            cyclomatic: 1,
            nesting,
            parameters,
            tokens,
            ..FunctionMetrics::default()
        }
    })
}

fn any_functions() -> impl Strategy<Value = Vec<FunctionMetrics>> {
    prop::collection::vec(any_function(), 1..12)
}

fn any_findings() -> impl Strategy<Value = Vec<Counted>> {
    let rules = Catalog::builtin().len();
    let finding = (0..rules, prop::sample::select(Severity::ALL.to_vec())).prop_map(|(rule, severity)| {
        Counted { rule: Catalog::builtin().iter().nth(rule).unwrap().0, severity }
    });
    prop::collection::vec(finding, 0..12)
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    (prop::option::of(any::<bool>()), prop::option::of(0.0..=1.0))
        .prop_map(|(builds, tests)| Evidence { builds, tests })
}

proptest! {
    #[test]
    fn a_worse_metric_never_scores_better(
        functions in any_functions(), at in any::<prop::sample::Index>(), which in 0..3, more in 1u32..10,
    ) {
        let mut worse = functions.clone();
        let function = &mut worse[at.index(functions.len())];
        match which {
            0 => function.cognitive += more,
            1 => function.nesting += more,
            _ => function.parameters += more,
        }
        let (before, after) = (scored(&functions), scored(&worse));
        prop_assert!(after.overall.unwrap() <= before.overall.unwrap() + CLOSE);
        prop_assert!(quality(&after) <= quality(&before) + CLOSE);
        prop_assert!(after.debt >= before.debt - CLOSE);
    }

    #[test]
    fn a_longer_function_never_has_less_debt_and_one_token_moves_little(
        functions in any_functions(), at in any::<prop::sample::Index>(), more in 1u32..300,
    ) {
        let mut longer = functions.clone();
        let at = at.index(functions.len());
        longer[at].tokens += more;
        prop_assert!(scored(&longer).debt >= scored(&functions).debt - CLOSE);
        longer[at].tokens = functions[at].tokens + 1;
        let step = score_function(&functions[at]).score - score_function(&longer[at]).score;
        prop_assert!((0.0..0.01).contains(&step), "{step}");
    }

    #[test]
    fn a_clean_function_costs_nothing_and_a_bad_one_does(functions in any_functions(), tokens in 1u32..140) {
        let clean = FunctionMetrics { tokens, nesting: 1, parameters: 1, ..FunctionMetrics::default() };
        let bad = FunctionMetrics { cognitive: 40, tokens: 840, nesting: 6, ..FunctionMetrics::default() };
        let before = scored(&functions);
        let (mut with_clean, mut with_bad) = (functions.clone(), functions);
        with_clean.push(clean);
        with_bad.push(bad);
        let after = scored(&with_clean);
        prop_assert!((after.debt - before.debt).abs() < CLOSE);
        prop_assert!(quality(&after) >= quality(&before) - CLOSE);
        prop_assert!(scored(&with_bad).debt > before.debt);
    }

    #[test]
    fn scores_are_bounded_and_the_costs_are_exactly_what_is_lost(
        functions in any_functions(), findings in any_findings(), evidence in any_evidence(),
    ) {
        let score = scored_with(&functions, &findings, evidence);
        let overall = score.overall.unwrap();
        for value in score.dimensions.into_iter().flatten().chain([overall]) {
            prop_assert!((0.0..=10.0).contains(&value), "{value}");
        }
        let lost: f64 = score.costs.iter().map(|cost| cost.points).sum();
        prop_assert!((10.0 - lost - overall).abs() < CLOSE, "{lost} {overall}");
        prop_assert!(score.costs.iter().all(|cost| cost.points > 0.0));
        for (_, function) in &score.functions {
            prop_assert!((10.0 - function.losses.iter().sum::<f64>() - function.score).abs() < CLOSE);
        }
        prop_assert_eq!(scored_with(&functions, &findings, evidence), score);
    }

    #[test]
    fn a_finding_never_scores_better(
        functions in any_functions(), findings in any_findings(), evidence in any_evidence(),
    ) {
        let mut last = scored_with(&functions, &[], evidence);
        for count in 1..=findings.len() {
            let next = scored_with(&functions, &findings[..count], evidence);
            prop_assert!(next.overall.unwrap() <= last.overall.unwrap() + CLOSE, "{:?}", findings[count - 1]);
            prop_assert!((next.debt - last.debt).abs() < CLOSE);
            last = next;
        }
    }

    #[test]
    fn the_order_of_functions_does_not_matter(functions in any_functions()) {
        let mut other = functions.clone();
        other.reverse();
        let (one, other) = (scored(&functions), scored(&other));
        prop_assert!((one.overall.unwrap() - other.overall.unwrap()).abs() < CLOSE);
        prop_assert!((one.debt - other.debt).abs() < CLOSE);
    }

    #[test]
    fn a_workspace_is_between_its_files_and_loses_to_what_they_share(
        files in prop::collection::vec((any_functions(), any_findings()), 1..6),
        cyclic in 0.0..=1.0, duplicate in 0.0..=1.0,
    ) {
        let mut workspace = Workspace::default();
        let (mut low, mut high, mut debt) = (10.0_f64, 0.0_f64, 0.0);
        for (functions, findings) in &files {
            let file = scored_with(functions, findings, Evidence::default());
            low = low.min(file.overall.unwrap());
            high = high.max(file.overall.unwrap());
            debt += file.debt;
            workspace.add(&file);
        }
        let alone = workspace.clone().score(WorkspaceEvidence::default());
        let overall = alone.overall.unwrap();
        prop_assert!((low - CLOSE..=high + CLOSE).contains(&overall));
        prop_assert!(alone.worst_decile.unwrap() <= overall + CLOSE);
        prop_assert!((alone.debt - debt).abs() < CLOSE * 1000.0);
        let evidence = WorkspaceEvidence { cyclic: Some(cyclic), duplicate: Some(duplicate) };
        let shared = workspace.score(evidence);
        let lost: f64 = shared.costs.iter().map(|cost| cost.points).sum();
        prop_assert!((10.0 - lost - shared.overall.unwrap()).abs() < CLOSE);
        prop_assert!(shared.overall.unwrap() <= overall + CLOSE);
        prop_assert!(shared.overall.unwrap() >= 0.0);
    }
}

#[test]
fn nothing_is_said_about_nothing() {
    let score = scored(&[]);
    assert_eq!((score.overall, score.coverage), (None, 0));
    assert_eq!(score.dimensions, [None; 5]);
    assert_eq!(Workspace::default().score(WorkspaceEvidence::default()).overall, None);
    let score = scored(&[FunctionMetrics { tokens: 10, ..FunctionMetrics::default() }]);
    assert_eq!((score.overall, score.coverage), (Some(10.0), 4), "whether it works is not known");
    assert_eq!(score.dimensions[Dimension::Functionality as usize], None);
}

#[test]
fn what_works_not_is_capped_or_counted() {
    let functions = [FunctionMetrics { tokens: 10, ..FunctionMetrics::default() }];
    let (rule, _) = Catalog::builtin().find("conflict-marker").unwrap();
    let finding = Counted { rule, severity: Severity::Error };
    let score = scored_with(&functions, &[finding], Evidence::default());
    assert_eq!(score.overall, Some(3.0));
    assert!(score.costs.iter().any(|cost| cost.cause == Cause::Cap(3.0) && cost.dimension.is_none()));
    let evidence = Evidence { builds: Some(false), tests: None };
    let score = scored_with(&functions, &[], evidence);
    assert_eq!(score.dimensions[Dimension::Functionality as usize], Some(0.0));
    assert!((score.overall.unwrap() - 8.5).abs() < CLOSE);
}

#[test]
fn function_scores_at_the_ends_of_the_ramps() {
    let best = FunctionMetrics {
        cognitive: 5,
        nesting: 2,
        parameters: 5,
        receiver: true,
        tokens: 140,
        ..FunctionMetrics::default()
    };
    assert_eq!(score_function(&best).score, 10.0);
    let worst = FunctionMetrics {
        cognitive: 50,
        nesting: 7,
        parameters: 10,
        tokens: 1400,
        ..FunctionMetrics::default()
    };
    assert!(score_function(&worst).score.abs() < CLOSE);
    assert!((score_function(&worst).debt - 200.0).abs() < CLOSE);
    let fifteen = FunctionMetrics { cognitive: 15, ..FunctionMetrics::default() };
    assert!((score_function(&fifteen).score - (10.0 - 4.5 * 3f64.ln() / 10f64.ln())).abs() < CLOSE);
}

fn shared_profile() -> Arc<Profile> {
    Profile::shared_default()
}
