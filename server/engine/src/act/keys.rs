//! Keys that are in no environment variable: given by the client, or said by a command of the user's.

use std::collections::HashMap;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use autodao_providers::{Key, Secret, Url};

use super::shared::lock;
use crate::config::AiSettings;

/// How long a command may take: password managers ask for a finger.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of a key.
const LONGEST: u64 = 16 << 10;

/// The keys of a process. In memory only; no `Debug` shows one.
#[derive(Default)]
pub(crate) struct Keys {
    /// By the model's name in the settings.
    given: Mutex<HashMap<String, Key>>,
    /// By the command, word by word.
    said: Mutex<HashMap<Vec<String>, Result<Secret, String>>>,
}

impl Keys {
    /// Takes a key from the client. It is sent to the origin of the URL and to no other, whatever the settings say
    /// later.
    pub(crate) fn give(&self, model: &str, url: &str, key: &str) -> Result<(), String> {
        let url = Url::parse(url).map_err(|error| format!("the URL of the key: {error}"))?;
        if key.trim().is_empty() || !key.trim().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a key has visible characters of ASCII only".to_owned());
        }
        lock(&self.given).insert(model.to_owned(), Key::bound_to(Secret::new(key), &url));
        Ok(())
    }

    /// Forgets the key of a model, or all of them.
    pub(crate) fn clear(&self, model: Option<&str>) {
        match model {
            Some(model) => drop(lock(&self.given).remove(model)),
            None => lock(&self.given).clear(),
        }
    }

    /// Forgets what commands said: they are asked again.
    pub(crate) fn forget_said(&self) {
        lock(&self.said).clear();
    }

    pub(crate) fn given(&self, model: &str) -> Option<Key> {
        lock(&self.given).get(model).cloned()
    }

    /// What a command said; `None` when it was not asked yet.
    pub(crate) fn said(&self, command: &[String]) -> Option<Result<Secret, String>> {
        lock(&self.said).get(command).cloned()
    }

    /// Asks the commands of the models that may be used and have no key yet. Blocks.
    pub(crate) fn ask(&self, settings: &AiSettings) {
        let first = settings.model.as_ref().or_else(|| settings.models.keys().next());
        self.ask_for(settings, first.into_iter().chain(settings.fallback.iter().flatten()));
    }

    /// Asks the commands of all models that have no key yet. Blocks.
    pub(crate) fn ask_all(&self, settings: &AiSettings) {
        self.ask_for(settings, settings.models.keys());
    }

    fn ask_for<'a>(&self, settings: &AiSettings, names: impl Iterator<Item = &'a String>) {
        for name in names {
            let Some(model) = settings.models.get(name).filter(|model| model.key_env.is_none()) else {
                continue;
            };
            let Some(command) = &model.key_command else { continue };
            if self.given(name).is_none() && !matches!(self.said(command), Some(Ok(_))) {
                let key = run(command, PATIENCE);
                lock(&self.said).insert(command.clone(), key);
            }
        }
    }
}

/// Runs a command, without a shell, and takes the first line it says for a key. What it says is in no message.
fn run(command: &[String], patience: Duration) -> Result<Secret, String> {
    let [program, arguments @ ..] = command else { return Err("`key-command` is empty".to_owned()) };
    let failed = |why: &str| format!("`key-command`: {program} {why}");
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.map_err(|error| failed(&format!("cannot be run: {error}")))?;
    let Some(stdout) = child.stdout.take() else { return Err(failed("says nothing")) };
    // A command that says more than fits a pipe must not wait for us for ever.
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        stdout.take(LONGEST).read_to_string(&mut said).map(|_| said)
    });
    let until = Instant::now() + patience;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                // It may have ended by itself just now.
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(&format!("took longer than {} s", patience.as_secs())));
            }
        }
    };
    if !status.success() {
        return Err(failed(&format!("failed ({status})")));
    }
    let said = reader.join().ok().and_then(Result::ok).ok_or_else(|| failed("says no text"))?;
    let key = said.lines().next().unwrap_or_default().trim();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(failed("says no key"));
    }
    Ok(Secret::new(key))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn said(words: &[&str], patience: Duration) -> Result<String, String> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        run(&words, patience).map(|key| key.expose().to_owned())
    }

    #[test]
    fn a_command_is_run_without_a_shell_and_its_first_line_is_the_key() {
        let patient = Duration::from_secs(60);
        assert_eq!(said(&["printf", "  key-1234 \\nmore"], patient).unwrap(), "key-1234");
        // Nothing is expanded.
        assert_eq!(said(&["echo", "$HOME;id"], patient).unwrap(), "$HOME;id");
        for (words, why) in [
            (&["false"][..], "failed"),
            (&["no-such-program-here"], "cannot be run"),
            (&["true"], "says no key"),
            (&[], "is empty"),
            (&["printf", "two words"], "says no key"),
        ] {
            let told = said(words, patient).unwrap_err();
            assert!(told.contains(why) && !told.contains("two words"), "{told}");
        }
        let told = said(&["sleep", "60"], Duration::from_millis(20)).unwrap_err();
        assert!(told.contains("took longer"), "{told}");
    }

    #[test]
    fn a_key_that_is_given_is_bound_to_its_origin_until_it_is_cleared() {
        let keys = Keys::default();
        keys.give("m", "https://api.example/v1", "key-1234").unwrap();
        let key = keys.given("m").unwrap();
        assert!(key.for_url(&Url::parse("https://api.example/v1/chat").unwrap()).is_some());
        assert!(key.for_url(&Url::parse("https://evil.example/v1").unwrap()).is_none());
        assert!(keys.give("m", "https://api.example", "two words").is_err());
        assert!(keys.give("m", "no url", "key").is_err());
        keys.clear(Some("other"));
        assert!(keys.given("m").is_some());
        keys.clear(None);
        assert!(keys.given("m").is_none());
    }
}
