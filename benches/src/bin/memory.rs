//! How many bytes does it take that something waits?
//!
//! `cargo run --release --bin memory -- [--csv] [--quick] [tenant..]`
//!
//! Each row is measured on either crate in a process of its own. Heap bytes are what was
//! asked of the allocator and not given back, as a counting allocator sees it. Resident
//! bytes are what the process has grown by, as the system sees it: with what the allocator
//! adds and keeps, and the stacks, but not what the kernel keeps for a socket.
//!
//! Unsafe code: an allocator is an unsafe trait. Each method passes its arguments on to the
//! system's allocator as they are, and returns what that returns.
#![allow(unsafe_code)]

use runtime_bench::figures::Spread;
use runtime_bench::report::{self, Entry, Row, Unit};
use runtime_bench::tenants::{TENANTS, Tenant};
use runtime_bench::{Entrant, Subject, load};
use std::alloc::{GlobalAlloc, Layout, System};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const USAGE: &str = "usage: memory [--csv] [--quick] [tenant..]

  --csv    print a table for programs
  --quick  a tenth of the numbers
  tenant   only these; by default all of them:";

/// Tells this program to fill one runtime: with which tenants, which crate's, how many.
const FILL: &str = "--fill";

const WORKERS: usize = 2;

fn main() -> ExitCode {
    load::be_one_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut take = |option| {
        let count = words.len();
        words.retain(|&word| word != option);
        words.len() < count
    };
    let csv = take("--csv");
    let divisor = if take("--quick") { 10 } else { 1 };
    let done = match words[..] {
        [FILL, tenant, subject, count] => fill(tenant, subject, count),
        ref names => compare(names, divisor).map(|rows| print(&rows, csv)),
    };
    match done {
        Some(()) => ExitCode::SUCCESS,
        None => {
            eprintln!("{USAGE}");
            for tenant in &TENANTS {
                eprintln!("    {:10}  {}", tenant.name, tenant.figure);
            }
            ExitCode::FAILURE
        }
    }
}

fn print(rows: &[Row], csv: bool) {
    if csv {
        return print!("{}", report::csv(rows));
    }
    println!("{}", report::line(&report::heads()));
    for row in rows {
        println!("{}", report::line(&row.cells()));
    }
}

/// Measures the tenants of these names, or all of them.
fn compare(names: &[&str], divisor: u64) -> Option<Vec<Row>> {
    let tenants = names.iter().map(|name| find(name));
    let mut tenants: Vec<&Tenant> = tenants.collect::<Option<_>>()?;
    if names.is_empty() {
        tenants.extend(&TENANTS);
    }
    let mut rows = Vec::new();
    for tenant in tenants {
        let count = tenant.count / divisor;
        let sizes = Subject::ALL.map(|subject| measure(tenant, subject, count));
        let each = |bytes: [f64; 2]| bytes.map(|bytes| bytes / count as f64);
        rows.push(row(tenant, "heap", each(sizes.map(|size| size.heap))));
        rows.push(row(
            tenant,
            "resident",
            each(sizes.map(|size| size.resident)),
        ));
    }
    Some(rows)
}

fn row(tenant: &Tenant, kind: &str, bytes: [f64; 2]) -> Row {
    let entry = |entrant, median: f64| {
        let ratio = median / bytes[1];
        Entry {
            entrant,
            median,
            // It was measured once: the same program takes the same bytes.
            ratio: Spread {
                low: ratio,
                middle: ratio,
                high: ratio,
            },
            processor: None,
        }
    };
    Row {
        question: format!("{}_{kind}", tenant.name),
        figure: format!("{}, {kind} bytes", tenant.figure),
        workers: WORKERS,
        unit: Unit::Bytes,
        rounds: 1,
        entries: vec![
            entry(Entrant::Runtime, bytes[0]),
            entry(Entrant::Tokio, bytes[1]),
        ],
    }
}

fn find(name: &str) -> Option<&'static Tenant> {
    TENANTS.iter().find(|tenant| tenant.name == name)
}

/// What a process keeps, in bytes.
#[derive(Clone, Copy)]
struct Size {
    heap: f64,
    resident: f64,
}

/// How much a process grows when one runtime is filled.
fn measure(tenant: &Tenant, subject: Subject, count: u64) -> Size {
    let output = std::env::current_exe()
        .and_then(|program| {
            Command::new(program)
                .args([FILL, tenant.name, subject.name(), &count.to_string()])
                .stderr(std::process::Stdio::inherit())
                .output()
        })
        .expect("a process to fill");
    let output = String::from_utf8_lossy(&output.stdout);
    let mut sizes = output.split_whitespace().map(|size| size.parse().ok());
    match (sizes.next().flatten(), sizes.next().flatten()) {
        (Some(heap), Some(resident)) => Size { heap, resident },
        _ => panic!("the process that was to be filled has failed: {output:?}"),
    }
}

/// Fills one runtime, and prints how much this process has grown.
fn fill(tenant: &str, subject: &str, count: &str) -> Option<()> {
    let mut subjects = Subject::ALL.into_iter();
    let subject = subjects.find(|it| it.name() == subject)?;
    let count = count.parse().ok()?;
    let mut move_in = find(tenant)?.workload.of(subject)(WORKERS);
    // Whatever comes into being with the first few is not theirs.
    let few = move_in(100);
    let before = size();
    let many = move_in(count);
    let after = size();
    println!(
        "{} {}",
        after.heap - before.heap,
        after.resident - before.resident
    );
    drop((few, many));
    Some(())
}

/// What this process keeps, when it has come to rest.
fn size() -> Size {
    std::thread::sleep(Duration::from_millis(200));
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<usize>().ok());
    let pages = pages.expect("the second number in /proc/self/statm");
    Size {
        heap: HEAP.load(Ordering::Relaxed) as f64,
        resident: (pages * rustix::param::page_size()) as f64,
    }
}

/// Bytes that were asked for, and not given back.
static HEAP: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: all is done by the system's allocator, with the arguments as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HEAP.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HEAP.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        HEAP.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HEAP.fetch_add(size, Ordering::Relaxed);
        HEAP.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.realloc(memory, layout, size) }
    }
}
