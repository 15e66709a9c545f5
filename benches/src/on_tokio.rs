//! The workloads, on `tokio`.

use ::tokio as subject;
use ::tokio::runtime::{Builder, Runtime};

#[allow(clippy::duplicate_mod)] // the same source text is the point
#[path = "workloads/mod.rs"]
pub mod workloads;
