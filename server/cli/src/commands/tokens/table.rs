//! Tables that fit the terminal, numbers as people read them, sparklines.

use std::io::{self, Write};

/// Columns of a terminal that does not tell its width, and of files.
const WIDTH: usize = 100;
/// Characters of a name that are shown.
const MAX_NAME: usize = 40;

/// A column: its head and its cells; numbers stand to the right.
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) cells: Vec<String>,
    pub(super) is_number: bool,
    /// Columns with a higher number are left out first when the terminal is narrow.
    pub(super) rank: u8,
}

/// The width to fit into.
pub(super) fn terminal_width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    told.or_else(asked).filter(|width| *width >= 20).unwrap_or(WIDTH)
}

/// Writes the columns that fit.
pub(super) fn write(mut columns: Vec<Column>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for column in &mut columns {
        column.cells.iter_mut().for_each(shorten);
    }
    let wide = |column: &Column| {
        let cells = column.cells.iter().map(|cell| cell.chars().count());
        cells.chain([column.head.len()]).max().unwrap_or(0)
    };
    while columns.len() > 2 && columns.iter().map(|column| wide(column) + 2).sum::<usize>() - 2 > width {
        let last = columns.iter().enumerate().max_by_key(|(_, column)| column.rank).map(|(at, _)| at);
        columns.remove(last.unwrap_or(0));
    }
    let rows = columns.first().map_or(0, |column| column.cells.len());
    let heads = columns.iter().map(|column| column.head);
    write_row(&columns, heads, &wide, out)?;
    for row in 0..rows {
        write_row(&columns, columns.iter().map(|column| column.cells[row].as_str()), &wide, out)?;
    }
    Ok(())
}

fn write_row<'a>(
    columns: &[Column],
    cells: impl Iterator<Item = &'a str>,
    wide: &dyn Fn(&Column) -> usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = String::new();
    for (column, cell) in columns.iter().zip(cells) {
        let width = wide(column);
        if column.is_number {
            line += &format!("{cell:>width$}  ");
        } else {
            line += &format!("{cell:width$}  ");
        }
    }
    writeln!(out, "{}", line.trim_end())
}

fn shorten(cell: &mut String) {
    if cell.chars().count() > MAX_NAME {
        *cell = cell.chars().take(MAX_NAME - 1).chain(['…']).collect();
    }
}

/// 950, 12.3k, 4.56M, ...
pub(super) fn amount(value: u64) -> String {
    for (unit, name) in [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")] {
        if value >= unit {
            let scaled = value as f64 / unit as f64;
            let digits = usize::from(scaled < 99.95) + usize::from(scaled < 9.995);
            return format!("{scaled:.digits$}{name}");
        }
    }
    value.to_string()
}

/// Dollars and cents; more digits for what is less than ten cents.
pub(super) fn dollars(micros: u64) -> String {
    let digits = if micros == 0 || micros >= 100_000 { 2 } else { 4 };
    format!("${:.digits$}", micros as f64 / 1_000_000.0)
}

/// 950ms, 1.8s, 3.2min.
pub(super) fn duration(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms}ms"),
        1000..120_000 => format!("{:.1}s", ms as f64 / 1000.0),
        _ => format!("{:.1}min", ms as f64 / 60_000.0),
    }
}

/// Bars of eight heights, at most so many: several days share one when there are more.
pub(super) fn sparkline(values: &[u64], most: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let group = values.len().div_ceil(most.max(1)).max(1);
    let sums: Vec<u64> = values
        .chunks(group)
        .map(|days| days.iter().fold(0, |sum: u64, day| sum.saturating_add(*day)))
        .collect();
    let highest = sums.iter().copied().max().unwrap_or(0);
    let bar = |value: &u64| match value {
        0 => ' ',
        value => BARS[(u128::from(*value) * 8 / (u128::from(highest) + 1)) as usize % 8],
    };
    sums.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1.00k"),
            (12_340, "12.3k"),
            (999_999, "1000k"),
            (4_560_000, "4.56M"),
        ];
        for (value, shown) in cases {
            assert_eq!(amount(value), shown);
        }
        assert_eq!([0, 4200, 1_230_000].map(dollars), ["$0.00", "$0.0042", "$1.23"]);
        assert_eq!([20, 1840, 150_000].map(duration), ["20ms", "1.8s", "2.5min"]);
    }

    #[test]
    fn sparklines_show_rise_and_gaps() {
        assert_eq!(sparkline(&[0, 1, 4, 8, u64::MAX], 9), " ▁▁▁█");
        assert_eq!(sparkline(&[1, 2, 3, 4, 5, 6, 7, 8], 9), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[1, 1, 8, 8], 2), "▁█");
        assert_eq!(sparkline(&[], 5), "");
    }

    #[test]
    fn columns_of_the_highest_rank_are_left_out_first() {
        let column = |head, cells: &[&str], is_number, rank| Column {
            head,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
            is_number,
            rank,
        };
        let columns = || {
            vec![
                column("NAME", &["äb", "c"], false, 0),
                column("N", &["1", "20"], true, 1),
                column("LONG HEAD", &["x", "y"], false, 2),
            ]
        };
        let written = |width| {
            let mut out = Vec::new();
            write(columns(), width, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(30), "NAME   N  LONG HEAD\näb     1  x\nc     20  y\n");
        assert_eq!(written(10), "NAME   N\näb     1\nc     20\n");
    }
}
