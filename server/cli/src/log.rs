//! The log: to stderr, for stdout belongs to the protocol and to results.

use std::ffi::OsString;
use std::fmt::{self, Write as _};
use std::io::Write as _;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The environment variable that names the level.
pub(crate) const VARIABLE: &str = "AUTODAO_LOG";

/// The level when none is named.
pub(crate) const DEFAULT: LevelFilter = LevelFilter::WARN;

/// The names of levels.
pub(crate) const LEVELS: &str = "off, error, warn, info, debug, trace";

/// The level the environment names; the error is a value that is none.
pub(crate) fn level() -> Result<LevelFilter, OsString> {
    let Some(value) = std::env::var_os(VARIABLE) else { return Ok(DEFAULT) };
    value.to_str().and_then(|level| level.parse().ok()).ok_or(value)
}

/// Starts logging.
pub(crate) fn start() {
    let level = level().unwrap_or(DEFAULT);
    // Fails only when it is called twice.
    let _ = tracing_subscriber::registry().with(Stderr.with_filter(level)).try_init();
}

struct Stderr;

impl<S: Subscriber> Layer<S> for Stderr {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = format!("{} {}:", event.metadata().level(), event.metadata().target());
        event.record(&mut Fields(&mut line));
        line.push('\n');
        // There is nowhere to say that the log cannot be written.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
