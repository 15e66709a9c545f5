//! The branches of `select!`, cut at their separators.
//!
//! ```text
//! biased;?  (pattern = future (, if condition)? => handler)*  (else => handler)?
//! ```
//!
//! A handler that is a block may stand without a comma after it, any other ends at the
//! next comma. Patterns and expressions are not parsed but passed on, so only their
//! ends have to be found; groups hide what is inside them. What can hide a comma
//! without being a group is a list in angle brackets and the parameters of a closure:
//! [`Commas`] knows those.

use crate::tokens::{Cursor, Error, Result, is_block};
use proc_macro::{Punct, Spacing, TokenStream, TokenTree};

pub(crate) struct Branch {
    pub(crate) pattern: TokenStream,
    pub(crate) future: TokenStream,
    pub(crate) condition: Option<TokenStream>,
    pub(crate) handler: TokenStream,
}

pub(crate) struct Branches {
    pub(crate) biased: bool,
    pub(crate) branches: Vec<Branch>,
    /// The handler of `else`.
    pub(crate) otherwise: Option<TokenStream>,
}

/// More than this do not fit into the mask of disabled branches.
const MOST: usize = 64;

const SHAPE: &str = "a branch of `select!` is `pattern = future => handler` or \
                     `pattern = future, if condition => handler`";

impl Branches {
    pub(crate) fn parse(cursor: &mut Cursor) -> Result<Self> {
        let start = cursor.span();
        let biased = parse_biased(cursor)?;
        let mut branches = Vec::new();
        let mut otherwise = None;
        while !cursor.is_at_end() {
            let span = cursor.span();
            if otherwise.is_some() {
                return Err(Error::new(span, "`else` must be the last branch; move it"));
            }
            if cursor.is_ident(0, "else") {
                cursor.next();
                otherwise = Some(parse_handler(cursor)?);
                continue;
            }
            if branches.len() == MOST {
                let message = format!(
                    "`select!` takes up to {MOST} branches; put some of them into an inner `select!`"
                );
                return Err(Error::new(span, message));
            }
            branches.push(parse_branch(cursor)?);
        }
        if branches.is_empty() && otherwise.is_none() {
            let message = format!("`select!` needs at least one branch; {SHAPE}");
            return Err(Error::new(start, message));
        }
        Ok(Branches {
            biased,
            branches,
            otherwise,
        })
    }
}

fn parse_biased(cursor: &mut Cursor) -> Result<bool> {
    if !cursor.is_ident(0, "biased") {
        return Ok(false);
    }
    if cursor.is_punct(1, ',') {
        let message = "expected `biased;`, with a semicolon";
        return Err(Error::new(cursor.span(), message));
    }
    if !cursor.is_punct(1, ';') {
        return Ok(false); // a pattern of that name
    }
    cursor.next();
    cursor.next();
    Ok(true)
}

fn parse_branch(cursor: &mut Cursor) -> Result<Branch> {
    let pattern = parse_pattern(cursor)?;
    let future = parse_expression(cursor, "the future", true)?;
    let condition = if cursor.eat_punct(',') {
        cursor.next(); // `if`, which `parse_expression` has seen
        Some(parse_expression(cursor, "the condition", false)?)
    } else {
        None
    };
    let handler = parse_handler(cursor)?;
    Ok(Branch {
        pattern,
        future,
        condition,
        handler,
    })
}

/// Up to a `=` that is not a part of `..=`; consumes that.
fn parse_pattern(cursor: &mut Cursor) -> Result<TokenStream> {
    let mut pattern = TokenStream::new();
    let mut in_range = false;
    loop {
        let span = cursor.span();
        if cursor.is_at_end() || cursor.is_fat_arrow() {
            let message = format!("the `=` after the pattern is missing; {SHAPE}");
            return Err(Error::new(span, message));
        }
        if cursor.is_punct(0, ',') {
            let message = format!("a pattern of several parts needs parentheses; {SHAPE}");
            return Err(Error::new(span, message));
        }
        if cursor.is_punct(0, '=') && !in_range {
            if pattern.is_empty() {
                let message = format!("the pattern before the `=` is missing; {SHAPE}");
                return Err(Error::new(span, message));
            }
            cursor.next();
            return Ok(pattern);
        }
        let token = cursor.next();
        in_range = matches!(&token, Some(TokenTree::Punct(p))
            if p.as_char() == '.' && p.spacing() == Spacing::Joint);
        pattern.extend(token);
    }
}

/// Up to `=>`, or to `, if` where a condition may follow; consumes neither.
fn parse_expression(cursor: &mut Cursor, what: &str, may_end: bool) -> Result<TokenStream> {
    let mut expression = TokenStream::new();
    loop {
        let span = cursor.span();
        if cursor.is_at_end() {
            let message = format!("the `=>` after {what} is missing; {SHAPE}");
            return Err(Error::new(span, message));
        }
        let ends = may_end && cursor.is_punct(0, ',') && cursor.is_ident(1, "if");
        if ends || cursor.is_fat_arrow() {
            if expression.is_empty() {
                let message = format!("{what} is missing; {SHAPE}");
                return Err(Error::new(span, message));
            }
            return Ok(expression);
        }
        expression.extend(cursor.next());
    }
}

/// `=>`, the handler, and the comma after it.
fn parse_handler(cursor: &mut Cursor) -> Result<TokenStream> {
    let span = cursor.span();
    if !cursor.eat_fat_arrow() {
        return Err(Error::new(span, format!("expected `=>` here; {SHAPE}")));
    }
    let mut handler = TokenStream::new();
    if cursor.peek().is_some_and(is_block) {
        handler.extend(cursor.next());
        cursor.eat_punct(',');
        return Ok(handler);
    }
    let mut commas = Commas::default();
    while !cursor.is_at_end() {
        if cursor.is_fat_arrow() {
            let message = "a comma is missing between the handler and the next branch";
            return Err(Error::new(cursor.span(), message));
        }
        if cursor.is_punct(0, ',') && !commas.are_hidden() {
            break;
        }
        if let Some(token) = cursor.next() {
            commas.pass(&token);
            handler.extend([token]);
        }
    }
    if handler.is_empty() {
        let message = format!("the handler after `=>` is missing; {SHAPE}");
        return Err(Error::new(span, message));
    }
    cursor.eat_punct(',');
    Ok(handler)
}

/// Whether a comma at this place of an expression belongs to the expression.
#[derive(Default)]
struct Commas {
    /// Open angle brackets of generic arguments and qualified paths.
    angles: usize,
    /// Within the `|...|` of a closure.
    parameters: bool,
    /// Within the type after `as` or `->`, where `<` opens a list.
    in_type: bool,
    /// What the last token was.
    last: Last,
}

/// Enough of the last token to tell what `<` and `|` mean after it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Last {
    /// Nothing yet, an operator, or a word such as `return`: an operand follows.
    #[default]
    Operator,
    /// An operand, or the end of one.
    Operand,
    /// The first half of `->`, `::` or `<<`.
    Joint(char),
    /// `::`
    Path,
}

impl Commas {
    fn are_hidden(&self) -> bool {
        self.angles > 0 || self.parameters
    }

    fn pass(&mut self, token: &TokenTree) {
        self.last = match token {
            TokenTree::Punct(punct) => self.pass_punct(punct),
            TokenTree::Ident(word) => match word.to_string().as_str() {
                "as" => {
                    self.in_type = true;
                    Last::Operator
                }
                "return" | "break" | "move" | "async" | "in" | "else" | "match" | "if" => {
                    Last::Operator
                }
                _ => Last::Operand,
            },
            _ => {
                self.in_type = false;
                Last::Operand
            }
        };
    }

    fn pass_punct(&mut self, punct: &Punct) -> Last {
        let c = punct.as_char();
        let after_path = self.last == Last::Path;
        let starts_operand = matches!(self.last, Last::Operator | Last::Path);
        match (c, self.last) {
            ('<', _) if self.angles > 0 || after_path || self.in_type || starts_operand => {
                self.angles += 1;
                return Last::Operator;
            }
            ('>', Last::Joint('-')) => {
                self.in_type = true;
                return Last::Operator;
            }
            ('>', _) if self.angles > 0 => {
                self.angles -= 1;
                return Last::Operand;
            }
            ('|', _) if self.parameters => {
                self.parameters = false;
                return Last::Operator;
            }
            ('|', Last::Operator) if self.angles == 0 => {
                // `||` closes at once.
                self.parameters = true;
                return Last::Operator;
            }
            (':', Last::Joint(':')) => return Last::Path,
            ('?', _) => return Last::Operand,
            _ => {}
        }
        if c != ':' && self.angles == 0 {
            self.in_type = self.in_type && matches!(c, '&' | '*' | '\'' | '-');
        }
        match punct.spacing() {
            Spacing::Joint if matches!(c, '-' | ':' | '<') => Last::Joint(c),
            _ => Last::Operator,
        }
    }
}
