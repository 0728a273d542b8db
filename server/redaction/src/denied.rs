//! Files that hold secrets by what they are called.

use std::path::Path;

/// Ends of file names, in lower case.
const ENDINGS: &[&str] = &[
    ".pem",
    ".key",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".kdbx",
    ".ppk",
    ".asc",
    ".gpg",
    ".pgp",
    ".ovpn",
    ".tfstate",
    ".tfvars",
    ".mobileprovision",
    ".agekey",
    ".der",
    ".p8",
    ".keytab",
    ".htpasswd",
];

/// Whole file names, in lower case.
const NAMES: &[&str] = &[
    ".npmrc",
    ".yarnrc",
    ".pypirc",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".git-credentials",
    ".dockercfg",
    ".htpasswd",
    "credentials",
    "credentials.json",
    "credentials.toml",
    "credentials.yml",
    "credentials.yaml",
    "secrets.json",
    "secrets.toml",
    "secrets.yml",
    "secrets.yaml",
    "secrets.ts",
    "secrets.js",
    "secrets.rs",
    "service-account.json",
    "serviceaccount.json",
    "kubeconfig",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "authorized_keys",
    "known_hosts",
    ".bash_history",
    ".zsh_history",
    ".terraformrc",
    "master.key",
    "shadow",
];

/// Folders all of whose files are meant, in lower case.
const FOLDERS: &[&str] =
    &[".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".git", ".password-store", ".secrets"];

/// Why a file is never sent, as the end of a sentence ("... holds"); `None` when its name says nothing against it.
///
/// The name is looked at in any case of its letters. Links are to be followed by whoever asks: both names count.
pub fn denied_file(path: &Path) -> Option<&'static str> {
    let mut parts = path.components().rev().filter_map(|part| part.as_os_str().to_str());
    let name = parts.next()?.to_ascii_lowercase();
    // `.env`, `.env.local`, `prod.env`, `.envrc`; `.env.example` is for others to read.
    let is_sample = [".example", ".sample", ".template", ".dist"].iter().any(|end| name.ends_with(end));
    let is_environment =
        name == ".envrc" || name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    if is_environment && !is_sample {
        return Some("environment variables");
    }
    if NAMES.contains(&name.as_str()) {
        return Some("credentials");
    }
    if ENDINGS.iter().any(|end| name.ends_with(end)) {
        return Some("keys");
    }
    let in_folder = parts.any(|part| FOLDERS.contains(&part.to_ascii_lowercase().as_str()));
    in_folder.then_some("what is nobody else's business")
}
