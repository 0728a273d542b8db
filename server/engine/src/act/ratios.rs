//! How many tokens providers report for each one counted here: learned from their answers, kept between sessions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use autodao_providers::{Endpoint, Ratio, Usage};
use serde::{Deserialize, Serialize};

/// The most models that are remembered.
const MODELS: usize = 256;
/// The most bytes of the file: a longer one is not ours.
const LONGEST: u64 = 1 << 20;

/// What was learned of one model.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
struct Learned {
    input: Ratio,
    output: Ratio,
}

type Table = BTreeMap<String, Learned>;

/// What was learned of each model, in a file of the user's data folder.
pub(crate) struct Ratios {
    file: Option<PathBuf>,
    table: Mutex<Option<Table>>,
}

impl Ratios {
    /// Nothing is read before it is needed. Without a file what is learned lasts as long as the process.
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { file, table: Mutex::new(None) }
    }

    /// What a provider will probably report for an input counted here.
    pub(crate) fn input(&self, endpoint: &Endpoint, counted: u64) -> u64 {
        self.with(|table| table.get(&name(endpoint)).map_or(counted, |learned| learned.input.apply(counted)))
    }

    /// What a provider will probably report for an output counted here.
    pub(crate) fn output(&self, endpoint: &Endpoint, counted: u64) -> u64 {
        self.with(|table| table.get(&name(endpoint)).map_or(counted, |learned| learned.output.apply(counted)))
    }

    /// Learns from an answer: what was counted of its prompt and its text, and what the provider says. Writes the
    /// file: not for the thread that answers an editor.
    pub(crate) fn learn(&self, endpoint: &Endpoint, counted: (u64, u64), usage: &Usage) {
        let changed = self.with(|table| {
            let name = name(endpoint);
            if !table.contains_key(&name) && table.len() >= MODELS {
                return None;
            }
            let learned = table.entry(name).or_default();
            let before = *learned;
            learned.input.learn_input(counted.0, usage);
            learned.output.learn_output(counted.1, usage);
            (*learned != before).then(|| serde_json::to_vec_pretty(table).ok()).flatten()
        });
        if let (Some(file), Some(bytes)) = (&self.file, changed)
            && let Err(error) = write(file, &bytes)
        {
            tracing::debug!("{}: {error}", file.display());
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Table) -> T) -> T {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        act(table.get_or_insert_with(|| self.file.as_ref().and_then(read).unwrap_or_default()))
    }
}

/// Two vendors may serve a model of one name by other counts.
fn name(endpoint: &Endpoint) -> String {
    format!("{}/{}", endpoint.vendor.name(), endpoint.model)
}

fn read(file: &PathBuf) -> Option<Table> {
    let is_ours = std::fs::metadata(file).ok()?.len() <= LONGEST;
    let bytes = is_ours.then(|| std::fs::read(file).ok()).flatten()?;
    serde_json::from_slice(&bytes).ok()
}

/// Another process may read it meanwhile: it is there whole or not at all.
fn write(file: &PathBuf, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut new, bytes)?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use autodao_providers::Format;

    use super::*;

    #[test]
    fn what_was_learned_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/ratios.json");
        let endpoint = Endpoint::new("a", Format::Anthropic, "https://api.anthropic.com", "m").unwrap();
        let ratios = Ratios::new(Some(file.clone()));
        assert_eq!((ratios.input(&endpoint, 100), ratios.output(&endpoint, 100)), (100, 100));
        let usage =
            Usage { input: 150, output: 80, input_reported: true, output_reported: true, ..Usage::default() };
        ratios.learn(&endpoint, (100, 100), &usage);
        let again = Ratios::new(Some(file.clone()));
        assert_eq!((again.input(&endpoint, 1000), again.output(&endpoint, 1000)), (1500, 800));
        let other = Endpoint::new("a", Format::Anthropic, "https://api.anthropic.com", "n").unwrap();
        assert_eq!(again.input(&other, 1000), 1000);
        // A file that is damaged is none.
        std::fs::write(&file, "{\"anthropic/m\": ").unwrap();
        assert_eq!(Ratios::new(Some(file)).input(&endpoint, 100), 100);
    }

    #[test]
    fn what_was_not_reported_teaches_nothing() {
        let endpoint = Endpoint::new("a", Format::Anthropic, "https://api.anthropic.com", "m").unwrap();
        let ratios = Ratios::new(None);
        ratios.learn(&endpoint, (100, 100), &Usage { input: 900, ..Usage::default() });
        assert_eq!(ratios.input(&endpoint, 100), 100);
    }
}
