//! Edits of long ago, for tests. Not a test itself: the tests include it.

use autodao_ledger::{Day, EditId, Event, EventId};

use crate::support::edit;

/// Edits made so many days ago.
pub(crate) fn days_ago(days: i32, count: u16) -> Vec<Event> {
    let ms = Day::today().plus(-days).start_ms() + 1000;
    let edits = (0..count).flat_map(|number| {
        let id = EditId::from_parts(ms + u64::from(number), number, 77);
        let mut next = 0;
        let event = move |kind| {
            next += 1;
            Event { id: EventId::from_parts(ms + u64::from(number) + next, number, 77), edit: id, kind }
        };
        edit(id, event, 100, 10)
    });
    edits.collect()
}
