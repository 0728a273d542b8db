//! Bytes of an answer to events, whichever format they are in.

use serde_json::Value;

use crate::wire::{Machine, Told};
use crate::{ErrorKind, Event, Fault, Format, LineDecoder, SseDecoder, TooLong};

/// What an answer may have at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one event, line, or unstreamed answer.
    pub piece: usize,
    /// Bytes of the whole answer.
    pub whole: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { piece: 8 << 20, whole: 64 << 20 }
    }
}

/// What the bytes are. Found out by their first characters: content types lie.
#[derive(Debug)]
enum Framing {
    Unknown(Vec<u8>),
    Sse(SseDecoder),
    Lines(LineDecoder),
    /// One piece of JSON.
    Document(Vec<u8>),
}

/// Bytes of an answer with status 200 to events. Gives the same events however the bytes are split, apart from where
/// one text ends and the next begins.
#[derive(Debug)]
pub struct Decoder {
    format: Format,
    limits: Limits,
    taken: u64,
    framing: Framing,
    machine: Box<dyn Machine>,
    told: Told,
    /// A piece that is no JSON: an error unless it is the last one, which may be cut.
    broken: bool,
}

impl Decoder {
    /// A decoder for one answer.
    pub fn new(format: Format, limits: Limits) -> Self {
        Self {
            format,
            limits,
            taken: 0,
            framing: Framing::Unknown(Vec::new()),
            machine: format.machine(),
            told: Told::default(),
            broken: false,
        }
    }

    /// Takes the next bytes and gives the events they complete. After [`Event::Done`] bytes are ignored.
    ///
    /// # Errors
    /// The provider reports an error, or the bytes are not in the format or beyond the limits. The events before it
    /// are in `events`. The decoder is of no use after that.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Fault> {
        self.taken = self.taken.saturating_add(bytes.len() as u64);
        let result = if self.told.done {
            Ok(())
        } else if self.taken > self.limits.whole {
            Err(Fault::new(ErrorKind::Protocol, format!("more than {} bytes", self.limits.whole)))
        } else {
            self.frame(bytes)
        };
        events.append(&mut self.told.events);
        result
    }

    /// Takes the end of the bytes.
    ///
    /// # Errors
    /// As [`Decoder::push`], and [`ErrorKind::Cut`] if the answer has not come to its end.
    pub fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Fault> {
        let result = if self.told.done { Ok(()) } else { self.end() };
        events.append(&mut self.told.events);
        result
    }

    /// Whether the answer has come to its end.
    pub fn is_done(&self) -> bool {
        self.told.done
    }

    /// Whether all that counts has come, and only a marker is missing that some servers never send.
    pub fn is_whole(&self) -> bool {
        self.told.done || self.machine.stop_at_end().is_some()
    }

    fn frame(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match &mut self.framing {
            Framing::Unknown(start) => {
                start.extend_from_slice(bytes);
                let Some(framing) = guess(self.format, start, self.limits.piece)? else { return Ok(()) };
                let Framing::Unknown(start) = std::mem::replace(&mut self.framing, framing) else {
                    return Ok(());
                };
                self.frame(&start)
            }
            Framing::Sse(decoder) => {
                let mut pieces = Vec::new();
                let result = decoder.push(bytes, &mut |event| pieces.push(event));
                for event in pieces {
                    self.piece(&event.name, &event.data)?;
                }
                self.unless_done(result)
            }
            Framing::Lines(decoder) => {
                let mut lines = Vec::new();
                let result = decoder.push(bytes, &mut |line| lines.push(line));
                for line in lines {
                    self.piece("", &line)?;
                }
                self.unless_done(result)
            }
            Framing::Document(document) => {
                if document.len() + bytes.len() > self.limits.piece {
                    return Err(too_long(TooLong { limit: self.limits.piece }));
                }
                document.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// What comes behind the end does not count, however long it is.
    fn unless_done(&self, result: Result<(), TooLong>) -> Result<(), Fault> {
        if self.told.done { Ok(()) } else { result.map_err(too_long) }
    }

    fn piece(&mut self, name: &str, data: &str) -> Result<(), Fault> {
        if self.told.done {
            return Ok(());
        }
        if self.broken {
            return Err(Fault::new(ErrorKind::Protocol, "a piece of the stream is no JSON"));
        }
        let data = data.trim();
        match serde_json::from_str::<Value>(data) {
            Ok(piece) => self.machine.piece(name, &piece, &mut self.told),
            Err(_) if data == "[DONE]" => self.machine.marker(&mut self.told),
            Err(_) if data.is_empty() => Ok(()),
            Err(_) => {
                self.broken = true;
                Ok(())
            }
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        let cut = |why: &str| Fault::new(ErrorKind::Cut, why);
        match std::mem::replace(&mut self.framing, Framing::Unknown(Vec::new())) {
            Framing::Unknown(_) => return Err(cut("the answer is empty")),
            Framing::Sse(mut decoder) => {
                let mut pieces = Vec::new();
                decoder.finish(&mut |event| pieces.push(event)).map_err(too_long)?;
                for event in pieces {
                    self.piece(&event.name, &event.data)?;
                }
            }
            Framing::Lines(mut decoder) => {
                let mut lines = Vec::new();
                decoder.finish(&mut |line| lines.push(line));
                for line in lines {
                    self.piece("", &line)?;
                }
            }
            Framing::Document(document) => {
                let document = String::from_utf8_lossy(&document);
                let document = document.trim_start_matches('\u{FEFF}');
                let whole: Value =
                    serde_json::from_str(document).map_err(|_| cut("the JSON is not whole"))?;
                self.machine.whole(&whole, &mut self.told)?;
            }
        }
        if self.told.done {
            return Ok(());
        }
        match self.machine.stop_at_end().filter(|_| !self.broken) {
            Some(stop) => {
                self.told.done(stop);
                Ok(())
            }
            None => Err(cut("the stream ended before its end")),
        }
    }
}

/// What bytes are by their first character that is no blank; `None` as long as there is none.
fn guess(format: Format, start: &[u8], limit: usize) -> Result<Option<Framing>, Fault> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    if MARK.starts_with(start) && start.len() < MARK.len() {
        return Ok(None);
    }
    let text = start.strip_prefix(MARK).unwrap_or(start);
    let Some(first) = text.iter().find(|byte| !byte.is_ascii_whitespace()) else {
        let is_much = start.len() > 64 << 10;
        return if is_much { Err(Fault::new(ErrorKind::Protocol, "nothing but blanks")) } else { Ok(None) };
    };
    match first {
        b'<' => Err(Fault::new(ErrorKind::Protocol, "a page of HTML instead of an answer")),
        _ if format == Format::Ollama => Ok(Some(Framing::Lines(LineDecoder::new(limit)))),
        b'{' | b'[' => Ok(Some(Framing::Document(Vec::new()))),
        _ => Ok(Some(Framing::Sse(SseDecoder::new(limit)))),
    }
}

fn too_long(error: TooLong) -> Fault {
    Fault::new(ErrorKind::Protocol, error.to_string())
}
