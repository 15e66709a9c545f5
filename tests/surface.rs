//! What a port from the peer finds here: every public item of tokio, tokio-util and
//! tokio-stream, with its methods, traits and auto traits, is here too, or `docs/tokio.md`
//! says why not; and everything public has an example and says its errors and its cancel
//! safety. Both are read off rustdoc's pages.
//!
//! `UPDATE_SURFACE=1 cargo test --test surface` writes `docs/tokio.md` anew. The peers'
//! lists in `docs/surface/` come from their own rustdoc, by the ignored test.

mod rustdoc;

use rustdoc::Item;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What paths begin with there, and here.
type Moves = &'static [(&'static str, &'static str)];

/// The peers, and what their paths begin with here. The first that fits counts.
const PEERS: [(&str, &str, Moves); 3] = [
    ("tokio", "1.54", &[("runtime::", "rt::")]),
    ("tokio-util", "0.7", &[("udp::", "net::")]),
    ("tokio-stream", "0.1", &[("", "stream::")]),
];

/// Our own items, from rustdoc, once for all tests.
fn ours() -> &'static BTreeMap<String, Item> {
    static OURS: OnceLock<BTreeMap<String, Item>> = OnceLock::new();
    OURS.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let target = std::env::temp_dir().join(format!("runtime-surface-{}", std::process::id()));
        let output = Command::new(cargo)
            .args([
                "doc",
                "--no-deps",
                "--offline",
                "--locked",
                "--package",
                "runtime",
            ])
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTDOCFLAGS")
            .current_dir(root())
            .output()
            .expect("cargo can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`cargo doc` failed: {errors}");
        let items = rustdoc::read(&target.join("doc/runtime"));
        fs::remove_dir_all(&target).expect("the pages can be removed");
        assert!(items.len() > 100, "only {} items found", items.len());
        let entries = items.into_iter();
        entries
            .map(|item| (format!("{} {}", item.kind, item.path), item))
            .collect()
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn list(peer: &str) -> PathBuf {
    root().join(format!("docs/surface/{peer}.txt"))
}

/// What differs on purpose: `peer path` or `peer path::member` or `peer path: Trait`, and
/// why.
fn reasons() -> BTreeMap<String, String> {
    let file = root().join("docs/surface/differences.txt");
    let text = fs::read_to_string(file).expect("the differences are listed");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (what, why) = line.split_once(" = ").expect("`what = why`");
            (what.trim().to_owned(), why.trim().to_owned())
        })
        .collect()
}

/// An item of a peer beside ours.
struct Row {
    peer: Item,
    /// Where ours is, if it is anywhere.
    here: Option<String>,
    /// What is missing of it, as `differences.txt` would name it.
    missing: Vec<String>,
}

fn rows(peer: &str, moves: Moves) -> Vec<Row> {
    let text = fs::read_to_string(list(peer)).expect("the peer's items are listed");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| row(peer, moves, Item::from_line(line)))
        .collect()
}

fn row(peer: &str, moves: Moves, item: Item) -> Row {
    let moved = moves.iter().find_map(|(from, to)| {
        let rest = item.path.strip_prefix(from)?;
        Some(format!("{to}{rest}"))
    });
    let path = moved.unwrap_or_else(|| item.path.clone());
    let Some(here) = ours().get(&format!("{} {path}", item.kind)) else {
        let missing = vec![format!("{peer} {}", item.path)];
        return Row {
            peer: item,
            here: None,
            missing,
        };
    };
    let absent = |theirs: &BTreeSet<String>, ours: &BTreeSet<String>, sign: &str| {
        let names = theirs.difference(ours);
        names
            .map(|name| format!("{peer} {}{sign}{name}", item.path))
            .collect::<Vec<_>>()
    };
    let mut missing = absent(&item.members, &here.members, "::");
    missing.extend(absent(&item.traits, &here.traits, ": "));
    // The other way round: what ours lacks and theirs does not.
    missing.extend(absent(&here.lacks, &item.lacks, ": "));
    Row {
        here: Some(path),
        missing,
        peer: item,
    }
}

#[test]
fn what_the_peers_have_is_here_or_its_absence_has_a_reason() {
    let reasons = reasons();
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for (peer, _, moves) in PEERS {
        for row in rows(peer, moves) {
            for missing in &row.missing {
                match reasons.get(missing) {
                    Some(_) => drop(used.insert(missing.clone())),
                    None => wrong.push(format!("{missing} is missing")),
                }
            }
        }
    }
    let stale = reasons.keys().filter(|reason| !used.contains(*reason));
    wrong.extend(stale.map(|reason| format!("{reason} is here: its reason is to go")));
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The ten paths that rustdoc's list leaves out: the peer passes them on from std, or has
/// them under another path too. That they are here, the compiler says.
#[allow(unused_imports)]
mod passed_on {
    use runtime::io::{Error, ErrorKind, Result, SeekFrom};
    use runtime::spawn;
    use runtime::task::join_set::JoinSet;
    use runtime::task::{Unconstrained, consume_budget, unconstrained};
    use runtime::time::Duration;
}
const PASSED_ON: usize = 10;

/// The 230 items that rustdoc lists for the peer, and those ten.
#[test]
fn at_least_235_of_240_paths_of_tokio_are_here() {
    let rows = rows("tokio", PEERS[0].2);
    let absent: Vec<&str> = rows
        .iter()
        .filter(|row| row.here.is_none())
        .map(|row| row.peer.path.as_str())
        .collect();
    let paths = rows.len() + PASSED_ON;
    assert!(paths >= 240, "the list is short: {paths}");
    assert!(absent.len() <= 5, "absent: {}", absent.join(", "));
}

#[test]
fn the_table_in_the_docs_is_that_of_the_pages() {
    let table = table();
    let file = root().join("docs/tokio.md");
    if std::env::var_os("UPDATE_SURFACE").is_some() {
        fs::write(&file, &table).expect("the table can be written");
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        text == table,
        "docs/tokio.md is out of date: `UPDATE_SURFACE=1 cargo test --test surface` writes it"
    );
}

fn table() -> String {
    let reasons = reasons();
    let mut text = String::from(
        "# What a port finds here\n\n\
         Every public item of tokio, tokio-util and tokio-stream beside ours. Written and checked by\n\
         `tests/surface.rs`, which reads rustdoc's pages: items, methods, variants, traits and auto traits.\n\
         `tokio::x` is `runtime::x` unless the second column says otherwise; `runtime::runtime` is another name\n\
         for `runtime::rt`.\n",
    );
    for (peer, version, moves) in PEERS {
        let rows = rows(peer, moves);
        let present = rows.iter().filter(|row| row.here.is_some()).count();
        text += &format!(
            "\n## {peer} {version}: {present} of {} items\n\n| there | here | what differs, and why |\n|---|---|---|\n",
            rows.len()
        );
        for row in rows {
            let here = match &row.here {
                Some(path) if *path == row.peer.path => "the same".to_owned(),
                Some(path) => format!("`{path}`"),
                None => "absent".to_owned(),
            };
            let prefix = format!("{peer} {}", row.peer.path);
            let notes: Vec<String> = row
                .missing
                .iter()
                .map(|what| {
                    let why = reasons.get(what).map_or("", String::as_str);
                    let member = what[prefix.len()..].trim_start_matches(':').trim();
                    match member {
                        "" => why.to_owned(),
                        member => format!("`{member}`: {why}"),
                    }
                })
                .collect();
            let (kind, path) = (&row.peer.kind, &row.peer.path);
            text += &format!("| {kind} `{path}` | {here} | {} |\n", notes.join("; "));
        }
    }
    text
}

#[test]
fn everything_public_has_an_example_that_runs() {
    let mut wrong = Vec::new();
    for item in ours().values() {
        for part in &item.documented {
            if is_told_elsewhere(item, &part.member, &part.html) {
                continue;
            }
            if !part.html.contains("rust-example-rendered") {
                wrong.push(format!(
                    "{}{}{}",
                    item.path,
                    sign(&part.member),
                    part.member
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} without an example:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn sign(member: &str) -> &str {
    if member.is_empty() { "" } else { "::" }
}

/// Variants are told by their enum; what a page shows of foreign traits is told there.
fn is_told_elsewhere(item: &Item, member: &str, html: &str) -> bool {
    let is_variant = item.kind == "enum" && html.starts_with(" id=\"variant.");
    is_variant || (item.kind == "type" && member.is_empty())
}

#[test]
fn what_can_fail_says_how_and_what_waits_says_what_a_drop_loses() {
    let mut wrong = Vec::new();
    let sentences = [
        "Nothing is lost.",
        "Nothing is lost but the place in the queue.",
        "Not cancel safe",
    ];
    for item in ours().values() {
        for part in &item.documented {
            let place = format!("{}{}{}", item.path, sign(&part.member), part.member);
            let is_function = item.kind == "fn" || !part.member.is_empty();
            let Some(result) = rustdoc::result_of(&part.signature).filter(|_| is_function) else {
                continue;
            };
            let is_future = result.starts_with("impl Future<");
            let fails = result.contains("Result<");
            if fails && !part.html.contains("id=\"errors") {
                wrong.push(format!("{place}: no `# Errors`"));
            }
            if is_future
                && !sentences
                    .iter()
                    .any(|sentence| part.html.contains(sentence))
            {
                wrong.push(format!(
                    "{place}: no `# Cancel safety` in one of the three sentences"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} places:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// `SURFACE_PEER=tokio SURFACE_DOC=<target/doc/tokio> SURFACE_TITLE=..`, after `cargo doc`
/// of the peer with all of its stable features.
#[test]
#[ignore = "writes the list of a peer from its rustdoc"]
fn write_the_list_of_a_peer() {
    let peer = std::env::var("SURFACE_PEER").expect("SURFACE_PEER: whose list");
    let folder = std::env::var("SURFACE_DOC").expect("SURFACE_DOC: where its pages are");
    let title = std::env::var("SURFACE_TITLE").expect("SURFACE_TITLE: version and features");
    let mut text =
        format!("# {title}: item | methods and variants | traits | auto traits that it lacks\n");
    for item in rustdoc::read(Path::new(&folder)) {
        text += &(item.to_line() + "\n");
    }
    fs::write(list(&peer), text).expect("the list can be written");
}
