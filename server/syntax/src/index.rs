//! What a workspace defines and names: the index that context, name checks and imports are looked up in.
//!
//! A [`FileIndex`] is made of one text and its tree and depends on nothing else, so it can be kept by the text's
//! [`ContentHash`]. A [`WorkspaceIndex`] holds many of them under one table of names; one file is exchanged in time
//! proportional to that file. An [`IndexStore`] keeps file indexes on disk between starts.

mod definition;
mod extract;
mod file;
mod hash;
mod signature;
mod store;
#[cfg(test)]
mod tests;
mod words;
mod workspace;

pub use definition::{Container, ContainerKind, Definition, DefinitionKind};
pub use file::{FileIndex, FunctionBody, Import, Occurrence};
pub use hash::ContentHash;
pub use store::{IndexStore, StoreError};
pub use words::words;
pub use workspace::{DefinitionRef, FileId, NameId, WordId, WorkspaceFile, WorkspaceIndex};
