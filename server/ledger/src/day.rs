//! Days, by which everything is added up. They are days of UTC, as on the providers' bills.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MS: u64 = 86_400_000;
/// Days that a year of four digits can be written of: 0000-01-01 to 9999-12-31.
const FIRST: i32 = -719_528;
const LAST: i32 = 2_932_896;

/// A day of UTC, as days since 1970-01-01. Its text is `2026-03-01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Day(i32);

impl Day {
    /// Today.
    pub fn today() -> Self {
        Self::of_ms(crate::id::now_ms())
    }

    /// The day of a time in milliseconds since 1970.
    pub fn of_ms(ms: u64) -> Self {
        i32::try_from(ms / MS).map_or(Self(LAST), |day| Self(day.min(LAST)))
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The first millisecond since 1970 of it; 0 for days before.
    pub fn start_ms(self) -> u64 {
        u64::try_from(self.0).map_or(0, |day| day * MS)
    }

    /// The day so many days later, or earlier. Stops at the ends of what can be written.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).clamp(FIRST, LAST))
    }

    /// The Monday of its week (ISO 8601).
    #[must_use]
    pub fn week(self) -> Self {
        // 1970-01-01 was a Thursday.
        self.plus(-(self.0 + 3).rem_euclid(7))
    }

    /// Year and number of its week (ISO 8601): the first one of a year is the one with its first Thursday.
    pub fn iso_week(self) -> (i32, i32) {
        let thursday = self.week().plus(3);
        let (year, _, _) = thursday.civil();
        (year, (thursday.0 - Self::from_civil(year, 1, 1).0) / 7 + 1)
    }

    /// The Monday of a week that is written as `2026-W47`; `None` for other texts and weeks that the year has not.
    pub fn of_iso_week(text: &str) -> Option<Self> {
        let (year, week) = text.split_once("-W")?;
        let number = |text: &str, digits: usize| {
            let is_one = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
            is_one.then(|| text.parse::<i32>().ok()).flatten()
        };
        let (year, week) = (number(year, 4)?, number(week, 2)?);
        // The 4th of January is in the first week of its year.
        let monday = Self::from_civil(year, 1, 4).week().plus((week - 1) * 7);
        (monday.iso_week() == (year, week)).then_some(monday)
    }

    /// The first of its month.
    #[must_use]
    pub fn month(self) -> Self {
        let (year, month, _) = self.civil();
        Self::from_civil(year, month, 1)
    }

    /// All days from this one to another, both included.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// Year, month from 1, day from 1, of the Gregorian calendar.
    fn civil(self) -> (i32, i32, i32) {
        // Counted from 0000-03-01, so that the leap day is a year's last.
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }

    fn from_civil(year: i32, month: i32, day: i32) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        f.pad(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is no day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a day is written as 2026-03-01")]
pub struct ParseDayError;

impl FromStr for Day {
    type Err = ParseDayError;

    fn from_str(text: &str) -> Result<Self, ParseDayError> {
        let part = |range| {
            let part: &str = text.get(range)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i32>().ok()).flatten()
        };
        let shape = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let (Some(year), Some(month), Some(day), true) = (part(0..4), part(5..7), part(8..10), shape) else {
            return Err(ParseDayError);
        };
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(ParseDayError);
        }
        let parsed = Self::from_civil(year, month, day);
        // The 31st of a month with 30 days is the next month's first.
        if parsed.civil() == (year, month, day) { Ok(parsed) } else { Err(ParseDayError) }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(de::Error::custom)
        } else {
            i32::deserialize(deserializer).map(|day| Self(day.clamp(FIRST, LAST)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(Day(0).to_string(), "1970-01-01");
        assert_eq!(day("2000-03-01").number(), 11_017);
        assert_eq!(day("2000-02-29").plus(1), day("2000-03-01"));
        assert_eq!(day("2100-02-28").plus(1), day("2100-03-01"));
        assert_eq!(day("0000-01-01"), Day(FIRST));
        assert_eq!(day("9999-12-31"), Day(LAST));
        for number in (FIRST..=LAST).step_by(97) {
            assert_eq!(day(&Day(number).to_string()), Day(number));
        }
    }

    #[test]
    fn weeks_start_on_monday_and_months_on_the_first() {
        assert_eq!(day("2026-11-22").week(), day("2026-11-16"));
        assert_eq!(day("2026-11-16").week(), day("2026-11-16"));
        assert_eq!(day("1969-12-31").week(), day("1969-12-29"));
        assert_eq!(day("2026-11-22").month(), day("2026-11-01"));
        assert_eq!(day("2026-02-27").through(day("2026-03-01")).count(), 3);
    }

    #[test]
    fn weeks_are_numbered_as_calendars_do() {
        for (text, year, week) in [
            ("2026-11-23", 2026, 48),
            ("2026-01-01", 2026, 1),
            ("2027-01-03", 2026, 53),
            ("2024-12-30", 2025, 1),
            ("2021-01-03", 2020, 53),
            ("2020-12-31", 2020, 53),
        ] {
            assert_eq!(day(text).iso_week(), (year, week), "{text}");
            assert_eq!(Day::of_iso_week(&format!("{year}-W{week:02}")), Some(day(text).week()));
        }
        for bad in ["2025-W53", "2026-W00", "2026-W54", "2026-W1", "2026W01", "26-W01", "-026-W01", ""] {
            assert_eq!(Day::of_iso_week(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for bad in [
            "",
            "2026-1-1",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "+026-01-01",
            "2026/01/01",
            "20260101ü",
        ] {
            assert_eq!(bad.parse::<Day>(), Err(ParseDayError), "{bad}");
        }
        assert_eq!(Day::of_ms(u64::MAX), Day(LAST));
    }
}
