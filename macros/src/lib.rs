//! The macros of the crate `runtime` that need a compiler plug-in: [`macro@main`],
//! [`macro@test`], and the expansion of `select!`. Use them through that crate.
//!
//! There is no parser library underneath: what has to be understood of the input is
//! little (an attribute's arguments, the outline of a function, the separators of
//! `select!`), and everything else is handed on as the tokens that the user wrote, so
//! that the compiler's own messages point at them.
//!
//! * `args`, `function` and `entry`: the attributes' arguments, the outline of the
//!   function, and what becomes of it.
//! * `branches`, `select`: the branches of `select!`, and what becomes of them.
//! * `tokens`, `template`: reading tokens, and writing them.
//!
//! Rejected: `syn` and `quote`. They would be the larger part of the time that it
//! takes to build the runtime with its default features.

mod args;
mod branches;
mod entry;
mod function;
mod select;
mod template;
mod tokens;

use proc_macro::TokenStream;

/// Makes an `async fn` a plain one that starts a runtime and runs the body on it.
///
/// It is meant for `main`, but may stand on any other free function, which then starts
/// a runtime of its own at each call; a program that does this often had better keep
/// one `Runtime` and call its `block_on`.
///
/// # Arguments
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `flavor = "multi_thread"`, `"current_thread"` or `"local"` | which scheduler | `"multi_thread"` |
/// | `worker_threads = 4` | how many workers; at least 1; needs `"multi_thread"` | the cores of this machine |
/// | `start_paused = true` | the clock stands still and moves only when nothing else can run | `false` |
/// | `name = "my-runtime"` | the name of the runtime, for its metrics and reports | none |
/// | `crate = "path"` | where the crate `runtime` is, where it has another name | `::runtime` |
///
/// The flavor `"local"` is a runtime of one thread on which `runtime::task::spawn_local` spawns
/// futures that are not `Send`.
///
/// The body itself is not a task of a worker: it runs on the thread that called the
/// function. What is to be done by the workers has to be spawned.
///
/// # Panics
///
/// The function panics, with its own line as the place, if the runtime cannot be
/// started.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Kind::Main, args, item)
}

/// Makes an `async fn` a test that starts a runtime and runs the body on it.
///
/// Each test has a runtime of its own, on one thread unless told otherwise. The
/// arguments are those of [`main`](macro@main), but the default of `flavor` is
/// `"current_thread"`. The function may return what any test may return.
///
/// # Panics
///
/// The test fails, with its own line as the place, if the runtime cannot be started.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Kind::Test, args, item)
}

/// The expansion of `runtime::select!`, which passes `{ $crate }` and its own input.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    select::expand(input)
}
