//! One HTTP request as it will be sent, in a form that can be shown.

use std::fmt::{self, Write as _};

use reqwest::Url;

use crate::Secret;

/// A header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderText {
    /// May be shown.
    Plain(String),
    /// Must not be shown: a key, or what the user configured.
    Secret(Secret),
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// In lower case.
    pub name: String,
    /// Its value.
    pub value: HeaderText,
}

/// One HTTP request as it will be sent. `Display` shows it with secrets replaced, the body as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where to. Holds no secret: no format here puts the key into the URL.
    pub url: Url,
    /// In the order they are sent.
    pub headers: Vec<Header>,
    /// JSON in UTF-8; empty for `GET`.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// SHA-256 of method, blank, URL, line feed and body. Headers are left out: a changed key is no changed request.
    pub fn sha256(&self) -> [u8; 32] {
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        for part in [self.method.as_bytes(), b" ", self.url.as_str().as_bytes(), b"\n", &self.body] {
            hash.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        bytes
    }
}

impl fmt::Display for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.url)?;
        for header in &self.headers {
            match &header.value {
                HeaderText::Plain(value) => writeln!(f, "{}: {value}", header.name)?,
                HeaderText::Secret(secret) => writeln!(f, "{}: {secret}", header.name)?,
            }
        }
        f.write_char('\n')?;
        f.write_str(&String::from_utf8_lossy(&self.body))
    }
}
