//! Experiments: looking as often as one likes makes no mistakes, and differences are found all the same.

use autodao_templates::{Occasions, Tally, Terms, Verdict, judge};
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
    let tally = |assigned| Tally {
        assigned,
        tried: 100,
        kept: 60,
        tokens: 40_000.0,
        tokens_squared: 1.7e7,
        ..Tally::default()
    };
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
        ..Tally::default()
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

/// Days on which all goes well, and others: edits of one day resemble each other whatever their version.
#[test]
fn edits_that_share_a_draw_mislead_nobody() {
    let mut random = fastrand::Rng::with_seed(5);
    let runs = 300;
    let (mut wrong, mut wrong_alone) = (0, 0);
    for _ in 0..runs {
        let mut occasions = [Occasions::default(), Occasions::default()];
        let mut alone = [Tally::default(); 2];
        let (mut is_told, mut is_told_alone) = (false, false);
        for day in 0..600 {
            let arm = usize::from(random.bool());
            let rate = 0.2 + 0.8 * random.f64();
            for _ in 0..8 {
                let (kept, tokens) = (random.f64() < rate, 300.0 + 200.0 * rate + 20.0 * random.f64());
                occasions[arm].add(day, kept, tokens);
                alone[arm].add(kept, tokens);
            }
            if day % 10 == 9 {
                let [old, new] = [occasions[0].tally(), occasions[1].tally()];
                let is_open = |verdict| matches!(verdict, Verdict::Open { .. });
                is_told |= !is_open(judge(&old, &new, &Terms::default()));
                let drawn = |sums: Tally, tally: &Tally| Tally { assigned: tally.assigned, ..sums };
                let verdict = judge(&drawn(alone[0], &old), &drawn(alone[1], &new), &Terms::default());
                is_told_alone |= !is_open(verdict);
            }
        }
        wrong += usize::from(is_told);
        wrong_alone += usize::from(is_told_alone);
    }
    assert!(wrong * 20 <= runs, "{wrong} of {runs}");
    assert!(wrong_alone * 10 > runs, "taken one by one, they do mislead: {wrong_alone} of {runs}");
}

#[test]
fn an_occasion_counts_once_however_many_edits_it_has() {
    let tally = |days: u32, edits: u32| {
        let mut occasions = Occasions::default();
        for day in 0..days {
            for _ in 0..edits {
                occasions.add(day, day % 2 == 0, 300.0);
            }
        }
        occasions.drawn(days);
        occasions.tally()
    };
    let many = tally(40, 10);
    assert_eq!((many.assigned, many.tried, many.kept), (41, 400, 200));
    assert!((9.0..=11.0).contains(&many.kept_effect), "{many:?}");
    assert!(tally(40, 1).kept_effect < 1.2);
    assert_eq!(Occasions::<u8>::default().tally().tried, 0);
}

proptest! {
    #[test]
    fn bounds_hold_what_was_seen_and_shrink(tried in 20u64..10_000, rates in (0.0..1.0f64, 0.0..1.0f64)) {
        let tally = |tried: u64, rate: f64| Tally {
            assigned: tried, tried, kept: (tried as f64 * rate) as u64, ..Tally::default()
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
