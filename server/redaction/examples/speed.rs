//! Measures the prefilter and the whole search: `cargo run --release --example speed -- FILE...`.

#![expect(clippy::print_stdout, reason = "an example's output")]

use std::time::Instant;

use autodao_redaction::{may_hold_secret, secrets};

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        // The prefilter stops at its first hit: what it does with a text that has none is what it costs.
        let lines: Vec<&str> = text.lines().filter(|line| !may_hold_secret(line)).collect();
        let clean = lines.join("\n");
        let rate = |bytes: usize, work: &dyn Fn() -> usize| {
            let best = (0..9).map(|_| {
                let start = Instant::now();
                std::hint::black_box(work());
                start.elapsed()
            });
            let best = best.min().unwrap_or_default().as_secs_f64();
            bytes as f64 / best / 1e6
        };
        let prefilter = rate(clean.len(), &|| usize::from(may_hold_secret(&clean)));
        let search = rate(text.len(), &|| secrets(&text).len());
        println!(
            "{path}: {} bytes, prefilter {prefilter:.0} MB/s, search {search:.0} MB/s, {} found",
            text.len(),
            secrets(&text).len()
        );
    }
    Ok(())
}
