//! The floors hold: which module may import which, and the other rules about what may
//! stand where in `src/`. CONTRIBUTING.md gives the reasons.

#[path = "source/paths.rs"]
mod paths;
#[path = "source/scanner.rs"]
mod scanner;
mod source;

use paths::{arrows, paths};
use source::{Source, Token, begins};
use std::collections::{BTreeMap, BTreeSet};

/// The floors, from the ground up. A module imports from lower floors only. The facade,
/// `lib.rs`, stands above all of them.
const FLOORS: [&[&str]; 8] = [
    &["base"],
    &["async_io", "registry", "sync", "tasks", "wheel"],
    &["blocking", "driver"],
    &["scheduler"],
    &["rt"],
    &[
        "async_fd", "bridge", "fs", "net", "process", "signal", "stdio", "time",
    ],
    &["stream"],
    &[
        "codec",
        "either",
        "future",
        "futures_io",
        "io",
        "macros",
        "task",
    ],
];

/// Siblings on a floor do not know each other, but for these.
const SIBLINGS: [(&str, &str); 1] = [("process", "signal")];

/// Every arrow between two modules that there is, one a line: a new one is a
/// decision, and shows as a line of the difference.
const ARROWS: &[(&str, &str)] = &[
    // 1: parts
    ("async_io", "base"),
    ("registry", "base"),
    ("sync", "base"),
    ("tasks", "base"),
    // 2: engines
    ("blocking", "base"),
    ("driver", "base"),
    ("driver", "registry"),
    ("driver", "wheel"),
    // 3: scheduler
    ("scheduler", "base"),
    ("scheduler", "driver"),
    ("scheduler", "tasks"),
    // 4: rt
    ("rt", "base"),
    ("rt", "blocking"),
    ("rt", "driver"),
    ("rt", "scheduler"),
    ("rt", "sync"),
    ("rt", "tasks"),
    // 5: resources
    ("bridge", "async_io"),
    ("bridge", "rt"),
    ("async_fd", "base"),
    ("async_fd", "driver"),
    ("async_fd", "registry"),
    ("async_fd", "rt"),
    ("fs", "async_io"),
    ("fs", "base"),
    ("fs", "rt"),
    ("fs", "tasks"),
    ("net", "base"),
    ("net", "driver"),
    ("net", "async_io"),
    ("net", "registry"),
    ("net", "rt"),
    ("net", "scheduler"),
    ("process", "async_io"),
    ("process", "base"),
    ("process", "driver"),
    ("process", "registry"),
    ("process", "rt"),
    ("process", "signal"),
    ("signal", "base"),
    ("signal", "driver"),
    ("signal", "registry"),
    ("signal", "rt"),
    ("stdio", "async_io"),
    ("stdio", "base"),
    ("stdio", "driver"),
    ("stdio", "registry"),
    ("stdio", "rt"),
    ("stdio", "tasks"),
    ("time", "base"),
    ("time", "driver"),
    ("time", "rt"),
    ("time", "scheduler"),
    ("time", "sync"),
    ("time", "tasks"),
    ("time", "wheel"),
    // 6: over the resources
    ("stream", "async_io"),
    ("stream", "base"),
    ("stream", "fs"),
    ("stream", "net"),
    ("stream", "rt"),
    ("stream", "signal"),
    ("stream", "sync"),
    ("stream", "tasks"),
    ("stream", "time"),
    // 7: faces
    ("future", "sync"),
    ("future", "time"),
    ("either", "async_io"),
    ("futures_io", "async_io"),
    ("futures_io", "net"),
    ("futures_io", "stdio"),
    ("io", "async_fd"),
    ("io", "async_io"),
    ("io", "base"),
    ("io", "bridge"),
    ("io", "stdio"),
    ("macros", "base"),
    ("task", "rt"),
    ("task", "tasks"),
];

/// Where a static makes std's atomics necessary: a model's are not `const`.
const STATICS: &[&str] = &[
    "base/clock.rs",
    "base/thread_number.rs",
    "fs/cached_open.rs",
    "tasks/id.rs",
];

/// Where something but a test module depends on `cfg(loom)`, and what it is.
const LOOM_ELSEWHERE: &[(&str, &str)] = &[
    ("base/parker.rs", "a timed wait ends at once in a model"),
    (
        "registry/entry.rs",
        "numbers near their wrap, for the tests only",
    ),
    ("registry/mod.rs", "the first page is small in a model"),
    (
        "sync/mod.rs",
        "constructors for statics, which a model cannot have",
    ),
];

#[test]
fn the_arrows_between_modules_are_those_of_the_table() {
    let sources = source::read("src");
    let modules = modules(&sources);
    let mut found: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in sources.iter().filter(|file| file.path != "lib.rs") {
        let from = module_of(&file.path);
        if floor_of(from).is_none() {
            wrong.push(format!("`{from}` has no floor: give it one in FLOORS"));
        }
        for (to, line) in arrows(file) {
            let place = format!("src/{}:{line}", file.path);
            if to == from {
                continue;
            }
            if !modules.contains(&to) {
                wrong.push(format!(
                    "{place}: `crate::{to}` goes through the facade: name the module that has it"
                ));
                continue;
            }
            found.entry((from.to_owned(), to)).or_insert(place);
        }
    }
    wrong.extend(judge(&found, ARROWS));
    assert!(wrong.is_empty(), "{}", report(wrong));
}

/// What is wrong with the arrows that were `found`, each with its first place.
fn judge(found: &BTreeMap<(String, String), String>, table: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((from, to), place) in found {
        let (from, to) = (from.as_str(), to.as_str());
        if floor_of(to) >= floor_of(from) && !SIBLINGS.contains(&(from, to)) {
            wrong.push(format!(
                "{place}: `{from}` imports `{to}`, which is not on a lower floor"
            ));
        } else if !table.contains(&(from, to)) {
            wrong.push(format!(
                "{place}: a new arrow: add (\"{from}\", \"{to}\") to ARROWS if it must be"
            ));
        }
    }
    for (from, to) in table {
        let arrow = ((*from).to_owned(), (*to).to_owned());
        if !found.contains_key(&arrow) {
            wrong.push(format!(
                "(\"{from}\", \"{to}\") in ARROWS is gone from src: remove it"
            ));
        }
    }
    if let Some(cycle) = cycle(found.keys()) {
        wrong.push(format!(
            "these modules import each other in a cycle: {cycle}"
        ));
    }
    wrong
}

/// The modules that are left when those that import nothing are taken away, again and
/// again.
fn cycle<'a>(arrows: impl Iterator<Item = &'a (String, String)>) -> Option<String> {
    let mut arrows: Vec<_> = arrows.collect();
    loop {
        let froms: BTreeSet<&str> = arrows.iter().map(|arrow| arrow.0.as_str()).collect();
        let before = arrows.len();
        arrows.retain(|(_, to)| froms.contains(to.as_str()));
        if arrows.len() == before {
            return (before > 0).then(|| froms.into_iter().collect::<Vec<_>>().join(", "));
        }
    }
}

#[test]
fn only_the_sync_switch_knows_about_loom() {
    let mut wrong = Vec::new();
    for file in source::read("src") {
        let is_known = LOOM_ELSEWHERE.iter().any(|(path, _)| *path == file.path);
        if file.path.starts_with("base/sync/") || is_known {
            continue;
        }
        for (index, token) in file.tokens.iter().enumerate() {
            if token.text != "loom" || !stands_in_cfg(&file.tokens[..index]) {
                continue;
            }
            if !is_test_module(&file.tokens, index) {
                wrong.push(format!("src/{}:{}", file.path, token.line));
            }
        }
    }
    let rule = "`cfg(loom)` stands in src/base/sync, and elsewhere only as \
                `#[cfg(all(test, loom))] mod models` and `#[cfg(all(test, not(loom)))] mod tests` \
                (or `mod x_models`, `mod x_tests`)";
    assert!(wrong.is_empty(), "{rule}:{}", report(wrong));
}

/// Whether what comes after `before` is inside of `cfg(..)`, `cfg!(..)` or `cfg_attr(..)`.
fn stands_in_cfg(before: &[Token]) -> bool {
    let mut open = 0;
    for (index, token) in before.iter().enumerate().rev() {
        match token.text.as_str() {
            ")" => open -= 1,
            "(" => open += 1,
            ";" | "{" | "}" => return false,
            _ => {}
        }
        let is_cfg = matches!(token.text.as_str(), "cfg" | "cfg_attr");
        let opens = before[index..]
            .iter()
            .take(3)
            .any(|token| token.text == "(");
        if is_cfg && opens && open > 0 {
            return true;
        }
    }
    false
}

/// Whether the `loom` at `index` belongs to the attribute of `mod models` or `mod tests`,
/// which may say in another attribute where their file is.
fn is_test_module(tokens: &[Token], index: usize) -> bool {
    let from = |back: usize| &tokens[index.saturating_sub(back)..];
    let (attribute, length, kind) = if begins(from(10), "# [ cfg ( all ( test , not ( loom ) ) ) ]")
    {
        (from(10), 15, "tests")
    } else if begins(from(8), "# [ cfg ( all ( test , loom ) ) ]") {
        (from(8), 12, "models")
    } else {
        return false;
    };
    let mut item = &attribute[length..];
    if begins(item, "# [ path = ]") {
        item = &item[5..];
    }
    let is_named_so =
        |token: &Token| token.text == kind || token.text.ends_with(&format!("_{kind}"));
    begins(item, "mod") && item.get(1).is_some_and(is_named_so)
}

#[test]
fn locks_atomics_and_threads_come_from_the_sync_switch() {
    let mut wrong = Vec::new();
    for file in source::read("src") {
        if file.path.starts_with("base/sync/") || is_test_file(&file.path) {
            continue;
        }
        let code = without_tests(&file.tokens);
        let paths = ["std", "core", "parking_lot", "crossbeam_deque"]
            .into_iter()
            .flat_map(|root| paths(&code, root));
        for (path, line) in paths {
            let is_static = STATICS.contains(&&*file.path) && path.contains("::atomic");
            if is_replaceable(&path) && !is_static {
                wrong.push(format!("src/{}:{line}: {path}", file.path));
            }
        }
    }
    let rule = "a model must be able to replace these: take them from `crate::base::sync`";
    assert!(wrong.is_empty(), "{rule}:{}", report(wrong));
}

fn is_replaceable(path: &str) -> bool {
    let path = path.replace("core::", "std::");
    let of_std = [
        "std::sync::Mutex",
        "std::sync::RwLock",
        "std::sync::Condvar",
        "std::sync::Barrier",
        "std::sync::atomic",
        "std::thread::spawn",
        "std::thread::scope",
        "std::thread::Builder",
        "std::thread::park",
    ];
    of_std.iter().any(|forbidden| path.starts_with(forbidden))
        || path.starts_with("parking_lot")
        || path.starts_with("crossbeam_deque")
}

#[test]
fn there_is_no_fence() {
    let mut wrong = Vec::new();
    for file in source::read("src") {
        for token in &file.tokens {
            if matches!(token.text.as_str(), "fence" | "compiler_fence") {
                wrong.push(format!("src/{}:{}", file.path, token.line));
            }
        }
    }
    let rule = "ThreadSanitizer does not understand fences: use ordered loads, stores and swaps";
    assert!(wrong.is_empty(), "{rule}:{}", report(wrong));
}

#[test]
fn unsafe_code_stands_in_files_that_say_so_and_why_it_is_sound() {
    let mut wrong = Vec::new();
    for file in source::read("src") {
        let used = file.tokens.iter().find(|token| token.text == "unsafe");
        let Some(token) = used else { continue };
        if is_test_file(&file.path) {
            continue;
        }
        let mut head = file.text.lines().take_while(|line| is_head(line));
        let says_so = |line: &str| line.contains("unsafe") || line.contains("safety argument");
        if !head.any(|line| line.starts_with("//!") && says_so(line)) {
            wrong.push(format!("src/{}:{}", file.path, token.line));
        }
    }
    let rule = "a file with `unsafe` says so in the essay at its top, with the argument for it";
    assert!(wrong.is_empty(), "{rule}:{}", report(wrong));
}

/// Whether a line can stand above the first item: essay, inner attribute, nothing.
fn is_head(line: &str) -> bool {
    line.is_empty() || line.starts_with("//") || line.starts_with("#![")
}

fn report(mut wrong: Vec<String>) -> String {
    wrong.dedup();
    wrong.iter().map(|line| format!("\n  {line}")).collect()
}

/// The names of the modules below the crate's root.
fn modules(sources: &[Source]) -> BTreeSet<String> {
    let paths = sources.iter().map(|file| file.path.as_str());
    paths
        .filter(|path| *path != "lib.rs")
        .map(|path| module_of(path).to_owned())
        .collect()
}

fn module_of(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_folder = path.contains("/tests/") || path.contains("/models/");
    matches!(name, "tests.rs" | "models.rs") || name.ends_with("_tests.rs") || in_folder
}

/// The tokens without the inline modules `tests` and `models`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let rest = &tokens[index..];
        if begins(rest, "mod tests {") || begins(rest, "mod models {") {
            index = end_of_braces(tokens, index + 2);
        } else {
            kept.push(tokens[index].clone());
            index += 1;
        }
    }
    kept
}

/// Behind the brace that closes the one at `open`.
fn end_of_braces(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}
