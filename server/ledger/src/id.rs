//! Identifiers that sort by time and are unique across processes.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Day;

/// Crockford's base 32: no letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of an id's text.
const LENGTH: usize = 26;

/// 128 bits: 48 of milliseconds since 1970, 16 of a counter, 64 of the process that made it. The text is that of
/// a ULID: 26 characters of Crockford's base 32, which sort as the numbers do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Id(u128);

impl Id {
    fn new() -> Self {
        static CLOCK: Mutex<Clock> = Mutex::new(Clock { last: 0, counter: 0 });
        let now = now_ms();
        let (ms, counter) = CLOCK.lock().unwrap_or_else(PoisonError::into_inner).tick(now);
        Self::from_parts(ms, counter, writer())
    }

    const fn from_parts(ms: u64, counter: u16, writer: u64) -> Self {
        // Times beyond the year 10889 do not fit.
        let ms = (ms as u128) & 0xFFFF_FFFF_FFFF;
        Self(ms << 80 | (counter as u128) << 64 | writer as u128)
    }

    const fn ms(self) -> u64 {
        (self.0 >> 80) as u64
    }

    const fn counter(self) -> u16 {
        (self.0 >> 64) as u16
    }

    const fn writer(self) -> u64 {
        self.0 as u64
    }
}

/// Milliseconds since 1970 as the system's clock has them; 0 before.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl EditId {
    /// The id of an event from what it does not share with its edit's: the milliseconds after it, the counter, and
    /// the writer XORed with the edit's.
    pub(crate) const fn event(self, after: i64, counter: u16, writer: u64) -> EventId {
        EventId::from_parts(self.ms().saturating_add_signed(after), counter, writer ^ self.0.writer())
    }

    /// What [`Self::event`] takes for an event.
    pub(crate) const fn apart(self, event: EventId) -> (i64, u16, u64) {
        // Both have 48 bits.
        (event.ms() as i64 - self.ms() as i64, event.0.counter(), event.0.writer() ^ self.0.writer())
    }
}

impl EventId {
    /// What stands for the process that made it.
    pub(crate) const fn writer(self) -> u64 {
        self.0.writer()
    }
}

/// What stands for this process in its ids.
fn writer() -> u64 {
    static WRITER: OnceLock<u64> = OnceLock::new();
    // Seeded by the operating system; process id and time for systems where that is weak.
    *WRITER.get_or_init(|| RandomState::new().hash_one((std::process::id(), SystemTime::now())))
}

/// The time and counter of the last id.
struct Clock {
    last: u64,
    counter: u16,
}

impl Clock {
    /// The next pair, greater than all before it also when the system's clock was set back.
    fn tick(&mut self, now: u64) -> (u64, u16) {
        if now > self.last {
            (self.last, self.counter) = (now, 0);
        } else if let Some(next) = self.counter.checked_add(1) {
            self.counter = next;
        } else {
            (self.last, self.counter) = (self.last + 1, 0);
        }
        (self.last, self.counter)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; LENGTH];
        for (index, place) in text.iter_mut().enumerate() {
            let shift = 5 * (LENGTH - 1 - index);
            *place = ALPHABET[(self.0 >> shift) as usize & 31];
        }
        f.pad(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// Text that is no id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an id has 26 characters, digits and letters without I, L, O and U, and starts with 0 to 7")]
pub struct ParseIdError;

impl FromStr for Id {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text.len() != LENGTH {
            return Err(ParseIdError);
        }
        let mut value: u128 = 0;
        for byte in text.bytes() {
            let byte = byte.to_ascii_uppercase();
            let digit = ALPHABET.iter().position(|&known| known == byte).ok_or(ParseIdError)?;
            if value >> 123 != 0 {
                return Err(ParseIdError);
            }
            value = value << 5 | digit as u128;
        }
        Ok(Self(value))
    }
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Id);

        impl $name {
            /// A new one, greater than all this process made before, also when the clock was set back.
            #[expect(clippy::new_without_default, reason = "two of them are never equal")]
            pub fn new() -> Self {
                Self(Id::new())
            }

            /// The one made of its parts: milliseconds since 1970 (48 bits), a counter, the process.
            pub const fn from_parts(ms: u64, counter: u16, writer: u64) -> Self {
                Self(Id::from_parts(ms, counter, writer))
            }

            /// When it was made, in milliseconds since 1970.
            pub const fn ms(self) -> u64 {
                self.0.ms()
            }

            /// The day (UTC) it was made on.
            pub fn day(self) -> Day {
                Day::of_ms(self.ms())
            }

            /// Sixteen bytes that sort as the ids do.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.0.to_be_bytes()
            }

            /// The one of [`Self::to_bytes`].
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Id(u128::from_be_bytes(bytes)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.parse().map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.to_bytes().serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(de::Error::custom)
                } else {
                    <[u8; 16]>::deserialize(deserializer).map(Self::from_bytes)
                }
            }
        }
    };
}

id_type! {
    /// One edit: everything from the plan to its fate. Its day is the day all of it is accounted to.
    EditId
}
id_type! {
    /// One event. That of a request stands for the request.
    EventId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_when_the_clock_goes_back_or_stands_still() {
        let mut clock = Clock { last: 0, counter: 0 };
        let mut last = (0, 0);
        let times = [5, 5, 9, 3, 0, 9, 10].into_iter().chain(std::iter::repeat_n(10, 70_000));
        for now in times {
            let next = clock.tick(now);
            assert!(next > last, "{next:?} after {last:?}");
            last = next;
        }
        assert!(EditId::new() < EditId::new());
    }

    #[test]
    fn text_and_bytes_come_back() {
        for value in [0, 1, u128::MAX, 0x0123_4567_89AB_CDEF_0011_2233_4455_6677] {
            let id = EventId(Id(value));
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(id.to_string().to_lowercase().parse(), Ok(id));
            assert_eq!(EventId::from_bytes(id.to_bytes()), id);
            assert_eq!(EventId::from_parts(id.ms(), id.0.counter(), id.writer()), id);
        }
        for bad in [
            "",
            "0",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "0000000000000000000000000U",
            "ü0000000000000000000000000",
        ] {
            assert_eq!(bad.parse::<EventId>(), Err(ParseIdError), "{bad}");
        }
    }

    #[test]
    fn text_sorts_as_the_numbers_do() {
        let (early, late) = (EditId::from_parts(1, u16::MAX, 9), EditId::from_parts(2, 0, 3));
        assert!(early < late && early.to_string() < late.to_string());
    }
}
