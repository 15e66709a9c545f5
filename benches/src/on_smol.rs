//! The workloads, on smol: those that use what smol has.

use crate::smol_names as subject;
use crate::smol_names::{Builder, Runtime};

#[allow(clippy::duplicate_mod)] // the same source text is the point
#[path = "workloads/some.rs"]
pub mod workloads;
