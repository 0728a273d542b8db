//! Events come back from the journal's text and the index's bytes, in whatever order they came.

use proptest::prelude::*;

use super::*;
use crate::edit::Edit;
use crate::event::{
    Answered, Cancelled, Chosen, Compared, Cost, Estimate, Failed, Latency, Moment, Offered, Planned,
    Refused, RequestLog, Requested, Route, Score, Share, ShownPiece, Source, Survived, Template, Tokens,
    Usage,
};
use crate::record::Record;
use crate::{Day, Digest, Sent, Stats};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z]{1,8}", any::<String>()]
}

fn tokens() -> impl Strategy<Value = Tokens> {
    prop_oneof![
        4 => (0..5000_u64, 0..900_u64).prop_map(|(input, output)| Tokens { input, output, ..Tokens::default() }),
        1 => any::<[u64; 5]>().prop_map(|[input, cached, cache_write, output, reasoning]| Tokens {
            input, cached, cache_write, output, reasoning
        }),
    ]
}

fn cost() -> impl Strategy<Value = Option<Cost>> {
    prop::option::of(
        (any::<u32>(), 0..3_000_000_000_000_u64)
            .prop_map(|(micros, ms)| Cost { micros: micros.into(), prices: Day::of_ms(ms) }),
    )
}

fn usage() -> impl Strategy<Value = Usage> {
    let source = prop_oneof![Just(Source::Counted), Just(Source::Reported)];
    (tokens(), source).prop_map(|(tokens, source)| Usage { tokens, source })
}

fn latency() -> impl Strategy<Value = Latency> {
    any::<(u32, Option<u32>, u32)>().prop_map(|(prepare, first_token, total)| Latency {
        prepare,
        first_token,
        total,
    })
}

fn log() -> impl Strategy<Value = Option<RequestLog>> {
    let log = (prop::option::of(text()), any::<Option<u16>>(), prop::option::of(text()));
    prop::option::of(log.prop_map(|(provider_request, status, message)| RequestLog {
        provider_request,
        status,
        message,
    }))
}

/// Requests are some of the first events.
fn id() -> impl Strategy<Value = EventId> {
    (995..1010_u64, 0..3_u16, 7..9_u64)
        .prop_map(|(ms, counter, writer)| EventId::from_parts(ms, counter, writer))
}

fn kind() -> impl Strategy<Value = EventKind> {
    let template = prop::option::of((text(), text()).prop_map(|(name, version)| Template { name, version }));
    let route = prop_oneof![Just(Route::Syntax), Just(Route::Cache), Just(Route::Model)];
    let planned = (text(), text(), template, route, any::<Option<u64>>(), text()).prop_map(
        |(task, complexity, template, route, symbol, workspace)| Planned {
            task,
            complexity,
            template,
            route,
            language: "rust".to_owned(),
            workspace,
            symbol,
            baseline: symbol.map(|input| crate::Baseline { input, output: 1 }),
            node: symbol.map(|symbol| format!("kind_{symbol}")),
            folder: symbol,
        },
    );
    let requested = (text(), prop::option::of(text()), 0..3_u32, tokens(), cost()).prop_map(
        |(model, template, attempt, tokens, cost)| Requested {
            provider: String::new(),
            model,
            workspace: String::new(),
            template,
            attempt,
            estimate: Estimate { tokens, cost },
        },
    );
    let answered = (id(), usage(), cost(), latency(), text(), log()).prop_map(
        |(request, usage, cost, latency, stop, log)| Answered { request, usage, cost, latency, stop, log },
    );
    let failed = (prop::option::of(id()), text(), prop::option::of(usage()), cost(), latency(), log())
        .prop_map(|(request, reason, usage, cost, latency, log)| Failed {
            request,
            reason,
            usage,
            cost,
            latency,
            log,
        });
    let cancelled = (prop::option::of(id()), prop::option::of(usage()), cost())
        .prop_map(|(request, usage, cost)| Cancelled { request, usage, cost });
    let score = (text(), any::<(u16, u16)>()).prop_map(|(dimension, (before, after))| Score {
        dimension,
        before,
        after,
    });
    let piece =
        (text(), any::<(u32, bool)>()).prop_map(|(role, (tokens, used))| ShownPiece { role, tokens, used });
    let survived = (0..5_usize, 0..=100_u64)
        .prop_map(|(at, part)| Survived { at: Moment::ALL[at], share: Share::of(part, 100) });
    prop_oneof![
        planned.prop_map(EventKind::Planned),
        requested.prop_map(EventKind::Requested),
        answered.prop_map(EventKind::Answered),
        failed.prop_map(EventKind::Failed),
        cancelled.prop_map(EventKind::Cancelled),
        (prop::collection::vec(score, 0..3), prop::collection::vec(piece, 0..3))
            .prop_map(|(scores, pieces)| EventKind::Offered(Offered { scores, pieces })),
        text().prop_map(|gate| EventKind::Refused(Refused { gate })),
        Just(EventKind::Applied),
        Just(EventKind::Undone),
        (text(), 0..=100_u64).prop_map(|(experiment, part)| {
            EventKind::Chosen(Chosen { experiment, propensity: Share::of(part, 100) })
        }),
        any::<(u64, u64)>().prop_map(|(old, new)| EventKind::Compared(Compared { old, new })),
        survived.prop_map(EventKind::Survived),
        (id(), any::<([u8; 32], [u8; 32])>()).prop_map(|(request, (digest, previous))| {
            EventKind::Sent(Sent { request, digest: Digest(digest), previous: Digest(previous) })
        }),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let edit = EditId::from_parts(1000, 0, 7);
    let event = (id(), kind()).prop_map(move |(id, kind)| Event { id, edit, kind });
    prop::collection::vec(event, 1..25).prop_map(|mut events| {
        events.sort_by_key(|event| event.id);
        events.dedup_by_key(|event| event.id);
        events
    })
}

fn stored(events: &[Event]) -> StoredEdit {
    let mut stored = StoredEdit::default();
    events.iter().for_each(|event| assert_eq!(stored.add(event.clone()), Added::New));
    stored
}

proptest! {
    #[test]
    fn events_come_back(events in events()) {
        for event in &events {
            let json = Record::Event(event.clone()).to_json().unwrap();
            prop_assert!(!json.contains(&b'\n'));
            prop_assert_eq!(Record::from_json(&json).unwrap(), Record::Event(event.clone()));
        }
        let bytes = postcard::to_stdvec(&stored(&events)).unwrap();
        let back: StoredEdit = postcard::from_bytes(&bytes).unwrap();
        prop_assert_eq!(back.events(events[0].edit), events);
    }

    #[test]
    fn the_order_in_which_events_come_does_not_matter((events, shuffled) in events().prop_flat_map(|events| {
        (Just(events.clone()), Just(events).prop_shuffle())
    })) {
        let one = stored(&events);
        let mut other = stored(&shuffled);
        prop_assert_eq!(other.add(shuffled[0].clone()), Added::Known);
        let edit = events[0].edit;
        prop_assert_eq!(Edit::of(one.events(edit)), Edit::of(other.events(edit)));
    }

    #[test]
    fn sums_can_be_taken_away_again(a in events(), b in events()) {
        let stats = |events: &[Event]| Edit::of(events.to_vec()).unwrap().stats();
        let mut sum = Stats::default();
        sum.add(&stats(&a));
        sum.add(&stats(&b));
        sum.subtract(&stats(&a));
        prop_assert_eq!(&sum, &stats(&b));
        sum.subtract(&stats(&b));
        prop_assert!(sum.is_empty());
        let bytes = postcard::to_stdvec(&stats(&a)).unwrap();
        prop_assert_eq!(postcard::from_bytes::<Stats>(&bytes).unwrap(), stats(&a));
    }

    #[test]
    fn texts_are_cut_and_fit_a_line(mut kind in kind(), long in "ü{300}") {
        if let EventKind::Refused(refused) = &mut kind {
            refused.gate = long;
        }
        kind.cut();
        let event = Event { id: EventId::new(), edit: EditId::new(), kind };
        let json = Record::Event(event).to_json().unwrap();
        prop_assert!(json.len() < crate::frame::MAX_LINE);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(stored) = postcard::from_bytes::<StoredEdit>(&bytes)
            && let Some(edit) = Edit::of(stored.events(EditId::from_parts(1000, 0, 7)))
        {
            edit.stats();
        }
        let _ = Record::from_json(&bytes);
    }
}
