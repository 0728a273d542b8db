//! Taking the last applied edit back.

use std::sync::Arc;

use autodao_edits::Applied;
use autodao_quality::TextEdit;

use super::assistant::{Assistant, Done, EditNumber};
use super::outcome::ReadyEdit;
use super::place::Place;
use super::shared::lock;
use crate::diagnosis::DocumentKey;

impl Assistant {
    /// The edit that takes the last one back, while nobody changed what it wrote. [`Assistant::undone`] has to be
    /// told when it was applied.
    pub fn undo_last(&self) -> Result<(EditNumber, DocumentKey, ReadyEdit), String> {
        let edits = lock(&self.edits);
        edits.last.as_ref().ok_or("no AI edit was made in this session")?;
        let edit = edits.applied.as_ref().ok_or("no AI edit was applied that could be taken back")?;
        if let Some(file) = &edit.done.plan.new_file {
            return Err(format!("the last AI edit made {}: delete it", file.display()));
        }
        let document = Arc::clone(&edit.document);
        let (version, inverse) = inverse(&edit.done)?;
        let number = edit.number;
        let label = "Undo the last AI edit".to_owned();
        let edit =
            ReadyEdit { label, version, edits: inverse, new_file: None, confirm: None, warnings: Vec::new() };
        Ok((number, document, edit))
    }

    /// The editor took an edit back, as [`Assistant::undo_last`] has it.
    pub fn undone(&self, edit: EditNumber) {
        let mut edits = lock(&self.edits);
        if let Some(done) = edits.applied.take_if(|done| done.number == edit) {
            self.shared.forget(&done.done.plan);
            done.undone();
        }
    }
}

/// The edits that take an applied edit back, and the version they are for.
fn inverse(done: &Done) -> Result<(i32, Vec<TextEdit>), String> {
    let changed = || "the code was changed since: use the editor's own undo".to_owned();
    let (Some(given), Place::Open(following)) = (&done.given, &done.place) else { return Err(changed()) };
    let followed = following.now().ok_or("the document was closed")?;
    // What came first after the version the edit was for was the edit itself.
    let after = |version: i32| followed.changes.iter().filter(move |(later, _)| *later > version);
    let (applied, _) = after(given.proposal.version).next().ok_or_else(changed)?;
    let later: Vec<_> = after(*applied).map(|(_, change)| *change).collect();
    let mut undo = Applied::new(&given.before, &given.proposal).ok_or_else(changed)?;
    undo.follow(&later, &followed.now.buffer);
    let edits = undo.undo().map_err(|error| error.to_string())?;
    Ok((followed.now.version, edits))
}
