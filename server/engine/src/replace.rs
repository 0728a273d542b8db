//! Writing files back so that no moment shows half of one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Replaces a file's text: written beside it, then renamed over it. Its permissions stay, a link to it stays a
/// link, and a file that no longer holds `old` is left as it is.
pub fn replace_file(path: &Path, old: &str, new: &str) -> io::Result<()> {
    // A rename would replace the link, not what it leads to.
    let path = fs::canonicalize(path)?;
    let folder = path.parent().ok_or_else(|| io::Error::other("it is in no folder"))?;
    let mut written = tempfile::Builder::new().prefix(".autodao-").tempfile_in(folder)?;
    written.write_all(new.as_bytes())?;
    written.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    written.as_file().sync_all()?;
    if fs::read(&path)? != old.as_bytes() {
        return Err(io::Error::other("it was changed by something else meanwhile: run the command again"));
    }
    written.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        fs::write(&path, "theirs").unwrap();
        assert!(replace_file(&path, "old", "new").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        replace_file(&path, "theirs", "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.rs"), folder.path().join("link.rs"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o754)).unwrap();
        symlink(&path, &link).unwrap();
        replace_file(&link, "old", "new").unwrap();
        assert!(link.is_symlink() && fs::read_to_string(&path).unwrap() == "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o754);
    }
}
