//! Bytes to events: the same however they are split, and never more than the limits.

use proptest::prelude::*;

use crate::{
    Decoder, ErrorKind, Event, Fault, Format, Limits, LineDecoder, SseDecoder, SseEvent, StopReason,
};

/// The events of a stream, by the standard's own steps, slowly.
fn by_the_standard(bytes: &[u8]) -> Vec<SseEvent> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let (mut lines, mut line, mut index) = (Vec::new(), Vec::new(), 0);
    while index < text.len() {
        match text[index] {
            b'\r' | b'\n' => {
                lines.push(std::mem::take(&mut line));
                index += usize::from(text[index..].starts_with(b"\r\n"));
            }
            byte => line.push(byte),
        }
        index += 1;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    // Here we differ from the standard: the end ends an event.
    lines.push(Vec::new());
    let (mut events, mut name, mut data) = (Vec::new(), String::new(), Vec::<Vec<u8>>::new());
    for line in lines {
        if line.is_empty() {
            if !data.is_empty() {
                let data = String::from_utf8_lossy(&data.join(&b"\n"[..])).into_owned();
                events.push(SseEvent { name: name.clone(), data });
            }
            name.clear();
            data.clear();
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = colon.map_or((&line[..], &b""[..]), |at| (&line[..at], &line[at + 1..]));
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => name = String::from_utf8_lossy(value).into_owned(),
            b"data" => data.push(value.to_vec()),
            _ => {}
        }
    }
    events
}

fn decoded<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<SseEvent> {
    let mut decoder = SseDecoder::new(1 << 20);
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(chunk, &mut |event| events.push(event)).unwrap();
    }
    decoder.finish(&mut |event| events.push(event)).unwrap();
    events
}

/// Bytes that hold what matters in an event stream more often than chance would.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "data: ",
            "data:",
            "data",
            "event: x",
            "event:",
            "id: 7",
            ":",
            ": note",
            "\n",
            "\n\n",
            "\r",
            "\r\n",
            "\r\n\r\n",
            "\r\r",
            "\u{FEFF}",
            " ",
            "ü",
            "😀",
            "{\"a\":1}",
            "[DONE]",
            "datax: y",
        ])
        .prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

/// Splits at places given as parts of the whole.
fn split<'a>(bytes: &'a [u8], at: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = at.iter().map(|index| index.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_split_gives_what_the_standard_says(
        bytes in stream(), at in prop::collection::vec(any::<prop::sample::Index>(), 0..8)
    ) {
        let expected = by_the_standard(&bytes);
        prop_assert_eq!(&decoded([&bytes[..]]), &expected);
        prop_assert_eq!(&decoded(split(&bytes, &at)), &expected);
        prop_assert_eq!(&decoded(bytes.chunks(1)), &expected);
    }

    #[test]
    fn lines_are_the_same_for_any_split(
        bytes in stream(), at in prop::collection::vec(any::<prop::sample::Index>(), 0..8)
    ) {
        let run = |chunks: Vec<&[u8]>| {
            let mut decoder = LineDecoder::new(1 << 20);
            let mut lines = Vec::new();
            for chunk in chunks {
                decoder.push(chunk, &mut |line| lines.push(line)).unwrap();
            }
            decoder.finish(&mut |line| lines.push(line));
            lines
        };
        prop_assert_eq!(run(split(&bytes, &at)), run(vec![&bytes]));
    }

    #[test]
    fn whatever_comes_ends_in_one_way(
        words in prop::collection::vec(prop::sample::select(vec![
            "data: ", "event: error\n", "\n\n", "\r\n", "{", "}", "{}", "[]", "null", "[DONE]", "\"", ",", ":",
            "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}", "{\"choices\":[{\"finish_reason\":\"stop\"}]}",
            "{\"type\":\"message_stop\"}", "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}",
            "{\"candidates\":[{\"finishReason\":\"STOP\"}]}", "{\"done\":true}", "{\"error\":\"x\"}", "{\"error\":null}",
            "{\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":1e300,\"total_tokens\":18446744073709551615}}",
            "{\"usage\":{\"input_tokens\":18446744073709551615,\"cache_read_input_tokens\":18446744073709551615}}",
            "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[{}]}}", "\u{FEFF}", "<",
        ]), 0..20),
        format in prop::sample::select(vec![
            Format::OpenAiChat, Format::OpenAiResponses, Format::Anthropic, Format::Gemini, Format::Ollama
        ]),
        size in 1_usize..9,
    ) {
        let bytes = words.concat();
        let whole = run(format, bytes.as_bytes(), usize::MAX);
        prop_assert_eq!(&run(format, bytes.as_bytes(), size), &whole);
        let (events, fault) = whole;
        let ends = events.iter().filter(|event| matches!(event, Event::Done { .. })).count();
        // Either an end, as the last event, or a fault.
        prop_assert_eq!(ends == 1, fault.is_none());
        let is_last = matches!(events.last(), Some(Event::Done { .. }));
        prop_assert_eq!(ends == 1, is_last);
    }
}

/// All events, texts joined.
fn run(format: Format, bytes: &[u8], size: usize) -> (Vec<Event>, Option<Fault>) {
    let mut decoder = Decoder::new(format, Limits::default());
    let mut events = Vec::new();
    let mut result = bytes.chunks(size).try_for_each(|chunk| decoder.push(chunk, &mut events));
    if result.is_ok() {
        result = decoder.finish(&mut events);
    }
    (events, result.err())
}

#[test]
fn a_flood_is_refused_within_the_limit() {
    let flood = vec![b'a'; 64 << 10];
    let limits = Limits { piece: 1 << 20, whole: 4 << 20 };
    for (start, format) in
        [("data: ", Format::OpenAiChat), ("{\"a\":\"", Format::OpenAiChat), ("{\"a\":\"", Format::Ollama)]
    {
        let mut decoder = Decoder::new(format, limits);
        let mut events = Vec::new();
        decoder.push(start.as_bytes(), &mut events).unwrap();
        let turn =
            (0..1000).find_map(|turn| decoder.push(&flood, &mut events).err().map(|fault| (turn, fault)));
        let (turn, fault) = turn.unwrap();
        assert_eq!((turn, fault.kind), (15, ErrorKind::Protocol), "{start}");
    }
    // Many small events, each within its limit.
    let mut decoder = Decoder::new(Format::OpenAiChat, limits);
    let comments = ": aaaaaaaa\n".repeat(1000);
    let mut events = Vec::new();
    let taken = (0..10_000).take_while(|_| decoder.push(comments.as_bytes(), &mut events).is_ok()).count();
    assert_eq!(taken, (4 << 20) / comments.len());
    // Nothing but blanks.
    let mut decoder = Decoder::new(Format::OpenAiChat, limits);
    let blanks = vec![b'\n'; 32 << 10];
    assert!((0..4).any(|_| decoder.push(&blanks, &mut events).is_err()));
}

#[test]
fn what_comes_behind_the_end_does_not_count() {
    let rest = "x".repeat(2000);
    for (format, body) in [
        (Format::OpenAiChat, "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"),
        (Format::Ollama, "{\"done\":true}\n"),
    ] {
        let mut decoder = Decoder::new(format, Limits { piece: 1000, whole: 1 << 20 });
        let mut events = Vec::new();
        assert_eq!(decoder.push(format!("{body}{rest}").as_bytes(), &mut events), Ok(()));
        assert_eq!(decoder.finish(&mut events), Ok(()));
        assert_eq!(events, [Event::Done { stop: StopReason::EndTurn }]);
    }
}

#[test]
fn a_large_event_is_read_whatever_the_pieces() {
    let text = "x".repeat(300_000);
    let body = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":\"stop\"}}]}}\n\n"
    );
    for size in [1, 16, 1400, usize::MAX] {
        let (events, fault) = run(Format::OpenAiChat, body.as_bytes(), size);
        assert_eq!(fault, None);
        assert_eq!(events, [Event::Text(text.clone()), Event::Done { stop: StopReason::EndTurn }]);
    }
}

#[test]
fn stop_reasons_of_all_formats() {
    let chat = |reason: &str| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\ndata: [DONE]\n\n"
        )
    };
    let claude = |reason: &str| {
        format!(
            "data: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"{reason}\"}}}}\n\ndata: {{\"type\":\"message_stop\"}}\n\n"
        )
    };
    let gemini = |reason: &str| format!("data: {{\"candidates\":[{{\"finishReason\":\"{reason}\"}}]}}\n\n");
    let ollama = |reason: &str| format!("{{\"done\":true,\"done_reason\":\"{reason}\"}}\n");
    for (format, body, stop) in [
        (Format::OpenAiChat, chat("stop"), StopReason::EndTurn),
        (Format::OpenAiChat, chat("length"), StopReason::Length),
        (Format::OpenAiChat, chat("content_filter"), StopReason::ContentFilter),
        (Format::OpenAiChat, chat("tool_calls"), StopReason::ToolUse),
        (Format::OpenAiChat, chat("weather"), StopReason::Other("weather".into())),
        (Format::Anthropic, claude("end_turn"), StopReason::EndTurn),
        (Format::Anthropic, claude("stop_sequence"), StopReason::StopSequence),
        (Format::Anthropic, claude("max_tokens"), StopReason::Length),
        (Format::Anthropic, claude("model_context_window_exceeded"), StopReason::Length),
        (Format::Anthropic, claude("refusal"), StopReason::Refusal),
        (Format::Anthropic, claude("pause_turn"), StopReason::Other("pause_turn".into())),
        (Format::Gemini, gemini("STOP"), StopReason::EndTurn),
        (Format::Gemini, gemini("MAX_TOKENS"), StopReason::Length),
        (Format::Gemini, gemini("RECITATION"), StopReason::ContentFilter),
        (Format::Ollama, ollama("stop"), StopReason::EndTurn),
        (Format::Ollama, ollama("length"), StopReason::Length),
    ] {
        let (events, fault) = run(format, body.as_bytes(), usize::MAX);
        assert_eq!((events.last(), fault), (Some(&Event::Done { stop: stop.clone() }), None), "{body}");
        let is_whole = matches!(stop, StopReason::EndTurn | StopReason::StopSequence);
        assert_eq!(stop.is_whole(), is_whole);
    }
}

#[test]
fn gemini_without_events_is_a_list() {
    let body = r#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},
        {"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}]"#;
    let (events, fault) = run(Format::Gemini, body.as_bytes(), 5);
    assert_eq!(fault, None);
    assert_eq!(events[..2], [Event::Text("a".into()), Event::Text("b".into())]);
    let (events, fault) = run(Format::Gemini, br#"[{"error":{"code":503,"message":"overloaded"}}]"#, 5);
    assert_eq!(events, []);
    assert_eq!(fault.map(|fault| fault.kind), Some(ErrorKind::Overloaded { retry_after: None }));
}
