//! It neither grows nor loses more than allowed.

use rustc_hash::FxHashMap;

use super::View;
use crate::contract::{Contract, Limits};
use crate::gate::Verdict;
use crate::tokens::words;

pub(crate) fn check(view: View<'_>) -> Verdict {
    let limits = view.terms.limits;
    let old = view.site.buffer().slice(view.change.before);
    let new = view.change.new_text();
    if view.contract != Contract::NewFile {
        let allowed = limits.allowed(view.change.before.len());
        if new.len() as u64 > allowed {
            return Verdict::Failed(format!("the new code has {} bytes, {allowed} are allowed", new.len()));
        }
    }
    if view.change.before.is_empty() {
        return Verdict::Passed;
    }
    let mut count: FxHashMap<&str, i64> = FxHashMap::default();
    let mut total = 0_usize;
    for word in words(old) {
        *count.entry(word).or_default() += 1;
        total += 1;
    }
    for word in words(new) {
        if let Some(left) = count.get_mut(word) {
            *left -= 1;
        }
    }
    let lost: i64 = count.values().map(|left| (*left).max(0)).sum();
    let percent = (lost * 100) as u64 / (total.max(1) as u64);
    if total >= Limits::MIN_WORDS && percent > u64::from(limits.lost_percent) {
        return Verdict::Failed(format!("{percent} % of the code's words would be lost"));
    }
    Verdict::Passed
}
