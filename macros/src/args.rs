//! The arguments of `#[runtime::main]` and `#[runtime::test]`.

use crate::template;
use crate::tokens::{Cursor, Error, Result};
use proc_macro::{Ident, Span, TokenStream, TokenTree};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    MultiThread,
    CurrentThread,
    Local,
}

impl Flavor {
    fn name(self) -> &'static str {
        match self {
            Flavor::MultiThread => "multi_thread",
            Flavor::CurrentThread => "current_thread",
            Flavor::Local => "local",
        }
    }
}

/// What the arguments ask for. A value keeps the span of its name, for errors.
pub(crate) struct Args {
    pub(crate) flavor: Flavor,
    pub(crate) worker_threads: Option<usize>,
    pub(crate) start_paused: bool,
    /// The runtime's name: a string literal, as it stands.
    pub(crate) name: Option<TokenStream>,
    /// The path of the crate `runtime`.
    pub(crate) krate: TokenStream,
}

impl Args {
    pub(crate) fn new(flavor: Flavor) -> Self {
        Args {
            flavor,
            worker_threads: None,
            start_paused: false,
            name: None,
            krate: template::fill("::runtime", Span::call_site(), &[]),
        }
    }

    /// Reads `name = value, ...`; `flavor` is the default.
    pub(crate) fn parse(flavor: Flavor, tokens: TokenStream) -> Result<Self> {
        let mut args = Args::new(flavor);
        let mut seen: Vec<(String, Span)> = Vec::new();
        let mut cursor = Cursor::new(tokens);
        while let Some(token) = cursor.next() {
            let TokenTree::Ident(name) = token else {
                return Err(Error::new(token.span(), format!("expected {NAMES}")));
            };
            let word = name.to_string();
            if seen.iter().any(|(earlier, _)| *earlier == word) {
                let message = format!("`{word}` is given twice; remove one of them");
                return Err(Error::new(name.span(), message));
            }
            args.parse_value(&name, &mut cursor)?;
            seen.push((word, name.span()));
            if !cursor.is_at_end() && !cursor.eat_punct(',') {
                let message = "expected a comma between the arguments";
                return Err(Error::new(cursor.span(), message));
            }
        }
        args.check_together(&seen)?;
        Ok(args)
    }

    fn parse_value(&mut self, name: &Ident, cursor: &mut Cursor) -> Result<()> {
        let word = name.to_string();
        let example = match word.as_str() {
            "flavor" => "flavor = \"multi_thread\"",
            "worker_threads" => "worker_threads = 4",
            "start_paused" => "start_paused = true",
            "name" => "name = \"my-runtime\"",
            "crate" => "crate = \"path::to::runtime\"",
            _ => {
                let message = format!("there is no argument `{word}`; expected {NAMES}");
                return Err(Error::new(name.span(), message));
            }
        };
        if !cursor.eat_punct('=') || cursor.is_at_end() {
            let message = format!("`{word}` needs a value: `{example}`");
            return Err(Error::new(name.span(), message));
        }
        match word.as_str() {
            "flavor" => self.flavor = parse_flavor(cursor)?,
            "worker_threads" => self.worker_threads = Some(parse_count(cursor)?),
            "start_paused" => self.start_paused = parse_bool(cursor)?,
            "name" => self.name = Some(parse_name(cursor)?),
            _ => self.krate = parse_path(cursor)?,
        }
        Ok(())
    }

    /// Refuses arguments that mean nothing for the flavor.
    fn check_together(&self, seen: &[(String, Span)]) -> Result<()> {
        let span_of = |word: &str| seen.iter().find(|(name, _)| name == word).map(|s| s.1);
        match self.flavor {
            Flavor::CurrentThread | Flavor::Local => match span_of("worker_threads") {
                Some(span) => Err(Error::new(
                    span,
                    format!(
                        "a `{}` runtime has no workers; remove `worker_threads`, or add \
                         `flavor = \"multi_thread\"`",
                        self.flavor.name()
                    ),
                )),
                None => Ok(()),
            },
            Flavor::MultiThread => Ok(()),
        }
    }
}

const NAMES: &str = "`flavor = \"...\"`, `worker_threads = N`, `start_paused = true`, \
                     `name = \"...\"` or `crate = \"...\"`";

fn parse_flavor(cursor: &mut Cursor) -> Result<Flavor> {
    let span = cursor.span();
    let value = cursor.next().and_then(|token| string(&token));
    match value.as_deref() {
        Some("multi_thread") => Ok(Flavor::MultiThread),
        Some("current_thread") => Ok(Flavor::CurrentThread),
        Some("local") => Ok(Flavor::Local),
        _ => Err(Error::new(
            span,
            "expected `flavor = \"multi_thread\"`, `flavor = \"current_thread\"` or \
             `flavor = \"local\"`",
        )),
    }
}

fn parse_count(cursor: &mut Cursor) -> Result<usize> {
    let span = cursor.span();
    let digits = match cursor.next() {
        Some(TokenTree::Literal(literal)) => literal.to_string().replace('_', ""),
        _ => String::new(),
    };
    match digits.trim_end_matches("usize").parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(Error::new(
            span,
            "expected a whole number of workers, at least 1: `worker_threads = 4`",
        )),
    }
}

fn parse_bool(cursor: &mut Cursor) -> Result<bool> {
    let span = cursor.span();
    match cursor.next().map(|token| token.to_string()).as_deref() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(Error::new(
            span,
            "expected `start_paused = true` or `start_paused = false`",
        )),
    }
}

/// A name that is not blank, in a string.
fn parse_name(cursor: &mut Cursor) -> Result<TokenStream> {
    let span = cursor.span();
    match cursor.next() {
        Some(token) if string(&token).is_some_and(|name| !name.trim().is_empty()) => {
            Ok(TokenStream::from(token))
        }
        _ => Err(Error::new(
            span,
            "expected the name of the runtime: `name = \"my-runtime\"`",
        )),
    }
}

/// A path, in a string or as it is.
fn parse_path(cursor: &mut Cursor) -> Result<TokenStream> {
    let span = cursor.span();
    let wrong = || {
        let message = "expected the path of the crate: `crate = \"path::to::runtime\"`";
        Error::new(span, message)
    };
    let text = match cursor.peek().and_then(string) {
        Some(text) => {
            cursor.next();
            text
        }
        None => {
            let mut text = String::new();
            while !cursor.is_at_end() && !cursor.is_punct(0, ',') {
                text.extend(cursor.next().map(|token| token.to_string()));
            }
            text
        }
    };
    let is_word = |word: &str| {
        let word = word.strip_prefix("r#").unwrap_or(word);
        word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    if text.trim_start_matches("::").split("::").all(is_word) {
        Ok(template::fill(&text, span, &[]))
    } else {
        Err(wrong())
    }
}

/// What stands in a string literal; none of the values that are understood here has an
/// escape in it.
fn string(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else {
        return None;
    };
    let text = literal.to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    Some(text.to_owned())
}
