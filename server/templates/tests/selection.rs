//! Selection: chances as they should be, the same answer for a day, and fewer losses than an even split.

use autodao_templates::{Arm, Occasion, Version, chances, select};
use proptest::prelude::*;

static VERSIONS: [Version; 4] =
    [Version::new(1, 0, 0), Version::new(1, 1, 0), Version::new(1, 2, 0), Version::new(2, 0, 0)];

fn arms(outcomes: &[(u64, u64)]) -> Vec<Arm<'static>> {
    let arm = |(version, &(tried, kept))| Arm { version, tried, kept };
    VERSIONS.iter().zip(outcomes).map(arm).collect()
}

fn occasion(workspace: &str, day: u64) -> Occasion<'_> {
    Occasion { workspace, template: "fix-finding", task: "fix", day }
}

#[test]
fn chances_are_those_of_the_distributions() {
    let near = |outcomes: &[(u64, u64)], expected: &[f64], tolerance: f64| {
        let chances = chances(&arms(outcomes), 0.0);
        let off = chances.iter().zip(expected).any(|(a, b)| (a - b).abs() > tolerance);
        assert!(!off, "{outcomes:?}: {chances:?}");
    };
    near(&[(0, 0), (0, 0)], &[0.5, 0.5], 1e-9);
    // A rate that is squared, cubed: two and three of three and four.
    near(&[(0, 0), (1, 1)], &[1.0 / 3.0, 2.0 / 3.0], 1e-3);
    near(&[(0, 0), (2, 2)], &[0.25, 0.75], 1e-3);
    near(&[(0, 0), (0, 0), (0, 0)], &[1.0 / 3.0; 3], 1e-4);
    near(&[(1000, 500), (1000, 700)], &[0.0, 1.0], 1e-6);
    near(&[(u64::MAX, u64::MAX / 2), (u64::MAX, u64::MAX / 2)], &[0.5, 0.5], 1e-6);
    let floored = chances(&arms(&[(1000, 500), (1000, 700)]), 0.1);
    assert!((floored[0] - 0.1).abs() < 1e-6 && (floored[1] - 0.9).abs() < 1e-6, "{floored:?}");
}

#[test]
fn versions_are_used_as_often_as_their_propensity_says() {
    let arms = arms(&[(50, 30), (50, 33), (10, 6)]);
    let chances = chances(&arms, 0.1);
    let mut used = [0u32; 3];
    let occasions = 20_000;
    for day in 0..occasions {
        let selection = select(&arms, &occasion("w", day), 0.1).unwrap();
        assert_eq!(selection.propensity, chances[selection.arm]);
        used[selection.arm] += 1;
    }
    for (used, chance) in used.iter().zip(&chances) {
        let share = f64::from(*used) / occasions as f64;
        let sigma = (chance * (1.0 - chance) / occasions as f64).sqrt();
        assert!((share - chance).abs() < 4.0 * sigma, "{share} for {chance}");
    }
}

#[test]
fn where_nothing_is_to_be_tried_the_first_is_used() {
    let two = arms(&[(10, 0), (10, 10)]);
    assert!(select(&[], &occasion("w", 1), 0.1).is_none());
    for (arms, workspace) in [(&two[..], ""), (&two[..1], "w")] {
        let selection = select(arms, &occasion(workspace, 1), 0.1).unwrap();
        assert_eq!((selection.arm, selection.propensity), (0, 1.0));
    }
}

/// Every day's edits go to one version, as in use; what was learnt counts from the next day.
#[test]
fn fewer_edits_are_lost_than_by_an_even_split() {
    let rates = [0.6, 0.7];
    let mut random = fastrand::Rng::with_seed(7);
    let (mut lost, runs, days, edits) = (0.0, 200u64, 100, 10);
    for run in 0..runs {
        let mut outcomes = [(0, 0); 2];
        for day in 0..days {
            let name = format!("workspace {run}");
            let selection = select(&arms(&outcomes), &occasion(&name, day), 0.1).unwrap();
            for _ in 0..edits {
                outcomes[selection.arm].0 += 1;
                outcomes[selection.arm].1 += u64::from(random.f64() < rates[selection.arm]);
                lost += rates[1] - rates[selection.arm];
            }
        }
    }
    let lost = lost / runs as f64;
    assert!(lost < 25.0, "{lost} of 1000 edits are lost, and an even split loses 50");
}

proptest! {
    #[test]
    fn it_is_the_same_for_the_same_and_whatever_the_order(
        outcomes in prop::collection::vec((any::<u64>(), any::<u64>()), 1..5),
        workspace in "[a-z]{1,8}", day in any::<u64>(), floor in any::<f64>(),
    ) {
        let arms = arms(&outcomes);
        let first = select(&arms, &occasion(&workspace, day), floor).unwrap();
        prop_assert!(first.arm < arms.len() && first.propensity >= 0.0 && first.propensity <= 1.0 + 1e-9);
        prop_assert_eq!(select(&arms, &occasion(&workspace, day), floor).unwrap(), first);
        let mut reversed = arms.clone();
        reversed.reverse();
        let second = select(&reversed, &occasion(&workspace, day), floor).unwrap();
        prop_assert_eq!(reversed[second.arm].version, arms[first.arm].version);
        let chances = chances(&arms, floor);
        prop_assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        let least = if floor.is_nan() { 0.0 } else { floor.clamp(0.0, 1.0 / arms.len() as f64) };
        prop_assert!(chances.iter().all(|chance| *chance >= least - 1e-9));
    }
}
