//! `autodao tokens`: what AI edits cost, what they would have cost, and whether they stayed.

mod analysis;
mod edit;
mod table;

use std::io::{self, Write};

use autodao_engine::ledger::{By, Day, Leader, Leaders, Ledger, Percentiles, Rate, Report, Row, Summary};

use super::ledger::{open, tell_notices, trouble};
use crate::exit;
use crate::output::{Color, complain, print, print_json};
use crate::path::printable;
use table::{Column, amount, dollars, duration, sparkline, terminal_width};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// `today`, or the last two weeks by day, three months by week, year by month. Days are those of UTC.
    #[arg(value_enum, default_value_t)]
    period: Period,
    /// What the rows are.
    #[arg(long, value_enum)]
    by: Option<Dimension>,
    /// The first day instead, as 2026-03-01.
    #[arg(long, value_name = "DAY")]
    since: Option<Day>,
    /// The last day; today when it is not given.
    #[arg(long, value_name = "DAY")]
    until: Option<Day>,
    /// Show it for programs.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Show it for spreadsheets.
    #[arg(long)]
    csv: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Tell the story of one edit.
    Edit {
        /// Its id, or the start of it.
        id: String,
        /// Show it for programs.
        #[arg(long)]
        json: bool,
    },
    /// Show the most expensive edits and those that cost most for nothing.
    Top {
        /// The time to look at.
        #[arg(value_enum, default_value_t = Period::Month)]
        period: Period,
        /// How many of each.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=20))]
        count: u8,
        /// Show it for programs.
        #[arg(long)]
        json: bool,
    },
    /// Show weeks by task, where tokens go for nothing and what to do about it, and templates that got worse.
    Analysis {
        /// How many weeks.
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=104))]
        weeks: u8,
        /// Show it for programs.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Period {
    #[default]
    Today,
    Day,
    Week,
    Month,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Dimension {
    Day,
    Week,
    Month,
    Template,
    Version,
    Task,
    Complexity,
    Model,
    Workspace,
    Language,
    Route,
}

impl Period {
    fn first(self, today: Day) -> Day {
        match self {
            Self::Today => today,
            Self::Day => today.plus(-13),
            Self::Week => today.week().plus(-7 * 12),
            Self::Month => today.month().plus(-365).month(),
        }
    }

    fn by(self) -> By {
        match self {
            Self::Today => By::Template,
            Self::Day => By::Day,
            Self::Week => By::Week,
            Self::Month => By::Month,
        }
    }
}

impl Dimension {
    fn by(self) -> By {
        match self {
            Self::Day => By::Day,
            Self::Week => By::Week,
            Self::Month => By::Month,
            Self::Template => By::Template,
            Self::Version => By::Version,
            Self::Task => By::Task,
            Self::Complexity => By::Complexity,
            Self::Model => By::Model,
            Self::Workspace => By::Workspace,
            Self::Language => By::Language,
            Self::Route => By::Route,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    let Some(ledger) = open() else { return exit::TROUBLE };
    let code = match &arguments.command {
        Some(Command::Edit { id, json }) => edit::show(&ledger, id, *json),
        Some(Command::Top { period, count, json }) => top(&ledger, *period, usize::from(*count), *json),
        Some(Command::Analysis { weeks, json }) => analysis::show(&ledger, i32::from(*weeks), *json),
        None => report(&ledger, arguments),
    };
    tell_notices(&ledger);
    code
}

/// Tells the story of one edit.
pub(crate) fn tell_edit(ledger: &Ledger, id: &str, json: bool) -> u8 {
    edit::show(ledger, id, json)
}

fn report(ledger: &Ledger, arguments: &Arguments) -> u8 {
    let today = Day::today();
    let last = arguments.until.unwrap_or(today);
    let first = arguments.since.unwrap_or_else(|| arguments.period.first(today));
    let by = arguments.by.map_or_else(|| arguments.period.by(), Dimension::by);
    let report = match ledger.report(first, last, by) {
        Ok(report) => report,
        Err(error) => return trouble(&error),
    };
    if !report.losses.is_empty() {
        let count = report.losses.len();
        complain(
            "warning",
            &format!("{count} places of the ledger cannot be read, see `autodao ledger verify`"),
        );
    }
    if arguments.json {
        print_json(exit::CLEAN, &report)
    } else if arguments.csv {
        print(Color::Never, exit::CLEAN, |out| write_csv(&report, out))
    } else {
        print(Color::Never, exit::CLEAN, |out| write_report(&report, out))
    }
}

fn write_report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Report { first, last, .. } = report;
    let time = if first == last { first.to_string() } else { format!("{first} to {last}") };
    if report.rows.is_empty() {
        return writeln!(out, "No AI edits, {time}.");
    }
    writeln!(out, "AI edits, {time}\n")?;
    let total = Row {
        key: "total".to_owned(),
        summary: report.total.clone(),
        daily_tokens: (0..report.rows[0].daily_tokens.len())
            .map(|day| report.rows.iter().fold(0, |sum: u64, row| sum.saturating_add(row.daily_tokens[day])))
            .collect(),
        stats: Default::default(),
    };
    // One row is its own total.
    let rows: Vec<&Row> = if report.rows.len() == 1 {
        vec![&report.rows[0]]
    } else {
        report.rows.iter().chain([&total]).collect()
    };
    table::write(columns(report.by, &rows), terminal_width(), out)?;
    let changes = report.total.quality.iter().filter(|(_, change)| change.abs() >= 0.005);
    let changes: Vec<String> = changes.map(|(of, change)| format!("{of} {change:+.2}")).collect();
    if !changes.is_empty() {
        writeln!(out, "\nAn applied edit changed scores by, on average: {}", changes.join(", "))?;
    }
    let Summary { unpriced_requests, estimated_requests, .. } = report.total;
    if unpriced_requests > 0 {
        writeln!(out, "\nThe costs are without {unpriced_requests} requests that have no price.")?;
    }
    if estimated_requests > 0 {
        writeln!(
            out,
            "\n{estimated_requests} requests never said what they took: their estimates are in the sums."
        )?;
    }
    Ok(())
}

fn columns(by: By, rows: &[&Row]) -> Vec<Column> {
    let column = |head, rank, is_number, cell: &dyn Fn(&Row) -> String| Column {
        head,
        cells: rows.iter().map(|row| cell(row)).collect(),
        is_number,
        rank,
    };
    let number =
        |head, rank, cell: &dyn Fn(&Summary) -> String| column(head, rank, true, &|row| cell(&row.summary));
    let head = match by {
        By::Day => "DAY",
        By::Week => "WEEK",
        By::Month => "MONTH",
        By::Template => "TEMPLATE",
        By::Version => "VERSION",
        By::Task => "TASK",
        By::Complexity => "COMPLEXITY",
        By::Model => "MODEL",
        By::Workspace => "WORKSPACE",
        By::Language => "LANGUAGE",
        By::Route => "ROUTE",
    };
    let pair = |percentiles: Option<Percentiles>, shown: fn(u64) -> String| {
        percentiles.map_or_else(dash, |p| format!("{}/{}", shown(p.p50), shown(p.p90)))
    };
    let mut columns = vec![
        column(head, 0, false, &|row| printable(&row.key)),
        number("EDITS", 1, &|s| amount(s.edits)),
        number("TOKENS", 2, &|s| amount(s.tokens)),
        number("BASELINE", 8, &|s| amount(s.baseline_tokens)),
        number("RATIO", 4, &|s| s.ratio.map_or_else(dash, |ratio| format!("{ratio:.1}x"))),
        number("COST", 3, &|s| dollars(s.cost_micros)),
        number("ACCEPTED", 5, &|s| percent(s.acceptance)),
        number("STAYED", 6, &|s| percent(s.survival)),
        number("WASTED", 7, &|s| amount(s.wasted_tokens)),
        number("TOKENS/EDIT", 10, &|s| pair(s.tokens_per_edit, amount)),
        number("LATENCY", 11, &|s| pair(s.latency_ms, duration)),
    ];
    if rows.first().is_some_and(|row| row.daily_tokens.len() > 1) && !by.is_time() {
        columns.push(column("BY DAY", 9, false, &|row| sparkline(&row.daily_tokens, 16)));
    }
    columns
}

fn dash() -> String {
    "-".to_owned()
}

fn percent(rate: Option<Rate>) -> String {
    rate.map_or_else(dash, |rate| format!("{:.0}%", rate.value * 100.0))
}

/// A proportion with its interval.
fn interval(rate: Option<Rate>) -> String {
    let shown = |rate: Rate| {
        let [value, low, high] = [rate.value, rate.low, rate.high].map(|share| share * 100.0);
        format!("{value:.0}% ({low:.0}-{high:.0}%, {} of {})", rate.part, rate.whole)
    };
    rate.map_or_else(dash, shown)
}

fn write_csv(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "key,edits,requests,input_tokens,cached_tokens,output_tokens,baseline_tokens,ratio,cost_micros,wasted_tokens,\
         acceptance,survival,latency_p50_ms,latency_p90_ms,latency_p99_ms"
    )?;
    for row in &report.rows {
        let s = &row.summary;
        let share = |rate: Option<Rate>| rate.map_or(String::new(), |rate| format!("{:.4}", rate.value));
        let latency = |of: fn(Percentiles) -> u64| s.latency_ms.map_or(String::new(), |p| of(p).to_string());
        // Keys are names of our users: quoted, and no formula for a spreadsheet.
        let mark = if row.key.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
        writeln!(
            out,
            "\"{mark}{}\",{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            row.key.replace('"', "\"\""),
            s.edits,
            s.requests,
            s.input,
            s.cached,
            s.output,
            s.baseline_tokens,
            s.ratio.map_or(String::new(), |ratio| format!("{ratio:.3}")),
            s.cost_micros,
            s.wasted_tokens,
            share(s.acceptance),
            share(s.survival),
            latency(|p| p.p50),
            latency(|p| p.p90),
            latency(|p| p.p99),
        )?;
    }
    Ok(())
}

fn top(ledger: &Ledger, period: Period, count: usize, json: bool) -> u8 {
    let today = Day::today();
    let mut leaders = match ledger.top(period.first(today), today) {
        Ok(leaders) => leaders,
        Err(error) => return trouble(&error),
    };
    leaders.expensive.truncate(count);
    leaders.wasteful.truncate(count);
    if json {
        return print_json(exit::CLEAN, &leaders);
    }
    let Leaders { expensive, wasteful } = leaders;
    print(Color::Never, exit::CLEAN, |out| {
        write_leaders("The most expensive edits", &expensive, out)?;
        writeln!(out)?;
        write_leaders("The most expensive edits that came to nothing", &wasteful, out)
    })
}

fn write_leaders(title: &str, leaders: &[Leader], out: &mut dyn Write) -> io::Result<()> {
    if leaders.is_empty() {
        return writeln!(out, "{title}: none.");
    }
    writeln!(out, "{title}\n")?;
    let column = |head, rank, is_number, cell: &dyn Fn(&Leader) -> String| Column {
        head,
        cells: leaders.iter().map(cell).collect(),
        is_number,
        rank,
    };
    let template = |leader: &Leader| {
        leader.template.as_ref().map_or_else(dash, |t| printable(&format!("{}@{}", t.name, t.version)))
    };
    let columns = vec![
        column("EDIT", 0, false, &|leader| leader.edit.to_string()),
        column("COST", 1, true, &|leader| dollars(leader.micros)),
        column("TOKENS", 2, true, &|leader| amount(leader.tokens)),
        column("OUTCOME", 3, false, &|leader| leader.outcome.name().to_owned()),
        column("TASK", 6, false, &|leader| printable(&leader.task)),
        column("TEMPLATE", 4, false, &template),
        column("MODEL", 5, false, &|leader| leader.model.as_deref().map_or_else(dash, printable)),
    ];
    table::write(columns, terminal_width(), out)
}
