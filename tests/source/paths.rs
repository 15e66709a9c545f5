//! Finding paths in Rust source: what a file names by `crate::`, `super::` or `std::`.

use crate::source::{Source, Token, begins};

/// How many modules deep the root of a file is: 1 for `src/base/mod.rs` and
/// `src/macros.rs`, 2 for `src/base/rng.rs`.
fn depth_of(path: &str) -> usize {
    path.strip_suffix("/mod.rs")
        .unwrap_or(path)
        .split('/')
        .count()
}

/// The top modules that a file names by `crate::` or by `super::` up to the root, with
/// the lines.
pub(crate) fn arrows(file: &Source) -> Vec<(String, usize)> {
    let tokens = &file.tokens;
    let mut arrows: Vec<(String, usize)> = Vec::new();
    for (path, line) in paths(tokens, "crate") {
        let top = path.split("::").nth(1).unwrap_or_default();
        arrows.push((top.to_owned(), line));
    }
    let mut depth = Depth::new(depth_of(&file.path));
    for (index, token) in tokens.iter().enumerate() {
        depth.pass(&tokens[index..]);
        let continues = index >= 3 && begins(&tokens[index - 3..], "super : :");
        if token.text != "super" || continues {
            continue;
        }
        for (path, line) in paths_at(tokens, index) {
            let climbed = path.split("::").take_while(|part| *part == "super").count();
            if climbed == depth.now {
                let top = path.split("::").nth(climbed);
                arrows.extend(top.map(|top| (top.to_owned(), line)));
            }
        }
    }
    arrows
}

/// How many modules deep we are while we walk over a file's tokens.
struct Depth {
    now: usize,
    braces: usize,
    /// The number of braces around each inline module that we are in.
    inline: Vec<usize>,
}

impl Depth {
    fn new(now: usize) -> Self {
        Depth {
            now,
            braces: 0,
            inline: Vec::new(),
        }
    }

    /// Goes over the first of `tokens`.
    fn pass(&mut self, tokens: &[Token]) {
        match tokens[0].text.as_str() {
            "mod" if tokens.get(2).is_some_and(|token| token.text == "{") => {
                self.inline.push(self.braces);
                self.now += 1;
            }
            "{" => self.braces += 1,
            "}" => {
                self.braces = self.braces.saturating_sub(1);
                if self.inline.last() == Some(&self.braces) {
                    self.inline.pop();
                    self.now -= 1;
                }
            }
            _ => {}
        }
    }
}

/// All paths that begin with the word `root`, with `use` trees written out. `$crate` is
/// another crate's view of this one, and no import.
pub(crate) fn paths(tokens: &[Token], root: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = |back: usize| index >= back && tokens[index - back].text == ":";
        let is_middle = before(1) && before(2) && index >= 3 && is_name(&tokens[index - 3].text);
        let is_dollar = index > 0 && tokens[index - 1].text == "$";
        if token.text == root && !is_middle && !is_dollar && begins(&tokens[index + 1..], ": :") {
            found.extend(paths_at(tokens, index));
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The paths of the one tree that begins at `index`.
fn paths_at(tokens: &[Token], index: usize) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    tree(tokens, index, "", &mut found);
    found
}

/// Writes out the tree at `index` behind `prefix`; returns where it ends.
fn tree(
    tokens: &[Token],
    mut index: usize,
    prefix: &str,
    found: &mut Vec<(String, usize)>,
) -> usize {
    let mut path = prefix.to_owned();
    while let Some(token) = tokens.get(index) {
        match token.text.as_str() {
            "{" => {
                index += 1;
                while tokens.get(index).is_some_and(|token| token.text != "}") {
                    index = tree(tokens, index, &path, found).max(index + 1);
                }
                return index + 1;
            }
            name if is_name(name) || name == "*" => path.push_str(name),
            _ => {
                // `a::<T>()` or `a::"..."`: the path ends before the `::`.
                let ended = path.trim_end_matches("::");
                if ended.len() > prefix.len() {
                    found.push((ended.to_owned(), token.line));
                }
                break;
            }
        }
        let line = token.line;
        index += 1;
        if begins(&tokens[index..], ": :") {
            path.push_str("::");
            index += 2;
            continue;
        }
        found.push((path, line));
        if begins(&tokens[index..], "as") {
            index += 2;
        }
        break;
    }
    index
}
