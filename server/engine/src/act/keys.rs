//! Keys that are in no environment variable: given by the client, said by a command of the user's, or in the keyring.

use std::collections::HashMap;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use autodao_providers::{Key, Secret, Url};

use super::keyring;
use super::shared::lock;
use crate::config::{AiSettings, ModelSettings};

/// How long a command may take: password managers ask for a finger.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of a key.
const LONGEST: u64 = 16 << 10;

/// The keys of a process. In memory only; no `Debug` shows one.
#[derive(Default)]
pub(crate) struct Keys {
    /// By the model's name in the settings.
    given: Mutex<HashMap<String, Key>>,
    said: Mutex<HashMap<Source, Result<Secret, String>>>,
}

/// Where a key is asked for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Source {
    /// A command, word by word.
    Command(Vec<String>),
    /// The keyring, under this name.
    Keyring(String),
}

impl Source {
    /// Where the key of a model is asked for, if anywhere.
    pub(crate) fn of(model: &ModelSettings) -> Option<Self> {
        if model.key_env.is_some() {
            return None;
        }
        if let Some(command) = &model.key_command {
            return Some(Self::Command(command.clone()));
        }
        let url = model.url.as_deref().filter(|_| model.keyring == Some(true))?;
        Some(Self::Keyring(keyring::account_of(&Url::parse(url).ok()?)))
    }

    /// For the user.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Command(words) => format!("the command {}", words.first().map_or("", String::as_str)),
            Self::Keyring(account) => format!("the keyring, under {account}"),
        }
    }
}

impl Keys {
    /// Takes a key from the client. It is sent to the origin of the URL and to no other, whatever the settings say
    /// later.
    pub(crate) fn give(&self, model: &str, url: &str, key: &str) -> Result<(), String> {
        let url = Url::parse(url).map_err(|error| format!("the URL of the key: {error}"))?;
        lock(&self.given).insert(model.to_owned(), Key::bound_to(checked(key)?, &url));
        Ok(())
    }

    /// Forgets the key of a model, or all of them.
    pub(crate) fn clear(&self, model: Option<&str>) {
        match model {
            Some(model) => drop(lock(&self.given).remove(model)),
            None => lock(&self.given).clear(),
        }
    }

    /// Forgets what commands and the keyring said: they are asked again.
    pub(crate) fn forget_said(&self) {
        lock(&self.said).clear();
    }

    pub(crate) fn given(&self, model: &str) -> Option<Key> {
        lock(&self.given).get(model).cloned()
    }

    /// What a source said; `None` when it was not asked yet.
    pub(crate) fn said(&self, source: &Source) -> Option<Result<Secret, String>> {
        lock(&self.said).get(source).cloned()
    }

    /// Asks the sources of the models that may be used and have no key yet. Blocks.
    pub(crate) fn ask(&self, settings: &AiSettings) {
        let first = settings.model.as_ref().or_else(|| settings.models.keys().next());
        self.ask_for(settings, first.into_iter().chain(settings.fallback.iter().flatten()));
    }

    /// Asks the sources of all models that have no key yet. Blocks.
    pub(crate) fn ask_all(&self, settings: &AiSettings) {
        self.ask_for(settings, settings.models.keys());
    }

    fn ask_for<'a>(&self, settings: &AiSettings, names: impl Iterator<Item = &'a String>) {
        for name in names {
            let Some(source) = settings.models.get(name).and_then(Source::of) else { continue };
            if self.given(name).is_none() && !matches!(self.said(&source), Some(Ok(_))) {
                let key = match &source {
                    Source::Command(command) => run(command, PATIENCE),
                    Source::Keyring(account) => in_time(account, PATIENCE),
                };
                lock(&self.said).insert(source, key);
            }
        }
    }
}

/// Asks the keyring on a thread of its own: nobody answers for how long a locked one waits for its user.
fn in_time(account: &str, patience: Duration) -> Result<Secret, String> {
    let (said, hear) = std::sync::mpsc::channel();
    let name = account.to_owned();
    // Whoever has stopped waiting does not want the key any more.
    std::thread::spawn(move || drop(said.send(keyring::read(&name))));
    let late = || format!("the keyring took longer than {} s", patience.as_secs());
    let key = hear.recv_timeout(patience).unwrap_or_else(|_| Err(late()))?;
    checked(key.expose())
}

/// Puts the key of a model into the operating system's keyring, for the origin of its URL. Returns the name it has
/// there. Blocks while the keyring asks its user.
///
/// # Errors
/// There is no such model, the key cannot be one, or there is no keyring; in words for the user.
pub fn keep_key(settings: &AiSettings, model: &str, key: &str) -> Result<String, String> {
    let described = settings.models.get(model);
    let described = described.ok_or_else(|| format!("there is no model `{model}` under `ai.models`"))?;
    let url = described.url.as_deref().ok_or_else(|| format!("the model `{model}` needs `url`"))?;
    let url = Url::parse(url).map_err(|error| format!("the URL of the model `{model}`: {error}"))?;
    let key = checked(key)?;
    let account = keyring::account_of(&url);
    keyring::write(&account, &key)?;
    Ok(account)
}

fn checked(key: &str) -> Result<Secret, String> {
    if key.trim().is_empty() || !key.trim().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a key has visible characters of ASCII only".to_owned());
    }
    Ok(Secret::new(key))
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
