//! Measures the decoders of events alone and with what an event says: one event of 300 kB, in pieces of some sizes.
//! `cargo run --release -p autodao-providers --example decoding`.

#![expect(clippy::print_stdout, reason = "what it is for")]

use std::time::{Duration, Instant};

use autodao_providers::{Decoder, Event, Format, Limits, SseDecoder};

fn main() {
    let event = serde_json::json!({"choices": [{"index": 0, "delta": {"content": "x".repeat(300_000)}}]});
    let stream = format!("data: {event}\n\n");
    let limit = Limits::default().piece;
    for size in [1, 16, 1400, stream.len()] {
        let pieces = || stream.as_bytes().chunks(size);
        let alone = best(&|| {
            let (mut decoder, mut found) = (SseDecoder::new(limit), 0);
            let read =
                pieces().try_for_each(|piece| decoder.push(piece, &mut |event| found += event.data.len()));
            read.is_ok() && found > 300_000
        });
        let whole = best(&|| {
            let (mut decoder, mut events) = (Decoder::new(Format::OpenAiChat, Limits::default()), Vec::new());
            let read = pieces().try_for_each(|piece| decoder.push(piece, &mut events));
            read.is_ok() && matches!(events.first(), Some(Event::Text(text)) if text.len() == 300_000)
        });
        println!("in pieces of {size} bytes: the event {alone:.3} ms, with what it says {whole:.3} ms");
    }
}

/// The shortest of many times, in milliseconds; none where the work did not come to what it should.
fn best(work: &dyn Fn() -> bool) -> f64 {
    let times = (0..100).map(|_| {
        let start = Instant::now();
        if std::hint::black_box(work()) { start.elapsed() } else { Duration::MAX }
    });
    times.min().unwrap_or_default().as_secs_f64() * 1e3
}
