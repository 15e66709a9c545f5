//! Go: a program of its own, in `go/`, which runs the same work with goroutines.
//!
//! It is built when it is first asked for, beside the program that asks, if there is a `go`. It
//! takes no part if there is none. Each turn is a process of its own, as it is a runtime of its own
//! for the others: it is started before the turn is measured, and measures the work itself.

use crate::demand::{Demand, Figure};
use crate::on_runtime::workloads::{accept, echo, http, udp};
use crate::servant::{Servant, numbers};
use crate::{Open, ground, stopwatch};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// Where its source is.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go");

/// What tells it where the files are.
const GROUND: &str = "RUNTIME_BENCH_GROUND";

/// The program, and what built it.
struct Program {
    path: PathBuf,
    version: String,
}

static PROGRAM: OnceLock<Option<Program>> = OnceLock::new();

/// The version of Go, if there is one.
pub fn version() -> Option<&'static str> {
    Some(&program()?.version)
}

fn program() -> Option<&'static Program> {
    PROGRAM.get_or_init(build).as_ref()
}

/// Builds the program, without the network.
///
/// # Panics
///
/// If it can't, although there is a `go`.
fn build() -> Option<Program> {
    let output = Command::new("go").arg("version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.split(' ').nth(2)?.trim_start_matches("go").into();
    let own = std::env::current_exe().expect("this program has a name");
    let path = own.with_file_name("questions-in-go");
    let built = Command::new("go")
        .args(["build", "-buildvcs=false", "-o"])
        .arg(&path)
        .arg(".")
        .current_dir(SOURCE)
        .env("CGO_ENABLED", "0")
        .env("GOCACHE", own.with_file_name("go-cache"))
        .env("GOPROXY", "off")
        .env("GOTOOLCHAIN", "local")
        .status();
    let built = built.is_ok_and(|status| status.success());
    assert!(built, "go {version} can't build {SOURCE}");
    Some(Program { path, version })
}

/// What answers the question of that name, if Go is asked and is there.
pub(crate) fn answers(name: &str) -> Option<Open<Duration>> {
    let (_, open) = GO.iter().find(|line| line.0 == name)?;
    program().map(|_| *open)
}

fn start(workers: usize, name: &str, ground: Option<&Path>) -> Servant {
    let program = program().expect("it is only asked where it is");
    let mut program = Command::new(&program.path);
    program.arg(name).env("GOMAXPROCS", workers.to_string());
    if let Some(ground) = ground {
        program.env(GROUND, ground);
    }
    Servant::start("program in Go", &mut program)
}

/// Takes in a line with the time on the clock and that of the processor.
fn time(line: &str) -> Duration {
    match numbers(line).map(|times| times.map(Duration::from_nanos)) {
        Some([wall, processor]) => stopwatch::taken_elsewhere(wall, processor),
        None => panic!("the program in Go has failed ({line:?})"),
    }
}

fn work(workers: usize, name: &str, ground: Option<&Path>) -> Box<dyn FnMut(u64) -> Duration> {
    let mut program = start(workers, name, ground);
    Box::new(move |iterations| time(&program.order(iterations)))
}

fn serve(
    workers: usize,
    name: &'static str,
    demand: Demand,
    figure: Figure,
) -> Box<dyn FnMut(u64) -> Duration> {
    let mut server = start(workers, name, None);
    let address = server.answer().trim().parse().expect("an address");
    Box::new(move |iterations| {
        demand.make_timed(address, iterations, figure, |exchange| {
            // The first answer is about the time before.
            server.order("");
            exchange();
            time(&server.order(""))
        })
    })
}

macro_rules! work {
    ($name:literal) => {
        ($name, |workers| work(workers, $name, None))
    };
}

/// The same, with the files.
macro_rules! files {
    ($name:literal) => {
        ($name, |workers| {
            work(workers, $name, Some(&ground::ground().folder))
        })
    };
}

macro_rules! served {
    ($name:literal, $server:literal, $demand:expr, $figure:ident) => {
        ($name, |workers| {
            serve(workers, $server, $demand, Figure::$figure)
        })
    };
}

/// Not asked of Go: what it has no counterpart for, as it has no threads for what blocks, and no
/// thread that is not its own.
#[rustfmt::skip] // a table
pub(crate) const GO: &[(&str, Open<Duration>)] = &[
    work!("spawn_join"),
    work!("spawn_many_inside"),
    work!("spawn_detached"),
    work!("chain"),
    work!("yield"),
    work!("ping_pong"),
    work!("oneshot_alone"),
    work!("oneshot_across"),
    work!("mpsc_bounded"),
    work!("mpsc_unbounded"),
    work!("mpsc_1_to_1"),
    work!("mpsc_room_for_1"),
    work!("mutex_alone"),
    work!("mutex_contended"),
    work!("mutex_held"),
    work!("semaphore_contended"),
    work!("semaphore_held"),
    work!("rwlock_alone"),
    work!("rwlock_readers"),
    work!("rwlock_mixed"),
    work!("select"),
    work!("fork_join"),
    work!("timers_never_fire"),
    work!("timers_fire"),
    work!("timer_reset"),
    work!("interval_median"),
    work!("interval_p99"),
    work!("beside_blocking"),
    served!("echo_1", "echo", echo::demand(1), Time),
    served!("echo_64", "echo", echo::demand(64), Time),
    served!("echo_1000", "echo", echo::demand(1_000), Time),
    served!("echo_median_64", "echo", echo::demand(64), Median),
    served!("echo_p99_64", "echo", echo::demand(64), P99),
    served!("echo_median_1000", "echo", echo::demand(1_000), Median),
    served!("echo_p99_1000", "echo", echo::demand(1_000), P99),
    served!("accept", "accept", accept::DEMAND, Time),
    served!("udp_1", "udp", udp::demand(1), Time),
    served!("udp_64", "udp", udp::demand(64), Time),
    served!("http_1", "http", http::demand(1), Time),
    served!("http_64", "http", http::demand(64), Time),
    served!("http_p99_64", "http", http::demand(64), P99),
    files!("fs_small"),
    files!("fs_read_64k"),
    files!("fs_read_1m"),
    files!("fs_write_64k"),
    files!("fs_write_1m"),
];
