//! Lines come back, and damage is never taken for a line.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn read_all(bytes: &[u8]) -> Vec<Frame> {
    let mut reader = Cursor::new(bytes);
    let mut frames = Vec::new();
    loop {
        match next(&mut reader).unwrap() {
            Frame::End => return frames,
            frame => frames.push(frame),
        }
    }
}

fn json() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        any::<u8>().prop_filter("no byte that no JSON has", |byte| !matches!(byte, b'\n' | 0)),
        1..80,
    )
}

proptest! {
    #[test]
    fn lines_come_back(lines in prop::collection::vec(json(), 0..20)) {
        let mut bytes = Vec::new();
        lines.iter().for_each(|line| encode(line, &mut bytes));
        let expected: Vec<_> = lines.into_iter().map(Frame::Line).collect();
        prop_assert_eq!(read_all(&bytes), expected);
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let length: u64 = read_all(&bytes).iter().map(|frame| match frame {
            Frame::Line(json) => json.len() as u64 + 10,
            Frame::Damaged(bytes) | Frame::Unfinished(bytes) => *bytes,
            Frame::End => 0,
        }).sum();
        prop_assert_eq!(length, bytes.len() as u64);
    }

    #[test]
    fn a_flipped_bit_costs_two_lines_at_most(lines in prop::collection::vec(json(), 3..10), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut bytes = Vec::new();
        lines.iter().for_each(|line| encode(line, &mut bytes));
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let frames = read_all(&bytes);
        let good: Vec<_> = frames.iter().filter_map(|frame| match frame {
            Frame::Line(json) => Some(json),
            _ => None,
        }).collect();
        prop_assert!(good.iter().all(|json| lines.contains(json)));
        prop_assert!(good.len() + 2 >= lines.len());
    }

    #[test]
    fn a_cut_file_keeps_its_whole_lines(lines in prop::collection::vec(json(), 1..10), at in any::<prop::sample::Index>()) {
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for line in &lines {
            encode(line, &mut bytes);
            ends.push(bytes.len());
        }
        let at = at.index(bytes.len());
        let whole = ends.iter().filter(|end| **end <= at).count() - 1;
        let frames = read_all(&bytes[..at]);
        prop_assert_eq!(frames.iter().filter(|frame| matches!(frame, Frame::Line(_))).count(), whole);
        prop_assert!(frames.iter().all(|frame| !matches!(frame, Frame::Damaged(_))));
    }
}

#[test]
fn a_line_without_end_is_read_in_bounded_memory() {
    let mut bytes = vec![b'x'; 3 * MAX_LINE];
    assert_eq!(read_all(&bytes), [Frame::Unfinished(3 * MAX_LINE as u64)]);
    bytes.push(b'\n');
    encode(b"{}", &mut bytes);
    assert_eq!(read_all(&bytes), [Frame::Damaged(3 * MAX_LINE as u64 + 1), Frame::Line(b"{}".to_vec())]);
}
