//! What becomes of `select!`.
//!
//! ```text
//! {
//!     enum Selected<T0, ..> { Branch0(T0), .., Disabled }
//!     let mut output = {
//!         // conditions in order, then futures in order, each pinned where it stands
//!         poll_fn(|cx| /* one round over the enabled branches */).await
//!     };                                  // all futures are dropped here
//!     match output { Selected::Branch0(pattern) => handler, .. Selected::Disabled => else }
//! }
//! ```
//!
//! The handlers stand in the block itself, in no closure and no loop, so that `?`,
//! `return`, `break` and `.await` in them mean what they mean around the macro.
//!
//! Whether a value matches its pattern has to be known inside of the round, but the
//! value must leave the round whole. A match guard sees the bindings without moving
//! the value: the arm `pattern if { matched = true; false }` never runs, and the value
//! is still there after it. Rejected: matching a reference to the value, which needs
//! `ref` and `mut` taken out of the user's pattern, and fails on `&x`.
//!
//! The futures are locals under `std::pin::pin!`: no unsafe code, and no recursion that
//! would count against the limit of the user's crate.

use crate::branches::{Branch, Branches};
use crate::template;
use crate::tokens::Cursor;
use proc_macro::{Span, TokenStream, TokenTree};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut input = input.into_iter();
    let Some(TokenTree::Group(krate)) = input.next() else {
        unreachable!("`select!` passes the crate first");
    };
    let krate = krate.stream();
    match Branches::parse(&mut Cursor::new(input.collect())) {
        Ok(branches) => write(&krate, &branches),
        Err(error) => error.into_tokens(),
    }
}

fn write(krate: &TokenStream, select: &Branches) -> TokenStream {
    let otherwise = match &select.otherwise {
        Some(handler) => handler.clone(),
        None => fill("KRATE::__private::no_branch_left()", &[("KRATE", krate)]),
    };
    let count = select.branches.len();
    if count == 0 {
        return fill("match () { () => OTHERWISE }", &[("OTHERWISE", &otherwise)]);
    }
    let list = |text: &str| -> TokenStream {
        let fill_one = |(index, branch)| fill_branch(text, krate, index, branch);
        select
            .branches
            .iter()
            .enumerate()
            .flat_map(fill_one)
            .collect()
    };
    let start = if select.biased || count == 1 {
        "0u32".to_owned()
    } else {
        format!("KRATE::__private::below({count}u32)")
    };
    let text = format!(
        "{{
            enum __RuntimeSelected<PARAMETERS> {{ VARIANTS Disabled }}
            #[allow(unused_mut)]
            let mut output = {{
                let mut disabled: u64 = 0u64;
                CONDITIONS
                FUTURES
                let output = KRATE::__private::poll_fn(|cx| {{
                    if KRATE::__private::poll_budget(cx).is_pending() {{
                        return KRATE::__private::Poll::Pending;
                    }}
                    let mut pending = false;
                    let start: u32 = {start};
                    for turn in 0u32..{count}u32 {{
                        let branch = start + turn;
                        let past = branch >= {count}u32;
                        match if past {{ branch - {count}u32 }} else {{ branch }} {{
                            POLLS
                            _ => {{}}
                        }}
                    }}
                    if pending {{
                        KRATE::__private::Poll::Pending
                    }} else {{
                        KRATE::__private::Poll::Ready(__RuntimeSelected::Disabled)
                    }}
                }}).await;
                output
            }};
            match output {{
                HANDLERS
                __RuntimeSelected::Disabled => OTHERWISE,
                #[allow(unreachable_patterns)]
                _ => KRATE::__private::matched_before(),
            }}
        }}"
    );
    let holes = [
        ("KRATE", krate),
        ("PARAMETERS", &list("TYPE,")),
        ("VARIANTS", &list("VARIANT(TYPE),")),
        ("CONDITIONS", &conditions(select)),
        ("FUTURES", &list(FUTURE)),
        ("POLLS", &list(POLL)),
        (
            "HANDLERS",
            &list("__RuntimeSelected::VARIANT(PATTERN) => HANDLER,"),
        ),
        ("OTHERWISE", &otherwise),
    ];
    fill(&text, &holes)
}

/// The expression alone first: what it borrows by `&mut temporary()` lives as long as the
/// variable.
const FUTURE: &str = "
    let FUTURE = EXPRESSION;
    let mut FUTURE = KRATE::__private::pin!(KRATE::__private::IntoFuture::into_future(FUTURE));";

/// The value comes out of a `match` beside a `continue`: so the type of one that never comes, as
/// that of `poll_fn(|_| panic!())`, is inferred.
const POLL: &str = "
    #[allow(unreachable_code, unreachable_patterns, unused_mut, unused_variables)]
    INDEX => if disabled & BIT == 0u64 {
        let mut value = match KRATE::__private::Future::poll(FUTURE.as_mut(), cx) {
            KRATE::__private::Poll::Ready(value) => value,
            KRATE::__private::Poll::Pending => {
                pending = true;
                continue;
            }
        };
        let mut matched = false;
        match value {
            PATTERN if { matched = true; false } => KRATE::__private::matched_before(),
            _ => {}
        }
        if matched {
            return KRATE::__private::Poll::Ready(__RuntimeSelected::VARIANT(value));
        }
        disabled |= BIT;
    },";

/// All conditions are looked at before the first future is made.
fn conditions(select: &Branches) -> TokenStream {
    let one = |(index, branch): (usize, &Branch)| {
        let condition = branch.condition.as_ref()?;
        let text = format!(
            "let enabled: bool = CONDITION; if !enabled {{ disabled |= 1u64 << {index}u32; }}"
        );
        Some(fill(&text, &[("CONDITION", condition)]))
    };
    select.branches.iter().enumerate().filter_map(one).collect()
}

fn fill_branch(text: &str, krate: &TokenStream, index: usize, branch: &Branch) -> TokenStream {
    let word = |text: String| fill(&text, &[]);
    let holes = [
        ("KRATE", krate),
        ("INDEX", &word(format!("{index}u32"))),
        ("BIT", &word(format!("(1u64 << {index}u32)"))),
        ("TYPE", &word(format!("T{index}"))),
        ("VARIANT", &word(format!("Branch{index}"))),
        ("FUTURE", &word(format!("future{index}"))),
        ("EXPRESSION", &branch.future),
        ("PATTERN", &branch.pattern),
        ("HANDLER", &branch.handler),
    ];
    fill(text, &holes)
}

/// Locals of the macro's own, that the user's tokens cannot see.
fn fill(text: &str, holes: &[(&str, &TokenStream)]) -> TokenStream {
    template::fill(text, Span::mixed_site(), holes)
}
