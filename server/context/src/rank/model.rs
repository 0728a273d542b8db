//! The likelihood that an edit needs a name: boosted trees fitted to real edits.
//!
//! The files are written by the fit of the token benchmark's development tasks: a line `bias B`, then for each tree a
//! line of its nodes in preorder, `F<T` for a split (feature, threshold: the first branch is for values up to it) and
//! `=V` for a leaf, in log-odds.

use std::sync::OnceLock;

use autodao_syntax::Language;

use super::features::FeatureVector;

/// How many features there are.
const WIDTH: usize = size_of::<FeatureVector>() / size_of::<f32>();
/// No tree is deeper: what says otherwise is no file of ours.
const MAX_NODES: usize = 255;

#[derive(Clone, Copy)]
enum Node {
    /// Goes on behind itself, or at the other node when the feature is above the threshold.
    Split {
        feature: usize,
        threshold: f32,
        other: usize,
    },
    Leaf(f32),
}

/// Trees whose sum is the log-odds.
pub(crate) struct Model {
    bias: f32,
    trees: Vec<Vec<Node>>,
}

pub(crate) fn of(language: Language) -> &'static Model {
    static RUST: OnceLock<Model> = OnceLock::new();
    static SCRIPT: OnceLock<Model> = OnceLock::new();
    match language {
        Language::Rust => RUST.get_or_init(|| Model::read(include_str!("weights/rust.txt"))),
        _ => SCRIPT.get_or_init(|| Model::read(include_str!("weights/script.txt"))),
    }
}

impl Model {
    /// Reads a model; a tree that is none counts nothing.
    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let bias =
            lines.next().and_then(|line| line.strip_prefix("bias ")).and_then(|bias| bias.parse().ok());
        Self { bias: bias.unwrap_or(-6.0), trees: lines.filter_map(tree).collect() }
    }

    pub(crate) fn probability(&self, features: &FeatureVector) -> f32 {
        let mut sum = self.bias;
        for tree in &self.trees {
            let mut at = 0;
            loop {
                match tree.get(at) {
                    Some(Node::Split { feature, threshold, other }) => {
                        let is_above = features.get(*feature).is_some_and(|value| value > threshold);
                        at = if is_above { *other } else { at + 1 };
                    }
                    Some(Node::Leaf(value)) => {
                        sum += value;
                        break;
                    }
                    None => break,
                }
            }
        }
        1.0 / (1.0 + (-sum).exp())
    }
}

/// One tree: every split has two branches behind it, and nothing is left over.
fn tree(line: &str) -> Option<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::new();
    // Splits whose second branch has not begun.
    let mut open: Vec<usize> = Vec::new();
    let mut is_whole = false;
    for word in line.split_whitespace() {
        if is_whole || nodes.len() == MAX_NODES {
            return None;
        }
        if let Some(value) = word.strip_prefix('=') {
            nodes.push(Node::Leaf(value.parse().ok()?));
            let next = nodes.len();
            match open.pop() {
                Some(split) => {
                    if let Some(Node::Split { other, .. }) = nodes.get_mut(split) {
                        *other = next;
                    }
                }
                None => is_whole = true,
            }
        } else {
            let (feature, threshold) = word.split_once('<')?;
            let feature = feature.parse().ok().filter(|feature| *feature < WIDTH)?;
            open.push(nodes.len());
            nodes.push(Node::Split { feature, threshold: threshold.parse().ok()?, other: 0 });
        }
    }
    is_whole.then_some(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(model: &Model, first: f32, second: f32) -> f32 {
        let mut features: FeatureVector = [0.0; WIDTH];
        (features[0], features[1]) = (first, second);
        let probability = model.probability(&features);
        (probability / (1.0 - probability)).ln()
    }

    #[test]
    fn every_tree_of_the_files_is_read() {
        for text in [include_str!("weights/rust.txt"), include_str!("weights/script.txt")] {
            assert_eq!(Model::read(text).trees.len(), text.lines().count() - 1);
        }
    }

    #[test]
    fn a_tree_is_walked_as_it_is_written() {
        let model = Model::read("bias -1\n0<0.5 1<2 =1 =2 =4\n=8\n0<1 =3\n7 =1\n");
        assert_eq!(model.trees.len(), 2);
        for (first, second, odds) in [(0.5, 2.0, 8.0), (0.0, 2.5, 9.0), (0.6, 0.0, 11.0)] {
            assert!((at(&model, first, second) - odds).abs() < 0.01, "{first} {second}");
        }
    }

    #[test]
    fn the_fitted_models_are_whole() {
        for text in [include_str!("weights/rust.txt"), include_str!("weights/script.txt")] {
            assert_eq!(Model::read(text).trees.len(), text.lines().count() - 1);
        }
    }
}
