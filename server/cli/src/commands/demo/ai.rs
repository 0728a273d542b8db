//! The demo's AI edit: the real way of an edit, with a provider on loopback whose reply is written by hand.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::editor::{Document, Editor, position};
use super::shown;

/// What the provider says, whatever it is asked: written by hand, so that the demo needs no model.
const REPLY: &str = "```rust\n/// Reads the file again and keeps the items that it still names.\n```";
/// The function that the edit is about.
const TARGET: &str = "pub async fn refresh";

/// Who writes the AI edit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// A provider on loopback, whose reply is written by hand.
    Hand,
    /// The model that the user has configured, or that runs on this machine.
    Model,
}

/// The variables that keep the demo's ledger out of the user's, for a model of theirs.
pub(super) fn prepare_model(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![("AUTODAO_DATA_DIR", folder.join("user/data"))]
}

/// Starts the provider and writes the configuration and data folders of the demo's user. They are named with the
/// variables that lead the server to them.
pub(super) fn prepare(folder: &Path) -> io::Result<Vec<(&'static str, PathBuf)>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A connection that breaks is seen by the server, which says so.
            let _ = answer(stream);
        }
    });
    let (config, data) = (folder.join("user/config"), folder.join("user/data"));
    std::fs::create_dir_all(&config)?;
    let model = format!("[ai.models.demo]\nurl = \"http://{address}/v1\"\nmodel = \"written-by-hand\"\n");
    std::fs::write(config.join("config.toml"), model)?;
    Ok(vec![("AUTODAO_CONFIG_DIR", config), ("AUTODAO_DATA_DIR", data)])
}

/// Reads one request and streams the reply in the format of OpenAI Chat Completions, without usage: tokens are counted
/// by the server.
fn answer(stream: TcpStream) -> io::Result<()> {
    let mut input = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    input.by_ref().take(length).read_to_end(&mut Vec::new())?;
    let delta = json!({"choices": [{"index": 0, "delta": {"content": REPLY}, "finish_reason": null}]});
    let stop = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let body = format!("data: {delta}\n\ndata: {stop}\n\ndata: [DONE]\n\n");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n";
    let mut output = input.into_inner();
    write!(output, "{head}content-length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}

/// Asks for the menu at a function, chooses "Document", applies what comes, and shows what the ledger says.
pub(super) fn edit(
    out: &mut impl Write,
    editor: &mut Editor,
    document: &mut Document,
    author: Author,
) -> io::Result<()> {
    let missing = |what: &str| io::Error::other(format!("{what} is missing"));
    let at = document.text.find(TARGET).ok_or_else(|| missing("the function"))?;
    let place = position(&document.text, at);
    let who = match author {
        Author::Hand => "a provider on loopback; its reply is written by hand",
        Author::Model => "the model that is configured or runs here",
    };
    writeln!(out, "-> what can a model do for `refresh`? ({who})")?;
    let here = json!({"range": {"start": place, "end": place}});
    let (actions, took) = editor.code_actions(document, &here, Some("refactor.rewrite"))?;
    writeln!(out, "<- {} actions after {}, each with what it will take", actions.len(), shown(took))?;
    let titled =
        |action: &&Value| action["title"].as_str().is_some_and(|title| title.starts_with("Document"));
    let action = actions.iter().find(titled).ok_or_else(|| missing("an action"))?;
    if let Some(why) = action["disabled"]["reason"].as_str() {
        return Err(io::Error::other(why.to_owned()));
    }
    writeln!(out, "-> choose \"{}\"", action["title"].as_str().unwrap_or(""))?;
    editor.request("workspace/executeCommand", &action["command"])?;
    let (wanted, took) = editor.edited()?;
    if wanted["method"] == "window/showMessage" {
        let why = wanted["params"]["message"].as_str().unwrap_or("");
        return writeln!(out, "<- no edit, {} after it was chosen: {why}\n", shown(took));
    }
    editor.apply(document, &wanted["params"]["edit"])?;
    editor.respond(&wanted, &json!({"applied": true}))?;
    writeln!(
        out,
        "<- an edit for exactly this version, {} after it was chosen; every gate passed",
        shown(took)
    )?;
    let edits =
        wanted["params"]["edit"]["documentChanges"][0]["edits"].as_array().cloned().unwrap_or_default();
    for line in edits.iter().filter_map(|edit| edit["newText"].as_str()).flat_map(str::lines) {
        writeln!(out, "     + {}", line.trim())?;
    }
    let (usage, _) = editor.request("autodao/usage", &json!({}))?;
    let total = &usage["total"];
    writeln!(
        out,
        "<- the ledger: {} edit, {} tokens in and {} out; the whole file by chat takes {}, {:.1} times as many\n",
        total["edits"],
        total["input"],
        total["output"],
        total["baseline_tokens"],
        total["ratio"].as_f64().unwrap_or(0.0),
    )
}
