//! `autodao providers`: the models there are, whether they can be reached, and what their answers mean.

use std::io::{self, BufRead as _, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use autodao_engine::act::{Assistant, Depth, Health, keep_key};
use autodao_engine::config::{Configuration, PROJECT_FILE};
use autodao_engine::providers::{Decoder, ErrorKind, Event, Format, Limits, StopReason, Usage, recognise};
use serde_json::{Value, json};

use super::Style;
use crate::exit;
use crate::output::{Color, complain, print, print_json};
use crate::path::printable;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the models you have described, or those that are found. Nothing is sent.
    List(Shown),
    /// Ask each endpoint which models it has. Costs nothing.
    Health(Shown),
    /// Ask each model for a word. Costs a few tokens.
    Test(Shown),
    /// Read a model's key from stdin and put it into the operating system's keyring, for `keyring = true`.
    SetKey {
        /// The model, as `ai.models` names it.
        name: String,
    },
    /// Read a recorded answer as it would be read from its provider, and say what it means, as JSON.
    Replay(Replay),
}

#[derive(clap::Args)]
pub(crate) struct Shown {
    /// The models to look at; all of them when none is named.
    names: Vec<String>,
    /// How it is shown.
    #[arg(long, value_enum, default_value_t)]
    format: Style,
}

#[derive(clap::Args)]
pub(crate) struct Replay {
    /// The body of the answer; `-` is stdin.
    file: PathBuf,
    /// The wire format: openai-chat, openai-responses, anthropic, gemini, ollama, azure-chat.
    #[arg(long)]
    format: String,
    /// Feed it in pieces of so many bytes. Whole when it is not said.
    #[arg(long, value_name = "BYTES")]
    chunk: Option<usize>,
    /// The HTTP status.
    #[arg(long, default_value_t = 200)]
    status: u16,
    /// A header of the answer, as `name: value`; may be repeated.
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
}

pub(crate) fn run(command: &Command) -> u8 {
    match command {
        Command::List(shown) => show(shown, Depth::List),
        Command::Health(shown) => show(shown, Depth::Reach),
        Command::Test(shown) => show(shown, Depth::Ask),
        Command::SetKey { name } => match set_key(name) {
            Ok(account) => print(Color::Never, exit::CLEAN, |out| writeln!(out, "kept under {account}")),
            Err(why) => {
                complain("error", &printable(&why));
                exit::TROUBLE
            }
        },
        Command::Replay(replay) => match read(&replay.file).and_then(|body| said(replay, &body)) {
            Ok(said) => print_json(exit::CLEAN, &said),
            Err(why) => {
                complain("error", &why);
                exit::TROUBLE
            }
        },
    }
}

fn show(shown: &Shown, depth: Depth) -> u8 {
    let mut configuration = Configuration::load();
    let here = std::env::current_dir().unwrap_or_default();
    let config = configuration.for_file(Some(&here.join(PROJECT_FILE)));
    let mut settings = config.ai.clone();
    if let Some(unknown) = shown.names.iter().find(|name| !settings.models.contains_key(*name)) {
        complain("error", &format!("there is no model `{}` under `ai.models`", printable(unknown)));
        return exit::TROUBLE;
    }
    if !shown.names.is_empty() {
        settings.models.retain(|name, _| shown.names.contains(name));
    }
    let all = Assistant::new(None).health(&settings, depth);
    let is_fine = all.iter().all(|health| !matches!(health.result, Some(Err(_))));
    let code = if is_fine { exit::CLEAN } else { exit::TROUBLE };
    match shown.format {
        Style::Human => print(Color::Never, code, |out| all.iter().try_for_each(|health| write(health, out))),
        Style::Json => print_json(code, &all.iter().map(as_json).collect::<Vec<_>>()),
    }
}

fn set_key(name: &str) -> Result<String, String> {
    let mut configuration = Configuration::load();
    let here = std::env::current_dir().unwrap_or_default();
    let settings = configuration.for_file(Some(&here.join(PROJECT_FILE))).ai.clone();
    let mut key = String::new();
    io::stdin().lock().read_line(&mut key).map_err(|error| error.to_string())?;
    keep_key(&settings, name, &key)
}

fn write(health: &Health, out: &mut dyn Write) -> io::Result<()> {
    if !health.url.is_empty() {
        let place = if health.is_local { "on this machine" } else { "remote" };
        let key = if health.key_source.is_some() { "with a key" } else { "without a key" };
        let price = health.price.map_or_else(
            || "price unknown".to_owned(),
            |(input, output)| {
                format!("${:.2} in, ${:.2} out a million", input as f64 / 1e6, output as f64 / 1e6)
            },
        );
        let Health { name, format, url, model, .. } = health;
        let shown = format!("{name}: {model} at {url} ({format}, {place}, {key}, {price})");
        writeln!(out, "{}", printable(&shown))?;
    }
    match &health.result {
        None => Ok(()),
        Some(Ok(what)) => writeln!(out, "  {}", printable(what)),
        Some(Err(why)) => writeln!(out, "  FAILS {}", printable(why)),
    }
}

fn as_json(health: &Health) -> Value {
    let Health { name, format, url, model, is_local, key_source, price, result } = health;
    let (works, said) = match result {
        None => (None, None),
        Some(Ok(what)) => (Some(true), Some(what)),
        Some(Err(why)) => (Some(false), Some(why)),
    };
    json!({
        "name": name, "format": format, "url": url, "model": model, "local": is_local, "key": key_source.is_some(),
        "key_source": key_source,
        "price": price.map(|(input, output)| json!({"input": input, "output": output})),
        "works": works, "said": said,
    })
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut body)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut body))
    };
    read.map(|_| body).map_err(|error| format!("{}: {error}", file.display()))
}

/// What an answer means.
fn said(replay: &Replay, body: &[u8]) -> Result<Value, String> {
    let format = Format::named(&replay.format).or((replay.format == "azure").then_some(Format::AzureChat));
    let format = format.ok_or_else(|| format!("there is no format `{}`", printable(&replay.format)))?;
    let (mut events, mut fault) = (Vec::new(), None);
    if (200..300).contains(&replay.status) {
        let mut decoder = Decoder::new(format, Limits::default());
        let size = replay.chunk.unwrap_or(body.len()).max(1);
        let mut result = body.chunks(size).try_for_each(|chunk| decoder.push(chunk, &mut events));
        if result.is_ok() {
            result = decoder.finish(&mut events);
        }
        fault = result.err();
    } else {
        let header = |name: &str| {
            replay.headers.iter().find_map(|header| {
                let (known, value) = header.split_once(':')?;
                known.trim().eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        fault = fault.or_else(|| Some(recognise(Some(replay.status), header, body, SystemTime::now())));
    }
    let (mut text, mut reasoning, mut refusal) = (String::new(), String::new(), String::new());
    let (mut usage, mut stop) = (None, None);
    for event in events {
        match event {
            Event::Text(more) => text.push_str(&more),
            Event::Reasoning(more) => reasoning.push_str(&more),
            Event::Refusal(more) => refusal.push_str(&more),
            Event::Usage(now) => usage = Some(now),
            Event::Done { stop: why } => stop = Some(why),
        }
    }
    let error = fault.map(|fault| {
        let wait = fault.kind.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        let (limit, asked) = match fault.kind {
            ErrorKind::ContextOverflow { limit, asked } => (limit, asked),
            _ => (None, None),
        };
        json!({
            "class": fault.kind.name(), "detail": fault.detail, "transient": fault.kind.is_transient(),
            "retry_after_ms": wait, "limit": limit, "asked": asked,
        })
    });
    Ok(json!({
        "text": text, "reasoning": reasoning, "refusal": refusal, "usage": usage.map(usage_json),
        "stop": stop.as_ref().map(stop_name), "error": error,
    }))
}

fn usage_json(usage: Usage) -> Value {
    json!({
        "input": usage.input, "cached_input": usage.cached_input, "cache_write": usage.cache_write,
        "cache_write_1h": usage.cache_write_1h, "output": usage.output, "reasoning": usage.reasoning,
        "cost_micros": usage.cost_reported_micros, "input_reported": usage.input_reported,
        "output_reported": usage.output_reported,
    })
}

fn stop_name(stop: &StopReason) -> &str {
    match stop {
        StopReason::EndTurn => "end_turn",
        StopReason::StopSequence => "stop_sequence",
        StopReason::Length => "length",
        StopReason::Refusal => "refusal",
        StopReason::ContentFilter => "content_filter",
        StopReason::ToolUse => "tool_use",
        StopReason::Other(other) => other,
    }
}
