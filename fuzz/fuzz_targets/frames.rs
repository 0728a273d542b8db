//! Bytes as frames: what is read does not depend on how the bytes arrive, and nothing is made up.

#![no_main]

use std::io::{self, Read};

use arbitrary::Arbitrary;
use autodao_lsp::fuzzing::bodies;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Part {
    /// A frame as it should be.
    Frame(Vec<u8>),
    /// A header with a length that need not fit.
    Header(u32),
    Bytes(Vec<u8>),
    Word(u8),
}

const WORDS: [&str; 10] = [
    "Content-Length",
    "content-length: ",
    ": ",
    "\r\n",
    "\n",
    "\r",
    "-1",
    "99999999999999999999",
    " ",
    "Content-Type: x",
];

fn stream(parts: Vec<Part>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Part::Frame(body) => {
                bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
                bytes.extend(body);
            }
            Part::Header(length) => bytes.extend(format!("Content-Length: {length}\r\n\r\n").into_bytes()),
            Part::Bytes(some) => bytes.extend(some),
            Part::Word(word) => bytes.extend(WORDS[usize::from(word) % WORDS.len()].as_bytes()),
        }
    }
    bytes
}

/// Gives its bytes in pieces of one size.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = self.1.min(self.0.len()).min(into.len());
        into[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

fuzz_target!(|input: (Vec<Part>, u8)| {
    let (parts, piece) = input;
    let is_good = parts.iter().all(|part| matches!(part, Part::Frame(_)));
    let expected: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Frame(body) => Some(Some(body.clone())),
            _ => None,
        })
        .collect();
    let bytes = stream(parts);
    let whole = bodies(&*bytes).unwrap();
    if is_good {
        assert_eq!(whole, expected);
    }
    assert!(whole.iter().flatten().map(Vec::len).sum::<usize>() <= bytes.len());
    assert_eq!(bodies(Pieces(&bytes, usize::from(piece) + 1)).unwrap(), whole);
});
