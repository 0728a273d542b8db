//! Events for tests. Not a test itself: the tests include it.

use autodao_ledger::{
    Answered, Baseline, Cost, Day, EditId, Estimate, Event, EventId, EventKind, Latency, Moment, Offered,
    Planned, RequestLog, Requested, Route, Score, Share, Source, Survived, Template, Tokens, Usage,
};

pub(crate) fn tokens(input: u64, output: u64) -> Tokens {
    Tokens { input, output, ..Tokens::default() }
}

pub(crate) fn cost(micros: u64) -> Cost {
    Cost { micros, prices: "2026-11-01".parse::<Day>().unwrap() }
}

pub(crate) fn planned(template: &str, version: &str) -> Planned {
    Planned {
        task: "fix".to_owned(),
        complexity: "small".to_owned(),
        template: Some(Template { name: template.to_owned(), version: version.to_owned() }),
        route: Route::Model,
        language: "rust".to_owned(),
        workspace: "w1".to_owned(),
        symbol: Some(0x1234_5678_9ABC_DEF0),
        baseline: Some(Baseline { input: 2400, output: 2300 }),
        node: None,
        folder: None,
    }
}

pub(crate) fn requested(estimate: u64, micros: u64) -> Requested {
    Requested {
        provider: "anthropic".to_owned(),
        model: "claude-sonnet-4-5".to_owned(),
        workspace: "w1".to_owned(),
        template: Some("fix-finding".to_owned()),
        attempt: 0,
        estimate: Estimate { tokens: tokens(estimate, 0), cost: Some(cost(micros)) },
    }
}

pub(crate) fn answered(request: EventId, input: u64, output: u64, micros: u64) -> Answered {
    Answered {
        request,
        usage: Usage { tokens: tokens(input, output), source: Source::Reported },
        cost: Some(cost(micros)),
        latency: Latency { prepare: 3, first_token: Some(420), total: 1_800 },
        stop: "end_turn".to_owned(),
        log: Some(RequestLog {
            provider_request: Some(format!("req_{request}")),
            status: Some(200),
            message: None,
        }),
    }
}

pub(crate) fn survived(at: Moment, part: u64) -> EventKind {
    EventKind::Survived(Survived { at, share: Share::of(part, 100) })
}

/// A usual edit by a model, ten events.
pub(crate) fn edit(
    id: EditId,
    mut event: impl FnMut(EventKind) -> Event,
    input: u64,
    output: u64,
) -> Vec<Event> {
    let plan = event(EventKind::Planned(planned("fix-finding", "1.2.0")));
    let request = event(EventKind::Requested(requested(input + output + 50, 900)));
    let answer = event(EventKind::Answered(answered(request.id, input, output, 700)));
    let scores = ["reliability", "maintainability"].map(|dimension| Score {
        dimension: dimension.to_owned(),
        before: 640,
        after: 810,
    });
    let offer = event(EventKind::Offered(Offered { scores: scores.into(), pieces: Vec::new() }));
    let mut events = vec![plan, request, answer, offer, event(EventKind::Applied)];
    for moment in Moment::ALL {
        events.push(event(survived(moment, 90)));
    }
    assert!(events.iter().all(|event| event.edit == id));
    events
}

/// The same for an edit that is made now.
pub(crate) fn edit_now(input: u64, output: u64) -> Vec<Event> {
    let id = EditId::new();
    edit(id, |kind| Event::new(id, kind), input, output)
}
