//! Keys in the operating system's keyring: the Keychain, the Credential Manager, the Secret Service.
//!
//! A key lies under the origin it is for. Whoever moves a model's URL gets another key, or none.

use autodao_providers::{Secret, Url};

/// What a key for a URL is called in the keyring.
pub(crate) fn account_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The key of an account. Blocks: a keyring may be locked, and asks its user.
#[cfg(feature = "keyring")]
pub(crate) fn read(account: &str) -> Result<Secret, String> {
    let key = entry(account).and_then(|entry| entry.get_password());
    key.map(|key| Secret::new(&key)).map_err(|error| match error {
        keyring::Error::NoEntry => {
            format!("the keyring has no key for {account}: `autodao providers set-key NAME` puts one there")
        }
        error => failed(&error),
    })
}

/// Puts the key of an account into the keyring. Blocks, as [`read`].
#[cfg(feature = "keyring")]
pub(crate) fn write(account: &str, key: &Secret) -> Result<(), String> {
    entry(account).and_then(|entry| entry.set_password(key.expose())).map_err(|error| failed(&error))
}

#[cfg(feature = "keyring")]
fn entry(account: &str) -> keyring::Result<keyring::Entry> {
    /// The service that all keys of this program belong to.
    const SERVICE: &str = "autodao";
    keyring::Entry::new(SERVICE, account)
}

#[cfg(feature = "keyring")]
fn failed(error: &keyring::Error) -> String {
    match keyring::Entry::store_status() {
        Err(why) => format!("there is no keyring here: {why}"),
        // Of bytes that are no text the error has a copy, which is not shown.
        Ok(()) if matches!(error, keyring::Error::BadEncoding(_)) => {
            "what the keyring has is no text".to_owned()
        }
        Ok(()) => format!("the keyring: {error}"),
    }
}

#[cfg(not(feature = "keyring"))]
const LACKING: &str = "this program was built without the keyring: use `key-env` or `key-command`, or build it with \
                       `--features keyring`";

#[cfg(not(feature = "keyring"))]
pub(crate) fn read(_: &str) -> Result<Secret, String> {
    Err(LACKING.to_owned())
}

#[cfg(not(feature = "keyring"))]
pub(crate) fn write(_: &str, _: &Secret) -> Result<(), String> {
    Err(LACKING.to_owned())
}
