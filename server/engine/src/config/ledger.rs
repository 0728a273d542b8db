//! How long the ledger keeps things. The ledger is the user's, over all projects: no project says anything about it.

use autodao_ledger::{Ledger, Options, Retention};

use super::reader::Reader;
use super::value::Located;
use super::{Configuration, Scope, user_data_folder};

/// The settings under `ledger`. What is `None` was not said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LedgerSettings {
    /// Days that what is only for a look into single requests is kept.
    pub request_log_days: Option<u32>,
    /// Days that events are kept. Sums are kept forever.
    pub event_days: Option<u32>,
}

/// The keys of `ledger`.
pub(super) const LEDGER_KEYS: [(&str, &str); 2] = [
    (
        "request-log-days",
        "days that what is only for a look into single requests is kept; 30 when it is not set",
    ),
    ("event-days", "days that events are kept, 365 when it is not set; sums are kept forever"),
];

impl LedgerSettings {
    fn options(self) -> Options {
        let usual = Retention::default();
        let retention = Retention {
            request_log_days: self.request_log_days.unwrap_or(usual.request_log_days),
            event_days: self.event_days.unwrap_or(usual.event_days),
        };
        Options { retention, ..Options::default() }
    }
}

/// The user's ledger, kept as the user's configuration says; `None` where there is no folder for data.
pub fn user_ledger() -> Option<Ledger> {
    let settings = Configuration::load().user_file().map(|file| file.settings.ledger).unwrap_or_default();
    Some(Ledger::open_with(user_data_folder()?.join("ledger"), settings.options()))
}

impl Reader {
    pub(super) fn ledger(&mut self, value: &Located, scope: Scope) {
        let mut settings = LedgerSettings::default();
        for entry in self.entries(value, "`ledger`") {
            if scope != Scope::User {
                let message = format!("`{}` is for your own configuration: there is one ledger", entry.key);
                self.problem(entry.key_span, message);
                continue;
            }
            match entry.key.as_str() {
                "request-log-days" => settings.request_log_days = self.number(entry),
                "event-days" => settings.event_days = self.number(entry),
                _ => self.unknown_key(entry, &LEDGER_KEYS.map(|(key, _)| key)),
            }
        }
        self.settings.ledger = settings;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn only_the_user_says_how_long_the_ledger_keeps_things() {
        let text = "[ledger]\nevent-days = 90\n";
        let (settings, problems) = Settings::from_toml(text, Scope::User);
        assert_eq!((settings.ledger.event_days, problems.len()), (Some(90), 0));
        let retention = settings.ledger.options().retention;
        assert_eq!((retention.event_days, retention.request_log_days), (90, 30));
        let (settings, problems) = Settings::from_toml(text, Scope::Project);
        assert_eq!((settings.ledger, problems.len()), (LedgerSettings::default(), 1));
        let (_, problems) = Settings::from_toml("[ledger]\nevent-day = 1\n", Scope::User);
        assert!(problems[0].message.contains("event-day"), "{problems:?}");
    }
}
