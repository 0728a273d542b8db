//! Signatures of minisign over a `templates.lock`: who gave templates away says what they hold.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use autodao_templates::{LOCK_FILE, Lock, LockError};
use minisign_verify::{PublicKey, Signature};

/// The signature's file, beside the lock.
pub(crate) const SIGNATURE_FILE: &str = "templates.lock.minisig";

/// The most bytes of a lock, and of a signature.
const MAX_LOCK: u64 = 4 << 20;
const MAX_SIGNATURE: u64 = 4 << 10;

/// Why a signature says nothing.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The key is none.
    #[error("`{0}` is no public key of minisign: one begins with RW")]
    BadKey(String),
    /// A file is missing.
    #[error("there is no {0}: nothing is signed")]
    Missing(&'static str),
    /// A file cannot be read.
    #[error("{name}: {source}")]
    Io {
        /// The file.
        name: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no signature.
    #[error("{SIGNATURE_FILE} is no signature of minisign")]
    BadSignature,
    /// Another key, or another text.
    #[error("{LOCK_FILE} is not signed with that key, or was changed since")]
    Wrong,
    /// What is signed is no lock.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// The lock of a folder of templates, if it is signed with a key. What is read is what was verified.
pub(crate) fn signed_lock(root: &Path, key: &str) -> Result<Lock, SignatureError> {
    let key = PublicKey::from_base64(key).map_err(|_| SignatureError::BadKey(key.to_owned()))?;
    let lock = read(root, LOCK_FILE, MAX_LOCK)?;
    let signature = read(root, SIGNATURE_FILE, MAX_SIGNATURE)?;
    let signature = Signature::decode(&signature).map_err(|_| SignatureError::BadSignature)?;
    // The old kind signs the text itself and not its hash: nobody makes it any more.
    key.verify(lock.as_bytes(), &signature, false).map_err(|_| SignatureError::Wrong)?;
    Ok(Lock::parse(&lock)?)
}

fn read(root: &Path, name: &'static str, most: u64) -> Result<String, SignatureError> {
    let path = root.join(name);
    // Opening what is no file may wait for ever.
    if path.exists() && !path.is_file() {
        return Err(SignatureError::Io { name, source: std::io::Error::other("is no file") });
    }
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(SignatureError::Missing(name)),
        Err(source) => Err(SignatureError::Io { name, source }),
    }
}
