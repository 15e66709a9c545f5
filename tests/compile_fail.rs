//! Programs that must not compile, with what our macros say about them.
//!
//! Each `tests/compile_fail/*.rs` has its messages beside it in `*.stderr`. They hold
//! the texts of our own `compile_error!`s; how they are laid out is up to the compiler,
//! so a new compiler may need them written anew:
//!
//! ```text
//! TRYBUILD=overwrite cargo test --test compile_fail
//! ```
//!
//! Read the difference before you commit it.

#[test]
fn misuse_is_reported_in_the_users_line_with_the_remedy() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
