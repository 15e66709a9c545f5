//! What was measured: as a table to read, and as one that programs read.

use crate::Entrant;
use crate::figures::{self, Spread};
use std::fmt::Write;

/// A question with so many workers, and what all who were asked needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The name of the question.
    pub question: String,
    /// What the number is the cost of.
    pub figure: String,
    /// How many workers a runtime had.
    pub workers: usize,
    /// What it is a number of.
    pub unit: Unit,
    /// How many turns each had.
    pub rounds: usize,
    /// What they needed: first that which is compared, then tokio, then others.
    pub entries: Vec<Entry>,
}

/// What one of them needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Who.
    pub entrant: Entrant,
    /// The median of the rounds, for one operation.
    pub median: f64,
    /// Divided by what tokio needed.
    pub ratio: Spread,
    /// The same for the time of the processor, where that was measured.
    pub processor: Option<Spread>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Time.
    Nanoseconds,
    /// Memory.
    Bytes,
}

impl Unit {
    const ALL: [Unit; 2] = [Unit::Nanoseconds, Unit::Bytes];

    fn name(self) -> &'static str {
        match self {
            Unit::Nanoseconds => "ns",
            Unit::Bytes => "bytes",
        }
    }

    /// So much of it, to read.
    pub fn show(self, count: f64) -> String {
        match self {
            Unit::Nanoseconds => figures::time(count),
            Unit::Bytes => format!("{count:.0} B"),
        }
    }
}

impl Row {
    /// What that one needed, if it was asked.
    pub fn entry(&self, entrant: Entrant) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.entrant == entrant)
    }

    /// The cells of the tables for people, in the order of [`heads`].
    pub fn cells(&self) -> Vec<String> {
        let ours = self.entries.first();
        let mut cells = vec![self.question.clone(), self.workers.to_string()];
        for i in 0..2 {
            let median = self.entries.get(i).map(|entry| entry.median);
            cells.push(or_nothing(median.map(|median| self.unit.show(median))));
        }
        cells.push(or_nothing(ours.map(|ours| spread(ours.ratio))));
        cells.push(or_nothing(
            ours.and_then(|ours| Some(spread(ours.processor?))),
        ));
        for entrant in Entrant::ALL.into_iter().skip(2) {
            cells.push(or_nothing(self.entry(entrant).map(other)));
        }
        cells
    }
}

fn or_nothing(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| String::from("–"))
}

fn spread(spread: Spread) -> String {
    let [low, middle, high] = [spread.low, spread.middle, spread.high].map(figures::ratio);
    format!("{middle} ({low} to {high})")
}

/// The ratio of the times, and after a comma that of the processor's, where it was measured.
fn other(entry: &Entry) -> String {
    let ratio = figures::ratio(entry.ratio.middle);
    match entry.processor {
        Some(processor) => format!("{ratio}, {}", figures::ratio(processor.middle)),
        None => ratio,
    }
}

/// What stands above the cells of a row.
pub fn heads() -> Vec<&'static str> {
    let mut heads = vec!["question", "workers", "runtime", "tokio", "ratio", "CPU"];
    heads.extend(Entrant::ALL.iter().skip(2).map(|entrant| entrant.name()));
    heads
}

/// A line of the table on a terminal.
pub fn line<S: AsRef<str>>(cells: &[S]) -> String {
    const WIDTHS: [usize; 6] = [24, 7, 10, 10, 22, 22];
    let mut line = String::new();
    for (i, cell) in cells.iter().enumerate() {
        let width = WIDTHS.get(i).copied().unwrap_or(12);
        let pad = " ".repeat(width.saturating_sub(cell.as_ref().chars().count()));
        match i {
            0 => write!(line, "{}{pad}", cell.as_ref()),
            _ => write!(line, " {pad}{}", cell.as_ref()),
        }
        .expect("a string takes all");
    }
    line
}

/// The table in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let heads = heads();
    let mut table = format!(
        "| {} |\n|---{}|\n",
        heads.join(" | "),
        "|--:".repeat(heads.len() - 1)
    );
    for row in rows {
        writeln!(table, "| {} |", row.cells().join(" | ")).expect("a string takes all");
    }
    table
}

const COLUMNS: &str = "question,figure,workers,unit,rounds,entrant,median,\
    ratio,ratio_low,ratio_high,cpu_ratio,cpu_low,cpu_high";

/// The table as comma-separated values: a line for each who was asked.
pub fn csv(rows: &[Row]) -> String {
    let mut table = format!("{COLUMNS}\n");
    for row in rows {
        for entry in &row.entries {
            let Spread { low, middle, high } = entry.ratio;
            let processor = match entry.processor {
                Some(Spread { low, middle, high }) => format!("{middle:.4},{low:.4},{high:.4}"),
                None => String::from(",,"),
            };
            writeln!(
                table,
                "{},\"{}\",{},{},{},{},{:.2},{middle:.4},{low:.4},{high:.4},{processor}",
                row.question,
                row.figure.replace('"', "\"\""),
                row.workers,
                row.unit.name(),
                row.rounds,
                entry.entrant.name(),
                entry.median,
            )
            .expect("a string takes all");
        }
    }
    table
}

/// Reads what [`csv`] has written. None if it is anything else.
pub fn from_csv(table: &str) -> Option<Vec<Row>> {
    let mut lines = table.lines();
    if lines.next()? != COLUMNS {
        return None;
    }
    let mut rows: Vec<Row> = Vec::new();
    for line in lines {
        let (mut row, entry) = parse(&fields(line))?;
        match rows.last_mut() {
            Some(last) if (&last.question, last.workers) == (&row.question, row.workers) => {
                last.entries.push(entry);
            }
            _ => {
                row.entries.push(entry);
                rows.push(row);
            }
        }
    }
    Some(rows)
}

/// A row without entries, and the entry of the line.
fn parse(fields: &[String]) -> Option<(Row, Entry)> {
    let number = |i: usize| fields.get(i)?.parse().ok();
    let spread = |i: usize| {
        Some(Spread {
            middle: number(i)?,
            low: number(i + 1)?,
            high: number(i + 2)?,
        })
    };
    let row = Row {
        question: fields.first()?.clone(),
        figure: fields.get(1)?.clone(),
        workers: fields.get(2)?.parse().ok()?,
        unit: *Unit::ALL.iter().find(|unit| unit.name() == fields[3])?,
        rounds: fields.get(4)?.parse().ok()?,
        entries: Vec::new(),
    };
    let entry = Entry {
        entrant: Entrant::find(fields.get(5)?)?,
        median: number(6)?,
        ratio: spread(7)?,
        processor: spread(10),
    };
    Some((row, entry))
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                fields.last_mut().expect("there is one").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("there is one").push(letter),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let spread = Spread {
            low: 0.4,
            middle: 0.5,
            high: 0.75,
        };
        let entry = |entrant, median, processor| Entry {
            entrant,
            median,
            ratio: spread,
            processor,
        };
        let row = |workers, unit| Row {
            question: String::from("spawn"),
            figure: String::from("one of 1,000 \"tasks\""),
            workers,
            unit,
            rounds: 7,
            entries: vec![
                entry(Entrant::Runtime, 50.0, Some(spread)),
                entry(Entrant::Tokio, 100.0, None),
            ],
        };
        vec![row(1, Unit::Nanoseconds), row(2, Unit::Bytes)]
    }

    #[test]
    fn what_was_saved_is_read_again() {
        assert_eq!(from_csv(&csv(&rows())), Some(rows()));
        assert_eq!(from_csv("another,table\n1,2\n"), None);
        assert_eq!(from_csv(&format!("{COLUMNS}\nspawn,1\n")), None);
    }

    #[test]
    fn a_row_in_markdown_has_a_cell_for_each_head() {
        let table = markdown(&rows());
        let bars = heads().len() + 1;
        for line in table.lines() {
            assert_eq!(line.matches('|').count(), bars, "{line}");
        }
        assert!(table.contains("| spawn | 1 | 50.0 ns | 100.0 ns | 0.50 (0.40 to 0.75) | 0.50"));
    }

    #[test]
    fn columns_on_a_terminal_are_aligned() {
        let cells = rows()[0].cells();
        assert_eq!(line(&cells).chars().count(), line(&heads()).chars().count());
    }
}
