//! The name of a text by its content.

use serde::{Deserialize, Serialize};

/// FNV-1a of a text, 128 bits: the same in every process and version, for it names what is kept on disk.
///
/// Not against forgery: a cache that somebody else can write to is not read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ContentHash(u128);

impl ContentHash {
    /// The hash of a text.
    pub fn of(text: &str) -> Self {
        let hash = text.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
        Self(hash)
    }
}

impl std::fmt::LowerHex for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
