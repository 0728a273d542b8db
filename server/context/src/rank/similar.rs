//! What functions like the target use, and what stands beside its names elsewhere.

use std::cmp::Ordering;

use autodao_syntax::index::NameId;

use super::scope::Scope;

/// How many functions are listened to.
const NEIGHBOURS: usize = 12;
/// How much more a function of the same file counts.
const SAME_FILE: f32 = 1.3;
/// Functions with few names are like everything.
const SMOOTHING: f32 = 8.0;
/// How many identifiers before and behind count as beside.
const REACH: usize = 8;
/// The most places of one name that are looked at.
const MAX_PLACES: u32 = 400;

/// A vote for each name of the workspace, 0 to about 1.
pub(super) type Votes = Vec<f32>;

/// How telling a name is: the fewer files it is in, the more.
pub(super) fn rarity(scope: &Scope<'_>, id: NameId) -> f32 {
    let files = scope.index.len() as f32;
    (1.0 + files / (1.0 + scope.index.file_frequency(id) as f32)).ln()
}

/// What the functions that share the most telling names with the weights use.
pub(super) fn neighbours(scope: &Scope<'_>, weights: &[(NameId, f32)]) -> Votes {
    let count = scope.index.name_count();
    let mut weight = vec![0.0_f32; count];
    for (id, value) in weights {
        weight[id.index()] = *value;
    }
    let mut stamp = vec![0_u32; count];
    let mut round = 0;
    let mut best: Vec<(f32, usize, usize)> = Vec::new();
    let files: Vec<_> = scope.index.files().collect();
    for (at, (id, file)) in files.iter().enumerate() {
        // Most files share nothing telling: one look at their names is cheaper than one at every function.
        if !file.ids().iter().any(|id| weight[id.index()] > 0.0) {
            continue;
        }
        let is_here = *id == scope.file_id;
        for (number, function) in file.index().functions.iter().enumerate() {
            if is_here && function.span.touches(scope.target) {
                continue;
            }
            round += 1;
            let (mut shared, mut distinct) = (0.0, 0_u32);
            let range = function.occurrences.start as usize..function.occurrences.end as usize;
            for occurrence in file.index().occurrences.get(range).unwrap_or(&[]) {
                let id = file.id_of(occurrence).index();
                if stamp[id] != round {
                    stamp[id] = round;
                    distinct += 1;
                    shared += weight[id];
                }
            }
            if shared > 0.0 {
                let score =
                    shared / (SMOOTHING + distinct as f32).sqrt() * if is_here { SAME_FILE } else { 1.0 };
                best.push((score, at, number));
            }
        }
    }
    let descending = |a: &(f32, usize, usize), b: &(f32, usize, usize)| -> Ordering {
        b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2)))
    };
    if best.len() > NEIGHBOURS {
        best.select_nth_unstable_by(NEIGHBOURS, descending);
        best.truncate(NEIGHBOURS);
    }
    best.sort_unstable_by(descending);
    let total: f32 = best.iter().map(|(score, ..)| score).sum();
    let mut votes = vec![0.0; count];
    for (score, at, number) in best {
        let Some((_, file)) = files.get(at) else { continue };
        let Some(function) = file.index().functions.get(number) else { continue };
        round += 1;
        let range = function.occurrences.start as usize..function.occurrences.end as usize;
        for occurrence in file.index().occurrences.get(range).unwrap_or(&[]) {
            let id = file.id_of(occurrence).index();
            if stamp[id] != round {
                stamp[id] = round;
                votes[id] += score / total;
            }
        }
    }
    votes
}

/// What stands beside the weighted names elsewhere: each name shares its weight out among its places, each place
/// among what is near.
pub(super) fn beside(scope: &Scope<'_>, weights: &[(NameId, f32)]) -> Votes {
    let count = scope.index.name_count();
    let mut weight = vec![0.0_f32; count];
    let total: f32 = weights.iter().map(|(_, weight)| weight).sum();
    for (id, value) in weights {
        weight[id.index()] = value / total.max(f32::MIN_POSITIVE);
    }
    let mut places = vec![0_u32; count];
    let mut found: Vec<(usize, usize, NameId)> = Vec::new();
    let files: Vec<_> = scope.index.files().collect();
    for (at, (id, file)) in files.iter().enumerate() {
        if !file.ids().iter().any(|id| weight[id.index()] > 0.0) {
            continue;
        }
        for (number, occurrence) in file.index().occurrences.iter().enumerate() {
            let name = file.id_of(occurrence);
            if weight[name.index()] <= 0.0 || places[name.index()] >= MAX_PLACES {
                continue;
            }
            if *id == scope.file_id && scope.target.touches(autodao_syntax::Span::at(occurrence.at)) {
                continue;
            }
            places[name.index()] += 1;
            found.push((at, number, name));
        }
    }
    let mut votes = vec![0.0; count];
    for (at, number, name) in found {
        let Some((_, file)) = files.get(at) else { continue };
        let share = weight[name.index()] / places[name.index()] as f32;
        let occurrences = &file.index().occurrences;
        let from = number.saturating_sub(REACH);
        let near = occurrences.get(from..(number + REACH + 1).min(occurrences.len())).unwrap_or(&[]);
        for (step, occurrence) in near.iter().enumerate() {
            let distance = (from + step).abs_diff(number);
            if distance > 0 {
                votes[file.id_of(occurrence).index()] += share / (1.0 + distance as f32).sqrt();
            }
        }
    }
    votes
}
