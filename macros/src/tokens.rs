//! Reading tokens: a cursor over them, and errors that know their place.

use crate::template;
use proc_macro::{Delimiter, Span, TokenStream, TokenTree};

/// What is wrong with the input, where, and what to write instead.
pub(crate) struct Error {
    span: Span,
    message: String,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Error {
            span,
            message: message.into(),
        }
    }

    /// A `compile_error!` at the place.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let text = format!("::core::compile_error! {{ {:?} }}", self.message);
        template::fill(&text, self.span, &[])
    }
}

/// A place in a sequence of tokens.
pub(crate) struct Cursor {
    tokens: Vec<TokenTree>,
    next: usize,
    /// Where to point at when the tokens come to an early end.
    end: Span,
}

impl Cursor {
    pub(crate) fn new(tokens: TokenStream) -> Self {
        let tokens: Vec<_> = tokens.into_iter().collect();
        Cursor {
            end: tokens.last().map_or(Span::call_site(), TokenTree::span),
            next: 0,
            tokens,
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.next == self.tokens.len()
    }

    pub(crate) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.next)
    }

    pub(crate) fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.next).cloned();
        self.next += usize::from(token.is_some());
        token
    }

    /// The span of the next token, or of the last one at the end.
    pub(crate) fn span(&self) -> Span {
        self.peek().map_or(self.end, TokenTree::span)
    }

    /// Whether the `ahead`th token from here is the punctuation character `c`.
    pub(crate) fn is_punct(&self, ahead: usize, c: char) -> bool {
        match self.tokens.get(self.next + ahead) {
            Some(TokenTree::Punct(punct)) => punct.as_char() == c,
            _ => false,
        }
    }

    /// Whether the `ahead`th token from here is the word `word`.
    pub(crate) fn is_ident(&self, ahead: usize, word: &str) -> bool {
        match self.tokens.get(self.next + ahead) {
            Some(TokenTree::Ident(ident)) => ident.to_string() == word,
            _ => false,
        }
    }

    /// Whether `=>` comes next.
    pub(crate) fn is_fat_arrow(&self) -> bool {
        self.is_punct(0, '=') && self.is_punct(1, '>')
    }

    /// Consumes the punctuation character `c` if it comes next.
    pub(crate) fn eat_punct(&mut self, c: char) -> bool {
        let found = self.is_punct(0, c);
        self.next += usize::from(found);
        found
    }

    /// Consumes `=>` if it comes next.
    pub(crate) fn eat_fat_arrow(&mut self) -> bool {
        let found = self.is_fat_arrow();
        self.next += 2 * usize::from(found);
        found
    }
}

/// Whether `token` is a group in braces, as it stands or as a fragment that a
/// `macro_rules!` macro has passed on.
pub(crate) fn is_block(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            match (inside.next(), inside.next()) {
                (Some(only), None) => is_block(&only),
                _ => false,
            }
        }
        _ => false,
    }
}
