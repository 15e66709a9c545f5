//! What does the runtime cost, beside tokio?
//!
//! Each workload is written once, in `workloads/`, against the names that both crates
//! share, and is compiled twice: the same source text, as a module of [`on_runtime`] and
//! as a module of [`on_tokio`]. A [`Question`] holds both, and a few words about what it
//! asks. Whoever measures goes through the table of [questions](questions::QUESTIONS):
//!
//! ```text
//!  workloads/*.rs ─┬─ on_runtime ─┐
//!                  └─ on_tokio ───┴─▶ Question ─┬─▶ criterion: one bench a question
//!                                               └─▶ turns, report, chart: all of them, in turns
//! ```
//!
//! A workload is a function from a runtime and a number of iterations to the time that
//! they took. It drives the measured loop from inside of a spawned task, as `block_on`
//! polls on a thread that is no worker, where every wake-up crosses threads; where the
//! question is about a thread outside, it says so. It sets itself up, and asserts that the
//! work was done, outside of the measured time where it can.

pub mod answer;
mod both;
pub mod chart;
pub mod demand;
mod entrants;
pub mod figures;
pub mod go;
pub mod ground;
pub mod hello;
mod limit;
mod limits;
pub mod load;
pub mod on_runtime;
pub mod on_smol;
pub mod on_tokio;
pub mod questions;
pub mod report;
mod servant;
pub mod smol_names;
pub mod stopwatch;
pub mod tenants;
pub mod turns;

use both::both;
pub use both::{Both, Open, Subject};
pub use entrants::Entrant;
pub use questions::Question;
