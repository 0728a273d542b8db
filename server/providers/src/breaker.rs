//! Endpoints that fail are left alone for a while.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{Endpoint, ErrorKind};

/// So many failures in a row open it.
const IN_A_ROW: u32 = 5;
/// So many attempts, at least, make a rate.
const ENOUGH: usize = 10;
/// What counts for the rate.
const WINDOW: Duration = Duration::from_secs(60);
/// How long it stays open at first; doubles with each failed probe.
const PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// After a bad key or an empty account: long enough that a batch does not hammer, short enough for one who tops up.
const HOPELESS_PAUSE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: Instant,
    },
    /// One attempt is let through to see.
    Probing,
}

/// The state of one endpoint. It knows no clock: each call is told the time.
#[derive(Debug, Default)]
pub struct Breaker {
    state: State,
    in_a_row: u32,
    probes_failed: u32,
    recent: VecDeque<(Instant, bool)>,
}

impl Breaker {
    /// Asks for an attempt.
    ///
    /// # Errors
    /// The time until the next one is let through.
    pub fn ask(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed => Ok(()),
            State::Open { until } if until <= now => {
                self.state = State::Probing;
                Ok(())
            }
            State::Open { until } => Err(until - now),
            State::Probing => Err(PAUSE),
        }
    }

    /// An attempt went well.
    pub fn succeeded(&mut self, now: Instant) {
        *self = Self { recent: std::mem::take(&mut self.recent), ..Self::default() };
        self.note(now, true);
    }

    /// An attempt failed. Failures that are the request's own do not count.
    pub fn failed(&mut self, kind: &ErrorKind, now: Instant) {
        let is_probe = self.state == State::Probing;
        let pause = match kind {
            ErrorKind::RateLimited { retry_after: Some(wait) }
            | ErrorKind::Overloaded { retry_after: Some(wait) } => Some(*wait),
            ErrorKind::Unauthorized | ErrorKind::MoneyOrQuota { .. } => Some(HOPELESS_PAUSE),
            ErrorKind::ContextOverflow { .. }
            | ErrorKind::BadRequest { .. }
            | ErrorKind::Filtered
            | ErrorKind::ModelNotFound
            | ErrorKind::Configuration
            | ErrorKind::CircuitOpen { .. } => {
                // It answered: it lives.
                self.abandoned();
                return;
            }
            _ => None,
        };
        self.note(now, false);
        self.in_a_row = self.in_a_row.saturating_add(1);
        let failures = self.recent.iter().filter(|(_, good)| !good).count();
        let is_bad =
            self.in_a_row >= IN_A_ROW || (self.recent.len() >= ENOUGH && failures * 2 > self.recent.len());
        if pause.is_some() || is_probe || is_bad {
            if is_probe {
                self.probes_failed = self.probes_failed.saturating_add(1);
            }
            let own = PAUSE.saturating_mul(1 << self.probes_failed.min(8)).min(LONGEST_PAUSE);
            self.state = State::Open { until: now + pause.unwrap_or(own) };
        }
    }

    /// An attempt was given up before anything was learned.
    pub fn abandoned(&mut self) {
        if self.state == State::Probing {
            self.state = State::Closed;
            self.in_a_row = self.in_a_row.min(IN_A_ROW - 1);
        }
    }

    fn note(&mut self, now: Instant, good: bool) {
        self.recent.push_back((now, good));
        while self.recent.len() > 100 || self.recent.front().is_some_and(|(then, _)| *then + WINDOW < now) {
            self.recent.pop_front();
        }
    }
}

/// The breakers of all endpoints. One per endpoint's name and address.
#[derive(Debug, Default)]
pub struct Breakers(Mutex<BTreeMap<String, Arc<Mutex<Breaker>>>>);

impl Breakers {
    /// Asks for an attempt at an endpoint.
    ///
    /// # Errors
    /// The time until the next one is let through.
    pub fn ask(&self, endpoint: &Endpoint) -> Result<Permit, Duration> {
        let name = format!("{} {}", endpoint.name, endpoint.base_url);
        let breaker = Arc::clone(lock(&self.0).entry(name).or_default());
        lock(&breaker).ask(Instant::now())?;
        Ok(Permit(Some(breaker)))
    }

    /// Forgets everything, after the configuration changed or the user says so.
    pub fn reset(&self) {
        lock(&self.0).clear();
    }
}

/// The right to one attempt. Dropped without a word it counts as given up.
#[derive(Debug)]
pub struct Permit(Option<Arc<Mutex<Breaker>>>);

impl Permit {
    /// The attempt went well.
    pub fn succeeded(mut self) {
        if let Some(breaker) = self.0.take() {
            lock(&breaker).succeeded(Instant::now());
        }
    }

    /// The attempt failed.
    pub fn failed(mut self, kind: &ErrorKind) {
        if let Some(breaker) = self.0.take() {
            lock(&breaker).failed(kind, Instant::now());
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(breaker) = self.0.take() {
            lock(&breaker).abandoned();
        }
    }
}

/// Breakers are consistent after each call: a panic elsewhere is no reason to lose them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
