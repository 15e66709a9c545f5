//! What the manifest says about age and weight is true: the language is that of
//! Rust 1.85, and the default dependencies are few.

mod source;

use source::{Token, begins};
use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn no_condition_chains_a_let() {
    let mut wrong = Vec::new();
    for folder in ["src", "macros/src"] {
        for file in source::read(folder) {
            for line in let_chains(&file.tokens) {
                wrong.push(format!("{folder}/{}:{line}", file.path));
            }
        }
    }
    let rule = "`let` chains came with Rust 1.88; nest the conditions";
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}

/// The lines with `&& let`, or with `&&` behind the `let` of a condition.
fn let_chains(tokens: &[Token]) -> Vec<usize> {
    let mut lines = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let rest = &tokens[index..];
        let continues = begins(rest, "& & let");
        let starts = begins(rest, "if let") || begins(rest, "while let");
        if continues || starts && condition_has_and(rest) {
            lines.push(token.line);
        }
    }
    lines.dedup();
    lines
}

/// Whether `&&` joins anything between the `=` of an `if let` and its block.
fn condition_has_and(tokens: &[Token]) -> bool {
    let mut depth = 0;
    let mut behind_sign = false;
    for (index, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            // A struct pattern has braces before the `=`.
            "{" if !behind_sign => depth += 1,
            "}" if !behind_sign => depth -= 1,
            "{" if depth == 0 => return false,
            "=" if depth == 0 && !behind_sign => {
                let in_range = index > 0 && tokens[index - 1].text == ".";
                behind_sign = !in_range;
            }
            // Directly behind the `=` it is a reference to a reference.
            "&" if depth == 0
                && behind_sign
                && begins(&tokens[index..], "& &")
                && tokens[index - 1].text != "=" =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

#[test]
fn the_scanner_finds_chains_and_only_them() {
    let has = |text: &str| !let_chains(&source::Source::new("x.rs", text).tokens).is_empty();
    assert!(has("fn f() { if a && let Some(b) = c {} }"));
    assert!(has("fn f() { if let Some(b) = c && b > 1 {} }"));
    assert!(has("fn f() { while let Some(b) = c() && b {} }"));
    assert!(has("fn f() { if let P { x, .. } = c && x {} }"));
    assert!(has("fn f() { if let 1..=2 = c && x {} }"));
    assert!(!has("fn f() { if let Some(b) = c { if a && b {} } }"));
    assert!(!has("fn f() { if let Some(b) = c.find(|d| a && d) {} }"));
    assert!(!has("fn f() { if let Some(b) = &&c {} }"));
    assert!(!has("fn f() { let Some(b) = c else { return a && d }; }"));
    assert!(!has(
        "// if a && let Some(b) = c {}\nconst A: &str = \"if a && let b = c\";"
    ));
}

/// The count is what users see of us in their build; the names are runtimes that must
/// not come in by the back door.
#[test]
fn the_default_dependencies_are_fewer_than_twenty() {
    let crates = dependencies();
    let list: Vec<&str> = crates.iter().map(String::as_str).collect();
    assert!(
        list.len() < 20,
        "{} crates: {}",
        list.len(),
        list.join(", ")
    );
    assert!(
        list.contains(&"mio"),
        "this is not our tree: {}",
        list.join(", ")
    );
    for foreign in ["tokio", "hyper", "async-std", "syn"] {
        assert!(
            !list.contains(&foreign),
            "`{foreign}` is among the dependencies"
        );
    }
}

fn dependencies() -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "-e",
            "normal",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .args(["--package", "runtime"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`cargo tree` failed: {errors}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "runtime")
        .map(str::to_owned)
        .collect()
}
