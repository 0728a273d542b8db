//! What becomes of applied edits: taken back, reworked, or still there.
//!
//! An edit is looked at some time after it was applied, when its file is saved first, when it is closed, and in the
//! first commit with another text of its file. That it was taken back is seen at once: an editor's undo leads to
//! exactly the text before.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use autodao_edits::survival;
use autodao_ledger::{Moment, Share, Spend};
use autodao_syntax::{AppliedChange, Buffer, Span};
use tokio::time::{Instant, sleep, sleep_until};

use super::assistant::{Done, EditNumber};
use super::commits::Repository;
use super::place::Place;
use super::shared::lock;
use crate::diagnosis::DocumentKey;

/// Edits that are followed at a time. The oldest is let go for another one; of it nothing more is known.
const MAX_TRACKED: usize = 64;
/// An edit of which less is left was reworked.
const REWORKED_BELOW: u16 = 5000;

/// How often it is looked whether something was committed, while an edit is followed that was not.
const COMMITS_EVERY: Duration = Duration::from_secs(5);

/// When applied edits are looked at, counted from when they were applied.
const LOOKS: [(Moment, Duration); 2] =
    [(Moment::Seconds30, Duration::from_secs(30)), (Moment::Minutes5, Duration::from_secs(300))];

/// The applied edits that are followed.
#[derive(Default)]
pub(crate) struct Fates {
    /// Those of open documents.
    open: Mutex<Vec<Arc<Tracked>>>,
    /// Those that were not committed yet, their documents open or not.
    uncommitted: Mutex<Vec<Uncommitted>>,
}

/// An edit whose file is in a repository.
struct Uncommitted {
    edit: Arc<Tracked>,
    repository: Repository,
}

/// An edit that was applied.
pub(crate) struct Tracked {
    pub(crate) number: EditNumber,
    pub(crate) document: DocumentKey,
    pub(crate) done: Done,
    spent: Spend,
    fate: Mutex<Fate>,
}

/// What is known so far.
#[derive(Default)]
struct Fate {
    undone: bool,
    reworked: bool,
    /// The moments it was looked at, with what was there.
    looks: Vec<(Moment, Share)>,
}

/// What is said of a place that an AI edit wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditHover {
    /// What it wrote, as it is now.
    pub span: Span,
    /// What made it, what it took, what became of it: a line of plain text.
    pub text: String,
}

impl Tracked {
    pub(crate) fn new(number: EditNumber, document: DocumentKey, done: Done, spent: Spend) -> Self {
        Self { number, document, done, spent, fate: Mutex::default() }
    }

    /// The user took it back by our own command.
    pub(crate) fn undone(&self) {
        let mut fate = lock(&self.fate);
        if !std::mem::replace(&mut fate.undone, true) {
            self.done.records.undone();
        }
    }

    /// The text as it is now, once the edit is in it.
    fn text(&self) -> Option<Arc<Buffer>> {
        let (Some(given), Place::Open(following)) = (&self.done.given, &self.done.place) else { return None };
        let (text, version) = following.text()?;
        (version > given.proposal.version).then_some(text)
    }

    /// Sees whether the text is again what it was before the edit, or after it.
    fn compare(&self) {
        let (Some(given), Some(now)) = (&self.done.given, self.text()) else { return };
        let mut fate = lock(&self.fate);
        if fate.undone && now.text() == given.proposal.text {
            fate.undone = false;
            self.done.records.applied();
        } else if !fate.undone && now.text() == given.before.text() {
            fate.undone = true;
            self.done.records.undone();
        }
    }

    /// Looks how much is there in a text, and tells. A moment counts once.
    fn look(&self, now: &str, moment: Moment) {
        let Some(given) = &self.done.given else { return };
        let mut fate = lock(&self.fate);
        if fate.undone || fate.looks.iter().any(|(looked, _)| *looked == moment) {
            return;
        }
        let found = survival(given.before.text(), &given.proposal.text, now);
        // An edit that only takes away is all there as long as it is not taken back.
        let share = Share::of(found.surviving.into(), found.inserted.into());
        fate.looks.push((moment, share));
        self.done.records.survived(moment, share);
        if share.basis_points() < REWORKED_BELOW && !std::mem::replace(&mut fate.reworked, true) {
            let gone = u64::from(found.inserted - found.surviving);
            self.done.records.reworked(Share::of(gone, found.inserted.into()));
        }
    }

    /// Where what it wrote is now; `None` when nothing of that is known.
    fn region(&self) -> Option<Span> {
        let (Some(given), Place::Open(following)) = (&self.done.given, &self.done.place) else { return None };
        let followed = following.now()?;
        let after = |version: i32| followed.changes.iter().filter(move |(later, _)| *later > version);
        let (applied, _) = after(given.proposal.version).next()?;
        let mut region = given.proposal.after;
        for (_, change) in after(*applied) {
            let AppliedChange::Edit(edit) = change else { return None };
            let (start, end, new) =
                (edit.start_byte as u32, edit.old_end_byte as u32, edit.new_end_byte as u32);
            // What is typed at its ends is not the edit's.
            let moved = |at: u32| if at >= end { at - end + new } else { at.min(start) };
            region = match (end <= region.start, start >= region.end) {
                (_, true) => region,
                (true, _) => Span::new(moved(region.start), moved(region.end)),
                _ => {
                    let from = if start < region.start { new } else { region.start };
                    let to = if end > region.end { start } else { moved(region.end) };
                    Span::new(from.min(to), to)
                }
            };
        }
        Some(region)
    }

    fn describe(&self) -> String {
        let plan = &self.done.plan;
        let Spend { tokens, micros } = self.spent;
        let mut text = format!(
            "AI edit by {}@{} with {}: {tokens} tokens",
            plan.template.name,
            plan.template.version,
            plan.model.label()
        );
        if micros > 0 {
            text.push_str(&format!(", ${}.{:06}", micros / 1_000_000, micros % 1_000_000));
        }
        if let Some((moment, share)) = lock(&self.fate).looks.last() {
            let share = share.basis_points() / 100;
            text.push_str(&format!(", {share} % of it there at the last look ({})", moment.name()));
        }
        text
    }
}

impl Fates {
    /// Follows an edit from now on. Returns whether it is the only one that waits to be committed: then
    /// [`until_committed`] has to run.
    pub(crate) fn follow(&self, edit: Arc<Tracked>) -> bool {
        let repository = edit.done.place.base().path.as_deref().and_then(Repository::of);
        let is_first = repository.is_some_and(|repository| {
            let mut uncommitted = lock(&self.uncommitted);
            push(&mut uncommitted, Uncommitted { edit: Arc::clone(&edit), repository });
            uncommitted.len() == 1
        });
        push(&mut lock(&self.open), edit);
        is_first
    }

    /// Looks at the edits whose files were committed since. Returns whether there are others. Compares texts, and
    /// starts git where something was committed.
    pub(crate) fn look_at_commits(&self) -> bool {
        let mut uncommitted = lock(&self.uncommitted);
        uncommitted.retain_mut(|waiting| {
            if lock(&waiting.edit.fate).undone {
                // An editor's redo brings it back, with another commit to come.
                return true;
            }
            let Some(text) = waiting.repository.committed() else { return true };
            waiting.edit.look(&text, Moment::Commit);
            false
        });
        !uncommitted.is_empty()
    }

    fn of(&self, document: &DocumentKey) -> Vec<Arc<Tracked>> {
        lock(&self.open).iter().filter(|edit| edit.document == *document).map(Arc::clone).collect()
    }

    /// A document was edited. Costs a comparison of lengths for each edit, as a rule.
    pub(crate) fn changed(&self, document: &DocumentKey) {
        self.of(document).iter().for_each(|edit| edit.compare());
    }

    /// The edits of a document with its text as it is now, to be [looked at](Looks::look) where there is time.
    pub(crate) fn now(&self, document: &DocumentKey, moment: Moment) -> Looks {
        let edits = self.of(document).into_iter();
        Looks { moment, edits: edits.filter_map(|edit| edit.text().map(|text| (edit, text))).collect() }
    }

    /// As [`Fates::now`] for a document that is about to be closed: its edits are let go.
    pub(crate) fn closing(&self, document: &DocumentKey) -> Looks {
        let looks = self.now(document, Moment::Close);
        lock(&self.open).retain(|edit| edit.document != *document);
        looks
    }

    /// All that are followed, as they are now; they are let go.
    pub(crate) fn end(&self) -> Looks {
        let edits = std::mem::take(&mut *lock(&self.open)).into_iter();
        let edits = edits.filter_map(|edit| edit.text().map(|text| (edit, text)));
        Looks { moment: Moment::Close, edits: edits.collect() }
    }

    /// What is to be said of the edit that wrote what is at an offset: the last one.
    pub(crate) fn at(&self, document: &DocumentKey, offset: u32) -> Option<EditHover> {
        let edits = self.of(document);
        edits.iter().rev().filter(|edit| !lock(&edit.fate).undone).find_map(|edit| {
            let span =
                edit.region().filter(|region| region.touches(Span::at(offset)) && !region.is_empty())?;
            Some(EditHover { span, text: edit.describe() })
        })
    }
}

/// Looks at an edit at its moments, while there is one.
pub(crate) async fn at_moments<T>(edit: Weak<T>, look: impl Fn(&Arc<T>, Moment)) {
    let applied = Instant::now();
    for (moment, after) in LOOKS {
        sleep_until(applied + after).await;
        let Some(edit) = edit.upgrade() else { return };
        look(&edit, moment);
    }
}

fn push<T>(followed: &mut Vec<T>, another: T) {
    if followed.len() == MAX_TRACKED {
        followed.remove(0);
    }
    followed.push(another);
}

/// Looks for commits while there is an edit that was not committed.
pub(crate) async fn until_committed(fates: Weak<Fates>) {
    loop {
        sleep(COMMITS_EVERY).await;
        let Some(fates) = fates.upgrade() else { return };
        if !tokio::task::block_in_place(|| fates.look_at_commits()) {
            return;
        }
    }
}

/// Edits and the text to look for them in.
pub(crate) struct Looks {
    moment: Moment,
    edits: Vec<(Arc<Tracked>, Arc<Buffer>)>,
}

impl Looks {
    /// At one edit, as it is now.
    pub(crate) fn at(edit: &Arc<Tracked>, moment: Moment) -> Self {
        let edits = edit.text().map(|text| (Arc::clone(edit), text));
        Self { moment, edits: edits.into_iter().collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Compares texts: takes milliseconds.
    pub(crate) fn look(&self) {
        self.edits.iter().for_each(|(edit, text)| edit.look(text.text(), self.moment));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_edit_is_looked_at_while_it_is_there() {
        let (edit, start) = (Arc::new(()), Instant::now());
        let looked = Mutex::new(Vec::new());
        let look = |_: &Arc<()>, moment: Moment| lock(&looked).push((moment, start.elapsed().as_secs()));
        at_moments(Arc::downgrade(&edit), look).await;
        assert_eq!(*lock(&looked), [(Moment::Seconds30, 30), (Moment::Minutes5, 300)]);
        let gone = Arc::downgrade(&edit);
        drop(edit);
        at_moments(gone, |_, moment| panic!("nothing is there at {}", moment.name())).await;
    }
}
