//! The score beside what experts said of 304 Java classes: Schnappinger et al., ICSME 2020.
//!
//! The table (metrics and labels, no sources) is not part of the repository; without it this says so and passes.

use std::path::PathBuf;

use autodao_syntax::Language;

use super::file_of;
use crate::metrics::FunctionMetrics;
use crate::score::{Evidence, FileInput, score_file};
use crate::{Dimension, FileRole};

struct Class {
    /// The expected label, 0 for the best.
    label: f64,
    /// The most likely label, 0 to 3.
    class: u64,
    overall: f64,
    quality: f64,
}

fn classes() -> Option<Vec<Class>> {
    let shared = std::env::var_os("AUTODAO_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = shared.join("data/oracles/human/schnappinger_metrics.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let table: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = |value: &serde_json::Value, name: &str| value[name].as_u64().unwrap() as u32;
    let class = |row: &serde_json::Value| {
        let functions = row["functions"].as_array().unwrap().iter().map(|function| FunctionMetrics {
            cognitive: number(function, "cog"),
            cyclomatic: number(function, "cyc"),
            nesting: number(function, "depth"),
            parameters: number(function, "params"),
            // Seven tokens a line.
            tokens: number(function, "loc") * 7,
            ..FunctionMetrics::default()
        });
        let functions: Vec<_> = functions.collect();
        let mut metrics = file_of(&functions);
        metrics.tokens = number(row, "sloc") * 7;
        // Java files are as long as scripts.
        let (language, role) = (Language::TypeScript, FileRole::Library);
        let evidence = Evidence::default();
        let score = score_file(&FileInput { language, role, metrics: &metrics, findings: &[], evidence });
        Class {
            label: row["overall"].as_f64().unwrap(),
            class: row["overall_class"].as_u64().unwrap(),
            overall: score.overall.unwrap(),
            quality: score.dimensions[Dimension::CodeQuality as usize].unwrap(),
        }
    };
    Some(table["rows"].as_array().unwrap().iter().map(class).collect())
}

/// How likely a bad class scores below a good one.
fn area_under_curve(classes: &[Class], score: impl Fn(&Class) -> f64) -> f64 {
    let (bad, good): (Vec<_>, Vec<_>) = classes.iter().partition(|class| class.class >= 2);
    let mut wins = 0.0;
    for bad in &bad {
        for good in &good {
            let (bad, good) = (score(bad), score(good));
            wins += if bad < good { 1.0 } else { 0.5 * f64::from(u8::from(bad == good)) };
        }
    }
    wins / (bad.len() * good.len()) as f64
}

/// Ranks from 1, those of equals averaged.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count() as f64;
        let equal = values.iter().filter(|other| *other == value).count() as f64;
        below + (equal + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

/// Spearman's rank correlation.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let covariance =
        |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum() };
    covariance(&a, &b) / (covariance(&a, &a) * covariance(&b, &b)).sqrt()
}

#[test]
fn experts_and_the_score_agree() {
    let Some(classes) = classes() else { return };
    assert_eq!(classes.len(), 304);
    let overall = area_under_curve(&classes, |class| class.overall);
    let quality = area_under_curve(&classes, |class| class.quality);
    let labels: Vec<_> = classes.iter().map(|class| class.label).collect();
    let scores: Vec<_> = classes.iter().map(|class| -class.overall).collect();
    let rho = correlation(&labels, &scores);
    eprintln!("AUC {overall:.4} (functions alone {quality:.4}), Spearman's rho {rho:.4}");
    assert!(overall >= 0.95, "{overall}");
    assert!(quality >= 0.945, "{quality}");
    assert!(rho >= 0.74, "{rho}");
    let medians: Vec<_> = (0..4)
        .map(|label| {
            let mut scores: Vec<_> =
                classes.iter().filter(|class| class.class == label).map(|class| class.overall).collect();
            scores.sort_by(f64::total_cmp);
            scores[scores.len() / 2]
        })
        .collect();
    eprintln!("medians by label: {medians:.2?}");
    assert!(medians.is_sorted_by(|a, b| a > b), "{medians:?}");
}
