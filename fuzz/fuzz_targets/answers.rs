//! Bytes as answers of providers: what is read does not depend on how the bytes arrive, and an answer has one end.

#![no_main]

use arbitrary::Arbitrary;
use autodao_providers::{Decoder, Event, Format, Limits, SseDecoder, SseEvent};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Part {
    Word(u8),
    Bytes(Vec<u8>),
}

const WORDS: [&str; 22] = [
    "data: ",
    "data:",
    "event: error\n",
    "event: x\r",
    ": note\n",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\u{FEFF}",
    "[DONE]",
    "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}",
    "{\"choices\":[{\"finish_reason\":\"stop\"}]}",
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}",
    "{\"type\":\"message_stop\"}",
    "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}",
    "{\"candidates\":[{\"finishReason\":\"STOP\"}]}",
    "{\"done\":true}",
    "{\"error\":{\"message\":\"Overloaded\"}}",
    "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":18446744073709551615,\"total_tokens\":9}}",
    "{\"usage\":{\"input_tokens\":18446744073709551615,\"cache_read_input_tokens\":7}}",
    "<",
];

const FORMATS: [Format; 5] =
    [Format::OpenAiChat, Format::OpenAiResponses, Format::Anthropic, Format::Gemini, Format::Ollama];

const LIMIT: usize = 256;

/// The events, and whether the limit was kept.
fn events(bytes: &[u8], size: usize) -> (Vec<SseEvent>, bool) {
    let mut decoder = SseDecoder::new(LIMIT);
    let mut events = Vec::new();
    let taken = bytes.chunks(size).try_for_each(|chunk| decoder.push(chunk, &mut |event| events.push(event)));
    let ended = taken.and_then(|()| decoder.finish(&mut |event| events.push(event)));
    (events, ended.is_ok())
}

fn answer(format: Format, bytes: &[u8], size: usize) -> (Vec<Event>, bool) {
    let mut decoder = Decoder::new(format, Limits { piece: 1 << 20, whole: 1 << 20 });
    let mut events = Vec::new();
    let taken = bytes.chunks(size).try_for_each(|chunk| decoder.push(chunk, &mut events));
    let is_good = taken.and_then(|()| decoder.finish(&mut events)).is_ok();
    (events, is_good)
}

fuzz_target!(|input: (Vec<Part>, u8, u8)| {
    let (parts, format, size) = input;
    let bytes: Vec<u8> = parts
        .into_iter()
        .flat_map(|part| match part {
            Part::Word(word) => WORDS[usize::from(word) % WORDS.len()].as_bytes().to_vec(),
            Part::Bytes(bytes) => bytes,
        })
        .collect();
    let size = usize::from(size) + 1;

    let (whole, kept) = events(&bytes, usize::MAX);
    assert!(whole.iter().all(|event| event.data.len() <= 3 * LIMIT));
    if kept {
        assert_eq!(events(&bytes, size), (whole, true));
    }

    let format = FORMATS[usize::from(format) % FORMATS.len()];
    let (whole, is_good) = answer(format, &bytes, usize::MAX);
    assert_eq!(answer(format, &bytes, size), (whole.clone(), is_good));
    let ends = whole.iter().filter(|event| matches!(event, Event::Done { .. })).count();
    assert_eq!(ends, usize::from(is_good));
    assert!(ends == 0 || matches!(whole.last(), Some(Event::Done { .. })));
});
