//! Who takes turns: `runtime` and its peers, and the limit of the machine.
//!
//! Every question is put to `runtime` and to `tokio`. The others are asked where there is a
//! fair counterpart, and so the tables here name the questions that they are asked.

use crate::{Open, Question};
use std::time::Duration;

/// One of those that take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrant {
    /// `runtime`
    Runtime,
    /// `tokio`, which the others are compared to.
    Tokio,
}

impl Entrant {
    /// All of them.
    pub const ALL: [Entrant; 2] = [Entrant::Runtime, Entrant::Tokio];

    /// A word for it, in tables.
    pub fn name(self) -> &'static str {
        match self {
            Entrant::Runtime => "runtime",
            Entrant::Tokio => "tokio",
        }
    }

    /// The one of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What answers the question, if it is asked.
    pub fn answers(self, question: &Question) -> Option<Open<Duration>> {
        match self {
            Entrant::Runtime => Some(question.workload.runtime),
            Entrant::Tokio => Some(question.workload.tokio),
        }
    }
}
