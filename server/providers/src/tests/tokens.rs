//! Counts, and what is learned about them.

use proptest::prelude::*;

use crate::{Estimator, Ratio, TokenCounter, Tokenizer, Usage, Vendor, estimate};

#[test]
fn vocabularies_are_known_by_the_models_names() {
    for (vendor, model, tokenizer) in [
        (Vendor::OpenAi, "gpt-5.6-luna", Tokenizer::O200k),
        (Vendor::OpenAi, "gpt-4.1", Tokenizer::O200k),
        (Vendor::OpenAi, "gpt-4-turbo", Tokenizer::Cl100k),
        (Vendor::Anthropic, "claude-sonnet-4-6", Tokenizer::Claude),
        (Vendor::Anthropic, "claude-3-5-haiku", Tokenizer::Claude),
        (Vendor::Anthropic, "claude-opus-4-7", Tokenizer::Claude47),
        (Vendor::OpenRouter, "anthropic/claude-opus-5", Tokenizer::Claude47),
        (Vendor::Ollama, "qwen2.5-coder:7b", Tokenizer::Qwen2),
        (Vendor::Ollama, "llama3.2", Tokenizer::Llama3),
        (Vendor::DeepSeek, "deepseek-v4-flash", Tokenizer::DeepSeekV3),
        (Vendor::Ollama, "deepseek-r1-distill-llama-8b", Tokenizer::Llama3),
        (Vendor::Mistral, "codestral-latest", Tokenizer::MistralV3),
        (Vendor::Gemini, "gemini-4-argon", Tokenizer::Gemini),
        (Vendor::Other, "something", Tokenizer::Unknown),
    ] {
        assert_eq!(Tokenizer::of(vendor, model), tokenizer, "{model}");
    }
    let text = "fn main() {}\n".repeat(50);
    let count = |tokenizer| Estimator::new(tokenizer).count(&text).tokens;
    assert!(count(Tokenizer::Claude47) > count(Tokenizer::Claude));
}

#[test]
fn a_ratio_is_learned_and_bounded() {
    let mut ratio = Ratio::default();
    assert_eq!((ratio.apply(1000), ratio.samples()), (1000, 0));
    // Too small to say anything, and nothing reported.
    ratio.learn(10, 100);
    ratio.learn_input(1000, &Usage { input: 5000, ..Usage::default() });
    assert_eq!(ratio.samples(), 0);
    ratio.learn_input(1000, &Usage { input: 1300, input_reported: true, ..Usage::default() });
    assert_eq!(ratio.apply(1000), 1300);
    for _ in 0..50 {
        let usage = Usage { output: 2500, reasoning: 1000, output_reported: true, ..Usage::default() };
        ratio.learn_output(1000, &usage);
    }
    assert!((1495..=1501).contains(&ratio.apply(1000)), "{ratio:?}");
    let read: Ratio = serde_json::from_str(r#"{"value":1e9,"samples":3}"#).unwrap();
    assert_eq!(read.apply(10), 30);
}

proptest! {
    #[test]
    fn no_answer_moves_a_ratio_out_of_its_bounds(answers in prop::collection::vec((any::<u64>(), any::<u64>()), 0..50)) {
        let mut ratio = Ratio::default();
        for (counted, reported) in answers {
            ratio.learn(counted, reported);
            prop_assert!((500..=3000).contains(&ratio.apply(1000)));
        }
    }

    #[test]
    fn an_estimate_grows_with_the_text(first in ".{0,200}", second in ".{0,200}") {
        let (first, both) = (estimate(&first), estimate(&format!("{first}{second}")));
        prop_assert!(both >= first && both <= 2 * (first.max(200) + 800));
    }
}

#[cfg(feature = "tiktoken")]
mod exact {
    use crate::{Estimator, Tiktoken, TokenCounter, Tokenizer};

    /// Sources of this workspace.
    fn sources() -> Vec<(String, String)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut folders = vec![root.join("server"), root.join("fixtures"), root.join("docs")];
        let mut sources = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_owned();
                if path.is_dir() {
                    folders.push(path);
                } else if ["rs", "ts", "tsx", "js", "md"].contains(&kind.as_str()) {
                    sources.extend(std::fs::read_to_string(&path).ok().map(|text| (kind, text)));
                }
            }
        }
        sources
    }

    #[test]
    fn the_estimate_is_close_on_source_code() {
        let (estimator, tiktoken) = (Estimator::new(Tokenizer::O200k), Tiktoken::new(Tokenizer::O200k));
        let mut sums = std::collections::BTreeMap::<String, (u64, u64, Vec<f64>)>::new();
        for (kind, text) in sources() {
            let (estimated, counted) = (estimator.count(&text).tokens, tiktoken.count(&text).tokens);
            if counted < 100 {
                continue;
            }
            let sum = sums.entry(kind).or_default();
            sum.0 += estimated;
            sum.1 += counted;
            sum.2.push(estimated as f64 / counted as f64);
        }
        for (kind, (estimated, counted, mut ratios)) in sums {
            ratios.sort_by(f64::total_cmp);
            let at = |part: f64| ratios[((ratios.len() - 1) as f64 * part) as usize];
            let whole = estimated as f64 / counted as f64;
            println!(
                "{kind}: {whole:.3} of {counted}, {:.3} to {:.3}, {} files",
                at(0.05),
                at(0.95),
                ratios.len()
            );
            assert!((0.85..=1.15).contains(&whole), "{kind}: {whole}");
        }
    }

    #[test]
    fn long_texts_are_counted_up_to_a_point() {
        let tiktoken = Tiktoken::new(Tokenizer::Qwen2);
        let short = tiktoken.count(&"let x = 1;\n".repeat(1000));
        assert!(short.exact);
        let long = tiktoken.count(&"let x = 1;\n".repeat(100_000));
        assert!(!long.exact && (95..=105).contains(&(long.tokens / short.tokens)), "{short:?} {long:?}");
        assert!(!Tiktoken::new(Tokenizer::Gemini).count("x").exact);
    }
}
