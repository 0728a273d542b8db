//! Any edits of any text: what fits is applied as in a model, what does not is refused and changes nothing.

#![no_main]

use arbitrary::Arbitrary;
use autodao_syntax::{Change, Document, Language, LineIndex, Position, PositionEncoding};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/src/model.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod model;

use model::{Columns, Model, Place};

#[derive(Arbitrary, Debug)]
struct Edit {
    from: Point,
    to: Point,
    text: String,
}

#[derive(Arbitrary, Debug)]
enum Point {
    /// Before a character, counted from the start.
    At(u16),
    Raw(u32, u32),
}

#[derive(Arbitrary, Debug)]
enum Entry {
    Edit(Edit),
    Whole(String),
}

#[derive(Arbitrary, Debug)]
struct Script {
    columns: u8,
    text: String,
    notifications: Vec<(i8, Vec<Entry>)>,
}

fn place(model: &Model, point: &Point, columns: Columns) -> Place {
    match *point {
        Point::At(index) => model.place(usize::from(index) % (model.len() + 1), columns),
        Point::Raw(line, column) => (line as usize, column as usize),
    }
}

fn position((line, column): Place) -> Position {
    Position { line: line as u32, column: column as u32 }
}

fuzz_target!(|script: Script| {
    let (columns, encoding) = [
        (Columns::Utf8, PositionEncoding::Utf8),
        (Columns::Utf16, PositionEncoding::Utf16),
        (Columns::Utf32, PositionEncoding::Utf32),
    ][usize::from(script.columns) % 3];
    let mut model = Model::new(&script.text);
    let mut document = Document::new(Some(Language::Rust), 0, script.text);
    let mut lost = false;
    for (step, entries) in &script.notifications {
        let version = document.version() + i32::from(*step);
        let mut next = model.clone();
        let mut fits = *step > 0;
        let mut mends = false;
        let mut changes = Vec::new();
        for entry in entries {
            match entry {
                Entry::Whole(text) => {
                    next = Model::new(text);
                    // What came before a whole text does not matter.
                    (fits, mends) = (*step > 0, true);
                    changes.push(Change { range: None, text });
                }
                Entry::Edit(edit) => {
                    let (from, to) = (place(&next, &edit.from, columns), place(&next, &edit.to, columns));
                    fits &= next.replace(from, to, &edit.text, columns);
                    changes.push(Change { range: Some((position(from), position(to))), text: &edit.text });
                }
            }
        }
        let result = document.apply(version, &changes, encoding);
        let applies = fits && (mends || !lost);
        assert_eq!(result.is_ok(), applies, "{result:?}");
        if applies {
            model = next;
        }
        lost = !applies;
        assert_eq!(document.desync().is_some(), lost);
        assert_eq!(document.buffer().text(), model.text());
        assert_eq!(*document.buffer().lines(), LineIndex::new(document.buffer().text()));
    }
});
