//! What a target stands in and beside, found by one descent and a look at the neighbours.

use autodao_syntax::tree_sitter::{Node, Tree};
use autodao_syntax::{OutlineKind, Span};

use crate::item::{Item, body_of, item_kind};
use crate::target::{Target, descend, members, outermost};

/// What a target stands in and beside.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Surroundings {
    /// The innermost item whose body holds the target; `None` for a target of the file itself.
    pub container: Option<Item>,
    /// The items of the container, or of the file, the target's included, in the order of the text. Of a function
    /// only the items in it that are functions or types.
    pub members: Vec<Item>,
    /// The items beside an `impl`, itself included: among them may be its type. Empty for other containers.
    pub beside: Vec<Item>,
}

/// Finds the surroundings of a target. `tree` is of exactly the text the target was found in.
pub fn surroundings(target: &Target, text: &str, tree: &Tree) -> Surroundings {
    let language = target.language;
    let mut cursor = tree.walk();
    let chain = descend(&mut cursor, target.span);
    let Some((item, holder)) = container(&chain, target, text, chain.len()) else {
        let members = chain.first().map_or_else(Vec::new, |root| members(*root, &chain[..1], language, text));
        return Surroundings { container: None, members, beside: Vec::new() };
    };
    let found = outermost(&chain, item, language, text);
    let mut inside = members(chain[holder], &chain[..=holder], language, text);
    if matches!(found.kind, OutlineKind::Function | OutlineKind::Method) {
        inside.retain(|member| !matches!(member.kind, OutlineKind::Variable | OutlineKind::Field));
    }
    let beside = if found.kind == OutlineKind::Impl {
        let outer = container(&chain, target, text, item).map_or(0, |(_, holder)| holder);
        members(chain[outer], &chain[..=outer], language, text)
    } else {
        Vec::new()
    };
    Surroundings { container: Some(found), members: inside, beside }
}

/// Where in a chain, above `below`, the innermost item is whose body holds the target, and where that body is.
fn container(chain: &[Node<'_>], target: &Target, text: &str, below: usize) -> Option<(usize, usize)> {
    (0..below).rev().find_map(|index| {
        item_kind(chain[index], target.language, text)?;
        let body = body_of(chain[index], text)?;
        let holder = chain.iter().skip(index).position(|node| node.id() == body.id())? + index;
        Span::of(body).contains(target.span).then_some((index, holder))
    })
}
