//! When and how long to wait before the same is tried again.

use std::time::Duration;

use crate::{Error, ErrorKind};

/// When and how long to wait before the same is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often, beyond the first time, at each endpoint.
    pub retries: u32,
    /// The most that is waited before the first retry; doubles with each.
    pub base: Duration,
    /// The most that is waited without being asked to.
    pub cap: Duration,
    /// Whoever asks for a longer wait is not waited for: somebody sits before the screen.
    pub patience: Duration,
    /// Whether to fail over from an endpoint that is local to one that is not.
    pub local_to_cloud: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 2,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
            patience: Duration::from_secs(10),
            local_to_cloud: false,
        }
    }
}

impl RetryPolicy {
    /// How long to wait before the retry that follows the given number of tries; `None`: no retry.
    ///
    /// `random` is in 0..1. Without a wish of the provider the whole wait is random ("full jitter"); with one, a
    /// little is added to it, so that not all who were turned away come back in the same moment.
    pub fn wait(&self, error: &Error, tries: u32, random: f64) -> Option<Duration> {
        if tries > self.retries || !error.kind.is_transient() {
            return None;
        }
        // Nobody starts the server meanwhile.
        if error.kind == ErrorKind::Connect(crate::ConnectFault::Refused) {
            return None;
        }
        // Somebody has waited for long already: once more, not twice.
        if matches!(error.kind, ErrorKind::Timeout { .. }) && tries > 1 {
            return None;
        }
        let random = random.clamp(0.0, 1.0);
        let most = self.base.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(self.cap);
        match error.kind.retry_after() {
            Some(wait) if wait > self.patience => None,
            Some(wait) => Some(wait + most.mul_f64(random * 0.2)),
            None => Some(most.mul_f64(random)),
        }
    }
}
