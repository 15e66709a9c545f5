//! What becomes of a function under `#[runtime::main]` or `#[runtime::test]`.
//!
//! ```text
//! async fn name() -> Output { body }
//! ```
//! becomes
//! ```text
//! fn name() -> Output {
//!     let body = async move {
//!         if false {
//!             let output: Output = loop {};
//!             return output;
//!         }
//!         { body }
//!     };
//!     return ::runtime::rt::Builder::new_multi_thread().enable_all()
//!         .build().expect("...").block_on(body);
//! }
//! ```
//!
//! An async block cannot say what it returns, but its first `return` does: the one that
//! is never reached. So `return`, `?` and the last expression of the body know their
//! type, and a wrong one is reported in the user's own lines. The call of `block_on`
//! has the span of the function's name, so that the place of a panic is that line.
//!
//! Rejected: an async closure, which can say what it returns, but does not coerce to
//! it, and cannot return what it has borrowed from a parameter; an inner `async fn`,
//! which cannot have `self`.

use crate::args::{Args, Flavor};
use crate::function::Function;
use crate::template;
use crate::tokens::{Error, Result};
use proc_macro::{Span, TokenStream, TokenTree};

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Main,
    Test,
}

impl Kind {
    fn attribute(self) -> &'static str {
        match self {
            Kind::Main => "#[runtime::main]",
            Kind::Test => "#[runtime::test]",
        }
    }

    fn default_flavor(self) -> Flavor {
        match self {
            Kind::Main => Flavor::MultiThread,
            Kind::Test => Flavor::CurrentThread,
        }
    }
}

/// The function on a runtime; or an error, with as much of the function as does not
/// cause other errors.
pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match Function::parse(kind.attribute(), item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let mut tokens = error.into_tokens();
            tokens.extend(item);
            return tokens;
        }
    };
    let checked = Args::parse(kind.default_flavor(), args)
        .and_then(|args| check(kind, &function).map(|()| args));
    match checked {
        Ok(args) => rewrite(kind, &function, &start(&args, &function)),
        Err(error) if !function.parameters.stream().is_empty() => {
            let mut tokens = error.into_tokens();
            let name = TokenTree::from(function.name).into();
            let text = "#[allow(dead_code)] fn NAME() {}";
            tokens.extend(template::fill(text, Span::mixed_site(), &[("NAME", &name)]));
            tokens
        }
        Err(error) => {
            let mut tokens = error.into_tokens();
            let text = "{ let _ = body; ::core::unreachable!() }";
            let nothing = template::fill(text, Span::mixed_site(), &[]);
            tokens.extend(rewrite(kind, &function, &nothing));
            tokens
        }
    }
}

/// Refuses what cannot be called by the system or the test harness.
fn check(kind: Kind, function: &Function) -> Result<()> {
    let takes_nothing = function.parameters.stream().is_empty();
    match kind {
        Kind::Main if !takes_nothing && function.name.to_string() == "main" => Err(Error::new(
            function.parameters.span(),
            "`main` takes no parameters; use `std::env::args` for the command line",
        )),
        Kind::Test if !takes_nothing => Err(Error::new(
            function.parameters.span(),
            "a test takes no parameters; remove them",
        )),
        Kind::Test => match function.test_attribute {
            Some(span) => Err(Error::new(
                span,
                "`#[runtime::test]` makes this a test already; remove `#[test]`",
            )),
            None => Ok(()),
        },
        Kind::Main => Ok(()),
    }
}

/// The expression that starts the runtime and runs `body()` on it.
fn start(args: &Args, function: &Function) -> TokenStream {
    let (constructor, build) = match args.flavor {
        Flavor::MultiThread => ("new_multi_thread", "build()"),
        Flavor::CurrentThread => ("new_current_thread", "build()"),
        Flavor::Local => (
            "new_current_thread",
            "build_local(::core::default::Default::default())",
        ),
    };
    let workers = match args.worker_threads {
        Some(count) => format!(".worker_threads({count}usize)"),
        None => String::new(),
    };
    let paused = if args.start_paused {
        ".start_paused(true)"
    } else {
        ""
    };
    let name = if args.name.is_some() {
        ".name(RUNTIME_NAME)"
    } else {
        ""
    };
    let text = format!(
        "#[allow(clippy::expect_used, clippy::disallowed_methods, clippy::needless_return)]
         return KRATE::rt::Builder::{constructor}(){workers}{paused}{name}.enable_all().{build}
             .expect(\"the runtime could not be started; is a limit on threads or open files too low?\")
             .block_on(BODY);"
    );
    let body = template::fill("body", Span::mixed_site(), &[]);
    let name = args.name.clone().unwrap_or_default();
    let holes = [
        ("KRATE", &args.krate),
        ("RUNTIME_NAME", &name),
        ("BODY", &body),
    ];
    template::fill(&text, function.name.span(), &holes)
}

/// The function without `async`, with its body as `body` and `end` after it.
fn rewrite(kind: Kind, function: &Function, end: &TokenStream) -> TokenStream {
    let test = match kind {
        Kind::Main => "",
        Kind::Test => "#[::core::prelude::v1::test]",
    };
    let (arrow, output) = match &function.output {
        Some(output) => ("-> OUTPUT", output.clone()),
        None => ("", template::fill("()", Span::mixed_site(), &[])),
    };
    let first_return = if can_be_annotated(output.clone()) {
        "#[allow(unreachable_code, clippy::all, clippy::pedantic, clippy::restriction)]
         if false { let output: OUTPUT = loop {}; return output; }"
    } else {
        ""
    };
    let text = format!(
        "ATTRIBUTES {test} QUALIFIERS FN NAME GENERICS PARAMETERS {arrow} BOUNDS {{
             let body = async move {{ {first_return} BODY }};
             END
         }}"
    );
    let tokens = |token: TokenTree| TokenStream::from(token);
    let holes = [
        ("ATTRIBUTES", &function.attributes),
        ("QUALIFIERS", &function.qualifiers),
        ("FN", &tokens(function.keyword.clone().into())),
        ("NAME", &tokens(function.name.clone().into())),
        ("GENERICS", &function.generics),
        ("PARAMETERS", &tokens(function.parameters.clone().into())),
        ("OUTPUT", &output),
        ("BOUNDS", &function.bounds),
        ("BODY", &tokens(function.body.clone().into())),
        ("END", end),
    ];
    template::fill(&text, Span::mixed_site(), &holes)
}

/// Whether a local variable can have this type: `impl Trait` and `!` only stand after
/// the arrow of a function, and need no annotation.
fn can_be_annotated(output: TokenStream) -> bool {
    output.into_iter().all(|token| match token {
        TokenTree::Ident(ident) => ident.to_string() != "impl",
        TokenTree::Punct(punct) => punct.as_char() != '!',
        TokenTree::Group(group) => can_be_annotated(group.stream()),
        TokenTree::Literal(_) => true,
    })
}
