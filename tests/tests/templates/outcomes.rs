//! Edits as the ledger has them, made up: what the program is told of outcomes without making edits.

use std::sync::atomic::{AtomicU64, Ordering};

use autodao_engine::ledger::{
    Answered, Chosen, Compared, EditId, Estimate, Event, EventId, EventKind, Latency, Ledger, Moment,
    Offered, Planned, Requested, Route, Score, Share, Source, Survived, Template, Tokens, Usage,
};

/// One edit that came to an end.
pub(crate) struct Told<'a> {
    pub(crate) experiment: &'a str,
    pub(crate) version: &'a str,
    /// The chance its version had, in percent.
    pub(crate) percent: u64,
    pub(crate) workspace: &'a str,
    pub(crate) stayed: bool,
    pub(crate) tokens: u64,
    /// What its prompt takes with the old and the new version, where that is told.
    pub(crate) prompts: Option<(u64, u64)>,
    /// When, in milliseconds of Unix time.
    pub(crate) ms: u64,
}

/// Tells the ledger of an edit with `tidy`. What is told is on disk after a `flush`.
pub(crate) fn tell(ledger: &Ledger, told: &Told<'_>) {
    // No two ids are the same.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let edit = EditId::from_parts(told.ms, 0, number);
    let mut count = 0;
    let mut append = |kind| {
        count += 1;
        let id = EventId::from_parts(told.ms + count, 0, number);
        drop(ledger.append(Event { id, edit, kind }));
        id
    };
    append(EventKind::Planned(Planned {
        task: "simplify".to_owned(),
        complexity: "small".to_owned(),
        template: Some(Template { name: "tidy".to_owned(), version: told.version.to_owned() }),
        route: Route::Model,
        language: "rust".to_owned(),
        workspace: told.workspace.to_owned(),
        symbol: None,
        baseline: None,
        node: None,
        folder: None,
    }));
    append(EventKind::Chosen(Chosen {
        experiment: told.experiment.to_owned(),
        propensity: Share::of(told.percent, 100),
    }));
    if let Some((old, new)) = told.prompts {
        append(EventKind::Compared(Compared { old, new }));
    }
    let tokens = Tokens { input: told.tokens - 40, output: 40, ..Tokens::default() };
    let request = append(EventKind::Requested(Requested {
        provider: "test".to_owned(),
        model: "tiny".to_owned(),
        workspace: told.workspace.to_owned(),
        template: Some("tidy".to_owned()),
        attempt: 0,
        estimate: Estimate { tokens, cost: None },
    }));
    append(EventKind::Answered(Answered {
        request,
        usage: Usage { tokens, source: Source::Reported },
        cost: None,
        latency: Latency { prepare: 1, first_token: None, total: 2 },
        stop: "stop".to_owned(),
        log: None,
    }));
    let score = Score { dimension: "simplicity".to_owned(), before: 600, after: 650 };
    append(EventKind::Offered(Offered { scores: vec![score], pieces: Vec::new() }));
    append(EventKind::Applied);
    append(match told.stayed {
        true => EventKind::Survived(Survived { at: Moment::Minutes5, share: Share::WHOLE }),
        false => EventKind::Undone,
    });
}
