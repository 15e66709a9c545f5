//! How does `runtime` compare to `tokio`, and to others, question by question?
//!
//! `cargo run --release --bin ratios -- [--quick] [--cpu] [--null] [question..]`
//!
//! Those who are asked take turns ([`turns`]). A line tells the medians over the rounds, the
//! median of the ratios of the single rounds, and in brackets their quartiles: how far to trust
//! it. Then the same for the time of the processor, and the ratios of the others.
//! `./run` builds all that this needs, and runs it.

use runtime_bench::report::{self, Row};
use runtime_bench::turns::{self, Frame};
use runtime_bench::{
    Entrant, Question, chart, go, ground::Ground, questions::QUESTIONS, stopwatch,
};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

const USAGE: &str = "usage: ratios [option..] [question..]

  --quick       shorter rounds, fewer, and only `runtime` and tokio: under 3 minutes for all
  --two         only `runtime` and tokio
  --cpu         compare processor time instead of wall time
  --null        compare tokio to itself: what is measured then is the noise
  --rounds N    turns of each, at least 1
  --minutes N   for all questions together, instead of 16
  --workers N   only with so many workers, instead of 1 and 2
  --chart FILE  draw the chart as well
  --from FILE   measure nothing: take the numbers from that table, in .csv
  question      only that, or those whose names begin so; by default all of them:";

fn main() -> ExitCode {
    runtime_bench::load::be_one_if_asked();
    let plan = match Plan::from_arguments(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(what) => {
            eprintln!("{what}\n{USAGE}");
            for question in QUESTIONS {
                eprintln!("    {:20} {}", question.name, question.figure);
            }
            return ExitCode::FAILURE;
        }
    };
    let done = plan.carry_out();
    Ground::clear();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What to measure, and how long.
struct Plan {
    /// For all of it.
    total: Duration,
    frame: Frame,
    quick: bool,
    processor_time: bool,
    entrants: Vec<Entrant>,
    workers: Vec<usize>,
    names: Vec<String>,
    chart: Option<PathBuf>,
    from: Option<PathBuf>,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            total: Duration::from_secs(16 * 60),
            frame: Frame {
                total: Duration::ZERO,
                turn: Duration::from_millis(400),
                fewest: 7,
                most: 15,
            },
            quick: false,
            processor_time: false,
            entrants: Entrant::ALL.to_vec(),
            workers: vec![1, 2],
            names: Vec::new(),
            chart: None,
            from: None,
        }
    }
}

impl Plan {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Plan::default();
        let mut rounds = None;
        let mut minutes: Option<usize> = None;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => plan.be_quick(),
                "--two" => plan.entrants = vec![Entrant::Runtime, Entrant::Tokio],
                "--null" => plan.entrants = vec![Entrant::Tokio; 2],
                "--cpu" => plan.processor_time = true,
                "--rounds" => rounds = Some(number(arguments.next())?),
                "--minutes" => minutes = Some(number(arguments.next())?),
                "--workers" => plan.workers = vec![number(arguments.next())?],
                "--chart" => plan.chart = Some(file(arguments.next())?),
                "--from" => plan.from = Some(file(arguments.next())?),
                name if QUESTIONS.iter().any(|question| means(name, question)) => {
                    plan.names.push(argument);
                }
                _ => return Err(format!("{argument}: no such option or question")),
            }
        }
        if let Some(minutes) = minutes {
            plan.total = Duration::from_secs(60 * minutes as u64);
        }
        if let Some(rounds) = rounds {
            (plan.frame.fewest, plan.frame.most) = (rounds, rounds);
        }
        Ok(plan)
    }

    fn be_quick(&mut self) {
        self.quick = true;
        self.entrants.truncate(2);
        self.total = Duration::from_secs(140);
        self.frame = Frame {
            turn: Duration::from_millis(100),
            fewest: 3,
            most: 7,
            ..self.frame
        };
    }

    fn carry_out(&self) -> io::Result<()> {
        let rows = match &self.from {
            Some(table) => read(table)?,
            None => self.measure()?,
        };
        if let Some(file) = &self.chart {
            std::fs::write(file, chart::draw(&rows, &machine()))?;
            println!("the chart is {}", file.display());
        }
        Ok(())
    }

    /// Asks all the questions. What is known is saved after each of them.
    fn measure(&self) -> io::Result<Vec<Row>> {
        if self.processor_time {
            stopwatch::measure_processor_time();
        }
        print!("{}", self.about_go());
        let end = Instant::now() + self.total;
        let mut left = self.questions().count() * self.workers.len();
        let mut rows = Vec::new();
        println!("{}", report::line(&report::heads()));
        for question in self.questions() {
            for &workers in &self.workers {
                let frame = Frame {
                    total: end.saturating_duration_since(Instant::now()) / left as u32,
                    ..self.frame
                };
                let row = turns::ask(question, workers, &self.entrants, frame);
                println!("{}", report::line(&row.cells()));
                rows.push(row);
                left -= 1;
            }
            self.save(&rows)?;
        }
        if self.names.is_empty() && !self.is_null() {
            for row in self.measure_memory()? {
                println!("{}", report::line(&row.cells()));
                rows.push(row);
            }
            self.save(&rows)?;
        }
        if let Some(table) = self.table() {
            println!("saved as {} and .csv", table.with_extension("md").display());
        }
        Ok(rows)
    }

    fn questions(&self) -> impl Iterator<Item = &'static Question> {
        QUESTIONS.iter().filter(|question| {
            let mut names = self.names.iter();
            self.names.is_empty() || names.any(|name| means(name, question))
        })
    }

    /// What is to be known of the column for Go.
    fn about_go(&self) -> String {
        if !self.entrants.contains(&Entrant::Go) {
            return String::new();
        }
        let Some(version) = go::version() else {
            return String::from("*go* is empty, as there is no `go` on this machine.\n");
        };
        let stride = Entrant::Go.stride(self.frame.fewest);
        format!(
            "*go* is Go {version}: the same work by goroutines, in a process of its own, on as many processors as the others\n\
             have workers, and with its own HTTP in place of hyper. It takes part in one of {stride} rounds, and in 3 or more.\n"
        )
    }

    fn is_null(&self) -> bool {
        self.entrants[0] == Entrant::Tokio
    }

    /// Lets the program beside this one measure the memory, which counts allocations.
    fn measure_memory(&self) -> io::Result<Vec<Row>> {
        let program = std::env::current_exe()?.with_file_name("memory");
        if !program.exists() {
            println!(
                "memory: not measured, as {} is not built",
                program.display()
            );
            return Ok(Vec::new());
        }
        let mut command = Command::new(program);
        command.arg("--csv");
        if self.quick {
            command.arg("--quick");
        }
        let output = command.stderr(std::process::Stdio::inherit()).output()?;
        report::from_csv(&String::from_utf8_lossy(&output.stdout))
            .ok_or_else(|| io::Error::other("memory has failed"))
    }

    /// Where the tables are saved, but for the extension.
    fn table(&self) -> Option<PathBuf> {
        let name = match (self.quick, self.names.is_empty()) {
            _ if self.is_null() => return None,
            (_, false) => "some",
            (true, true) => "quick",
            (false, true) => "all",
        };
        let kind = match self.processor_time {
            true => "-cpu",
            false => "",
        };
        let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
        Some(results.join(format!("{name}{kind}")))
    }

    fn save(&self, rows: &[Row]) -> io::Result<()> {
        let Some(table) = self.table() else {
            return Ok(());
        };
        std::fs::create_dir_all(table.parent().expect("a folder"))?;
        std::fs::write(table.with_extension("csv"), report::csv(rows))?;
        let page = format!(
            "# What it costs, beside tokio\n\n{}\n\n{}{}\n{}",
            machine(),
            include_str!("../legend.md"),
            self.about_go(),
            report::markdown(rows)
        );
        std::fs::write(table.with_extension("md"), page)
    }
}

fn read(table: &Path) -> io::Result<Vec<Row>> {
    report::from_csv(&std::fs::read_to_string(table)?)
        .ok_or_else(|| io::Error::other(format!("{}: not a table of ours", table.display())))
}

/// A name means the question of that name, or else those whose names begin so.
fn means(name: &str, question: &Question) -> bool {
    match Question::find(name) {
        Some(exact) => exact.name == question.name,
        None => question.name.starts_with(name),
    }
}

fn number(argument: Option<String>) -> Result<usize, String> {
    let number = argument.as_ref().and_then(|text| text.parse().ok());
    number
        .filter(|&number| number > 0)
        .ok_or_else(|| String::from("a number above 0 is missing"))
}

fn file(argument: Option<String>) -> Result<PathBuf, String> {
    argument
        .map(PathBuf::from)
        .ok_or_else(|| String::from("the name of a file is missing"))
}

/// What it was measured on.
fn machine() -> String {
    let text = |path| std::fs::read_to_string(path).unwrap_or_default();
    let model = text("/proc/cpuinfo");
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|model| model.trim_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, |cores| cores.get());
    format!(
        "{} ({cores} cores), Linux {}, tokio {}",
        model.unwrap_or("unknown processor"),
        text("/proc/sys/kernel/osrelease").trim(),
        version_of("tokio"),
    )
}

/// The version of that crate.
fn version_of(name: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let entry = format!("name = \"{name}\"\nversion = \"");
    let rest = lock.split_once(&entry).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(arguments: &[&str]) -> Result<Plan, String> {
        Plan::from_arguments(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn names_mean_one_question_or_those_that_begin_so() {
        let names = |arguments: &[&str]| -> Vec<_> {
            let plan = plan(arguments).unwrap();
            plan.questions().map(|question| question.name).collect()
        };
        assert_eq!(names(&["spawn_join"]), ["spawn_join"]);
        assert_eq!(names(&[]).len(), QUESTIONS.len());
        assert!(names(&["spawn"]).len() > 2);
        assert!(plan(&["unheard_of"]).is_err());
    }

    #[test]
    fn the_number_of_rounds_is_kept_whatever_the_order() {
        for arguments in [["--rounds", "5", "--quick"], ["--quick", "--rounds", "5"]] {
            let frame = plan(&arguments).unwrap().frame;
            assert_eq!((frame.fewest, frame.most), (5, 5));
        }
        assert!(plan(&["--rounds", "0"]).is_err());
        assert!(plan(&["--rounds"]).is_err());
    }

    #[test]
    fn what_was_only_tried_does_not_replace_the_results() {
        let table = |arguments: &[&str]| {
            let table = plan(arguments).unwrap().table()?;
            Some(table.file_name().unwrap().to_str().unwrap().to_string())
        };
        assert_eq!(table(&[]).unwrap(), "all");
        assert_eq!(table(&["--quick", "--cpu"]).unwrap(), "quick-cpu");
        assert_eq!(table(&["spawn"]).unwrap(), "some");
        assert_eq!(table(&["--null"]), None);
    }

    #[test]
    fn the_version_is_that_of_the_lock_file() {
        assert!(version_of("tokio").starts_with("1."));
        assert_eq!(version_of("unheard-of"), "?");
    }
}
