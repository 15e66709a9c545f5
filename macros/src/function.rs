//! The outline of the function that an attribute stands on.

use crate::tokens::{Cursor, Error, Result, is_block};
use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// A function, cut where something has to be changed or put in.
pub(crate) struct Function {
    pub(crate) attributes: TokenStream,
    /// The second `#[test]`, if there is one among the attributes.
    pub(crate) test_attribute: Option<Span>,
    /// Visibility, `unsafe` and the like, without `async`.
    pub(crate) qualifiers: TokenStream,
    /// The word `fn`.
    pub(crate) keyword: Ident,
    pub(crate) name: Ident,
    pub(crate) generics: TokenStream,
    pub(crate) parameters: Group,
    /// What stands after `->`, if there is one.
    pub(crate) output: Option<TokenStream>,
    /// `where` and what follows it.
    pub(crate) bounds: TokenStream,
    pub(crate) body: Group,
}

impl Function {
    /// Cuts `item`; `attribute` is for messages, such as `#[runtime::main]`.
    pub(crate) fn parse(attribute: &str, item: TokenStream) -> Result<Self> {
        let mut cursor = Cursor::new(item);
        let (attributes, test_attribute) = parse_attributes(&mut cursor);
        let (qualifiers, is_async, keyword) = parse_qualifiers(attribute, &mut cursor)?;
        let wrong = |span| Error::new(span, format!("`{attribute}` needs an `async fn`"));
        let Some(TokenTree::Ident(name)) = cursor.next() else {
            return Err(wrong(keyword.span()));
        };
        if !is_async {
            let message = format!(
                "`{attribute}` needs an `async fn`; write `async fn {name}`, or remove the attribute"
            );
            return Err(Error::new(keyword.span(), message));
        }
        let generics = parse_generics(&mut cursor);
        let parameters = match cursor.next() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => group,
            _ => return Err(wrong(name.span())),
        };
        let output = parse_output(&mut cursor);
        let mut bounds = TokenStream::new();
        while let Some(token) = cursor.next() {
            match token {
                TokenTree::Group(body) if cursor.is_at_end() && is_block(&body.clone().into()) => {
                    return Ok(Function {
                        attributes,
                        test_attribute,
                        qualifiers,
                        keyword,
                        name,
                        generics,
                        parameters,
                        output,
                        bounds,
                        body,
                    });
                }
                token => bounds.extend([token]),
            }
        }
        let message = format!("`{attribute}` needs a function with a body");
        Err(Error::new(name.span(), message))
    }
}

/// The attributes, and the place of a `#[test]` among them.
fn parse_attributes(cursor: &mut Cursor) -> (TokenStream, Option<Span>) {
    let mut attributes = TokenStream::new();
    let mut test = None;
    while cursor.is_punct(0, '#') {
        let span = cursor.span();
        attributes.extend(cursor.next());
        if let Some(TokenTree::Group(group)) = cursor.peek() {
            let path: String = group.stream().into_iter().map(|t| t.to_string()).collect();
            if path == "test" || path.ends_with("::prelude::v1::test") {
                test = Some(span);
            }
        }
        attributes.extend(cursor.next());
    }
    (attributes, test)
}

/// What stands before `fn`, whether `async` is there, and the word `fn`.
fn parse_qualifiers(attribute: &str, cursor: &mut Cursor) -> Result<(TokenStream, bool, Ident)> {
    let start = cursor.span();
    let mut qualifiers = TokenStream::new();
    let mut is_async = false;
    while let Some(token) = cursor.next() {
        let word = match &token {
            TokenTree::Ident(ident) => ident.to_string(),
            // `pub(in path)` and `extern "C"`.
            TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => String::new(),
            TokenTree::Literal(_) => String::new(),
            _ => break,
        };
        match (word.as_str(), token) {
            ("fn", TokenTree::Ident(keyword)) => return Ok((qualifiers, is_async, keyword)),
            ("async", _) => is_async = true,
            ("struct" | "enum" | "union" | "mod" | "impl" | "trait" | "static" | "type", _) => {
                break;
            }
            (_, token) => qualifiers.extend([token]),
        }
    }
    let message = format!("`{attribute}` goes on an `async fn`, and there is none here");
    Err(Error::new(start, message))
}

/// `<...>`, if it comes next. Parentheses can stand within it (`F: Fn()`).
fn parse_generics(cursor: &mut Cursor) -> TokenStream {
    let mut generics = TokenStream::new();
    let mut depth = 0;
    loop {
        let arrow = cursor.is_punct(0, '-') && cursor.is_punct(1, '>');
        if cursor.is_punct(0, '<') {
            depth += 1;
        } else if cursor.is_punct(0, '>') {
            depth -= 1;
        }
        let is_last = depth == 0;
        if cursor.is_at_end() || is_last && !cursor.is_punct(0, '>') {
            return generics;
        }
        generics.extend(cursor.next());
        if arrow {
            generics.extend(cursor.next());
        }
        if is_last {
            return generics;
        }
    }
}

/// What stands after `->`, up to `where` or the body.
fn parse_output(cursor: &mut Cursor) -> Option<TokenStream> {
    if !(cursor.is_punct(0, '-') && cursor.is_punct(1, '>')) {
        return None;
    }
    cursor.next();
    cursor.next();
    let mut output = TokenStream::new();
    while let Some(token) = cursor.peek() {
        // A brace is the body, unless more follows: `-> [u8; { 1 + 1 }]` has its brace
        // within a group, `-> Array<{ N }>` not.
        let is_body = is_block(token) && output_is_complete(&output);
        if is_body || cursor.is_ident(0, "where") {
            break;
        }
        output.extend(cursor.next());
    }
    Some(output)
}

/// Whether no `<` is open.
fn output_is_complete(output: &TokenStream) -> bool {
    let mut depth = 0;
    let mut after_dash = false;
    for token in output.clone() {
        match token.to_string().as_str() {
            "<" => depth += 1,
            ">" if !after_dash => depth -= 1,
            _ => {}
        }
        after_dash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '-');
    }
    depth == 0
}
