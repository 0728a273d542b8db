//! Requests as they were sent, kept for a while where the user wants that, to be looked at.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use autodao_ledger::{EditId, EventId};
use autodao_providers::HttpRequest;

/// The most bytes of requests that are kept, whatever their age.
const MOST: u64 = 64 << 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The folder of kept requests, and for how many days they are kept.
#[derive(Clone, Debug)]
pub(crate) struct KeptRequests {
    folder: PathBuf,
    days: u32,
}

impl KeptRequests {
    /// `None` when nothing is to be kept.
    pub(crate) fn new(data: Option<PathBuf>, days: Option<u32>) -> Option<Self> {
        let days = days.filter(|days| *days > 0)?;
        Some(Self { folder: data?.join("requests"), days })
    }

    /// Keeps a request. The key is no part of what is written.
    pub(crate) fn keep(&self, edit: EditId, request: EventId, http: &HttpRequest) {
        let written =
            std::fs::create_dir_all(&self.folder).and_then(|()| private(&self.folder)).and_then(|()| {
                std::fs::write(self.folder.join(format!("{edit}-{request}.http")), http.to_string())
            });
        if let Err(error) = written {
            tracing::warn!("a request cannot be kept: {}: {error}", self.folder.display());
        }
        self.tidy(SystemTime::now());
    }

    /// Removes what is too old, and the oldest of what is too much.
    fn tidy(&self, now: SystemTime) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "http"))
            .filter_map(|entry| {
                let meta = entry.metadata().ok()?;
                Some((meta.modified().ok()?, meta.len(), entry.path()))
            })
            .collect();
        files.sort_unstable_by_key(|(modified, ..)| std::cmp::Reverse(*modified));
        let mut sum = 0;
        for (modified, len, path) in files {
            sum += len;
            let age = now.duration_since(modified).unwrap_or_default();
            if age > DAY * self.days || sum > MOST {
                // Another process may have removed it already.
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

/// For its owner alone: prompts hold code.
#[cfg(unix)]
fn private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The requests that are kept of an edit, in the order they were sent: as sent, the key left out.
pub fn kept_requests(data: &Path, edit: EditId) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(data.join("requests")) else { return Vec::new() };
    let start = format!("{edit}-");
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&start)))
        .map(|entry| entry.path())
        .collect();
    files.sort_unstable();
    files
        .iter()
        .filter_map(|file| std::fs::read(file).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use autodao_providers::{Endpoint, Format, Request, Secret};

    use super::*;

    #[test]
    fn a_request_is_kept_without_its_key_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        assert!(KeptRequests::new(Some(data.clone()), None).is_none());
        assert!(KeptRequests::new(Some(data.clone()), Some(0)).is_none());
        let kept = KeptRequests::new(Some(data.clone()), Some(30)).unwrap();
        let endpoint = Endpoint::new("a", Format::OpenAiChat, "https://h.example/v1", "m")
            .unwrap()
            .with_key(Secret::new("canary-key-1234"));
        let http = endpoint.format.encode(&endpoint, &Request::new("S", "U", 9)).unwrap();
        let (edit, other) = (EditId::new(), EditId::new());
        kept.keep(edit, EventId::new(), &http);
        kept.keep(edit, EventId::new(), &http);
        let found = kept_requests(&data, edit);
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with(&String::from_utf8_lossy(&http.body).into_owned()), "{}", found[0]);
        assert!(!found[0].contains("canary"), "{}", found[0]);
        assert!(kept_requests(&data, other).is_empty());
        kept.tidy(SystemTime::now() + DAY * 31);
        assert!(kept_requests(&data, edit).is_empty());
    }
}
