//! Reading Rust source well enough to hold rules over it: without comments, strings
//! and characters, as words and signs with their lines. For `floors.rs` and `msrv.rs`.

use std::fs;
use std::path::Path;

/// A word (identifier, keyword, number, lifetime) or one sign, and its line.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// A source file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Below the folder that was read, with `/`.
    pub(crate) path: String,
    #[allow(dead_code)] // one of the two tests that share this module needs it
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens: tokens(&strip(text)),
        }
    }
}

/// All `.rs` files below `folder` of this package, by path.
pub(crate) fn read(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!sources.is_empty(), "no source in {}", root.display());
    sources
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            collect(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("the file is text");
            let below = path
                .strip_prefix(root)
                .expect("it was found below the root");
            let below = below.to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&below, &text));
        }
    }
}

/// `text` with blanks for comments and for what stands in strings and characters. Lines
/// stay lines.
pub(crate) fn strip(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut stripped = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            stripped.push(chars[at]);
            at += 1;
            continue;
        }
        for &c in &chars[at..end] {
            stripped.push(if c == '\n' { '\n' } else { ' ' });
        }
        at = end;
    }
    stripped
}

/// The end of the comment, string or character that begins at `at`; or `at`.
fn skip(chars: &[char], at: usize) -> usize {
    let sign = |ahead: usize| chars.get(at + ahead).copied().unwrap_or('\0');
    let in_word = at > 0 && is_word(chars[at - 1]);
    match (sign(0), sign(1)) {
        ('/', '/') => find(chars, at, |c| c == '\n'),
        ('/', '*') => end_of_block_comment(chars, at),
        ('"', _) => end_of_string(chars, at),
        ('r', '"' | '#') | ('b' | 'c', 'r') if !in_word => end_of_raw_string(chars, at),
        ('\'', '\\') => 1 + find(chars, at + 3, |c| c == '\''),
        ('\'', _) if sign(2) == '\'' => at + 3,
        _ => at,
    }
}

/// The first place from `at` on where `wanted` is met, or the end.
fn find(chars: &[char], at: usize, wanted: impl Fn(char) -> bool) -> usize {
    let rest = chars.get(at..).unwrap_or_default();
    at + rest.iter().position(|&c| wanted(c)).unwrap_or(rest.len())
}

fn end_of_block_comment(chars: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn end_of_string(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// From an `r`, or the `b` or `c` before it; `start` if it is a word such as `r#type`.
fn end_of_raw_string(chars: &[char], start: usize) -> usize {
    let hashes_from = start + if chars[start] == 'r' { 1 } else { 2 };
    let quote = find(chars, hashes_from, |c| c != '#');
    let hashes = quote - hashes_from;
    if chars.get(quote) != Some(&'"') {
        return start;
    }
    let mut at = quote + 1;
    while at < chars.len() {
        let closing = chars.get(at + 1..at + 1 + hashes);
        if chars[at] == '"' && closing.is_some_and(|signs| signs.iter().all(|&c| c == '#')) {
            return at + 1 + hashes;
        }
        at += 1;
    }
    chars.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words and signs of a text that was stripped.
fn tokens(stripped: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut in_word = false;
    let mut line = 1;
    for c in stripped.chars() {
        match tokens.last_mut() {
            Some(last) if in_word && is_word(c) => {
                last.text.push(c);
                continue;
            }
            _ => {}
        }
        in_word = is_word(c);
        if c == '\n' {
            line += 1;
        } else if !c.is_whitespace() {
            tokens.push(Token {
                text: c.to_string(),
                line,
            });
        }
    }
    tokens
}

/// Whether the texts of `tokens` begin with `words`, which blanks part.
pub(crate) fn begins(tokens: &[Token], words: &str) -> bool {
    let mut tokens = tokens.iter();
    words
        .split_whitespace()
        .all(|word| tokens.next().is_some_and(|token| token.text == word))
}
