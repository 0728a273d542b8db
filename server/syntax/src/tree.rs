//! A syntax tree with the mask its text was read through.

use std::ops::Deref;

use tree_sitter::{InputEdit, Tree};

use crate::mask::Mask;

/// A tree of one version of a text.
///
/// Its offsets are those of the text as the editor has it. What the parser read may differ from it in a few
/// bytes, see [`crate::SyntaxParser`]; who wants a node's text takes it from the text, as always.
#[derive(Clone, Debug)]
pub struct SyntaxTree {
    pub(crate) tree: Tree,
    pub(crate) mask: Mask,
}

impl SyntaxTree {
    /// Follows an edit of the text: from then on the tree is one to start the next parse from.
    pub fn edit(&mut self, edit: &InputEdit) {
        self.tree.edit(edit);
        self.mask.edit(edit);
    }

    /// How many places of the text were masked for the parser.
    pub fn masked_places(&self) -> usize {
        self.mask.len()
    }
}

impl Deref for SyntaxTree {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}
