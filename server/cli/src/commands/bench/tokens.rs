//! `autodao bench tokens`: what our prompts and answers are for real edits.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use autodao_engine::bench::{Bench, EncodeTask, PromptTask};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::exit;
use crate::output::complain;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of `prompt_input.jsonl` and `encode_input.jsonl`.
    #[arg(long, value_name = "DIR")]
    input: PathBuf,
    /// The folder of `trees.json` and `blobs/`.
    #[arg(long, value_name = "DIR")]
    workspaces: PathBuf,
    /// Where the prompts and answers go, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The most tokens of context instead of our own rule.
    #[arg(long, value_name = "N")]
    context_tokens: Option<usize>,
    /// The least chance per token that context is worth, in millionths. Needs --context-tokens.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "context_tokens")]
    least_yield: u32,
    /// Write what speaks for each candidate instead, to fit weights to: names as JSON lines to the file, values beside it.
    #[arg(long, hide = true)]
    features: bool,
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    match all(arguments) {
        Ok(0) => exit::CLEAN,
        Ok(failures) => {
            complain("error", &format!("{failures} tasks failed"));
            exit::FINDINGS
        }
        Err(error) => {
            complain("error", &error);
            exit::TROUBLE
        }
    }
}

type Trees = HashMap<String, BTreeMap<String, String>>;

fn all(arguments: &Arguments) -> Result<usize, String> {
    let prompts: Vec<PromptTask> = lines(&arguments.input.join("prompt_input.jsonl"))?;
    let answers: Vec<EncodeTask> = lines(&arguments.input.join("encode_input.jsonl"))?;
    let answers: HashMap<String, EncodeTask> =
        answers.into_iter().map(|task| (task.id.clone(), task)).collect();
    let trees: Trees = read(&arguments.workspaces.join("trees.json"))?;
    let budget = arguments.context_tokens.map(|tokens| (tokens, arguments.least_yield as f32 / 1e6));
    let bench = Bench::new(arguments.workspaces.join("blobs"), budget);
    let none = BTreeMap::new();
    if arguments.features {
        return features(arguments, &bench, &prompts, &trees);
    }
    let done = each(&prompts, |task| {
        let messages =
            bench.prompt(task, trees.get(&task.id).unwrap_or(&none)).map_err(|error| error.to_string())?;
        let known = answers.get(&task.id).ok_or("it has no line in encode_input.jsonl")?;
        let encoded = bench.encode(known).map_err(|error| error.to_string())?;
        let line = json!({
            "id": task.id,
            "messages": [
                {"role": "system", "content": messages.system},
                {"role": "user", "content": messages.user},
            ],
            "answer": encoded.answer,
            "applied": encoded.text,
        });
        Ok(line.to_string())
    });
    let mut out = create(&arguments.out)?;
    let mut failures = 0;
    for (task, line) in prompts.iter().zip(done) {
        match line {
            Ok(line) => writeln!(out, "{line}").map_err(|error| error.to_string())?,
            Err(error) => {
                failures += 1;
                complain("error", &format!("{}: {error}", task.id));
            }
        }
    }
    out.flush().map_err(|error| error.to_string())?;
    Ok(failures)
}

fn features(
    arguments: &Arguments,
    bench: &Bench,
    prompts: &[PromptTask],
    trees: &Trees,
) -> Result<usize, String> {
    let none = BTreeMap::new();
    let done = each(prompts, |task| {
        bench.features(task, trees.get(&task.id).unwrap_or(&none)).map_err(|error| error.to_string())
    });
    let mut names = create(&arguments.out)?;
    let mut values = create(&arguments.out.with_extension("f32"))?;
    let mut failures = 0;
    for (task, found) in prompts.iter().zip(done) {
        let Ok(found) = found else {
            failures += 1;
            continue;
        };
        let list: Vec<&String> = found.iter().map(|(name, _)| name).collect();
        writeln!(names, "{}", json!({"id": task.id, "names": list})).map_err(|error| error.to_string())?;
        for value in found.iter().flat_map(|(_, values)| values) {
            values.write_all(&value.to_le_bytes()).map_err(|error| error.to_string())?;
        }
    }
    names.flush().and_then(|()| values.flush()).map_err(|error| error.to_string())?;
    Ok(failures)
}

/// Does all tasks on all cores; results are in the order of the tasks.
fn each<T: Send>(
    tasks: &[PromptTask],
    work: impl Fn(&PromptTask) -> Result<T, String> + Sync,
) -> Vec<Result<T, String>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<Result<T, String>>>> = Mutex::new(tasks.iter().map(|_| None).collect());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, task)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, tasks.get(at)?)))
                {
                    let result = work(task);
                    done.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.into_iter().map(|result| result.unwrap_or_else(|| Err("it was not done".to_owned()))).collect()
}

fn create(path: &Path) -> Result<BufWriter<fs::File>, String> {
    let file = fs::File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(BufWriter::new(file))
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let line = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), at + 1))
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}
