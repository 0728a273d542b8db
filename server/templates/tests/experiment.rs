//! Experiments: looking as often as one likes makes no mistakes, and differences are found all the same.

use autodao_templates::{Occasions, Spent, Tally, Terms, Verdict, judge};
use proptest::prelude::*;

/// What an edit takes whose prompt is of any size: some are a hundred times as large as others. The reply is a third of
/// the prompt on average, a sixth to half of it.
fn edit(random: &mut fastrand::Rng, version: f64) -> Spent {
    let reference = (100.0_f64).powf(random.f64()) * 100.0;
    let reply = reference / 3.0 * (0.5 + random.f64());
    Spent { tokens: (reference + reply) * version, reference }
}

/// Runs an experiment and looks at it every 20 outcomes of each version until it says something. `tokens`: how many times
/// the old version's tokens each one takes.
fn run(random: &mut fastrand::Rng, rates: [f64; 2], tokens: [f64; 2], most: u64) -> (Verdict, u64, bool) {
    let mut tallies = [Tally::default(); 2];
    let mut peeked = false;
    for count in 1..=most {
        for arm in 0..2 {
            tallies[arm].add(random.f64() < rates[arm], edit(random, tokens[arm]));
        }
        if count % 20 == 0 {
            peeked |= fixed_sample_test(&tallies);
            let verdict = judge(&tallies[0], &tallies[1], &Terms::default());
            if !verdict.is_open() {
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
        let (verdict, _, peek) = run(&mut random, [0.6, 0.6], [1.0, 1.0], 3000);
        wrong += usize::from(!verdict.is_open());
        peeked += usize::from(peek);
    }
    assert!(wrong * 20 <= runs, "{wrong} of {runs}");
    // The same data shows that the looks are many enough to mislead a test that allows for one.
    assert!(peeked * 4 > runs, "{peeked} of {runs}");
}

/// The outcomes of each version after which half of the experiments, and four of five, say "better": what was measured for
/// always-valid bounds at 60 % with looks every 20 outcomes. A test for one look needs 1468, 562, 354, 150 and 79.
#[test]
fn differences_are_found_in_the_time_that_they_take() {
    let mut random = fastrand::Rng::with_seed(2);
    for (more, half, most) in
        [(0.05, 1460, 2660), (0.08, 540, 940), (0.10, 380, 620), (0.15, 180, 280), (0.20, 120, 160)]
    {
        let runs = 400;
        let mut found: Vec<_> = (0..runs)
            .map(|_| match run(&mut random, [0.6, 0.6 + more], [1.0, 1.0], 6000) {
                (Verdict::Better { .. }, count, _) => count,
                // One that errs has not found it.
                _ => u64::MAX,
            })
            .collect();
        found.sort_unstable();
        let (median, of_five) = (found[runs / 2], found[runs * 4 / 5]);
        // A tenth, and one look, is what as many runs vary by.
        let near = |told: u64, table: u64| told <= table + table / 10 + 20;
        assert!(near(median, half) && near(of_five, most), "+{more}: {median}, {of_five}");
    }
}

/// Edits of any size: held against their own prompts, tokens say in some hundred outcomes what they do not say alone in
/// thousands.
#[test]
fn tokens_are_compared_edit_by_edit() {
    let mut random = fastrand::Rng::with_seed(6);
    let (runs, count) = (200, 400);
    let mut told = [0; 2];
    for _ in 0..runs {
        let mut paired = [Tally::default(); 2];
        let mut alone = [Tally::default(); 2];
        for arm in 0..2 {
            for _ in 0..count {
                let spent = edit(&mut random, [1.0, 1.15][arm]);
                let kept = random.f64() < 0.6;
                paired[arm].add(kept, spent);
                alone[arm].add(kept, Spent::alone(spent.tokens));
            }
        }
        for (told, [old, new]) in told.iter_mut().zip([paired, alone]) {
            *told += usize::from(matches!(judge(&old, &new, &Terms::default()), Verdict::Dearer { .. }));
        }
    }
    assert!(told[0] * 10 > runs * 9 && told[1] * 10 < runs, "{told:?} of {runs}");
}

#[test]
fn what_is_worse_or_dearer_is_told() {
    let mut random = fastrand::Rng::with_seed(3);
    let (verdict, ..) = run(&mut random, [0.7, 0.5], [1.0, 1.0], 2000);
    assert!(matches!(verdict, Verdict::Worse { .. }), "{verdict}");
    let (verdict, ..) = run(&mut random, [0.6, 0.8], [1.0, 1.25], 2000);
    assert!(matches!(verdict, Verdict::Dearer { .. }), "better, at too many tokens: {verdict}");
}

#[test]
fn a_split_that_chance_does_not_explain_ends_it() {
    let tally = |assigned| Tally { assigned, tried: 100, kept: 60, tokens: 40_000.0, ..Tally::default() };
    let terms = Terms::default();
    assert!(judge(&tally(1000), &tally(1050), &terms).is_open());
    let verdict = judge(&tally(1000), &tally(1200), &terms);
    assert_eq!(
        verdict.to_string(),
        "No verdict: the new version got 54.5 % of the edits instead of 50.0 %, which chance does not explain."
    );
    let planned = Terms { share: 0.1, ..terms };
    assert!(judge(&tally(900), &tally(100), &planned).is_open());
}

#[test]
fn verdicts_in_words() {
    let tally = |kept, tokens: f64| Tally {
        assigned: 1000,
        tried: 1000,
        kept,
        tokens: tokens * 1000.0,
        ratio: (tokens / 300.0).ln() * 1000.0,
        ratio_squared: (tokens / 300.0).ln().powi(2) * 1000.0 + 1.0,
        ..Tally::default()
    };
    let say = |old: Tally, new: Tally| judge(&old, &new, &Terms::default()).to_string();
    let better = say(tally(500, 400.0), tally(700, 390.0));
    assert!(better.starts_with("Better: more edits stay (+20.0 points, surely between +"), "{better}");
    assert!(better.contains(", at -2.5 % tokens for the same edit, surely between -"), "{better}");
    assert!(say(tally(700, 400.0), tally(500, 400.0)).starts_with("Worse: fewer edits stay (-20.0 points"));
    assert!(
        say(tally(600, 400.0), tally(600, 400.0)).starts_with("Open: edits that stay differ by +0.0 points")
    );
    assert!(
        say(tally(600, 400.0), tally(600, 500.0)).starts_with("Dearer: +25.0 % tokens for the same edit")
    );
    let unsure = Tally { ratio_squared: 900.0, ..tally(700, 400.0) };
    let unsure = say(tally(500, 400.0), unsure);
    assert!(
        unsure.starts_with("Open: more edits stay (+20.0 points") && unsure.contains("is not sure yet"),
        "{unsure}"
    );
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
                let (kept, spent) =
                    (random.f64() < rate, Spent::alone(300.0 + 200.0 * rate + 20.0 * random.f64()));
                occasions[arm].add(day, kept, spent);
                alone[arm].add(kept, spent);
            }
            if day % 10 == 9 {
                let [old, new] = [occasions[0].tally(), occasions[1].tally()];
                is_told |= !judge(&old, &new, &Terms::default()).is_open();
                let drawn = |sums: Tally, tally: &Tally| Tally { assigned: tally.assigned, ..sums };
                let verdict = judge(&drawn(alone[0], &old), &drawn(alone[1], &new), &Terms::default());
                is_told_alone |= !verdict.is_open();
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
                occasions.add(day, day % 2 == 0, Spent::alone(300.0));
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
                Verdict::Open { kept: bounds, .. } | Verdict::Better { kept: bounds, .. } | Verdict::Worse { kept: bounds } => {
                    assert!(bounds.low <= bounds.seen && bounds.seen <= bounds.high);
                    bounds.high - bounds.low
                }
                other => panic!("{other:?}"),
            }
        };
        prop_assert!(width(tried * 4) < width(tried));
    }
}
