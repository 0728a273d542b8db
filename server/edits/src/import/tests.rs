//! Imports of names, over generated layouts of files.

use std::sync::Arc;

use autodao_syntax::index::{FileIndex, WorkspaceIndex};
use autodao_syntax::{Language, Span, SyntaxParser};

use super::rust::leaves;
use super::{ImportRequest, Imports, imports};
use crate::diff::apply;

fn index(files: &[(&str, &str)]) -> WorkspaceIndex {
    let mut parser = SyntaxParser::default();
    let mut index = WorkspaceIndex::default();
    for (path, text) in files {
        let language = Language::from_path(std::path::Path::new(path)).unwrap();
        index.insert(path, Arc::new(FileIndex::parse(&mut parser, language, text).unwrap()));
    }
    index
}

/// The text with what is imported, and what was found. The names are used at `at` or at the text's end.
fn run(files: &[(&str, &str)], path: &str, text: &str, at: Option<u32>, names: &[&str]) -> (String, Imports) {
    let index = index(files);
    let language = Language::from_path(std::path::Path::new(path)).unwrap();
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let found = imports(&ImportRequest {
        index: &index,
        path,
        language,
        text,
        tree: &tree,
        at: Span::at(at.unwrap_or(text.len() as u32)),
        names: &names,
        crate_name: &|folder| Some(folder.rsplit('/').next().unwrap_or("").replace('-', "_")),
    });
    let after = apply(text, &found.edits).unwrap();
    let again = SyntaxParser::default().parse_fresh(language, &after).unwrap();
    assert_eq!(tree.root_node().has_error(), again.root_node().has_error(), "{after}");
    (after, found)
}

#[test]
fn every_rust_place_is_reached_from_every_head() {
    let places = [
        ("src/a.rs", "pub struct Wanted;", "crate::a::Wanted"),
        ("src/a/mod.rs", "pub fn Wanted() {}", "crate::a::Wanted"),
        ("src/a/b.rs", "pub enum Wanted { A }", "crate::a::b::Wanted"),
        ("src/lib.rs", "pub trait Wanted {}", "crate::Wanted"),
        ("src/c.rs", "pub mod inner { pub type Wanted = u8; }", "crate::c::inner::Wanted"),
        ("src/d/e/f.rs", "pub(crate) const Wanted: u8 = 1;", "crate::d::e::f::Wanted"),
        ("src/g.rs", "pub static Wanted: u8 = 1;", "crate::g::Wanted"),
    ];
    let heads = [
        ("", "use PATH;\n\n", ""),
        ("use std::fmt;\n", "", "use PATH;\n"),
        ("use crate::zebra::Z;\nuse std::fmt;\n", "use PATH;\n", ""),
        ("//! About it.\n\n", "", "use PATH;\n\n"),
        ("#![allow(unused)]\n", "", "use PATH;\n\n"),
        ("//! About it.\n#![allow(unused)]\n\nuse std::fmt;\n", "", "use PATH;\n"),
        ("use std::fmt; // why\n", "", "use PATH;\n"),
        ("use std::{\n    fmt,\n    io,\n};\n", "", "use PATH;\n"),
        ("\u{feff}//! Marked.\n\n", "", "use PATH;\n\n"),
    ];
    let bodies = ["fn user() { Wanted; }\n", "\nfn user() { Wanted; }\n\nfn more() {}\n"];
    let mut cases = 0;
    for (path, definition, expected) in places {
        for (head, before, after) in heads {
            for body in bodies {
                let text = format!("{head}{body}");
                let (new, found) = run(&[(path, definition)], "src/user.rs", &text, None, &["Wanted"]);
                assert_eq!(found.added, [("Wanted".to_owned(), format!("use {expected};"))], "{path} {head}");
                let statement = format!("use {expected};");
                assert_eq!(new.matches(&statement).count(), 1, "{new}");
                let without = new.replacen(&format!("{statement}\n\n"), "", 1);
                let without =
                    if without == new { new.replacen(&format!("{statement}\n"), "", 1) } else { without };
                assert_eq!(without.replace('\n', ""), text.replace('\n', ""), "{new}");
                let place = new.find(&statement).unwrap();
                let of_head = new.find("use std::").filter(|_| before.contains("PATH") && !head.is_empty());
                assert!(of_head.is_none_or(|std| place < std), "{new}");
                assert!(new.find("fn user").unwrap() > place, "{new}");
                assert!(after.is_empty() || new.starts_with(head), "{new}");
                cases += 1;
            }
        }
    }
    assert!(cases >= 120, "{cases}");
}

#[test]
fn every_script_place_is_reached_from_every_head() {
    let places = [
        ("src/a.ts", "export function wanted() {}", "./a", false),
        ("src/deep/er/a.ts", "export const wanted = 1;", "./deep/er/a", false),
        ("lib/a.ts", "export class wanted {}", "../lib/a", false),
        ("src/a/index.ts", "export type wanted = string;", "./a", false),
        ("src/a.tsx", "const wanted = () => null;\nexport { wanted };", "./a", false),
        ("src/a.ts", "export default function wanted() {}", "./a", true),
    ];
    let heads = [
        ("", '\''),
        ("import x from 'x';\n", '\''),
        ("import x from \"x\";\n", '"'),
        ("import x from 'x'\n", '\''),
        ("import './side';\n", '\''),
        ("'use strict';\n", '\''),
        ("import type { T } from './t';\n", '\''),
        ("import { a } from './other';\nimport * as b from './b';\n", '\''),
        ("#!/usr/bin/env node\n", '\''),
    ];
    let bodies = ["export function user() { wanted; }\n", "\nfunction user() {\n  wanted;\n}\n"];
    let mut cases = 0;
    for (path, definition, source, is_default) in places {
        for (head, quote) in heads {
            for body in bodies {
                let text = format!("{head}{body}");
                let (new, found) = run(&[(path, definition)], "src/user.ts", &text, None, &["wanted"]);
                let clause = if is_default { "wanted" } else { "{ wanted }" };
                let statement = format!("import {clause} from {quote}{source}{quote}");
                assert_eq!(found.unresolved, Vec::<String>::new());
                assert_eq!(new.matches(&statement).count(), 1, "{new}\n{statement}");
                assert!(new.find("function user").unwrap() > new.find(&statement).unwrap(), "{new}");
                assert!(new.starts_with(head) || head.is_empty(), "{new}");
                cases += 1;
            }
        }
    }
    assert!(cases >= 100, "{cases}");
}

#[test]
fn a_list_is_extended() {
    let files =
        [("src/a.ts", "export function one() {}\nexport function two() {}\nexport function three() {}")];
    let of = |head: &str| run(&files, "src/user.ts", &format!("{head}one();"), None, &["two", "three"]).0;
    assert_eq!(of("import { one } from './a';\n"), "import { one, three, two } from './a';\none();");
    let long = "import {\n  one,\n} from './a';\n";
    assert_eq!(of(long), "import {\n  one,\n  three,\n  two,\n} from './a';\none();");
    let of_types = of("import type { one } from './a';\n");
    assert!(of_types.contains("import { three, two } from './a';"), "{of_types}");
}

#[test]
fn others_are_followed() {
    let files = [
        ("src/a/b.rs", "pub struct Wanted;"),
        ("src/c.rs", "use crate::a::Wanted;\nfn c(_: Wanted) {}"),
        ("src/d.rs", "use crate::a::{self, Wanted};"),
    ];
    let (new, _) = run(&files, "src/user.rs", "fn f() {}", None, &["Wanted"]);
    assert!(new.starts_with("use crate::a::Wanted;\n"), "{new}");
    let files = [
        ("packages/x/src/a.ts", "export class Wanted {}"),
        ("packages/y/src/b.ts", "import { Wanted } from '@x/core';\nnew Wanted();"),
    ];
    let (new, _) = run(&files, "packages/y/src/user.ts", "new Wanted();\n", None, &["Wanted"]);
    assert!(new.starts_with("import { Wanted } from '@x/core';\n"), "{new}");
}

#[test]
fn what_is_there_or_in_doubt_is_left_alone() {
    let files = [("src/a.rs", "pub struct Wanted;"), ("src/b.rs", "pub struct Wanted; struct Hidden;")];
    let (new, found) = run(&files, "src/user.rs", "fn f() {}", None, &["Wanted", "Hidden", "Nowhere"]);
    assert_eq!((new.as_str(), found.unresolved.len()), ("fn f() {}", 3));
    let (new, found) = run(&files[..1], "src/user.rs", "use x::{y as Wanted};\nfn f() {}", None, &["Wanted"]);
    assert_eq!((new.as_str(), found), ("use x::{y as Wanted};\nfn f() {}", Imports::default()));
}

#[test]
fn a_module_in_the_file_gets_its_own() {
    let text = "use std::fmt;\nmod inner {\n    use std::io;\n    fn f() { Wanted; }\n}\n";
    let at = text.find("Wanted").unwrap() as u32;
    let (new, _) = run(&[("src/a.rs", "pub struct Wanted;")], "src/user.rs", text, Some(at), &["Wanted"]);
    assert_eq!(new, text.replace("io;\n", "io;\n    use crate::a::Wanted;\n"));
}

#[test]
fn lists_fall_into_paths() {
    let paths = leaves("a::{self, b::{C, D as E}, f::*, g}");
    let shown: Vec<String> = paths.iter().map(|(path, local)| format!("{path}={local}")).collect();
    assert_eq!(shown, ["a=a", "a::b::C=C", "a::b::D=E", "a::g=g"]);
}
