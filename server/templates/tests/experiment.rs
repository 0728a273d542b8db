//! Experiments: looking as often as one likes makes no mistakes, and differences are found all the same.

use autodao_templates::{Tally, Terms, Verdict, judge};
use proptest::prelude::*;

/// Runs an experiment and looks at it every 20 outcomes of each version until it says something.
fn run(random: &mut fastrand::Rng, rates: [f64; 2], tokens: [f64; 2], most: u64) -> (Verdict, u64, bool) {
    let mut tallies = [Tally::default(); 2];
    let mut peeked = false;
    for count in 1..=most {
        for arm in 0..2 {
            let spent = tokens[arm] * (0.75 + random.f64() / 2.0);
            tallies[arm].add(random.f64() < rates[arm], spent);
        }
        if count % 20 == 0 {
            peeked |= fixed_sample_test(&tallies);
            let verdict = judge(&tallies[0], &tallies[1], &Terms::default());
            if !matches!(verdict, Verdict::Open { .. }) {
                return (verdict, count, peeked);
            }
        }
    }
    (judge(&tallies[0], &tallies[1], &Terms::default()), most, peeked)
}

/// What a test for one look says.
fn fixed_sample_test([old, new]: &[Tally; 2]) -> bool {
    let (n, a, b) = (old.tried as f64, old.kept as f64, new.kept as f64);
    let pooled = (a + b) / (2.0 * n);
    let sigma = (pooled * (1.0 - pooled) * 2.0 / n).sqrt();
    ((b - a) / n).abs() > 1.96 * sigma
}

#[test]
fn equal_versions_are_told_apart_in_at_most_one_of_twenty_experiments() {
    let mut random = fastrand::Rng::with_seed(1);
    let runs = 1000;
    let (mut wrong, mut peeked) = (0, 0);
    for _ in 0..runs {
        let (verdict, _, peek) = run(&mut random, [0.6, 0.6], [400.0, 400.0], 3000);
        wrong += usize::from(!matches!(verdict, Verdict::Open { .. }));
        peeked += usize::from(peek);
    }
    assert!(wrong * 20 <= runs, "{wrong} of {runs}");
    // The same data shows that the looks are many enough to mislead a test that allows for one.
    assert!(peeked * 4 > runs, "{peeked} of {runs}");
}

#[test]
fn differences_are_found_in_the_time_that_they_take() {
    let mut random = fastrand::Rng::with_seed(2);
    for (better, within) in [(0.70, 1200), (0.75, 500), (0.80, 300)] {
        let runs = 200;
        let found = (0..runs)
            .filter(|_| {
                let (verdict, ..) = run(&mut random, [0.6, better], [400.0, 400.0], within);
                matches!(verdict, Verdict::Better { .. })
            })
            .count();
        assert!(found * 5 >= runs * 4, "{better}: {found} of {runs} within {within}");
    }
}

#[test]
fn what_is_worse_or_dearer_is_told() {
    let mut random = fastrand::Rng::with_seed(3);
    let (verdict, ..) = run(&mut random, [0.7, 0.5], [400.0, 400.0], 2000);
    assert!(matches!(verdict, Verdict::Worse { .. }), "{verdict}");
    let (verdict, ..) = run(&mut random, [0.6, 0.8], [400.0, 500.0], 2000);
    assert!(matches!(verdict, Verdict::Dearer { .. }), "better, at too many tokens: {verdict}");
}

#[test]
fn a_split_that_chance_does_not_explain_ends_it() {
    let tally = |assigned| Tally { assigned, tried: 100, kept: 60, tokens: 40_000.0, tokens_squared: 1.7e7 };
    let terms = Terms::default();
    assert!(matches!(judge(&tally(1000), &tally(1050), &terms), Verdict::Open { .. }));
    let verdict = judge(&tally(1000), &tally(1200), &terms);
    assert_eq!(
        verdict.to_string(),
        "No verdict: the new version got 54.5 % of the edits instead of 50.0 %, which chance does not explain."
    );
    let planned = Terms { share: 0.1, ..terms };
    assert!(matches!(judge(&tally(900), &tally(100), &planned), Verdict::Open { .. }));
}

#[test]
fn verdicts_in_words() {
    let tally = |kept, tokens: f64| Tally {
        assigned: 1000,
        tried: 1000,
        kept,
        tokens: tokens * 1000.0,
        tokens_squared: tokens * tokens * 1000.0 + 1000.0,
    };
    let say = |old: Tally, new: Tally| judge(&old, &new, &Terms::default()).to_string();
    let better = say(tally(500, 400.0), tally(700, 390.0));
    assert!(better.starts_with("Better: more edits stay (+20.0 points, surely between +"), "{better}");
    assert!(better.contains(", at -10 tokens an edit, surely between -10 and -10."), "{better}");
    assert!(say(tally(700, 400.0), tally(500, 400.0)).starts_with("Worse: fewer edits stay (-20.0 points"));
    assert!(
        say(tally(600, 400.0), tally(600, 400.0)).starts_with("Open: edits that stay differ by +0.0 points")
    );
    assert!(say(tally(600, 400.0), tally(600, 500.0)).starts_with("Dearer: +100 tokens an edit"));
    assert_eq!(say(Tally::default(), tally(1, 1.0)).split(':').next(), Some("No verdict"));
    assert_eq!(say(Tally::default(), Tally::default()), "Open: there are too few outcomes.");
}

proptest! {
    #[test]
    fn bounds_hold_what_was_seen_and_shrink(tried in 20u64..10_000, rates in (0.0..1.0f64, 0.0..1.0f64)) {
        let tally = |tried: u64, rate: f64| Tally {
            assigned: tried, tried, kept: (tried as f64 * rate) as u64, tokens: 0.0, tokens_squared: 0.0,
        };
        let width = |tried| {
            let terms = Terms { alpha: 1e-9, ..Terms::default() };
            match judge(&tally(tried, rates.0), &tally(tried, rates.1), &terms) {
                Verdict::Open { kept: Some(bounds) } | Verdict::Better { kept: bounds, .. } | Verdict::Worse { kept: bounds } => {
                    assert!(bounds.low <= bounds.seen && bounds.seen <= bounds.high);
                    bounds.high - bounds.low
                }
                other => panic!("{other:?}"),
            }
        };
        prop_assert!(width(tried * 4) < width(tried));
    }
}
