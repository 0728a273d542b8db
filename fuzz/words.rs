//! Texts that look like code: words of a language, one a byte, and any characters between.

use arbitrary::Arbitrary;
use autodao_syntax::Language;

#[derive(Arbitrary, Debug, Clone)]
pub enum Word {
    Known(u8),
    Character(char),
}

/// A text as words.
#[derive(Arbitrary, Debug, Clone)]
pub struct Text {
    words: Vec<Word>,
}

impl Text {
    /// The text in a language.
    pub fn render(&self, language: Language) -> String {
        let words = if language == Language::Rust { RUST } else { SCRIPT };
        let mut text = String::new();
        for word in &self.words {
            match word {
                Word::Known(index) => text.push_str(words[usize::from(*index) % words.len()]),
                Word::Character(character) => text.push(*character),
            }
        }
        text
    }
}

const RUST: &[&str] = &[
    " ", "\n", "\r\n", "\r", "\t", "    ", "{", "}", "(", ")", "[", "]", "<", ">", ";", ",", ".", "::", "->", "=>",
    "=", "&&", "||", "!", "?", "#", "'", "\"", "\\", "/", "a", "b", "Self", "u8", "1", "é", "😀", "\u{feff}",
    "fn ", "impl ", "mod ", "struct ", "enum ", "trait ", "use ", "pub ", "async ", "unsafe ", "let ", "if ",
    "else ", "match ", "for ", "while ", "loop ", "return ", "const ", "static ", "macro_rules! ", "in ",
    "fn f() { ", "fn g(a: u8) -> Result<u8> { ", "impl S { ", "impl T for S { ", "mod m { ", "#[test]\n",
    "#[cfg(test)]\n", "#![a]\n", "// c\n", "/// d\n", "//! e\n", "/* c */", "/*", "*/", "// TODO x\n",
    "// autodao: allow(all)\n", "// autodao: allow-file(unwrap-used)\n", "{ // autodao: allow(x)", "a.unwrap()",
    ".unwrap_err()", "dbg!(a)", "dbg!(a, b)", "dbg!(f());\n", "todo!()", "unimplemented!(\"x\")", "println!(\"{}\", ",
    "if a { if b { c(); } }", "if a {\n    if b {\n        c();\n    }\n}\n", "std::fs::read(p)", ".await",
    "std::thread::sleep(d)", "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "r#\"", "\"#", "b'x'", "|x| ", "move ",
];

const SCRIPT: &[&str] = &[
    " ", "\n", "\r\n", "\r", "\t", "  ", "{", "}", "(", ")", "[", "]", "<", ">", ";", ",", ".", "?.", "=>", "=",
    "===", "&&", "||", "??", "!", "?", ":", "'", "\"", "`", "${", "\\", "/", "a", "b", "this", "1", "é", "😀",
    "\u{feff}", "function ", "class C ", "export ", "default ", "import ", "from ", "const ", "let ", "var ",
    "if (a) ", "else ", "for (const a of b) ", "while (a) ", "switch (a) { case 1: ", "return ", "async ",
    "await ", "new ", "throw ", "throw 'x';", "try { ", "} catch {}", "} catch (e) { ", "interface I ", "type T = ",
    "enum E ", "namespace N ", "static {", "get ", "set ", "#p", "@d ", "as any", "// c\n", "/** d */", "/*", "*/",
    "// TODO x\n", "/* FIXME */", "// autodao: allow(all)\n", "{/* autodao: allow(all) */}", "debugger;",
    "debugger", "console.log(a);", "console.log(a)", "a ? b : c ? d : e", "if (a) { if (b) { c(); } }",
    "if (a) {\n  if (b) {\n    c();\n  }\n}\n", "fs.readFileSync(p)", "<p>", "</p>", "<b/>", "<>", "</>", "{a && ",
    "=> <div>", "</div>", "/re/g", "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "#!/usr/bin/env node\n",
    "function f() { ", "() => { ", "'use strict';\n",
];
