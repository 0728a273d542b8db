//! The thread that parses and looks.
//!
//! One document at a time, oldest request first. A parse that takes longer than the client's patience does not
//! keep the editor waiting: the findings known so far, moved with the edit, are delivered first and the parse goes on.

mod job;
mod piece;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use autodao_conformance::is_broken;
use autodao_quality::Profile;
use autodao_syntax::{Language, MAX_PARSED_BYTES, SyntaxParser};

use self::job::{Job, Subject};
use self::piece::Piece;
use crate::config::{Settings, rule_file_problems};
use crate::diagnosis::{Content, Diagnosis, DocumentKey};
use crate::memory;
use crate::state::{Configures, Confirmed, Joined, Shared};
use crate::template_file::{TemplateFile, template_problems};

/// About how long it takes to look at a byte of an item: for telling beforehand whether it will take too long.
const LOOK_PER_BYTE: Duration = Duration::from_nanos(30);
/// A document whose parses take longer than this is only parsed in pauses of typing.
const SLOW_PARSE: Duration = Duration::from_millis(8);
/// The pause of typing that a slow document waits for.
const PAUSE: Duration = Duration::from_millis(40);
/// When a tree with errors that came from an older tree is checked by a parse from nothing.
const CANONICAL_AFTER: Duration = Duration::from_millis(120);
/// When a conforming parser is asked about a tree with errors that somebody types at: before the hold of an item
/// that broke ends.
const CONFIRM_AFTER: Duration = Duration::from_millis(150);
/// Texts up to this many bytes that nobody types at are parsed from nothing, and a conforming parser is asked about them,
/// at once: that takes a few milliseconds.
const SMALL: usize = 16 << 10;
/// How many bytes of text keep their trees. A tree is some twenty times its text; one let go is made again at
/// the next edit.
const TREE_BYTES: u32 = 256 << 10;
/// When freed memory is given back after documents were opened or closed or trees let go.
const GIVE_BACK_AFTER: Duration = Duration::from_millis(100);

/// What a parse starts from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// The tree of the text before, if there is one.
    Tree,
    /// Nothing.
    Nothing,
}

enum Task {
    Look(Box<Job>),
    /// Something is due for a document that was not edited since.
    Due(Box<Job>),
    Queries,
    /// A conforming parser has answered.
    Confirmed(Box<Job>, Confirmed),
    /// The workspace rules have found something, or nothing any more.
    Joined(Box<Job>, Joined),
    GiveBack,
    Stop,
}

pub(crate) struct Worker {
    shared: Arc<Shared>,
    parser: SyntaxParser,
    pieces: HashMap<DocumentKey, Piece>,
    /// Whose query rules are being compiled for this worker. A profile may have other workers, which are told by
    /// themselves.
    compiling: Vec<(Weak<Profile>, Language)>,
    uses: u64,
    give_back_at: Option<Instant>,
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            parser: SyntaxParser::default(),
            pieces: HashMap::new(),
            compiling: Vec::new(),
            uses: 0,
            give_back_at: None,
        }
    }

    pub(crate) fn run(mut self) {
        loop {
            let task = self.next_task();
            match task {
                Task::Stop => return,
                Task::GiveBack => {
                    self.parser = SyntaxParser::default();
                    memory::give_back();
                    continue;
                }
                Task::Look(job) => self.guarded(&job, |worker| worker.look(&job)),
                Task::Due(job) => self.guarded(&job, |worker| worker.look_again(&job)),
                Task::Confirmed(job, answer) => {
                    self.guarded(&job, |worker| worker.take_answer(&job, &answer))
                }
                Task::Joined(job, joined) => self.guarded(&job, |worker| worker.join(&job, &joined)),
                Task::Queries => {
                    self.apply_queries();
                    continue;
                }
            }
            self.let_trees_go();
        }
    }

    /// Works on a document. A rule that panics costs its document this analysis, not the editor its server.
    fn guarded(&mut self, job: &Job, work: impl FnOnce(&mut Self)) {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) else { return };
        self.pieces.remove(&job.key);
        self.shared.set_tree(&job.key, job.generation, None);
        self.parser = SyntaxParser::default();
        let what = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let message =
            format!("The analysis of {} failed and is tried again at the next edit: {what}", job.key);
        self.shared.listener.failed(&message);
        // Whoever waits for this version has to be told something.
        self.deliver(job, Content::Nothing, false);
    }

    fn next_task(&mut self) -> Task {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        loop {
            if state.stopping {
                return Task::Stop;
            }
            for key in std::mem::take(&mut state.closed) {
                if !state.documents.contains_key(&key) {
                    self.pieces.remove(&key);
                }
                self.give_back_at = Some(Instant::now() + GIVE_BACK_AFTER);
            }
            while let Some(key) = state.queue.pop_front() {
                if let Some(job) = Job::take(&mut state, &key) {
                    return Task::Look(Box::new(job));
                }
            }
            if std::mem::take(&mut state.queries_ready) {
                return Task::Queries;
            }
            if let Some(answer) = state.confirmed.pop_front() {
                match Job::take(&mut state, &answer.key) {
                    Some(job) => return Task::Confirmed(Box::new(job), answer),
                    None => continue,
                }
            }
            if let Some(joined) = state.joined.pop_front() {
                match Job::take(&mut state, &joined.key) {
                    Some(job) => return Task::Joined(Box::new(job), joined),
                    None => continue,
                }
            }
            let due = self.pieces.iter().filter_map(|(key, piece)| Some((piece.due()?, key)));
            let due = due.min_by_key(|(at, _)| *at).map(|(at, key)| (at, Some(Arc::clone(key))));
            let give_back = self.give_back_at.map(|at| (at, None));
            let Some((at, key)) = due.into_iter().chain(give_back).min_by_key(|(at, _)| *at) else {
                state = shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = at.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                state = shared.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            match key {
                None => {
                    self.give_back_at = None;
                    return Task::GiveBack;
                }
                Some(key) => match Job::take(&mut state, &key) {
                    Some(job) => return Task::Due(Box::new(job)),
                    None => {
                        self.pieces.remove(&key);
                    }
                },
            }
        }
    }

    /// Looks at a document that was opened, edited or configured anew.
    fn look(&mut self, job: &Job) {
        match job.subject {
            Subject::Code => {}
            Subject::Nothing => {
                self.pieces.remove(&job.key);
                self.shared.set_tree(&job.key, job.generation, None);
                return self.deliver(job, Content::Nothing, false);
            }
            Subject::Configuration(configures) => {
                let text = job.buffer.text();
                let problems = match configures {
                    Configures::Settings(scope) => Settings::from_toml(text, scope).1,
                    Configures::Rule => rule_file_problems(job.path.as_deref(), text),
                    Configures::Templates => {
                        let file = job.path.as_deref().and_then(TemplateFile::of);
                        file.map_or_else(Vec::new, |file| template_problems(&file, text))
                    }
                };
                return self.deliver(job, Content::Problems(problems), false);
            }
        }
        self.uses += 1;
        let uses = self.uses;
        let fresh = || Piece::new(job, uses);
        let piece = self.pieces.entry(Arc::clone(&job.key)).or_insert_with(fresh);
        if piece.generation != job.generation {
            *piece = fresh();
        }
        let edited = piece.follow(job, uses);
        if job.buffer.text().len() > MAX_PARSED_BYTES {
            piece.tree = None;
            self.shared.set_tree(&job.key, job.generation, None);
            piece.analysis.update_unparsed(job.buffer.text());
            let content = Content::Findings(piece.analysis.report(&job.buffer));
            return self.deliver(job, content, false);
        }
        if edited && job.typed && piece.slow_parses > 1 {
            piece.parse_at = Some(Instant::now() + PAUSE);
            let content = Content::Findings(piece.analysis.report(&job.buffer));
            return self.deliver(job, content, true);
        }
        self.parse(job, From::Tree);
    }

    /// Does what is due for a document that was not edited since.
    fn look_again(&mut self, job: &Job) {
        let now = Instant::now();
        let Some(piece) = self.pieces.get_mut(&job.key).filter(|piece| piece.generation == job.generation)
        else {
            return;
        };
        if !job.changes.is_empty() {
            return self.look(job);
        }
        if piece.parse_at.take_if(|at| *at <= now).is_some() {
            return self.parse(job, From::Tree);
        }
        if piece.canonical_at.take_if(|at| *at <= now).is_some() {
            return self.parse(job, From::Nothing);
        }
        if piece.confirm_at.take_if(|at| *at <= now).is_some() {
            return self.ask(job);
        }
        let Some(tree) = piece.tree.clone() else { return self.parse(job, From::Tree) };
        piece.analysis.update(job.buffer.text(), &tree, now);
        if piece.is_unsure() {
            // What comes out of it says both.
            return;
        }
        let content = Content::Findings(piece.analysis.report(&job.buffer));
        self.deliver(job, content, false);
    }

    /// Parses, looks at what changed, and delivers.
    fn parse(&mut self, job: &Job, from: From) {
        let Some(language) = job.language else { return };
        let Some(piece) = self.pieces.get_mut(&job.key) else { return };
        let text = job.buffer.text();
        let start = Instant::now();
        let old = piece.tree.as_ref().filter(|_| from == From::Tree);
        let had_tree = old.is_some();
        // Only who types must not be kept waiting; a program's edits are answered once, with what holds.
        let mut waiting = had_tree && job.typed;
        let patience = self.shared.listener.patience();
        let mut progress = || {
            if job.is_outdated() {
                return ControlFlow::Break(());
            }
            if waiting && start.elapsed() > patience {
                waiting = false;
                let content = Content::Findings(piece.analysis.report(&job.buffer));
                deliver(&self.shared, job, content, true);
            }
            ControlFlow::Continue(())
        };
        let tree = self.parser.parse(language, text, old, &mut progress);
        if had_tree {
            piece.slow_parses = if start.elapsed() > SLOW_PARSE { piece.slow_parses + 1 } else { 0 };
        }
        let Some(mut tree) = tree else {
            // Outdated: the newer version is in the queue. Its parse starts from the same old tree.
            return;
        };
        if waiting && start.elapsed() + LOOK_PER_BYTE * piece.analysis.edited_bytes() > patience {
            let content = Content::Findings(piece.analysis.report(&job.buffer));
            deliver(&self.shared, job, content, true);
        }
        let now = Instant::now();
        piece.parse_at = None;
        piece.analysis.update(text, &tree, now);
        if !had_tree {
            piece.analysis.mark_canonical();
            // A parse from nothing allocates several times what the tree keeps.
            self.give_back_at = Some(now + GIVE_BACK_AFTER);
        }
        piece.canonical_at = None;
        if !piece.analysis.is_canonical() {
            if job.typed || text.len() > SMALL {
                piece.canonical_at = Some(now + CANONICAL_AFTER);
            } else if let Some(canonical) = self.parser.parse_fresh(language, text) {
                tree = canonical;
                piece.analysis.update(text, &tree, now);
                piece.analysis.mark_canonical();
            }
        }
        piece.tree = Some(tree.clone());
        let is_known = piece.verdict.is_some_and(|(version, _)| version == job.version);
        if tree.root_node().has_error() && !is_known {
            if had_tree && job.typed {
                piece.confirm_at = Some(now + CONFIRM_AFTER);
            } else if text.len() <= SMALL {
                piece.verdict = Some((job.version, is_broken(language, text)));
            } else {
                piece.confirm_at = Some(now);
            }
        }
        piece.settle_errors();
        // What is held, or waits to be confirmed, is told soon, and with it what this pause brought.
        let is_told_soon =
            from == From::Nothing && (piece.is_unsure() || piece.analysis.next_deadline().is_some());
        let content = (!is_told_soon).then(|| Content::Findings(piece.analysis.report(&job.buffer)));
        self.shared.set_tree(&job.key, job.generation, Some((job.version, tree)));
        if let Some(content) = content {
            self.deliver(job, content, false);
        }
        self.compile_queries(job, language);
    }

    /// Asks a conforming parser, on a thread of its own: it takes longer than a keystroke may wait.
    fn ask(&mut self, job: &Job) {
        let (Some(language), Some(piece)) = (job.language, self.pieces.get_mut(&job.key)) else { return };
        let (key, generation, version) = (Arc::clone(&job.key), job.generation, job.version);
        let (shared, buffer) = (Arc::clone(&self.shared), Arc::clone(&job.buffer));
        let work = move || {
            let broken = is_broken(language, buffer.text());
            shared.lock().confirmed.push_back(Confirmed { key, generation, version, broken });
            shared.work.notify_one();
        };
        match std::thread::Builder::new().name("autodao-ask".into()).spawn(work) {
            Ok(_) => piece.asked = Some(version),
            Err(error) => {
                tracing::warn!("whether {} is broken stays unknown: {error}", job.key);
                // Nobody else will tell what waited for the answer.
                let content = Content::Findings(piece.analysis.report(&job.buffer));
                self.deliver(job, content, false);
            }
        }
    }

    /// Takes what a conforming parser said, unless the document has moved on.
    fn take_answer(&mut self, job: &Job, answer: &Confirmed) {
        self.give_back_at = Some(Instant::now() + GIVE_BACK_AFTER);
        let same =
            |piece: &&mut Piece| piece.generation == answer.generation && piece.asked == Some(answer.version);
        let Some(piece) = self.pieces.get_mut(&job.key).filter(same) else { return };
        piece.asked = None;
        if !job.changes.is_empty() {
            return self.look(job);
        }
        if (job.generation, job.version) == (answer.generation, answer.version) && piece.tree.is_some() {
            piece.verdict = Some((answer.version, answer.broken));
            piece.settle_errors();
            // While a finding is held, so is this: both are told when the hold ends.
            if piece.analysis.next_deadline().is_none() {
                let content = Content::Findings(piece.analysis.report(&job.buffer));
                self.deliver(job, content, false);
            }
        }
    }

    /// Takes what the workspace rules found, unless the document has moved on: then they look again.
    fn join(&mut self, job: &Job, joined: &Joined) {
        let Some(piece) = self.pieces.get_mut(&job.key).filter(|piece| piece.generation == joined.generation)
        else {
            return;
        };
        if !job.changes.is_empty() {
            return self.look(job);
        }
        if (job.generation, job.version) != (joined.generation, joined.version)
            || !piece.analysis.set_workspace_findings(&joined.findings)
        {
            return;
        }
        // What is held, or waits to be confirmed, is told soon, and this with it.
        if !piece.is_unsure() && piece.analysis.next_deadline().is_none() {
            let content = Content::Findings(piece.analysis.report(&job.buffer));
            self.deliver(job, content, false);
        }
    }

    fn deliver(&self, job: &Job, content: Content, provisional: bool) {
        deliver(&self.shared, job, content, provisional);
    }

    /// Compiles the language's query rules on a thread of its own, once per profile, if the look went without them:
    /// it takes longer than all else a first look at a file does.
    fn compile_queries(&mut self, job: &Job, language: Language) {
        if !self.pieces.get(&job.key).is_some_and(|piece| piece.analysis.lacks_queries()) {
            return;
        }
        let profile = Arc::downgrade(&job.profile);
        if self.compiling.iter().any(|(other, of)| *of == language && other.ptr_eq(&profile)) {
            return;
        }
        self.compiling.retain(|(profile, _)| profile.strong_count() > 0);
        self.compiling.push((profile, language));
        let (shared, profile) = (Arc::clone(&self.shared), Arc::clone(&job.profile));
        let compile = move || {
            profile.compile_queries(language);
            shared.lock().queries_ready = true;
            shared.work.notify_one();
        };
        if let Err(error) = std::thread::Builder::new().name("autodao-queries".into()).spawn(compile) {
            tracing::warn!("the query rules of {} are not used: {error}", language.name());
        }
    }

    fn apply_queries(&mut self) {
        let mut keys: Vec<_> = self
            .pieces
            .iter()
            .filter(|(_, piece)| piece.analysis.wants_queries())
            .map(|(key, _)| Arc::clone(key))
            .collect();
        keys.sort();
        for key in keys {
            let job = Job::take(&mut self.shared.lock(), &key);
            if let Some(job) = job {
                self.guarded(&job, |worker| worker.look_again(&job));
            }
        }
        self.let_trees_go();
    }

    /// Lets go of the trees of documents not used for the longest time.
    fn let_trees_go(&mut self) {
        let kept = |pieces: &HashMap<DocumentKey, Piece>| -> u32 {
            pieces.values().filter(|piece| piece.tree.is_some()).map(|piece| piece.bytes).sum()
        };
        while kept(&self.pieces) > TREE_BYTES {
            let idle = self.pieces.iter_mut().filter(|(_, piece)| {
                piece.tree.is_some()
                    && piece.due().is_none()
                    && piece.asked.is_none()
                    && !piece.analysis.wants_queries()
                    && piece.used < self.uses
            });
            let Some((key, piece)) = idle.min_by_key(|(_, piece)| piece.used) else { return };
            piece.tree = None;
            self.shared.set_tree(key, piece.generation, None);
            piece.analysis.release_tree();
            self.give_back_at = Some(Instant::now() + GIVE_BACK_AFTER);
        }
    }
}

fn deliver(shared: &Shared, job: &Job, content: Content, provisional: bool) {
    let diagnosis = Diagnosis { version: job.version, content, provisional, serial: 0 };
    if let Some((diagnosis, again)) = shared.deliver(&job.key, job.generation, diagnosis) {
        shared.listener.diagnosed(&job.key, &diagnosis, &job.buffer, again);
    }
}
