//! Records come back, and damage costs the blocks it is in.

use proptest::prelude::*;

use super::*;
use crate::{EditId, Event, EventId, EventKind};

fn records(count: u64) -> Vec<Record> {
    let record = |number| {
        let edit = EditId::from_parts(number, 1, 2);
        Record::Event(Event { id: EventId::from_parts(number, 2, 3), edit, kind: EventKind::Applied })
    };
    (0..count).map(record).collect()
}

fn packed(records: &[Record]) -> Vec<u8> {
    let mut writer = SegmentWriter::new(Vec::new()).unwrap();
    records.iter().for_each(|record| writer.push(record).unwrap());
    writer.finish().unwrap()
}

/// The records of good blocks without the header, and the bytes of bad ones.
fn unpacked(bytes: &[u8]) -> (Vec<Record>, usize) {
    let (mut records, mut lost, mut offset) = (Vec::new(), 0, 0);
    while let Some(block) = block_at(bytes, offset) {
        match block {
            Block::Lines { plain, end } => {
                assert!(end > offset);
                let lines = plain.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                records.extend(lines.map(|line| Record::from_json(line).unwrap()));
                offset = end;
            }
            Block::Damaged { end } => {
                assert!(end > offset);
                lost += end - offset;
                offset = end;
            }
        }
    }
    records.retain(|record| !matches!(record, Record::Header(_)));
    (records, lost)
}

#[test]
fn records_come_back_in_several_blocks() {
    let records = records(8000);
    let bytes = packed(&records);
    assert_eq!(bytes.windows(4).filter(|window| *window == MAGIC).count(), 4);
    assert_eq!(unpacked(&bytes), (records, 0));
    assert_eq!(unpacked(&packed(&[])), (vec![], 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_costs_its_block_and_is_seen(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let records = records(8000);
        let mut bytes = packed(&records);
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let (rest, lost) = unpacked(&bytes);
        prop_assert!(lost > 0 && rest.len() < records.len());
        prop_assert!(rest.len() >= records.len() / 2, "{} left", rest.len());
        prop_assert!(rest.iter().all(|record| records.binary_search_by_key(&id(record), id).is_ok()));
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in prop::collection::vec(any::<u8>(), 0..300), head in any::<bool>()) {
        let bytes = if head { [&MAGIC, bytes.as_slice()].concat() } else { bytes };
        prop_assert_eq!(unpacked(&bytes).1, bytes.len());
    }
}

fn id(record: &Record) -> Option<EventId> {
    match record {
        Record::Event(event) => Some(event.id),
        _ => None,
    }
}
