//! An edit's events as the index stores them: small, because much of an event's id is that of its edit.

use serde::{Deserialize, Serialize};

use crate::{EditId, Event, EventId, EventKind, Sent};

#[cfg(test)]
mod tests;

/// Events of one edit. An edit has about ten; one with more than this is not one of ours.
const MAX_EVENTS: usize = 4096;

/// Events sorted by id.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct StoredEdit(Vec<StoredEvent>);

#[derive(Clone, Serialize, Deserialize)]
struct StoredEvent {
    /// Milliseconds after the edit's id; negative when a clock went back.
    after: i64,
    counter: u16,
    /// The writer of the event XORed with that of the edit: 0 when they are the same.
    writer: u64,
    kind: EventKind,
}

impl StoredEvent {
    fn new(event: Event) -> Self {
        let Event { id, edit, kind } = event;
        let (after, counter, writer) = edit.apart(id);
        Self { after, counter, writer, kind }
    }

    fn id(&self, edit: EditId) -> EventId {
        edit.event(self.after, self.counter, self.writer)
    }
}

/// What came of an event that was to be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Added {
    New,
    Known,
    TooMany,
}

impl StoredEdit {
    pub(crate) fn add(&mut self, event: Event) -> Added {
        match self.0.binary_search_by_key(&event.id, |stored| stored.id(event.edit)) {
            Ok(_) => Added::Known,
            Err(_) if self.0.len() >= MAX_EVENTS => Added::TooMany,
            Err(at) => {
                self.0.insert(at, StoredEvent::new(event));
                Added::New
            }
        }
    }

    pub(crate) fn contains(&self, event: &Event) -> bool {
        self.0.binary_search_by_key(&event.id, |stored| stored.id(event.edit)).is_ok()
    }

    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// What was sent for the edit.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.0.iter().filter_map(|stored| match &stored.kind {
            EventKind::Sent(sent) => Some(sent),
            _ => None,
        })
    }

    /// How many events both have.
    pub(crate) fn shared_with(&self, other: &Self, edit: EditId) -> u64 {
        let has = |wanted: &StoredEvent| {
            let id = wanted.id(edit);
            self.0.binary_search_by_key(&id, |stored| stored.id(edit)).is_ok()
        };
        other.0.iter().filter(|event| has(event)).count() as u64
    }

    pub(crate) fn events(self, edit: EditId) -> Vec<Event> {
        self.0.into_iter().map(|stored| Event { id: stored.id(edit), edit, kind: stored.kind }).collect()
    }
}
