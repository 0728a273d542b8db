//! Hashes that outlive the process and its version.

/// FNV-1a (64 bits): what the ledger keeps in place of names and paths, so it must not change between versions.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
