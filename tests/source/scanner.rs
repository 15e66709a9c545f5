//! What the rules of `floors.rs` see, and what they do not.

use super::*;

fn found(path: &str, text: &str) -> Vec<String> {
    let arrows = arrows(&Source::new(path, text));
    arrows.into_iter().map(|(to, _)| to).collect()
}

fn judged(arrows: &[(&str, &str)], table: &[(&str, &str)]) -> String {
    let arrows = arrows
        .iter()
        .map(|(from, to)| (((*from).to_owned(), (*to).to_owned()), "x.rs:1".to_owned()))
        .collect();
    judge(&arrows, table).join("\n")
}

#[test]
fn paths_and_use_trees_are_arrows() {
    assert_eq!(found("rt/mod.rs", "use crate::base::sync::Arc;"), ["base"]);
    assert_eq!(
        found("rt/mod.rs", "fn f() { crate::wheel::turn() }"),
        ["wheel"]
    );
    assert_eq!(
        found(
            "rt/mod.rs",
            "use crate::{base::{a, b::c}, io as x, tasks::*};"
        ),
        ["base", "base", "io", "tasks"]
    );
    assert_eq!(
        found("rt/mod.rs", "use crate::{\n base,\n wheel,\n};"),
        ["base", "wheel"]
    );
    assert_eq!(found("rt/mod.rs", "pub(in crate::rt) fn f() {}"), ["rt"]);
    assert_eq!(
        found("rt/mod.rs", "$crate::base::x!() ; ::other::crate_::y"),
        [""; 0]
    );
}

#[test]
fn comments_strings_and_doc_links_are_none() {
    for text in [
        "// crate::base",
        "//! [`x`](crate::base)",
        "/// [`crate::base`]\nfn f() {}",
        "/* /* crate::base */ crate::base */",
        "const A: &str = \"crate::base\";",
        "const A: &str = \"\\\" crate::base\";",
        "const A: &str = r\"\\\" ; const B: &str = r#\"crate::base \" crate::io\"#;",
        "const A: &[u8] = br##\"crate::base\"# crate::io\"##;",
    ] {
        assert_eq!(found("rt/mod.rs", text), [""; 0], "{text}");
    }
}

#[test]
fn what_follows_a_comment_or_a_string_is_seen_again() {
    for text in [
        "/* x */ use crate::base;",
        "// x\nuse crate::base;",
        "const A: &str = \"\\\\\"; use crate::base;",
        "const A: char = '\"'; use crate::base; const B: char = '\"';",
        "const A: char = '\\''; use crate::base; const B: char = '\\'';",
        "fn f<'a>(x: &'a str) { crate::base::g::<'a>(x) }",
        "const A: &str = r#\"\"#; use crate::base;",
        "fn f(r#type: u8) { let var = crate::base::X; }",
    ] {
        assert_eq!(found("rt/mod.rs", text), ["base"], "{text}");
    }
}

#[test]
fn super_is_an_arrow_where_it_reaches_the_root() {
    assert_eq!(found("rt/mod.rs", "use super::base::x;"), ["base"]);
    assert_eq!(
        found("rt/mod.rs", "use super::{base, wheel::y};"),
        ["base", "wheel"]
    );
    assert_eq!(found("rt.rs", "use super::base::x;"), ["base"]);
    assert_eq!(found("rt/a.rs", "use super::base::x;"), [""; 0], "rt's own");
    assert_eq!(found("rt/a.rs", "use super::super::base::x;"), ["base"]);
    assert_eq!(found("rt/a/mod.rs", "use super::super::base::x;"), ["base"]);
    let inline = "mod tests { use super::*; use super::super::base; } use super::wheel;";
    assert_eq!(found("rt/mod.rs", inline), ["base", "wheel"]);
    assert_eq!(found("rt/mod.rs", "pub(super) fn f() {}"), [""; 0]);
}

#[test]
fn a_new_a_stale_and_an_upward_arrow_and_a_cycle_are_refused() {
    let arrow = [("rt", "base")];
    assert_eq!(judged(&arrow, &arrow), "");
    assert!(judged(&arrow, &[]).contains("a new arrow: add (\"rt\", \"base\")"));
    assert!(judged(&[], &arrow).contains("is gone"));
    let upward = [("base", "rt")];
    assert!(judged(&upward, &upward).contains("not on a lower floor"));
    let sibling = [("wheel", "io")];
    assert!(judged(&sibling, &sibling).contains("not on a lower floor"));
    let exception = [("process", "signal")];
    assert_eq!(judged(&exception, &exception), "");
    let ring = [("rt", "base"), ("base", "io"), ("io", "rt"), ("time", "rt")];
    assert!(judged(&ring, &ring).contains("in a cycle: base, io, rt, time"));
}

#[test]
fn cfg_loom_is_seen_in_each_of_its_forms() {
    let allowed = |text: &str| {
        let file = Source::new("x.rs", text);
        let looms = file.tokens.iter().enumerate();
        looms
            .filter(|(index, token)| token.text == "loom" && stands_in_cfg(&file.tokens[..*index]))
            .all(|(index, _)| is_test_module(&file.tokens, index))
    };
    assert!(allowed("#[cfg(all(test, loom))]\nmod models;"));
    assert!(allowed(
        "#[cfg(all(test, not(loom)))]\nmod tests { fn f() {} }"
    ));
    assert!(allowed("fn f() { loom::model(|| ()) }"));
    assert!(allowed(
        "#[cfg(all(test, not(loom)))] #[path = \"x_tests.rs\"] mod tests;"
    ));
    assert!(!allowed("#[cfg(loom)] fn f() {}"));
    assert!(!allowed("#[cfg(all(test, loom))] use x;"));
    assert!(!allowed("#[cfg(not(loom))] mod tests;"));
    assert!(!allowed("#[cfg_attr(loom, ignore)] fn f() {}"));
    assert!(!allowed("fn f() { if cfg!(loom) {} }"));
}

#[test]
fn locks_are_seen_in_use_trees_but_not_in_tests() {
    let seen = |text: &str| {
        let code = without_tests(&Source::new("x.rs", text).tokens);
        paths(&code, "std")
            .into_iter()
            .any(|(path, _)| is_replaceable(&path))
    };
    assert!(seen("use std::sync::Mutex;"));
    assert!(seen(
        "use std::{io, sync::{Arc, atomic::{AtomicU8, Ordering}}};"
    ));
    assert!(seen("static A: ::std::sync::atomic::AtomicU8 = x;"));
    assert!(seen("fn f() { std::thread::spawn(|| ()); }"));
    assert!(!seen(
        "use std::{io, sync::{Arc, Weak}, thread::available_parallelism};"
    ));
    assert!(!seen(
        "mod tests { use std::sync::Mutex; } use std::sync::Arc;"
    ));
    assert!(seen("mod tests { fn f() {} } use std::sync::Mutex;"));
}
