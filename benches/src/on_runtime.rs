//! The workloads, on `runtime`.

use ::runtime as subject;
use ::runtime::rt::{Builder, Runtime};

#[path = "workloads/mod.rs"]
pub mod workloads;
