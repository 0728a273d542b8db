//! Files with the imports that were added, given to the languages' own compilers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use autodao_edits::{ImportRequest, apply, imports};
use autodao_syntax::index::{FileIndex, WorkspaceIndex};
use autodao_syntax::{Language, Span, SyntaxParser};

/// The workspace: its files, and an index of them.
struct Workspace {
    folder: tempfile::TempDir,
    index: WorkspaceIndex,
}

impl Workspace {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut workspace = Self { folder: tempfile::tempdir().unwrap(), index: WorkspaceIndex::default() };
        for (path, text) in files {
            let language = Language::from_path(Path::new(path)).unwrap();
            let file = FileIndex::parse(&mut SyntaxParser::default(), language, text).unwrap();
            workspace.index.insert(path, Arc::new(file));
            workspace.write(path, text);
        }
        workspace
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// Writes a file that uses a name in its last line, with what it imports. Returns how many imports were added.
    fn user(&self, path: &str, text: &str, name: &str) -> usize {
        let language = Language::from_path(Path::new(path)).unwrap();
        let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
        let used = text.trim_end().rfind('\n').map_or(0, |at| at + 1) as u32;
        let found = imports(&ImportRequest {
            index: &self.index,
            path,
            language,
            text,
            tree: &tree,
            at: Span::new(used, text.len() as u32),
            names: &[name.to_owned()],
            crate_name: &|_| None,
        });
        self.write(path, &apply(text, &found.edits).unwrap());
        found.added.len()
    }
}

/// Runs a compiler; `None` where there is none.
fn compiled(command: &mut Command) -> Option<Result<(), String>> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some(output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&said).into_owned()))
}

#[test]
fn rust_that_was_imported_for_compiles() {
    // Where a name is, what it is called, and a line that uses it.
    let files = [
        ("src/a.rs", "pub struct Plain;\npub mod inner { pub type Inner = u8; }\n"),
        ("src/b/mod.rs", "pub mod deep;\nmod shut;\npub use shut::Shown;\npub fn called() {}\n"),
        ("src/b/deep.rs", "pub enum Choice { A }\npub(crate) const LIMIT: u8 = 1;\n"),
        ("src/b/shut.rs", "pub struct Shown;\n"),
        ("src/b/user.rs", "use crate::b::Shown;\nfn f(_: Shown) {}\n"),
        ("src/same.rs", "pub fn same() {}\n"),
        ("src/zebra.rs", "pub struct Z;\n"),
        ("src/e/mod.rs", "pub mod f;\n"),
        ("src/e/f.rs", "pub static COUNT: u8 = 1;\n#[macro_export]\nmacro_rules! noted { () => {} }\n"),
    ];
    let root = "#![allow(warnings)]\npub mod a;\npub mod b;\npub mod e;\npub mod same;\npub mod zebra;\npub trait Able {}\n";
    let names = [
        ("Plain", "fn u(_: Plain) {}"),
        ("Inner", "fn u(_: Inner) {}"),
        ("called", "fn u() { called(); }"),
        ("Choice", "fn u() -> Choice { Choice::A }"),
        ("LIMIT", "fn u() -> u8 { LIMIT }"),
        ("Shown", "fn u(_: Shown) {}"),
        ("same", "fn u() { same(); }"),
        ("zebra", "fn u() { drop(zebra::Z); }"),
        ("COUNT", "fn u() -> u8 { COUNT }"),
        ("Able", "fn u(_: impl Able) {}"),
        ("noted", "fn u() { noted!(); }"),
    ];
    let heads = [
        "",
        "use std::fmt;\n",
        "use crate::zebra::Z;\nuse std::fmt;\n",
        "//! About it.\n\n",
        "#![allow(unused)]\n",
        "//! About it.\n#![allow(unused)]\n\nuse std::fmt;\n",
        "use std::fmt; // why\n",
        "use std::{\n    fmt,\n    io,\n};\n",
        "\u{feff}//! Marked.\n\n",
        "use std::fmt;\r\nuse std::io;\r\n",
    ];
    let mut all: Vec<(&str, String)> = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    all.push(("src/lib.rs", root.to_owned()));
    let borrowed: Vec<(&str, &str)> = all.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let workspace = Workspace::new(&borrowed);
    let mut users = String::new();
    let mut cases = 0;
    for (name, body) in names {
        for head in heads {
            let added = workspace.user(&format!("src/users/u{cases}.rs"), &format!("{head}{body}\n"), name);
            assert_eq!(added, 1, "{name} is imported into {head:?}");
            users += &format!("mod u{cases};\n");
            cases += 1;
        }
    }
    assert!(cases >= 110, "{cases}");
    workspace.write("src/users/mod.rs", &users);
    workspace.write("src/lib.rs", &format!("{root}mod users;\n"));
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--out-dir"]);
    let ran = compiled(rustc.arg(workspace.folder.path()).arg(workspace.path("src/lib.rs")));
    ran.unwrap().unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn typescript_that_was_imported_for_compiles() {
    let files = [
        ("src/a.ts", "export function called(): void {}\nexport interface Shape { a: number }\n"),
        ("src/b/index.ts", "export * from './inner';\nexport const limit = 1;\n"),
        ("src/b/inner.ts", "export class Inner {}\n"),
        ("src/c.ts", "export default class Main {}\n"),
        ("src/d/kind.ts", "export enum Kind { A }\nexport type Name = string;\n"),
        ("src/user/near.ts", "import { Inner } from '../b';\nexport const near = new Inner();\n"),
        ("src/user/typed.ts", "import type { Shape } from '../a';\nexport const shape: Shape = { a: 1 };\n"),
        ("src/user.ts", "export const beside = 1;\n"),
        ("lib/out.ts", "const arrow = () => null;\nexport { arrow };\n"),
    ];
    let names = [
        ("called", "called();"),
        ("Shape", "export const x: Shape = { a: 1 };"),
        ("limit", "export const x = limit + 1;"),
        ("Inner", "export const x = new Inner();"),
        ("Main", "export const x = new Main();"),
        ("Kind", "export const x: Kind = Kind.A;"),
        ("Name", "export const x: Name = '';"),
        ("near", "export const x = near;"),
        ("beside", "export const x = beside;"),
        ("arrow", "arrow();"),
    ];
    let heads = [
        "",
        "import x1 from 'x';\n",
        "import x1 from \"x\";\n",
        "import x1 from 'x'\n",
        "import '../a';\n",
        "'use strict';\n",
        "import type { T } from '../t';\n",
        "import { z } from '../t';\nimport * as all from '../t';\n",
        "#!/usr/bin/env node\n",
        "/* Licence */\n\nimport { z } from '../t';\r\n",
    ];
    let workspace = Workspace::new(&files);
    workspace.write("src/t.ts", "export type T = 1;\nexport const z = 1;\n");
    workspace.write("src/x.d.ts", "declare module 'x' {\n  const x: number;\n  export default x;\n}\n");
    let mut cases = 0;
    for (name, body) in names {
        for head in heads {
            let added = workspace.user(&format!("src/user/u{cases}.ts"), &format!("{head}{body}\n"), name);
            assert_eq!(added, 1, "{name} is imported into {head:?}");
            cases += 1;
        }
    }
    assert!(cases >= 100, "{cases}");
    let options = r#"{"compilerOptions": {"strict": true, "noEmit": true, "module": "esnext", "moduleResolution": "bundler",
        "target": "es2022", "verbatimModuleSyntax": true, "types": []}, "include": ["src", "lib"]}"#;
    workspace.write("tsconfig.json", options);
    let compiler = std::env::var_os("AUTODAO_TSC").unwrap_or_else(|| "tsc".into());
    match compiled(Command::new(&compiler).arg("--project").arg(workspace.folder.path())) {
        Some(ran) => ran.unwrap_or_else(|said| panic!("{said}")),
        None => println!("not compiled: there is no tsc; AUTODAO_TSC names one to use"),
    }
}
