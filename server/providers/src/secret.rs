//! Values that are never printed, and keys that are bound to a host.

use std::fmt;

use reqwest::Url;

/// A value that no `Debug`, `Display` or serialisation shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps a value. Blanks around it are dropped: they come from files and shells and are part of no key.
    pub fn new(value: &str) -> Self {
        Self(value.trim().into())
    }

    /// The value itself. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A text with every occurrence of the value replaced. Values of fewer than four bytes are left: to replace
    /// them would garble the text and protect nothing.
    pub fn redact(&self, text: &str) -> String {
        if self.0.len() < 4 { text.to_owned() } else { text.replace(&*self.0, "[redacted]") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A key and the origin (scheme, host and port) it may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    secret: Secret,
    origin: String,
}

impl Key {
    /// Binds a key to the origin of a URL.
    pub fn bound_to(secret: Secret, url: &Url) -> Self {
        Self { secret, origin: url.origin().ascii_serialization() }
    }

    /// The key, if it is meant for the URL.
    pub fn for_url(&self, url: &Url) -> Option<&Secret> {
        // Opaque origins are all written `null`: none equals another.
        let origin = url.origin();
        (origin.is_tuple() && origin.ascii_serialization() == self.origin).then_some(&self.secret)
    }

    /// A text with every occurrence of the key replaced.
    pub fn redact(&self, text: &str) -> String {
        self.secret.redact(text)
    }
}
