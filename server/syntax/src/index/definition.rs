//! One thing that a file defines.

use serde::{Deserialize, Serialize};

use crate::Span;

/// What is defined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum DefinitionKind {
    /// A field or property.
    Field,
    /// A function that is no method.
    Function,
    /// A function of a class or object, or a method's signature.
    Method,
    /// A Rust struct or union.
    Struct,
    /// A class.
    Class,
    /// An interface.
    Interface,
    /// An enum.
    Enum,
    /// One value of an enum.
    Variant,
    /// A type alias or associated type.
    Type,
    /// A `const` or `static` item of Rust.
    Constant,
    /// A variable of a script.
    Variable,
    /// A module or namespace.
    Module,
    /// A macro.
    Macro,
    /// A trait.
    Trait,
}

impl DefinitionKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Field,
        Self::Function,
        Self::Method,
        Self::Struct,
        Self::Class,
        Self::Interface,
        Self::Enum,
        Self::Variant,
        Self::Type,
        Self::Constant,
        Self::Variable,
        Self::Module,
        Self::Macro,
        Self::Trait,
    ];

    /// Whether it is reached through a value or type, never by its bare name.
    pub const fn is_member(self) -> bool {
        matches!(self, Self::Field | Self::Method | Self::Variant)
    }

    /// Whether it names a type.
    pub const fn is_type(self) -> bool {
        matches!(self, Self::Struct | Self::Class | Self::Interface | Self::Enum | Self::Type | Self::Trait)
    }
}

/// What a definition stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ContainerKind {
    /// The file itself.
    File,
    /// A struct, enum, trait, class, interface or type alias.
    Type,
    /// An `impl` block, named by its type.
    Impl,
    /// A function, named or not.
    Function,
    /// A variable whose value it is in.
    Variable,
    /// A module.
    Module,
}

/// The innermost thing a definition stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Container {
    /// What it is.
    pub kind: ContainerKind,
    /// Its name, as an index of the file's names; `None` where it has none.
    pub name: Option<u32>,
    /// Its whole span; the whole text for the file.
    pub span: Span,
}

/// One thing that a file defines.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// Its name, as an index of the file's names.
    pub name: u32,
    /// What it is.
    pub kind: DefinitionKind,
    /// Whether other files may name it: exported, public, or a member of something.
    pub is_visible: bool,
    /// Whether a script exports it by default.
    pub is_default: bool,
    /// What it stands in.
    pub container: Container,
    /// The innermost function it is in, which is where its name holds.
    pub scope: Option<Span>,
    /// The node that defines it.
    pub span: Span,
    /// Its head on one line: no body, no visibility, at most 240 bytes.
    pub signature: Box<str>,
}
