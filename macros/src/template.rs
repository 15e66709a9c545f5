//! Writing tokens: Rust text with named holes for the tokens of the user.

use proc_macro::{Group, Span, TokenStream, TokenTree};

/// The tokens of `text`, all with the span `span`, where each word that names a hole
/// is replaced by that hole's tokens as they are.
///
/// # Panics
///
/// If `text` is no Rust tokens, which would be a mistake of this crate.
pub(crate) fn fill(text: &str, span: Span, holes: &[(&str, &TokenStream)]) -> TokenStream {
    let tokens = text.parse().expect("a template of this crate is not Rust");
    fill_tokens(tokens, span, holes)
}

fn fill_tokens(tokens: TokenStream, span: Span, holes: &[(&str, &TokenStream)]) -> TokenStream {
    let mut filled = TokenStream::new();
    for mut token in tokens {
        if let TokenTree::Ident(ident) = &token {
            let word = ident.to_string();
            if let Some((_, hole)) = holes.iter().find(|(name, _)| *name == word) {
                filled.extend((*hole).clone());
                continue;
            }
        }
        if let TokenTree::Group(group) = &token {
            let inside = fill_tokens(group.stream(), span, holes);
            token = Group::new(group.delimiter(), inside).into();
        }
        token.set_span(span);
        filled.extend([token]);
    }
    filled
}
