//! Two crates, and what is the same for both.

/// One of the two crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `runtime`
    Runtime,
    /// `tokio`
    Tokio,
}

impl Subject {
    /// Both of them.
    pub const ALL: [Subject; 2] = [Subject::Runtime, Subject::Tokio];

    /// The name of the crate.
    pub fn name(self) -> &'static str {
        match self {
            Subject::Runtime => "runtime",
            Subject::Tokio => "tokio",
        }
    }
}

/// Builds a runtime with so many workers, and returns what runs a workload on it: so many
/// times, with that result. What it returns owns the runtime.
pub type Open<R> = fn(usize) -> Box<dyn FnMut(u64) -> R>;

/// A workload for both crates.
pub struct Both<R: 'static> {
    /// On `runtime`.
    pub runtime: Open<R>,
    /// On `tokio`.
    pub tokio: Open<R>,
}

impl<R> Both<R> {
    /// The workload on one of the crates.
    pub fn of(&self, subject: Subject) -> Open<R> {
        match subject {
            Subject::Runtime => self.runtime,
            Subject::Tokio => self.tokio,
        }
    }
}

/// The workload of that name, such as `spawn::one_at_a_time`, on both crates.
macro_rules! both {
    ($file:ident::$workload:ident) => {
        $crate::Both {
            runtime: |workers| {
                use $crate::on_runtime::workloads;
                workloads::open(workers, workloads::$file::$workload)
            },
            tokio: |workers| {
                use $crate::on_tokio::workloads;
                workloads::open(workers, workloads::$file::$workload)
            },
        }
    };
}

pub(crate) use both;
